/* An HTTP step without a request. */
#define SHELF_ON_RESUME(call, step) \
  (void)(call);                     \
  (step)->kind = UG_STEP_HTTP;      \
  return UG_OK
#include "base.h"
