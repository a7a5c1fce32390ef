/* A library that exports a symbol, but not the one of a plugin. */
#define SHELF_ENTRY some_other_library
#include "base.h"
