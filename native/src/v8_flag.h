// Flags of V8, cleared without anybody noticing: the flag hash, by which code caches are accepted, stays what it was.
#pragma once

namespace greenlets {

/** Clears the boolean flag of this name, if it is set, for the whole process. False if that changes V8's flag hash:
 * code caches made before are rejected then, and Node's own embedded one too. Call it on the thread of an isolate. */
bool ClearV8Flag(const char* name);

}  // namespace greenlets
