/* Sends the host's own input text, which was valid during begin alone, again after it. */
#define SHELF_ON_BEGIN(call, out, step)                              \
  (call)->http.body.ptr = (const uint8_t*)arguments->input_json.ptr; \
  (call)->http.body.len = arguments->input_json.len;                 \
  *(out) = (call);                                                   \
  return stepHttp(call, step)
#include "../broken/base.h"
