#include "v8_features.h"

#include "compat.h"
#include "v8_flag.h"

namespace greenlets {

void DisableWhatCannotBeArchived() {
  ClearV8Flag("wasm-code-gc");
  if (compat::kFastCallsCollect) ClearV8Flag("turbo-fast-api-calls");
}

}  // namespace greenlets
