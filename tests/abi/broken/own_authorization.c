/* Brings its own credentials; those are the host's alone. */
#define SHELF_SPOIL_REQUEST(call) (call)->header.name = text("Authorization")
#include "base.h"
