/* A mandatory function is missing. */
#define SHELF_END NULL
#include "base.h"
