/* The descriptor names another plugin than the manifest. */
#define SHELF_DESCRIPTOR_ID "somebody_else"
#include "base.h"
