/* The webhook half of the test plugin. Headers of the webhook say what recipe and which event come
 * of it, so that one library shows every kind: X-Kind, X-Digest, X-Encoding, X-Secret, X-Message
 * and X-Expected (any number of each), X-Time, X-Tolerance, X-Check (message) with
 * X-Check-Expected, X-Url, X-Suffix, X-Name, X-Type, X-Id, X-Count, X-Bad. A proof names its secret
 * "proof_key". */

struct hook_state {
  struct ug_bytes messages[20];
  struct ug_str expected[80];
  struct ug_digest_check checks[10];
  struct ug_webhook_event events[4];
  struct ug_http_request http;
};

static int g_open_hooks;

static int is_text(struct ug_str text, const char* what) {
  return text.len == strlen(what) && memcmp(text.ptr, what, text.len) == 0;
}

static struct ug_str header_of(const struct ug_webhook* webhook, const char* name) {
  struct ug_str none = {NULL, 0};
  for (uint32_t i = 0; i < webhook->headers_count; ++i) {
    if (is_text(webhook->headers[i].name, name)) return webhook->headers[i].value;
  }
  return none;
}

static int64_t number_of(const struct ug_webhook* webhook, const char* name, int64_t fallback) {
  char digits[32] = {0};
  const struct ug_str value = header_of(webhook, name);
  if (value.len == 0 || value.len >= sizeof digits) return fallback;
  memcpy(digits, value.ptr, value.len);
  return strtoll(digits, NULL, 10);
}

static int bad(const struct ug_webhook* webhook, const char* how) {
  return is_text(header_of(webhook, "X-Bad"), how);
}

static struct ug_bytes bytes_of(struct ug_str text) {
  struct ug_bytes bytes = {(const uint8_t*)text.ptr, text.len};
  return bytes;
}

static void fill_lists(const struct ug_webhook* webhook, struct hook_state* state,
                       struct ug_recipe* recipe) {
  for (uint32_t i = 0; i < webhook->headers_count; ++i) {
    const struct ug_header* header = &webhook->headers[i];
    if (is_text(header->name, "X-Message"))
      state->messages[recipe->messages_count++] = bytes_of(header->value);
    if (is_text(header->name, "X-Expected") && recipe->expected_count < 80)
      state->expected[recipe->expected_count++] = header->value;
    if (is_text(header->name, "X-Check")) {
      struct ug_digest_check* check = &state->checks[recipe->digest_checks_count++];
      check->digest = UG_DIGEST_SHA256;
      check->encoding = UG_ENCODING_HEX;
      check->message = bytes_of(header->value);
      check->expected = header_of(webhook, "X-Check-Expected");
    }
  }
  if (recipe->messages_count == 0) state->messages[recipe->messages_count++] = webhook->body;
  recipe->messages = state->messages;
  recipe->expected = state->expected;
  recipe->digest_checks = state->checks;
  recipe->digest_checks_stride = sizeof state->checks[0];
}

static void ask_provider(struct hook_state* state, struct ug_recipe* recipe) {
  state->http.struct_size = sizeof state->http;
  state->http.method = UG_METHOD_POST;
  state->http.endpoint = text("api");
  state->http.path = text("/v1/verify");
  state->http.auth = text("key");
  recipe->http = &state->http;
}

/* A proof is an object {"signature": "<64 hex>"}: HMAC of "proof". */
static void prove(const struct ug_webhook* webhook, struct hook_state* state,
                  struct ug_recipe* recipe) {
  static const char kBefore[] = "\"signature\":\"";
  const char* body = (const char*)webhook->body.ptr;
  recipe->kind = UG_VERIFY_HMAC;
  recipe->secret = text("secret_key");
  for (uint64_t i = 0; i + sizeof kBefore - 1 + 64 < webhook->body.len; ++i) {
    if (memcmp(body + i, kBefore, sizeof kBefore - 1) == 0) {
      state->expected[0] = (struct ug_str){body + i + sizeof kBefore - 1, 64};
      recipe->expected_count = 1;
    }
  }
  state->messages[0] = bytes_of(text("proof"));
  recipe->messages_count = 1;
  recipe->messages = state->messages;
  recipe->expected = state->expected;
}

static void spoil_recipe(const struct ug_webhook* webhook, struct ug_recipe* recipe) {
  if (bad(webhook, "messages_null")) recipe->messages = NULL;
  if (bad(webhook, "messages_many")) recipe->messages_count = 1000000;
  if (bad(webhook, "expected_null")) recipe->expected = NULL;
  if (bad(webhook, "secret_utf8")) recipe->secret = text("\xff\xfe");
  if (bad(webhook, "secret_long")) recipe->secret.len = (uint64_t)1 << 40;
  if (bad(webhook, "stride")) recipe->digest_checks_stride = 1;
  if (bad(webhook, "http_null")) recipe->http = NULL;
}

static int32_t hook_recipe(struct ug_instance* instance, const struct ug_webhook* webhook,
                           struct ug_recipe* recipe, void** out) {
  (void)instance;
  if (bad(webhook, "recipe_fails")) return UG_CONTRACT_INTERNAL;
  struct hook_state* state = calloc(1, sizeof *state);
  if (state == NULL) return UG_CONTRACT_NO_MEMORY;
  __atomic_add_fetch(&g_open_hooks, 1, __ATOMIC_SEQ_CST);
  *out = state;
  recipe->digest = (uint32_t)number_of(webhook, "X-Digest", UG_DIGEST_SHA256);
  recipe->encoding = (uint32_t)number_of(webhook, "X-Encoding", UG_ENCODING_HEX);
  if (is_text(webhook->method, "CALLBACK")) {
    prove(webhook, state, recipe);
    return UG_OK;
  }
  recipe->kind = (uint32_t)number_of(webhook, "X-Kind", UG_VERIFY_REJECT);
  recipe->secret = header_of(webhook, "X-Secret");
  recipe->timestamp_unix_s = number_of(webhook, "X-Time", 0);
  recipe->tolerance_s = (uint32_t)number_of(webhook, "X-Tolerance", 0);
  recipe->certificate_url = header_of(webhook, "X-Url");
  recipe->certificate_host_suffix = header_of(webhook, "X-Suffix");
  recipe->certificate_name = header_of(webhook, "X-Name");
  recipe->reason = text("no signature here");
  fill_lists(webhook, state, recipe);
  ask_provider(state, recipe);
  spoil_recipe(webhook, recipe);
  return UG_OK;
}

static int32_t hook_confirm(struct ug_instance* instance, void* state,
                            const struct ug_event* answer, uint32_t* verified) {
  (void)instance;
  (void)state;
  if (answer->status == 418) return UG_CONTRACT_INTERNAL;
  *verified =
      answer->status == 200 && answer->body.len == 3 && memcmp(answer->body.ptr, "yes", 3) == 0;
  return UG_OK;
}

static int32_t hook_translate(struct ug_instance* instance, void* held,
                              const struct ug_webhook* webhook, struct ug_webhook_events* events) {
  (void)instance;
  struct hook_state* state = held;
  if (bad(webhook, "translate_fails")) return UG_CONTRACT_INTERNAL;
  const struct ug_str type = header_of(webhook, "X-Type");
  events->count = (uint32_t)number_of(webhook, "X-Count", 1);
  for (uint32_t i = 0; i < 4; ++i) {
    struct ug_webhook_event* event = &state->events[i];
    event->type = type.len != 0 ? type : text("payment.succeeded");
    event->provider_event_id = header_of(webhook, "X-Id");
    event->provider_type = text("charge.paid");
    event->resource_kind = text("payment");
    event->provider_id = text("ch_1");
    event->data_json = (struct ug_str){(const char*)webhook->body.ptr, webhook->body.len};
    event->occurred_unix_ms = 1790000000000;
    event->mode = (uint32_t)number_of(webhook, "X-Mode", UG_EVENT_MODE_TEST);
    event->fetch = 1;
  }
  events->events = bad(webhook, "events_null") ? NULL : state->events;
  events->stride = bad(webhook, "events_stride") ? 3 : sizeof state->events[0];
  return UG_OK;
}

static void hook_release(struct ug_instance* instance, void* state) {
  (void)instance;
  __atomic_sub_fetch(&g_open_hooks, 1, __ATOMIC_SEQ_CST);
  free(state);
}

static const struct ug_ext_webhook g_webhook = {
    sizeof(struct ug_ext_webhook), 0, hook_recipe, hook_confirm, hook_translate, hook_release};
