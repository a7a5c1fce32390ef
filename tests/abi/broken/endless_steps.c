/* Asks for one request after another and never ends. */
#define SHELF_ON_RESUME(call, step) return stepHttp(call, step)
#include "base.h"
