/* One function for each public struct, so that abidiff sees them all: a diff of a plugin is blind
 * to the structs that cross the boundary only through void pointers, such as those of extensions.
 */
#include <unigate/plugin.h>

#define ANCHOR(name)                                              \
  UG_EXPORT const struct name* anchor_##name(const struct name*); \
  const struct name* anchor_##name(const struct name* value) {    \
    return value;                                                 \
  }

ANCHOR(ug_str)
ANCHOR(ug_bytes)
ANCHOR(ug_header)
ANCHOR(ug_limits)
ANCHOR(ug_host)
ANCHOR(ug_operation)
ANCHOR(ug_descriptor)
ANCHOR(ug_instance_config)
ANCHOR(ug_begin)
ANCHOR(ug_http_request)
ANCHOR(ug_error)
ANCHOR(ug_step)
ANCHOR(ug_event)
ANCHOR(ug_plugin)
ANCHOR(ug_webhook)
ANCHOR(ug_digest_check)
ANCHOR(ug_recipe)
ANCHOR(ug_webhook_event)
ANCHOR(ug_webhook_events)
ANCHOR(ug_ext_webhook)

UG_EXPORT ug_entry_fn anchor_entry(ug_entry_fn);
ug_entry_fn anchor_entry(ug_entry_fn value) {
  return value;
}
