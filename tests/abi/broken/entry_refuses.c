/* The entry point returns NULL and says why. */
#define SHELF_ON_ENTRY(host)                                          \
  (host)->log(host, UG_LOG_ERROR, text("needs a step kind of 2031")); \
  (void)kPlugin;                                                      \
  return NULL
#include "base.h"
