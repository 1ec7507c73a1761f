// Handle scopes of other addons, such that greenlets can be suspended inside them.
//
// Node-API counts the scopes that an addon has open, for all stacks together, and aborts the process when a function of
// the addon returns with another count than it was entered with. Two greenlets that block in callbacks of one addon
// leave in any order, so their counts differ, although the scopes themselves are in order: V8's handles are carried
// with each stack. So addons are given functions that open and close the same scopes without counting.
//
//   addon's code → its slot for napi_open_handle_scope ──×── node's function
//                                                      └───→ ours
#pragma once

namespace greenlets {

/** Fills the slots of every addon that the process has loaded so far. Call after each load; from any thread. */
void PatchAddonScopes();

}  // namespace greenlets
