/* A table shorter than that of ABI 1.0. */
#define SHELF_TABLE_SIZE 16
#include "base.h"
