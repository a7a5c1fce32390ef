/* An adapter with one chosen carelessness (FAULT) that the conformance kit must find; 0 is the
 * sound one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unigate/plugin.h>

enum {
  kSound = 0,
  kKeepsHostMemory = 1,
  kLeaks = 2,
  kSharesState = 3,
  kReadsTimeZone = 4,
  kReadsSecret = 5,
  kDoneOnFailure = 6,
  kInventsAmount = 7,
  kCrashes = 8,
  kHangs = 9,
  kExportsMore = 10,
  kDeclinesOnFailure = 11,
  kGuessesLostAnswer = 12,
  kLogsInput = 13,
  kTrustsStructSize = 14,
  kKeepsInThread = 15
};

struct ug_instance {
  uint32_t mode;
};

struct ug_call {
  char path[128];
  char header[128];
  char result[128];
  uint32_t status;
  struct ug_str kept;
  struct ug_header headers[1];
  struct ug_http_request http;
  struct ug_error error;
};

static const struct ug_host* g_host;
static char g_shared_id[64] = "ch_1";
static _Thread_local char g_thread_id[64] = "ch_1";

#if FAULT == 10
UG_EXPORT int careless_helper(void);
int careless_helper(void) {
  return FAULT;
}
#endif

static struct ug_str text(const char* s) {
  struct ug_str r = {s, strlen(s)};
  return r;
}

static int32_t create(const struct ug_instance_config* config, struct ug_instance** instance) {
  *instance = calloc(1, sizeof **instance);
  if (*instance == NULL) return UG_CONTRACT_NO_MEMORY;
  (*instance)->mode = config->mode;
  return UG_OK;
}

static void destroy(struct ug_instance* instance) {
  free(instance);
}

static void request(struct ug_call* call, struct ug_step* step) {
  struct ug_http_request* http = &call->http;
  http->struct_size = sizeof *http;
  http->method = UG_METHOD_POST;
  http->endpoint = text("api");
  http->path = text(call->path);
  http->body.ptr = (const uint8_t*)call->kept.ptr;
  http->body.len = call->kept.len;
  call->headers[0].name = text("X-Zone");
  call->headers[0].value = text(call->header);
  http->headers = call->headers;
  http->headers_count = 1;
  http->auth = text("key");
  step->kind = UG_STEP_HTTP;
  step->http = http;
}

static int32_t begin(struct ug_instance* instance, const struct ug_begin* how,
                     struct ug_call** made, struct ug_step* step) {
  (void)instance;
  struct ug_call* call = calloc(1, sizeof *call);
  if (call == NULL) return UG_CONTRACT_NO_MEMORY;
  if (FAULT == kTrustsStructSize && ((const char*)how)[sizeof *how + 8] == 1)
    return UG_CONTRACT_INTERNAL;
  if (FAULT == kKeepsHostMemory) {
    call->kept = how->input_json;
  } else {
    char* copy = malloc(how->input_json.len);
    if (copy == NULL) return UG_CONTRACT_NO_MEMORY;
    memcpy(copy, how->input_json.ptr, how->input_json.len);
    call->kept.ptr = copy;
    call->kept.len = how->input_json.len;
  }
  snprintf(call->path, sizeof call->path, "/v1/charges/%.*s", (int)how->idempotency_key.len,
           how->idempotency_key.len ? how->idempotency_key.ptr : "");
  snprintf(FAULT == kKeepsInThread ? g_thread_id : g_shared_id, sizeof g_shared_id, "ch_%.*s",
           (int)how->idempotency_key.len, how->idempotency_key.len ? how->idempotency_key.ptr : "");
  snprintf(call->header, sizeof call->header, "none");
  if (FAULT == kReadsTimeZone && getenv("TZ") != NULL)
    snprintf(call->header, sizeof call->header, "%s", getenv("TZ"));
  if (FAULT == kReadsSecret && getenv("CARELESS_SECRET_KEY") != NULL) {
    snprintf(call->header, sizeof call->header, "%s", getenv("CARELESS_SECRET_KEY"));
  }
  if (FAULT == kLogsInput) g_host->log(g_host, UG_LOG_INFO, how->input_json);
  *made = call;
  request(call, step);
  return UG_OK;
}

static int32_t fail(struct ug_call* call, struct ug_step* step, uint32_t category,
                    uint32_t outcome) {
  call->error.struct_size = sizeof call->error;
  call->error.category = category;
  call->error.outcome = outcome;
  call->error.http_status = call->status;
  step->kind = UG_STEP_FAIL;
  step->error = &call->error;
  return UG_OK;
}

/* The digits behind "amount": in a body, or -1. */
static long long find_amount(const struct ug_bytes* body) {
  static const char kName[] = "\"amount\":";
  const uint64_t n = sizeof kName - 1;
  for (uint64_t i = 0; i + n < body->len; ++i) {
    if (memcmp(body->ptr + i, kName, n) != 0) continue;
    long long value = 0;
    uint64_t at = i + n;
    while (at < body->len && body->ptr[at] >= '0' && body->ptr[at] <= '9' && value < 1000000000) {
      value = value * 10 + (body->ptr[at++] - '0');
    }
    if (at == i + n || at >= body->len || (body->ptr[at] != '}' && body->ptr[at] != ',')) return -1;
    return value;
  }
  return -1;
}

static int32_t resume(struct ug_call* call, const struct ug_event* event, struct ug_step* step) {
  call->status = event->status;
  if (event->kind == UG_EVENT_HTTP_FAILED) {
    const int lost = event->failure != UG_HTTP_FAILED_NOT_SENT && FAULT != kGuessesLostAnswer;
    return fail(call, step, UG_CATEGORY_PROVIDER_UNAVAILABLE,
                lost ? UG_OUTCOME_UNKNOWN : UG_OUTCOME_NOT_EXECUTED);
  }
  if (FAULT == kHangs && event->status == 404) {
    for (volatile int i = 1; i != 0; i = 1) {
    }
  }
  if (FAULT == kDeclinesOnFailure && event->status == 503)
    return fail(call, step, UG_CATEGORY_CARD_DECLINED, UG_OUTCOME_DECLINED);
  if (event->status >= 500 && FAULT != kDoneOnFailure)
    return fail(call, step, UG_CATEGORY_UNKNOWN_OUTCOME, UG_OUTCOME_UNKNOWN);
  if (event->status >= 400 && event->status < 500)
    return fail(call, step, UG_CATEGORY_CARD_DECLINED, UG_OUTCOME_DECLINED);
  long long amount = find_amount(&event->body);
  if (FAULT == kCrashes && event->body.len == 7) abort();
  if (FAULT == kInventsAmount && amount < 0) amount = 77;
  if (FAULT == kDoneOnFailure && event->status >= 500) amount = 1050;
  const int good = event->status == 200 || (FAULT == kDoneOnFailure && event->status >= 500);
  const int whole = event->body.len > 0 && event->body.ptr[0] == '{' &&
                    event->body.ptr[event->body.len - 1] == '}';
  if (!good || amount < 0 || (!whole && FAULT != kInventsAmount && FAULT != kDoneOnFailure)) {
    return fail(call, step, UG_CATEGORY_BAD_RESPONSE, UG_OUTCOME_UNKNOWN);
  }
  const char* id = "ch_1";
  if (FAULT == kSharesState) id = g_shared_id;
  if (FAULT == kKeepsInThread) id = g_thread_id;
  snprintf(call->result, sizeof call->result, "{\"id\":\"%s\",\"amount\":%lld}", id, amount);
  step->kind = UG_STEP_DONE;
  step->result_json = text(call->result);
  return UG_OK;
}

static void end(struct ug_call* call) {
  if (FAULT != kKeepsHostMemory && FAULT != kLeaks) free((void*)call->kept.ptr);
  free(call);
}

static const void* get_extension(struct ug_str id) {
  (void)id;
  return NULL;
}

static const struct ug_operation g_operations[] = {
    {{"payments.create", 15}, UG_RECOVERY_NATIVE, 86400, UG_OPERATION_MOVES_MONEY, 0}};
static const struct ug_descriptor g_descriptor = {
    sizeof(struct ug_descriptor), 1, {"careless", 8}, {"1.0.0", 5}, g_operations,
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
