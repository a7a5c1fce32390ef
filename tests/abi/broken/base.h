/* A sound plugin into which each file of this shelf plants one fault: it defines the macros that it
 * needs and includes this. The build defines SHELF_ID, the id that the file's name and its manifest
 * carry. */
#include <stdlib.h>
#include <string.h>
#include <unigate/plugin.h>

#ifndef SHELF_ENTRY
#define SHELF_ENTRY unigate_plugin_v1
#endif
#ifndef SHELF_DESCRIPTOR_ID
#define SHELF_DESCRIPTOR_ID SHELF_ID
#endif
#ifndef SHELF_EXTRA_OPERATIONS
#define SHELF_EXTRA_OPERATIONS
#endif
#ifndef SHELF_TABLE_SIZE
#define SHELF_TABLE_SIZE sizeof(struct ug_plugin)
#endif
#ifndef SHELF_END
#define SHELF_END end
#endif
#ifndef SHELF_ON_ENTRY
#define SHELF_ON_ENTRY(host) return &kPlugin
#endif
#ifndef SHELF_SPOIL_REQUEST
#define SHELF_SPOIL_REQUEST(call) (void)(call)
#endif
#ifndef SHELF_ON_BEGIN
#define SHELF_ON_BEGIN(call, out, step) \
  *(out) = (call);                      \
  return stepHttp(call, step)
#endif
#ifndef SHELF_ON_RESUME
#define SHELF_ON_RESUME(call, step) \
  (void)(call);                     \
  return stepDone(step, "{\"provider_id\":\"ch_1\",\"amount\":100}")
#endif

static inline struct ug_str text(const char* terminated) {
  const struct ug_str result = {terminated, strlen(terminated)};
  return result;
}

struct ug_instance {
  uint32_t mode;
};

struct ug_call {
  struct ug_header header;
  struct ug_http_request http;
};

static struct ug_operation operations[] = {
    {{"payments.create", 15}, UG_RECOVERY_NATIVE, 86400, UG_OPERATION_MOVES_MONEY, 0},
    SHELF_EXTRA_OPERATIONS};

static const struct ug_descriptor kDescriptor = {
    sizeof(struct ug_descriptor),
    sizeof(operations) / sizeof(operations[0]),
    {SHELF_DESCRIPTOR_ID, sizeof(SHELF_DESCRIPTOR_ID) - 1},
    {"1.0.0", 5},
    operations,
    sizeof(struct ug_operation)};

static inline int32_t stepHttp(struct ug_call* call, struct ug_step* step) {
  call->header.name = text("X-Shelf");
  call->header.value = text("sound");
  call->http.struct_size = sizeof(call->http);
  call->http.method = UG_METHOD_POST;
  call->http.endpoint = text("api");
  call->http.path = text("/v1/charges");
  call->http.headers = &call->header;
  call->http.headers_count = 1;
  call->http.auth = text("api_key");
  SHELF_SPOIL_REQUEST(call);
  step->kind = UG_STEP_HTTP;
  step->http = &call->http;
  return UG_OK;
}

static inline int32_t stepDone(struct ug_step* step, const char* json) {
  step->kind = UG_STEP_DONE;
  step->result_json = text(json);
  return UG_OK;
}

static int32_t create(const struct ug_instance_config* config, struct ug_instance** instance) {
  *instance = calloc(1, sizeof(**instance));
  if (*instance == NULL) return UG_CONTRACT_NO_MEMORY;
  (*instance)->mode = config->mode;
  return UG_OK;
}

static void destroy(struct ug_instance* instance) {
  free(instance);
}

static int32_t begin(struct ug_instance* instance, const struct ug_begin* arguments,
                     struct ug_call** out, struct ug_step* step) {
  (void)instance;
  (void)arguments;
  struct ug_call* call = calloc(1, sizeof(*call));
  if (call == NULL) return UG_CONTRACT_NO_MEMORY;
  SHELF_ON_BEGIN(call, out, step);
}

static int32_t resume(struct ug_call* call, const struct ug_event* event, struct ug_step* step) {
  (void)event;
  SHELF_ON_RESUME(call, step);
}

static inline void end(struct ug_call* call) {
  free(call);
}

static const void* getExtension(struct ug_str id) {
  (void)id;
  return NULL;
}

static const struct ug_plugin kPlugin = {SHELF_TABLE_SIZE, UG_ABI_MINOR, &kDescriptor,
                                         create,           destroy,      begin,
                                         resume,           SHELF_END,    getExtension};

UG_EXPORT const struct ug_plugin* SHELF_ENTRY(const struct ug_host* host);
const struct ug_plugin* SHELF_ENTRY(const struct ug_host* host) {
  (void)host;
  SHELF_ON_ENTRY(host);
}
