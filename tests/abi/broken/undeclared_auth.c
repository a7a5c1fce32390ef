/* Asks for credentials by a scheme that the manifest does not name. */
#define SHELF_SPOIL_REQUEST(call) (call)->http.auth = text("master_key")
#include "base.h"
