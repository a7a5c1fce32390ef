/* Counts more headers than there are, and more than the host allows. */
#define SHELF_SPOIL_REQUEST(call) (call)->http.headers_count = 10000
#include "base.h"
