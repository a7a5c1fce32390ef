/* A small provider adapter for the unit tests. The input's "do" chooses what the answer to begin or
 * resume looks like, so that one library shows good manners and every kind of bad ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unigate/plugin.h>

struct ug_instance {
  uint32_t mode;
};

struct ug_call {
  char input[4096];
  uint64_t input_len;
  uint32_t resumed;
  uint32_t status;
  char path[64];
  char body[5000];
  struct ug_header headers[2];
  struct ug_str redact[1];
  struct ug_http_request http;
  struct ug_error error;
  char result[8192];
};

static const struct ug_host* g_host;
static int g_live_calls;

static struct ug_str text(const char* s) {
  struct ug_str r = {s, strlen(s)};
  return r;
}

static int asked(const struct ug_call* call, const char* what) {
  char needle[80];
  size_t n = strlen(what);
  needle[0] = '"';
  memcpy(needle + 1, what, n);
  memcpy(needle + n + 1, "\"", 2);
  for (uint64_t i = 0; i + n + 2 <= call->input_len; ++i) {
    if (memcmp(call->input + i, needle, n + 2) == 0) return 1;
  }
  return 0;
}

static void spoil_request(struct ug_call* call, struct ug_http_request* http) {
  static const char nul_value[] = "a\0b";
  if (asked(call, "bad_endpoint")) http->endpoint = text("elsewhere");
  if (asked(call, "bad_auth")) http->auth = text("root");
  if (asked(call, "path_without_slash")) http->path = text("v1/payments");
  if (asked(call, "path_with_space")) http->path = text("/v1/pay ments");
  if (asked(call, "path_with_dots")) http->path = text("/v1/x/%2E./payments");
  if (asked(call, "path_null")) http->path = (struct ug_str){NULL, 5};
  if (asked(call, "query_with_hash")) http->query = text("a=1#b");
  if (asked(call, "header_with_crlf")) call->headers[0].value = text("a\r\nX-Evil: 1");
  if (asked(call, "header_with_nul")) call->headers[0].value = (struct ug_str){nul_value, 3};
  if (asked(call, "header_of_host")) call->headers[0].name = text("Host");
  if (asked(call, "authorization")) call->headers[0].name = text("authorization");
  if (asked(call, "header_name")) call->headers[0].name = text("Bad Name");
  if (asked(call, "headers_null")) http->headers = NULL;
  if (asked(call, "headers_many")) http->headers_count = 1000000;
  if (asked(call, "body_null")) http->body = (struct ug_bytes){NULL, 9};
  if (asked(call, "body_huge")) http->body.len = (uint64_t)1 << 40;
  if (asked(call, "method")) http->method = 77;
  if (asked(call, "struct_size")) http->struct_size = 0;
  if (asked(call, "label_control")) http->trace_label = text("a\nb");
  if (asked(call, "slow")) http->timeout_ms = 3600000;
}

static void http_step(struct ug_call* call, struct ug_step* step) {
  struct ug_http_request* http = &call->http;
  memset(http, 0, sizeof *http);
  http->struct_size = sizeof *http;
  http->method = UG_METHOD_POST;
  http->endpoint = text("api");
  memcpy(call->path, "/v1/payments", 13);
  http->path = text(call->path);
  http->query = text("expand=1");
  call->headers[0].name = text("Content-Type");
  call->headers[0].value = text("application/json");
  http->headers = call->headers;
  http->headers_count = 1;
  memcpy(call->body, call->input, call->input_len);
  http->body.ptr = (const uint8_t*)call->body;
  http->body.len = call->input_len;
  http->auth = text("key");
  http->flags = UG_HTTP_MAY_RETRY;
  call->redact[0] = text("/card/number");
  http->redact = call->redact;
  http->redact_count = 1;
  http->trace_label = text("payments.create");
  spoil_request(call, http);
  if (asked(call, "old_minor"))
    http->struct_size = (uint32_t)((char*)&http->timeout_ms - (char*)http);
  step->kind = UG_STEP_HTTP;
  step->http = asked(call, "http_null") ? NULL : http;
}

static void fail_step(struct ug_call* call, struct ug_step* step, uint32_t category,
                      uint32_t outcome) {
  struct ug_error* error = &call->error;
  memset(error, 0, sizeof *error);
  error->struct_size = sizeof *error;
  error->category = category;
  error->outcome = outcome;
  error->http_status = call->status;
  error->provider_code = text("card_no");
  error->decline_code = text("do_not_honor");
  error->provider_message = text("the bank says no");
  error->field = text("amount");
  step->kind = UG_STEP_FAIL;
  step->error = error;
  if (asked(call, "error_null")) step->error = NULL;
  if (asked(call, "error_utf8")) error->provider_code = text("\xff\xfe");
  if (asked(call, "error_status")) error->http_status = 4711;
  if (asked(call, "error_new_category")) error->category = 999;
  if (asked(call, "error_long")) {
    memset(call->result, 'x', sizeof call->result);
    error->provider_code = (struct ug_str){call->result, sizeof call->result};
  }
}

static void done_step(struct ug_call* call, struct ug_step* step) {
  const char* result = "{\"id\":\"ch_1\",\"amount\":1050}";
  if (asked(call, "result_no_json")) result = "{\"id\":";
  if (asked(call, "result_twice")) result = "{\"id\":\"a\",\"id\":\"b\",\"amount\":1}";
  if (asked(call, "result_schema")) result = "{\"id\":\"ch_1\",\"amount\":\"much\"}";
  if (asked(call, "result_utf8")) result = "{\"id\":\"\xff\",\"amount\":1}";
  snprintf(call->result, sizeof call->result, "%s", result);
  step->kind = UG_STEP_DONE;
  step->result_json = text(call->result);
  step->provider_request_id = text("req_1");
  if (asked(call, "result_null")) step->result_json = (struct ug_str){NULL, 10};
  if (asked(call, "result_huge")) step->result_json.len = (uint64_t)1 << 50;
}

static int32_t create(const struct ug_instance_config* config, struct ug_instance** instance) {
  if (config->struct_size < sizeof *config) return UG_CONTRACT_BAD_CALL;
  *instance = calloc(1, sizeof **instance);
  if (*instance == NULL) return UG_CONTRACT_NO_MEMORY;
  (*instance)->mode = config->mode;
  return UG_OK;
}

static void destroy(struct ug_instance* instance) {
  free(instance);
}

static int32_t begin(struct ug_instance* instance, const struct ug_begin* how,
                     struct ug_call** call, struct ug_step* step) {
  (void)instance;
  struct ug_call* made = calloc(1, sizeof *made);
  if (made == NULL || how->input_json.len > sizeof made->input) {
    free(made);
    return UG_CONTRACT_NO_MEMORY;
  }
  memcpy(made->input, how->input_json.ptr, how->input_json.len);
  made->input_len = how->input_json.len;
  if (asked(made, "begin_fails")) {
    free(made);
    return UG_CONTRACT_INTERNAL;
  }
  *call = made;
  __atomic_add_fetch(&g_live_calls, 1, __ATOMIC_SEQ_CST);
  if (asked(made, "no_step")) return UG_OK;
  if (asked(made, "sleep")) {
    step->kind = UG_STEP_SLEEP;
    return UG_OK;
  }
  if (asked(made, "done_at_once")) {
    done_step(made, step);
    return UG_OK;
  }
  if (asked(made, "log_card"))
    g_host->log(g_host, UG_LOG_WARN, text("card 4242424242424242\nnext"));
  http_step(made, step);
  return UG_OK;
}

static int32_t resume(struct ug_call* call, const struct ug_event* event, struct ug_step* step) {
  ++call->resumed;
  call->status = event->status;
  if (asked(call, "resume_fails")) return UG_CONTRACT_INTERNAL;
  if (asked(call, "forever")) {
    http_step(call, step);
  } else if (event->kind == UG_EVENT_HTTP_FAILED) {
    fail_step(
        call, step, UG_CATEGORY_PROVIDER_UNAVAILABLE,
        event->failure == UG_HTTP_FAILED_NOT_SENT ? UG_OUTCOME_NOT_EXECUTED : UG_OUTCOME_UNKNOWN);
  } else if (event->status >= 500) {
    fail_step(call, step, UG_CATEGORY_UNKNOWN_OUTCOME, UG_OUTCOME_UNKNOWN);
  } else if (event->status != 200) {
    fail_step(call, step, UG_CATEGORY_CARD_DECLINED, UG_OUTCOME_DECLINED);
  } else if (event->body.len == 0 || event->body.ptr[event->body.len - 1] != '}' ||
             memcmp(event->body.ptr, "{\"paid\":", 8) != 0) {
    fail_step(call, step, UG_CATEGORY_BAD_RESPONSE, UG_OUTCOME_UNKNOWN);
  } else {
    done_step(call, step);
  }
  return UG_OK;
}

static void end(struct ug_call* call) {
  __atomic_sub_fetch(&g_live_calls, 1, __ATOMIC_SEQ_CST);
  free(call);
}

/* For the tests alone: how many calls are open. */
static const int* live_calls(void) {
  return &g_live_calls;
}

#ifdef ACME_WEBHOOK
#include "acme_webhook.h"
#endif

static const void* get_extension(struct ug_str id) {
#ifdef ACME_WEBHOOK
  if (is_text(id, UG_EXT_WEBHOOK)) return &g_webhook;
  if (is_text(id, "draft.acme.open_hooks")) return &g_open_hooks;
#endif
  static const char kDraft[] = "draft.acme.live_calls";
  if (id.len == sizeof kDraft - 1 && memcmp(id.ptr, kDraft, id.len) == 0) return live_calls();
  return NULL;
}

static const struct ug_operation g_operations[] = {
    {{"payments.create", 15}, UG_RECOVERY_NATIVE, 86400, UG_OPERATION_MOVES_MONEY, 0},
    {{"payments.get", 12}, UG_RECOVERY_NONE, 0, UG_OPERATION_READ_ONLY, 0},
};

static const struct ug_descriptor g_descriptor = {
    sizeof(struct ug_descriptor), 2, {"acme", 4}, {"1.2.3", 5}, g_operations,
    sizeof g_operations[0]};

static const struct ug_plugin g_plugin = {sizeof(struct ug_plugin),
                                          UG_ABI_MINOR,
                                          &g_descriptor,
                                          create,
                                          destroy,
                                          begin,
                                          resume,
                                          end,
                                          get_extension};

UG_EXPORT const struct ug_plugin* unigate_plugin_v1(const struct ug_host* host) {
  g_host = host;
  return &g_plugin;
}
