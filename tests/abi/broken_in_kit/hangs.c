/* Never comes back from resume. */
static volatile int forever = 1;
#define SHELF_ON_RESUME(call, step) \
  (void)(call);                     \
  while (forever) {                 \
  }                                 \
  return stepDone(step, "{}")
#include "../broken/base.h"
