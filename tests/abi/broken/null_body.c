/* A body of 4 KiB at address zero. */
#define SHELF_SPOIL_REQUEST(call) (call)->http.body.len = 4096
#include "base.h"
