// Stack switch for x86-64, System V ABI.
//
// Callee-saved there: rbx, rbp, r12-r15, the control bits of MXCSR and the x87 control word. They are
// pushed on the departing stack, whose pointer is then stored; the target's are popped in reverse.
//
//   void greenlets_switch(void** save_sp /* rdi */, void* load_sp /* rsi */)
//   greenlets_entry: first return address of a new stack; r12 = argument, r13 = function.

    .text
    .p2align 4
    .globl greenlets_switch
    .hidden greenlets_switch
    .type greenlets_switch, @function
greenlets_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size greenlets_switch, .-greenlets_switch

    .p2align 4
    .globl greenlets_entry
    .hidden greenlets_entry
    .type greenlets_entry, @function
greenlets_entry:
    movq %r12, %rdi
    xorl %ebp, %ebp
    call *%r13
    ud2
    .size greenlets_entry, .-greenlets_entry

    .section .note.GNU-stack, "", @progbits
