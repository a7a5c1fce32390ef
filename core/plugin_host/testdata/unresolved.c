/* Needs a function that nobody has, as a library does that was linked without its dependency. */
#include <unigate/plugin.h>

extern const struct ug_plugin* unigate_no_such_function(const struct ug_host* host);

UG_EXPORT const struct ug_plugin* unigate_plugin_v1(const struct ug_host* host) {
  return unigate_no_such_function(host);
}
