/* Speaks an ABI major that this host does not. */
#define SHELF_ENTRY unigate_plugin_v2
#include "base.h"
