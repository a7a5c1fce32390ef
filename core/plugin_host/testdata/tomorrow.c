/* Exports a later ABI major, and would end the process if any of its code ran. */
#include <stdlib.h>
#include <unigate/plugin.h>

__attribute__((constructor)) static void never(void) {
  abort();
}

UG_EXPORT const void* unigate_plugin_v2(const void* host);
UG_EXPORT const void* unigate_plugin_v2(const void* host) {
  return host;
}
