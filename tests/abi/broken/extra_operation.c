/* The library can do more than the manifest owns up to. */
#define SHELF_EXTRA_OPERATIONS {{"payouts.create", 14}, UG_RECOVERY_NATIVE, 0, 0, 0},
#include "base.h"
