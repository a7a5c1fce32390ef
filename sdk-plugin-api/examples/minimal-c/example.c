/* Adapter of "Example Pay", in C11 with nothing but unigate/plugin.h: what the ABI asks of a plugin
 * without any help. The provider's two requests are described in README.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unigate/plugin.h>

#include "json_scan.h"

#define TEXT(literal) \
  { literal, sizeof(literal) - 1 }

enum { kIdCharsMax = 64, kKeyCharsMax = 64, kExactIntegerBits = 53, kNumberBytesMax = 24 };

enum operation { kCreate, kGet };

/* [guide:descriptor] */
static const struct ug_operation kOperations[] = {
    {TEXT("payments.create"), UG_RECOVERY_NATIVE, 86400, UG_OPERATION_MOVES_MONEY, 0},
    {TEXT("payments.get"), UG_RECOVERY_NONE, 0, UG_OPERATION_READ_ONLY, 0},
};

static const struct ug_descriptor kDescriptor = {
    .struct_size = sizeof(struct ug_descriptor),
    .operations_count = sizeof(kOperations) / sizeof(kOperations[0]),
    .id = TEXT("example"),
    .version = TEXT("1.0.0"),
    .operations = kOperations,
    .operations_stride = sizeof(struct ug_operation),
};
/* [guide:end] */

/* An account. Nothing has to be kept: the key is added by the host, which alone knows it. */
struct ug_instance {
  uint32_t mode;
};

/* [guide:call] */
/* A call owns all that its steps point to, since that must stay valid until the host's next entry.
 */
struct ug_call {
  enum operation operation;
  uint32_t recovering;
  uint32_t mode;
  bool waiting; /* for the answer to a request */
  int64_t amount;
  char currency[4];
  char key[kKeyCharsMax + 1];
  char path[sizeof("/v1/charges/") + kIdCharsMax];
  char* body;
  char result[1024];
  struct ug_header headers[2];
  struct ug_http_request http;
  struct ug_error error;
};
/* [guide:end] */

static struct ug_str text(const char* terminated) {
  const struct ug_str result = {terminated, strlen(terminated)};
  return result;
}

/* The reader's rule of the ABI: the smaller of both sizes is taken, what is absent reads as zero.
 */
static void readStruct(void* to, size_t toSize, const void* from, uint32_t fromSize) {
  memset(to, 0, toSize);
  memcpy(to, from, fromSize < toSize ? fromSize : toSize);
}

/* ---- steps
 * ------------------------------------------------------------------------------------------------------
 */

static int32_t stepHttp(struct ug_call* call, struct ug_step* step) {
  call->waiting = true;
  step->kind = UG_STEP_HTTP;
  step->http = &call->http;
  return UG_OK;
}

static int32_t stepFail(struct ug_call* call, struct ug_step* step, uint32_t category,
                        uint32_t outcome, const char* message) {
  /* "Not executed" speaks of this attempt alone; while recovering, an earlier one may have
   * succeeded. */
  if (call->recovering != UG_RECOVERING_NO && outcome == UG_OUTCOME_NOT_EXECUTED)
    outcome = UG_OUTCOME_UNKNOWN;
  call->error.struct_size = sizeof(call->error);
  call->error.category = category;
  call->error.outcome = outcome;
  call->error.retry = outcome == UG_OUTCOME_DECLINED ? UG_RETRY_NEVER : UG_RETRY_SAME_KEY;
  call->error.provider_message = text(message);
  step->kind = UG_STEP_FAIL;
  step->error = &call->error;
  return UG_OK;
}

static int32_t refuseInput(struct ug_call* call, struct ug_step* step, const char* field,
                           const char* message) {
  call->error.field = text(field);
  const int32_t result =
      stepFail(call, step, UG_CATEGORY_INVALID_REQUEST, UG_OUTCOME_NOT_EXECUTED, message);
  call->error.retry = UG_RETRY_NEW_REQUEST;
  return result;
}

/* ---- requests
 * ---------------------------------------------------------------------------------------------------
 */

/* An id goes into a path, so it must be made of characters that mean nothing there. */
static bool copyId(char* to, struct json_piece piece) {
  if (piece.len < 3 || piece.len > kIdCharsMax + 2 || piece.ptr[0] != '"') return false;
  const size_t len = piece.len - 2;
  for (size_t i = 0; i < len; ++i) {
    const char c = piece.ptr[i + 1];
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '_' || c == '-';
    if (!plain) return false;
  }
  memcpy(to, piece.ptr + 1, len);
  to[len] = '\0';
  return true;
}

static bool copyCurrency(char* to, struct json_piece piece) {
  if (piece.len != 5 || piece.ptr[0] != '"') return false;
  for (size_t i = 1; i < 4; ++i) {
    if (piece.ptr[i] < 'A' || piece.ptr[i] > 'Z') return false;
  }
  memcpy(to, piece.ptr + 1, 3);
  to[3] = '\0';
  return true;
}

static void fillHttp(struct ug_call* call, uint32_t method, const char* label) {
  call->http.struct_size = sizeof(call->http);
  call->http.method = method;
  call->http.endpoint = text("api");
  call->http.path = text(call->path);
  call->http.auth = text("api_key");
  call->http.trace_label = text(label);
}

/* [guide:build] */
static int32_t buildCreate(struct ug_call* call, const struct ug_begin* begin,
                           struct ug_step* step) {
  const char* input = begin->input_json.ptr;
  const size_t len = begin->input_json.len;
  struct json_piece amount, currency, reference, capture;
  if (!jsonFind(input, len, "amount", &amount) || !jsonAmount(amount, &call->amount) ||
      call->amount == 0) {
    return refuseInput(call, step, "amount", "must be an integer above 0, in minor units");
  }
  if (!jsonFind(input, len, "currency", &currency) || !copyCurrency(call->currency, currency)) {
    return refuseInput(call, step, "currency", "must be an upper-case ISO 4217 code");
  }
  /* Where the client gave none, our transaction id is the reference. */
  if ((!jsonFind(input, len, "reference", &reference) &&
       !jsonFind(input, len, "operation_id", &reference)) ||
      reference.ptr[0] != '"') {
    return refuseInput(call, step, "reference", "must be text");
  }
  if (jsonFind(input, len, "capture_method", &capture) && !jsonIs(capture, "automatic")) {
    return refuseInput(call, step, "capture_method",
                       "Example Pay takes the money at once; use 'automatic'");
  }
  if (begin->idempotency_key.len == 0 || begin->idempotency_key.len > kKeyCharsMax)
    return UG_CONTRACT_BAD_CALL;
  memcpy(call->key, begin->idempotency_key.ptr, begin->idempotency_key.len);

  /* The reference is JSON already and is passed on as it stands, quotes and escapes included. */
  const size_t bytes = reference.len + 128;
  call->body = malloc(bytes);
  if (call->body == NULL) return UG_CONTRACT_NO_MEMORY;
  snprintf(call->body, bytes, "{\"amount\":%" PRId64 ",\"currency\":\"%s\",\"reference\":%.*s}",
           call->amount, call->currency, (int)reference.len, reference.ptr);

  snprintf(call->path, sizeof(call->path), "/v1/charges");
  fillHttp(call, UG_METHOD_POST, "charges.create");
  call->headers[0] = (struct ug_header){TEXT("Content-Type"), TEXT("application/json")};
  call->headers[1] = (struct ug_header){TEXT("Idempotency-Key"), text(call->key)};
  call->http.headers = call->headers;
  call->http.headers_count = 2;
  call->http.body.ptr = (const uint8_t*)call->body;
  call->http.body.len = strlen(call->body);
  return stepHttp(call, step);
}
/* [guide:end] */

static int32_t buildGet(struct ug_call* call, const struct ug_begin* begin, struct ug_step* step) {
  struct json_piece id;
  char plain[kIdCharsMax + 1];
  if (!jsonFind(begin->input_json.ptr, begin->input_json.len, "provider_id", &id) ||
      !copyId(plain, id)) {
    return refuseInput(call, step, "provider_id", "is no id of Example Pay");
  }
  snprintf(call->path, sizeof(call->path), "/v1/charges/%s", plain);
  fillHttp(call, UG_METHOD_GET, "charges.get");
  call->http.flags = UG_HTTP_MAY_RETRY;
  return stepHttp(call, step);
}

/* ---- answers
 * ----------------------------------------------------------------------------------------------------
 */

/* Integers beyond 2^53 travel as text. */
static void printAmount(char* to, int64_t amount) {
  const bool exact = amount <= (INT64_C(1) << kExactIntegerBits);
  snprintf(to, kNumberBytesMax, exact ? "%" PRId64 : "\"%" PRId64 "\"", amount);
}

/* [guide:parse] */
/* A 2xx answer: {"id", "status": "paid|pending|refused", "amount", "currency"}. */
static int32_t parseCharge(struct ug_call* call, const struct ug_event* event,
                           struct ug_step* step) {
  const char* body = (const char*)event->body.ptr;
  const size_t len = event->body.len;
  struct json_piece id, status, amount, currency;
  char plainId[kIdCharsMax + 1], code[4], total[kNumberBytesMax];
  int64_t minor = 0;
  const bool understood = jsonFind(body, len, "id", &id) && copyId(plainId, id) &&
                          jsonFind(body, len, "status", &status) && status.ptr[0] == '"' &&
                          jsonFind(body, len, "amount", &amount) && jsonAmount(amount, &minor) &&
                          jsonFind(body, len, "currency", &currency) &&
                          copyCurrency(code, currency);
  if (!understood) {
    return stepFail(call, step, UG_CATEGORY_BAD_RESPONSE, UG_OUTCOME_UNKNOWN,
                    "the answer is no charge");
  }
  if (call->operation == kCreate && (minor != call->amount || strcmp(code, call->currency) != 0)) {
    return stepFail(call, step, UG_CATEGORY_BAD_RESPONSE, UG_OUTCOME_UNKNOWN,
                    "the answer tells of another amount");
  }
  const bool paid = jsonIs(status, "paid");
  const bool refused = jsonIs(status, "refused");
  printAmount(total, minor);
  /* A word that is not known is neither success nor failure. */
  const int written = snprintf(call->result, sizeof(call->result),
                               "{\"provider_id\":\"%s\",\"status\":\"%s\",\"amount\":%s,"
                               "\"currency\":\"%s\",\"amount_captured\":%s,"
                               "\"capture_method\":\"automatic\",\"next_action\":null,\"metadata\":"
                               "{},\"failure\":%s,\"livemode\":%s,"
                               "\"created_unix_s\":%" PRId64 "}",
                               plainId,
                               paid      ? "succeeded"
                               : refused ? "failed"
                                         : "processing",
                               total, code, paid ? total : "0",
                               refused ? "{\"category\":\"card_declined\",\"provider_code\":"
                                         "\"refused\",\"provider_message\":\"refused\"}"
                                       : "null",
                               call->mode == UG_MODE_LIVE ? "true" : "false",
                               call->operation == kCreate ? event->now_unix_ms / 1000 : 0);
  if (written < 0 || (size_t)written >= sizeof(call->result)) return UG_CONTRACT_INTERNAL;
  if (refused && call->operation == kCreate) {
    call->error.provider_code = text("refused");
    call->error.resource_json = text(call->result);
    return stepFail(call, step, UG_CATEGORY_CARD_DECLINED, UG_OUTCOME_DECLINED,
                    "Example Pay refused the charge");
  }
  step->kind = UG_STEP_DONE;
  step->result_json = text(call->result);
  return UG_OK;
}
/* [guide:end] */

/* [guide:statuses] */
/* What a status says about the money. When in doubt, the outcome is unknown and the gateway finds
 * out. */
static int32_t parseAnswer(struct ug_call* call, const struct ug_event* event,
                           struct ug_step* step) {
  const uint32_t status = event->status;
  call->error.http_status = status;
  if (status >= 200 && status < 300) return parseCharge(call, event, step);
  if (status == 401 || status == 403) {
    return stepFail(call, step, UG_CATEGORY_UNAUTHORIZED, UG_OUTCOME_DECLINED,
                    "the API key is refused");
  }
  if (status == 404)
    return stepFail(call, step, UG_CATEGORY_NOT_FOUND, UG_OUTCOME_DECLINED, "no such charge");
  if (status == 409) {
    return stepFail(call, step, UG_CATEGORY_IDEMPOTENCY_CONFLICT, UG_OUTCOME_UNKNOWN,
                    "the key is in use");
  }
  if (status == 429) {
    return stepFail(call, step, UG_CATEGORY_RATE_LIMITED, UG_OUTCOME_NOT_EXECUTED,
                    "too many requests");
  }
  if (status == 400 || status == 422) {
    return stepFail(call, step, UG_CATEGORY_INVALID_REQUEST, UG_OUTCOME_DECLINED,
                    "Example Pay refused the request");
  }
  if (status >= 500) {
    return stepFail(call, step, UG_CATEGORY_PROVIDER_UNAVAILABLE, UG_OUTCOME_UNKNOWN,
                    "Example Pay has a fault");
  }
  return stepFail(call, step, UG_CATEGORY_BAD_RESPONSE, UG_OUTCOME_UNKNOWN,
                  "an answer that is not documented");
}
/* [guide:end] */

/* ---- the functions of ug_plugin
 * ---------------------------------------------------------------------------------- */

static int32_t create(const struct ug_instance_config* config, struct ug_instance** instance) {
  struct ug_instance_config known;
  if (config == NULL || instance == NULL) return UG_CONTRACT_BAD_CALL;
  readStruct(&known, sizeof(known), config, config->struct_size);
  struct ug_instance* made = calloc(1, sizeof(*made));
  if (made == NULL) return UG_CONTRACT_NO_MEMORY;
  made->mode = known.mode;
  *instance = made;
  return UG_OK;
}

static void destroy(struct ug_instance* instance) {
  free(instance);
}

static void end(struct ug_call* call) {
  if (call == NULL) return;
  free(call->body);
  free(call);
}

static int32_t firstStep(struct ug_call* call, const struct ug_begin* known, struct ug_step* step) {
  if (call->operation == kGet) return buildGet(call, known, step);
  if (call->recovering == UG_RECOVERING_QUERY) {
    return stepFail(call, step, UG_CATEGORY_NOT_SUPPORTED, UG_OUTCOME_UNKNOWN,
                    "Example Pay can't be asked by reference; send again with the same key");
  }
  return buildCreate(call, known, step);
}

static bool findOperation(struct ug_str name, enum operation* operation) {
  for (enum operation i = kCreate; i <= kGet; ++i) {
    const struct ug_str known = kOperations[i].name;
    if (name.len == known.len && memcmp(name.ptr, known.ptr, known.len) == 0) {
      *operation = i;
      return true;
    }
  }
  return false;
}

static int32_t begin(struct ug_instance* instance, const struct ug_begin* arguments,
                     struct ug_call** call, struct ug_step* step) {
  struct ug_begin known;
  enum operation operation;
  if (instance == NULL || arguments == NULL || call == NULL || step == NULL)
    return UG_CONTRACT_BAD_CALL;
  readStruct(&known, sizeof(known), arguments, arguments->struct_size);
  if (known.recovering > UG_RECOVERING_QUERY || !findOperation(known.operation, &operation)) {
    return UG_CONTRACT_UNSUPPORTED;
  }
  struct ug_call* made = calloc(1, sizeof(*made));
  if (made == NULL) return UG_CONTRACT_NO_MEMORY;
  made->operation = operation;
  made->recovering = known.recovering;
  made->mode = instance->mode;
  const int32_t result = firstStep(made, &known, step);
  if (result == UG_OK) {
    *call = made;
  } else {
    end(made);
  }
  return result;
}

/* [guide:resume] */
static int32_t resume(struct ug_call* call, const struct ug_event* event, struct ug_step* step) {
  struct ug_event known;
  if (call == NULL || event == NULL || step == NULL || !call->waiting) return UG_CONTRACT_BAD_CALL;
  readStruct(&known, sizeof(known), event, event->struct_size);
  call->waiting = false;
  if (known.kind == UG_EVENT_HTTP_RESPONSE) return parseAnswer(call, &known, step);
  if (known.kind != UG_EVENT_HTTP_FAILED) return UG_CONTRACT_UNSUPPORTED;
  if (known.failure == UG_HTTP_FAILED_NOT_SENT) {
    return stepFail(call, step, UG_CATEGORY_PROVIDER_UNAVAILABLE, UG_OUTCOME_NOT_EXECUTED,
                    "Example Pay could not be reached");
  }
  return stepFail(call, step, UG_CATEGORY_UNKNOWN_OUTCOME, UG_OUTCOME_UNKNOWN,
                  "Example Pay gave no answer");
}
/* [guide:end] */

static const void* getExtension(struct ug_str id) {
  (void)id;
  return NULL;
}

/* [guide:entry] */
static const struct ug_plugin kPlugin = {
    .struct_size = sizeof(struct ug_plugin),
    .abi_minor = UG_ABI_MINOR,
    .descriptor = &kDescriptor,
    .create = create,
    .destroy = destroy,
    .begin = begin,
    .resume = resume,
    .end = end,
    .get_extension = getExtension,
};

const struct ug_plugin* unigate_plugin_v1(const struct ug_host* host) {
  const uint64_t needed = 1u << UG_STEP_HTTP | 1u << UG_STEP_DONE | 1u << UG_STEP_FAIL;
  return host != NULL && (host->step_kinds & needed) == needed ? &kPlugin : NULL;
}
/* [guide:end] */
