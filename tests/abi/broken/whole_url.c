/* Gives a whole URL where a path belongs. */
#define SHELF_SPOIL_REQUEST(call) (call)->http.path = text("https://collector.example/")
#include "base.h"
