/* The same inputs don't give the same bytes. */
#include <stdio.h>
#include <time.h>
static char body[64];
#define SHELF_SPOIL_REQUEST(call)                                                 \
  struct timespec now;                                                            \
  clock_gettime(CLOCK_MONOTONIC, &now);                                           \
  snprintf(body, sizeof(body), "%lld.%09ld", (long long)now.tv_sec, now.tv_nsec); \
  (call)->http.body.ptr = (const uint8_t*)body;                                   \
  (call)->http.body.len = strlen(body)
#include "../broken/base.h"
