/* unigate plugin ABI, version 1.
 *
 * What this is for: the whole contract between the unigate gateway (the host) and a provider adapter (the plugin).
 * C11, no dependency but <stdint.h>. A plugin is a shared library that exports exactly one symbol:
 *
 *     const struct ug_plugin *unigate_plugin_v1(const struct ug_host *host);
 *
 * A plugin does no I/O, reads no clock, no environment, no locale, draws no randomness, starts no thread and never
 * blocks: it is a step machine. `begin` and `resume` return a step (send this HTTP request, done, failed); the host
 * performs it and calls `resume` with what came back. Same inputs give the same bytes.
 *
 * Compatibility
 *   - A minor version only appends. Every struct that may grow starts with `struct_size`, which its author sets to
 *     sizeof. A reader uses the smaller of its own size and `struct_size`; what is absent reads as zero, and zero
 *     always means the old behaviour. Released slots are never reordered, retyped or reused.
 *   - A struct that the other side hands over to be filled (`ug_step`, `ug_recipe`, `ug_webhook_events`) carries the
 *     other side's `struct_size`: the one who fills it writes nothing beyond it.
 *   - `ug_str`, `ug_bytes` and `ug_header` are frozen for ever, because they stand in arrays. Every other struct that
 *     stands in an array is walked by a stride in bytes that the array's author gives; the reader uses the smaller of
 *     its own size and the stride.
 *   - A number that the reader does not know reads as zero (UNSPECIFIED, UNKNOWN, NEVER, REJECT), an unknown flag bit
 *     is ignored. An unknown step kind or method is a broken contract.
 *   - Optional features are extensions, found by a string id with `get_extension`. Drafts are declared in
 *     <unigate/draft/...>, are used only where the gateway's configuration allows it, and keep their id when they
 *     become stable.
 *
 * Memory
 *   - No allocator crosses the boundary, nobody frees the other's memory.
 *   - Host to plugin: valid for that one call of a function only.
 *   - Plugin to host: valid until the next entry (`resume` or `end`) into the same call, or for functions without a
 *     call, until the next entry into the same instance on the same thread. The descriptor, `ug_plugin` and extension
 *     tables: until the process ends. A plugin is never unloaded.
 *
 * Threads
 *   [load]        once, on one thread, before any other function.
 *   [any-thread]  may run at the same time on several threads.
 *   [serial]      never at the same time for the same object, but successive calls may come on different threads; a
 *                 plugin keeps nothing in thread-local storage.
 *
 * Errors
 *   The int32_t result tells of a broken contract only (UG_OK or UG_CONTRACT_*). A provider that refuses is a FAIL
 *   step with a `ug_error`. Nothing is thrown across this boundary. After a result other than UG_OK the host reads
 *   nothing that the function was to fill and enters the same call once more only, with `end`.
 *
 * Text is UTF-8 without a terminating NUL. Money is an integer count of the currency's minor unit and an upper-case
 * ISO 4217 code; integers beyond 2^53 travel in JSON as strings.
 */
#ifndef UNIGATE_PLUGIN_H
#define UNIGATE_PLUGIN_H

#include <stdint.h>

/* The layout is that of 64-bit platforms: on others the pointers below would leave holes. */
#if UINTPTR_MAX != UINT64_MAX
#error "the unigate plugin ABI needs a 64-bit platform"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define UG_ABI_MAJOR 1u
#define UG_ABI_MINOR 0u

/* The one symbol that a plugin exports. */
#define UG_ENTRY_SYMBOL "unigate_plugin_v1"

#if defined(_WIN32)
#define UG_EXPORT __declspec(dllexport)
#else
#define UG_EXPORT __attribute__((visibility("default")))
#endif

/* Result codes of the functions: broken contract only. */
#define UG_OK 0
#define UG_CONTRACT_BAD_CALL (-1)      /* the host called out of order or with a bad argument */
#define UG_CONTRACT_NO_MEMORY (-2)     /* the plugin could not allocate */
#define UG_CONTRACT_INTERNAL (-3)      /* the plugin caught a fault of its own */
#define UG_CONTRACT_UNSUPPORTED (-4)   /* the host asks for something that this plugin's minor does not know */

/* ---- frozen for ever: these stand in arrays -------------------------------------------------------------------- */

/* UTF-8 text. ptr may be NULL only if len is 0. */
struct ug_str {
  const char *ptr;
  uint64_t len; /* bytes */
};

/* Any bytes. ptr may be NULL only if len is 0. */
struct ug_bytes {
  const uint8_t *ptr;
  uint64_t len; /* bytes */
};

/* An HTTP header field. Names are compared without regard to case. */
struct ug_header {
  struct ug_str name;
  struct ug_str value;
};

/* ---- limits and host ------------------------------------------------------------------------------------------- */

/* Kinds of steps. The host's `step_kinds` mask has bit (1 << kind) set for each kind that it understands. */
#define UG_STEP_NONE 0u
#define UG_STEP_HTTP 1u
#define UG_STEP_DONE 2u
#define UG_STEP_FAIL 3u
#define UG_STEP_SLEEP 4u     /* reserved */
#define UG_STEP_HTTP_MANY 5u /* reserved */

/* What the host grants to one call. Larger is a broken contract. */
struct ug_limits {
  uint32_t struct_size;
  uint32_t steps_max;                /* steps in one call, DONE and FAIL included */
  uint64_t request_body_bytes_max;   /* of one ug_http_request */
  uint64_t response_body_bytes_max;  /* of one HTTP response handed to resume */
  uint64_t result_bytes_max;         /* of the JSON of a DONE step */
  uint32_t headers_max;              /* in one ug_http_request */
  uint32_t timeout_ms_max;           /* of one ug_http_request */
};

#define UG_LOG_DEBUG 0u
#define UG_LOG_INFO 1u
#define UG_LOG_WARN 2u
#define UG_LOG_ERROR 3u

/* What the host offers. It and all that it points to live until the process ends. */
struct ug_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  uint64_t step_kinds; /* mask of (1 << UG_STEP_*) that this host understands; a plugin emits no other kind */
  const struct ug_limits *limits;
  struct ug_str product; /* "unigate/1.2.3", for a plugin's diagnostics only */
  /* [any-thread] Writes a line to the host's log under the plugin's name. Never pass a secret or a card number; the
   * host redacts and rate-limits. */
  void (*log)(const struct ug_host *host, uint32_t level, struct ug_str message);
  /* [any-thread] A table of the host's own by id, or NULL. */
  const void *(*get_extension)(const struct ug_host *host, struct ug_str id);
};

/* ---- description ----------------------------------------------------------------------------------------------- */

/* How an operation whose answer was lost is made certain again. Must equal the manifest. */
#define UG_RECOVERY_NONE 0u         /* reads: nothing to recover */
#define UG_RECOVERY_NATIVE 1u       /* send again with the same idempotency key inside the window */
#define UG_RECOVERY_NATIVE_REF 2u   /* the provider refuses a second movement with the same reference of ours */
#define UG_RECOVERY_QUERY 3u        /* ask by our reference, send again only if it is not there */
#define UG_RECOVERY_QUERY_FIRST 4u  /* ask before every send */
#define UG_RECOVERY_AT_MOST_ONCE 5u /* never send again */

/* One operation, e.g. "payments.create". Stands in an array that is walked by `stride`, so it may grow. */
struct ug_operation {
  struct ug_str name;
  uint32_t recovery;           /* UG_RECOVERY_* */
  uint32_t recovery_window_s;  /* seconds for which a resend with the same key is safe; 0: not applicable */
  uint32_t flags;              /* UG_OPERATION_* */
  uint32_t reserved0;          /* zero */
};

#define UG_OPERATION_MOVES_MONEY 1u
#define UG_OPERATION_READ_ONLY 2u

/* Says who the plugin is. Must equal the manifest beside the file, else the host refuses the plugin. */
struct ug_descriptor {
  uint32_t struct_size;
  uint32_t operations_count;
  struct ug_str id;      /* [a-z][a-z0-9_]{1,31} */
  struct ug_str version; /* semantic version */
  const struct ug_operation *operations;
  uint64_t operations_stride; /* bytes from one to the next: sizeof(struct ug_operation) of the author */
};

/* ---- one call -------------------------------------------------------------------------------------------------- */

/* Opaque to the host; the plugin defines what is inside. */
struct ug_instance;
struct ug_call;

#define UG_MODE_TEST 0u
#define UG_MODE_LIVE 1u

/* For `create`: one instance for each configured account. It holds no secret: `settings` are the credential fields
 * that the manifest marks `secret: false` (an account sid, a publishable key) as a JSON object of strings. */
struct ug_instance_config {
  uint32_t struct_size;
  uint32_t mode; /* UG_MODE_* */
  struct ug_str settings_json;
};

/* For `begin`: all that the call may know. */
struct ug_begin {
  uint32_t struct_size;
  uint32_t mode;                    /* UG_MODE_* */
  struct ug_str operation;          /* "payments.create" */
  struct ug_str input_json;         /* checked by the host against the operation's input schema */
  struct ug_str idempotency_key;    /* the provider key: 10-36 of [A-Za-z0-9_-], the same for every attempt; empty for reads */
  uint32_t attempt;                 /* 1 for the first; a resend after a lost answer has the next number */
  uint32_t recovering;              /* UG_RECOVERING_* */
  int64_t now_unix_ms;
  int64_t deadline_unix_ms;
  uint8_t random[32];               /* the only randomness that a plugin may use; the same for every attempt */
};

#define UG_RECOVERING_NO 0u     /* an ordinary execution */
#define UG_RECOVERING_RESEND 1u /* an earlier attempt may have happened; the key makes a resend safe */
#define UG_RECOVERING_QUERY 2u  /* find out what became of the operation, move nothing; FAIL with not_executed if it
                                   certainly never happened */

/* ---- steps ----------------------------------------------------------------------------------------------------- */

#define UG_METHOD_GET 1u
#define UG_METHOD_POST 2u
#define UG_METHOD_PUT 3u
#define UG_METHOD_PATCH 4u
#define UG_METHOD_DELETE 5u

#define UG_HTTP_MAY_RETRY 1u /* the host may send this request again by itself when nothing was answered */

/* One HTTP request that the host shall send. The host adds Host, Content-Length, authentication and tracing headers. */
struct ug_http_request {
  uint32_t struct_size;
  uint32_t method;             /* UG_METHOD_*; zero is a broken contract */
  struct ug_str endpoint;      /* name of an endpoint of the manifest, e.g. "api" */
  struct ug_str path;          /* starts with '/', already percent-encoded */
  struct ug_str query;         /* without '?', already encoded; may be empty */
  const struct ug_header *headers;
  uint32_t headers_count;
  uint32_t flags;              /* UG_HTTP_* */
  struct ug_bytes body;
  struct ug_str auth;          /* name of an auth scheme of the manifest; empty: none */
  uint32_t timeout_ms;         /* 0: the host's default; the host caps it */
  uint32_t redact_count;
  const struct ug_str *redact; /* JSON pointers or form keys, of request and answer, whose values never reach a log */
  struct ug_str trace_label;   /* e.g. "payment_intents.create" */
};

/* What went wrong, in the gateway's words. The numbers are frozen. */
#define UG_CATEGORY_UNSPECIFIED 0u
#define UG_CATEGORY_CARD_DECLINED 1u
#define UG_CATEGORY_INSUFFICIENT_FUNDS 2u
#define UG_CATEGORY_AUTHENTICATION_REQUIRED 3u /* the payer must authenticate, e.g. 3-D Secure */
#define UG_CATEGORY_EXPIRED_CARD 4u
#define UG_CATEGORY_INCORRECT_CARD_DATA 5u
#define UG_CATEGORY_FRAUD_SUSPECTED 6u
#define UG_CATEGORY_INVALID_REQUEST 7u
#define UG_CATEGORY_INVALID_STATE 8u     /* e.g. capture of a canceled payment */
#define UG_CATEGORY_NOT_FOUND 9u
#define UG_CATEGORY_UNAUTHORIZED 10u     /* our credentials are refused */
#define UG_CATEGORY_PERMISSION_DENIED 11u
#define UG_CATEGORY_RATE_LIMITED 12u
#define UG_CATEGORY_IDEMPOTENCY_CONFLICT 13u
#define UG_CATEGORY_PROVIDER_UNAVAILABLE 14u
#define UG_CATEGORY_UNKNOWN_OUTCOME 15u
#define UG_CATEGORY_NOT_SUPPORTED 16u
#define UG_CATEGORY_LIMIT_EXCEEDED 17u   /* amount above a limit of the account or method */
#define UG_CATEGORY_DUPLICATE 18u
#define UG_CATEGORY_BAD_RESPONSE 19u     /* the provider's answer can't be understood */
#define UG_CATEGORY_PROVIDER_ERROR 20u   /* refused for another documented reason */

/* What became of the operation. Zero is the safe reading. */
#define UG_OUTCOME_UNKNOWN 0u      /* may or may not have happened */
#define UG_OUTCOME_DECLINED 1u     /* the provider decided: no; it will not happen */
#define UG_OUTCOME_NOT_EXECUTED 2u /* proven: nothing happened at the provider */

#define UG_RETRY_NEVER 0u
#define UG_RETRY_SAME_KEY 1u  /* the same request with the same key may succeed later */
#define UG_RETRY_NEW_REQUEST 2u /* a changed request may succeed, e.g. with another card */

/* For UG_STEP_FAIL: the provider refused, can't be reached, or can't do this. */
struct ug_error {
  uint32_t struct_size;
  uint32_t category;               /* UG_CATEGORY_* */
  uint32_t outcome;                /* UG_OUTCOME_* */
  uint32_t retry;                  /* UG_RETRY_* */
  uint32_t retry_after_ms;         /* 0: no advice */
  uint32_t http_status;            /* of the provider's answer; 0: none */
  struct ug_str provider_code;     /* the provider's own code, verbatim */
  struct ug_str decline_code;      /* the issuer's reason, verbatim, where there is one */
  struct ug_str provider_message;  /* for a developer; no secret, no card data */
  struct ug_str field;             /* the unified field at fault, e.g. "amount" */
  struct ug_str provider_request_id;
  struct ug_str resource_json;     /* the unified resource after the refusal (a failed payment has an id), or empty */
};

/* A plugin fills exactly the part that belongs to `kind`. The host zeroes the struct and sets `struct_size`. What the
 * step points to stays valid until the next `resume` or `end` of the call. */
struct ug_step {
  uint32_t struct_size;
  uint32_t kind;                        /* UG_STEP_* */
  const struct ug_http_request *http;   /* UG_STEP_HTTP */
  const struct ug_error *error;         /* UG_STEP_FAIL */
  struct ug_str result_json;            /* UG_STEP_DONE: checked by the host against the operation's output schema */
  struct ug_str provider_request_id;    /* UG_STEP_DONE: the provider's id of this request, for support */
};

#define UG_EVENT_HTTP_RESPONSE 1u
#define UG_EVENT_HTTP_FAILED 2u

#define UG_HTTP_FAILED_NOT_SENT 1u  /* not one byte was written */
#define UG_HTTP_FAILED_NO_ANSWER 2u /* something was written and no complete answer came */

/* For `resume`: what became of the HTTP step. */
struct ug_event {
  uint32_t struct_size;
  uint32_t kind;            /* UG_EVENT_* */
  uint32_t status;          /* HTTP_RESPONSE: 100-599 */
  uint32_t failure;         /* HTTP_FAILED: UG_HTTP_FAILED_* */
  const struct ug_header *headers;
  uint32_t headers_count;
  uint32_t reserved0;       /* zero */
  struct ug_bytes body;
  int64_t now_unix_ms;
};

/* ---- plugin ---------------------------------------------------------------------------------------------------- */

/* What the entry point returns; lives until the process ends. None of the functions may be NULL. */
struct ug_plugin {
  uint32_t struct_size;
  uint32_t abi_minor; /* UG_ABI_MINOR of the header that the plugin was built with */
  const struct ug_descriptor *descriptor;
  /* [any-thread] Makes the instance of one configured account. */
  int32_t (*create)(const struct ug_instance_config *config, struct ug_instance **instance);
  /* [serial] for the instance; no call of it is open. */
  void (*destroy)(struct ug_instance *instance);
  /* [any-thread] Starts a call. On UG_OK `*call` is set (also when the first step is DONE or FAIL) and the host will
   * call `end` exactly once. On anything else no call exists. */
  int32_t (*begin)(struct ug_instance *instance, const struct ug_begin *begin, struct ug_call **call,
                   struct ug_step *step);
  /* [serial] for the call. Only after an HTTP step. */
  int32_t (*resume)(struct ug_call *call, const struct ug_event *event, struct ug_step *step);
  /* [serial] for the call. Legal at every suspension: it is the cancel. Frees the call. */
  void (*end)(struct ug_call *call);
  /* [any-thread] A table of the plugin by id (UG_EXT_*), or NULL. */
  const void *(*get_extension)(struct ug_str id);
};

/* [load] The entry point. NULL: this plugin can't work with that host (it says why by host->log). */
typedef const struct ug_plugin *(*ug_entry_fn)(const struct ug_host *host);
UG_EXPORT const struct ug_plugin *unigate_plugin_v1(const struct ug_host *host);

/* ---- extension: webhooks --------------------------------------------------------------------------------------- */

#define UG_EXT_WEBHOOK "ug.ext.webhook/1"

/* A webhook as it came in. Headers in the order of arrival. */
struct ug_webhook {
  uint32_t struct_size;
  uint32_t headers_count;
  const struct ug_header *headers;
  struct ug_bytes body;      /* byte for byte */
  struct ug_str url;         /* the public URL that the provider called, scheme, host, port, path and query */
  struct ug_str method;
  struct ug_str settings_json; /* non-secret credential fields of the account */
  int64_t now_unix_ms;
};

/* How to verify it. The host computes, compares in constant time and decides; zero is REJECT. */
#define UG_VERIFY_REJECT 0u
#define UG_VERIFY_HMAC 1u        /* host computes HMAC over `message` with the secret named `secret` */
#define UG_VERIFY_CERTIFICATE 2u /* host fetches `certificate_url`, checks chain, validity and name, verifies RSA */
#define UG_VERIFY_HTTP_CALL 3u   /* host sends `http` and `confirm` reads the answer */

#define UG_DIGEST_SHA1 1u
#define UG_DIGEST_SHA256 2u
#define UG_DIGEST_SHA512 3u

#define UG_ENCODING_HEX 1u
#define UG_ENCODING_BASE64 2u

/* An additional plain digest that must equal, e.g. Twilio's bodySHA256. Stands in an array walked by stride. A digest
 * or encoding that the host does not know never holds. */
struct ug_digest_check {
  uint32_t digest;   /* UG_DIGEST_* */
  uint32_t encoding; /* UG_ENCODING_* */
  struct ug_bytes message;
  struct ug_str expected;
};

/* What the host shall do. UG_VERIFY_HMAC: HMAC with `digest` over a message equals an expected value.
 * UG_VERIFY_CERTIFICATE: an expected value is the RSA PKCS#1 v1.5 signature with `digest` over a message. */
struct ug_recipe {
  uint32_t struct_size;
  uint32_t kind;                        /* UG_VERIFY_* */
  uint32_t digest;                      /* UG_DIGEST_* */
  uint32_t encoding;                    /* UG_ENCODING_* of the expected values */
  struct ug_str secret;                 /* name of a credential field, never its value */
  const struct ug_bytes *messages;      /* a signature over any one of them is good (a provider may sign a URL with
                                           or without its port) */
  uint32_t messages_count;
  uint32_t expected_count;
  const struct ug_str *expected;        /* any one may match (a provider may sign with an old and a new secret) */
  int64_t timestamp_unix_s;             /* signed time; 0: none */
  uint32_t tolerance_s;                 /* 0: no time check */
  uint32_t digest_checks_count;         /* all must hold */
  const struct ug_digest_check *digest_checks;
  uint64_t digest_checks_stride;        /* bytes from one to the next: sizeof(struct ug_digest_check) of the author */
  struct ug_str certificate_url;        /* UG_VERIFY_CERTIFICATE */
  struct ug_str certificate_host_suffix;/* the host of the URL and the certificate's name must be this or end in "." + this */
  struct ug_str certificate_name;       /* name that the leaf must carry; empty: the host suffix rule alone */
  const struct ug_http_request *http;   /* UG_VERIFY_HTTP_CALL */
  struct ug_str reason;                 /* for UG_VERIFY_REJECT: why, for the operator */
};

/* Which environment an event says it is from. */
#define UG_EVENT_MODE_UNSAID 0u
#define UG_EVENT_MODE_TEST 1u
#define UG_EVENT_MODE_LIVE 2u

/* A unified event. Stands in an array walked by stride. */
struct ug_webhook_event {
  struct ug_str type;              /* "payment.succeeded", ..., "provider.event" for those without a unified name */
  struct ug_str provider_event_id; /* for de-duplication; empty: the host hashes the body */
  struct ug_str provider_type;     /* the provider's own name */
  struct ug_str resource_kind;     /* "payment", "refund", ... or empty */
  struct ug_str provider_id;       /* the resource's id at the provider */
  struct ug_str data_json;         /* unified resource as far as the event tells */
  struct ug_str reference;         /* the idempotency_key of the call that made the resource, where the provider returns
                                      it; else empty */
  int64_t occurred_unix_ms;        /* 0: unknown */
  uint32_t mode;                   /* UG_EVENT_MODE_* */
  uint32_t fetch;                  /* 1: the event alone is not enough, get the resource */
};

/* The host zeroes it and sets its struct_size. A webhook may carry no event at all. */
struct ug_webhook_events {
  uint32_t struct_size;
  uint32_t count;
  const struct ug_webhook_event *events;
  uint64_t stride; /* bytes from one to the next: sizeof(struct ug_webhook_event) of the author */
};

/* The table of UG_EXT_WEBHOOK. None of the functions may be NULL. A missing secret, a result other than UG_OK and a
 * host that can't do the recipe's kind all mean REJECT. */
struct ug_ext_webhook {
  uint32_t struct_size;
  uint32_t reserved0; /* zero */
  /* [any-thread] The host zeroes `recipe` and sets its struct_size. What it points to stays valid until `release`. */
  int32_t (*recipe)(struct ug_instance *instance, const struct ug_webhook *webhook, struct ug_recipe *recipe,
                    void **state);
  /* [serial] for the state. UG_VERIFY_HTTP_CALL only: `*verified` is 1 if the provider's answer vouches for the webhook. */
  int32_t (*confirm)(struct ug_instance *instance, void *state, const struct ug_event *answer, uint32_t *verified);
  /* [serial] for the state. Called only after the host has verified. What `events` points to stays valid until
   * `release`. */
  int32_t (*translate)(struct ug_instance *instance, void *state, const struct ug_webhook *webhook,
                       struct ug_webhook_events *events);
  /* [serial] for the state, exactly once after each successful `recipe`. */
  void (*release)(struct ug_instance *instance, void *state);
};

#ifdef __cplusplus
}
#endif

#endif /* UNIGATE_PLUGIN_H */
