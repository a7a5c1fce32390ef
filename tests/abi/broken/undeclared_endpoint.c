/* Wants to reach a place that the manifest does not name. */
#define SHELF_SPOIL_REQUEST(call) (call)->http.endpoint = text("collector")
#include "base.h"
