// Stack switch for AArch64, AAPCS64.
//
// Callee-saved there: x19-x30, the low halves of v8-v15, and FPCR. They are stored on the departing
// stack, whose pointer is then saved; the target's are loaded. `hint #34` is BTI c.
//
//   void greenlets_switch(void** save_sp /* x0 */, void* load_sp /* x1 */)
//   greenlets_entry: first return address of a new stack; x19 = argument, x20 = function.

    .text
    .p2align 4
    .globl greenlets_switch
    .hidden greenlets_switch
    .type greenlets_switch, %function
greenlets_switch:
    hint #34
    sub sp, sp, #176
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mrs x9, fpcr
    str x9, [sp, #160]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldr x9, [sp, #160]
    msr fpcr, x9
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #176
    ret
    .size greenlets_switch, .-greenlets_switch

    .p2align 4
    .globl greenlets_entry
    .hidden greenlets_entry
    .type greenlets_entry, %function
greenlets_entry:
    hint #34
    mov x0, x19
    mov x29, xzr
    mov x30, xzr
    blr x20
    brk #1
    .size greenlets_entry, .-greenlets_entry

    .section .note.GNU-stack, "", %progbits
