/* The result is cut off. */
#define SHELF_ON_RESUME(call, step) \
  (void)(call);                     \
  return stepDone(step, "{\"provider_id\":\"ch_1\",\"amount\":")
#include "base.h"
