/* A step kind that is not in the host's mask. */
#define SHELF_ON_RESUME(call, step) \
  (void)(call);                     \
  (step)->kind = UG_STEP_SLEEP;     \
  return UG_OK
#include "base.h"
