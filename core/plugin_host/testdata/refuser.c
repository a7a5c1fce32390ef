/* Refuses every gateway and says why. */
#include <string.h>
#include <unigate/plugin.h>

UG_EXPORT const struct ug_plugin* unigate_plugin_v1(const struct ug_host* host) {
  static const char kWhy[] = "needs extension ug.ext.moon/1";
  struct ug_str why = {kWhy, sizeof kWhy - 1};
  host->log(host, UG_LOG_ERROR, why);
  return NULL;
}
