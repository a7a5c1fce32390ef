/* Takes its process down when an answer comes. */
#define SHELF_ON_RESUME(call, step) \
  (void)(call);                     \
  (void)(step);                     \
  abort()
#include "../broken/base.h"
