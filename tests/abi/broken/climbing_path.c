/* Leaves the resource that its path seems to name. */
#define SHELF_SPOIL_REQUEST(call) (call)->http.path = text("/v1/charges/%2e%2e/admin")
#include "base.h"
