/* Reports a fault of its own. */
#define SHELF_ON_BEGIN(call, out, step) \
  (void)(out);                          \
  (void)(step);                         \
  free(call);                           \
  return UG_CONTRACT_INTERNAL
#include "base.h"
