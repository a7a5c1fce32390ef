/* A table with a hole: `end` is missing. */
#include <stddef.h>
#include <unigate/plugin.h>

static int32_t create(const struct ug_instance_config* config, struct ug_instance** instance) {
  (void)config;
  *instance = NULL;
  return UG_CONTRACT_INTERNAL;
}
static void destroy(struct ug_instance* instance) {
  (void)instance;
}
static int32_t begin(struct ug_instance* instance, const struct ug_begin* how,
                     struct ug_call** call, struct ug_step* step) {
  (void)instance, (void)how, (void)call, (void)step;
  return UG_CONTRACT_INTERNAL;
}
static int32_t resume(struct ug_call* call, const struct ug_event* event, struct ug_step* step) {
  (void)call, (void)event, (void)step;
  return UG_CONTRACT_INTERNAL;
}
static const void* get_extension(struct ug_str id) {
  (void)id;
  return NULL;
}

static const struct ug_operation g_operations[] = {
    {{"payments.get", 12}, 0, 0, UG_OPERATION_READ_ONLY, 0}};
static const struct ug_descriptor g_descriptor = {
    sizeof(struct ug_descriptor), 1, {"hollow", 6}, {"1.0.0", 5}, g_operations,
    sizeof g_operations[0]};
static const struct ug_plugin g_plugin = {sizeof(struct ug_plugin),
                                          0,
                                          &g_descriptor,
                                          create,
                                          destroy,
                                          begin,
                                          resume,
                                          NULL,
                                          get_extension};

UG_EXPORT const struct ug_plugin* unigate_plugin_v1(const struct ug_host* host) {
  (void)host;
  return &g_plugin;
}
