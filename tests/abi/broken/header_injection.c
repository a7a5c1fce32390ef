/* Smuggles a second header, and with it a second request, into a value. */
#define SHELF_SPOIL_REQUEST(call) (call)->header.value = text("a\r\nX-Injected: yes")
#include "base.h"
