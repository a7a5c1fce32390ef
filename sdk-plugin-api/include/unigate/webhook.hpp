// Webhooks as an adapter's author writes them: `recipe` says how to verify one (the host computes,
// compares and decides), `translate` gives the unified events of a verified one.
#pragma once

#include <unigate/plugin.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unigate/abi.hpp>
#include <unigate/call.hpp>
#include <unigate/http.hpp>
#include <unigate/json.hpp>
#include <utility>
#include <vector>

namespace unigate::sdk {

// A webhook as it came in. Borrows the host's memory: valid only inside the function that gets it.
struct Webhook {
  HeaderView headers;
  std::string_view body;  // byte for byte
  std::string_view url;   // the public URL that the provider called
  std::string_view method;
  json::View settings;  // non-secret credential fields of the account
  std::int64_t nowUnixMs = 0;

  // True for what a checkout handed to the payer's browser: the manifest's `proof`, a JSON object
  // of strings as the body. Everything else came from the provider itself.
  bool isProof() const { return method == "CALLBACK"; }
};

enum class Digest : std::uint32_t {
  None = 0,
  Sha1 = UG_DIGEST_SHA1,
  Sha256 = UG_DIGEST_SHA256,
  Sha512 = UG_DIGEST_SHA512,
};

enum class Encoding : std::uint32_t { Hex = UG_ENCODING_HEX, Base64 = UG_ENCODING_BASE64 };

// A plain digest that must hold besides the signature.
struct DigestCheck {
  Digest digest = Digest::None;
  Encoding encoding = Encoding::Hex;
  std::string message;
  std::string expected;
};

// How to verify a webhook. Made by one of the builders; the default rejects.
struct Recipe {
  std::uint32_t kind = UG_VERIFY_REJECT;
  Digest digest = Digest::None;
  Encoding encoding = Encoding::Hex;
  std::string secret;                     // name of a credential field, never its value
  std::vector<std::string> messages;      // a signature over any one is good
  std::vector<std::string> expected;      // any one may match
  std::int64_t timestampUnixS = 0;        // signed time; 0: none
  std::uint32_t toleranceS = 0;           // 0: no time check
  std::vector<DigestCheck> digestChecks;  // all must hold
  std::string certificateUrl;
  std::string certificateHostSuffix;
  std::string certificateName;
  HttpRequest http;    // for httpCall
  std::string reason;  // for reject

  static Recipe reject(std::string why) {
    Recipe recipe;
    recipe.reason = std::move(why);
    return recipe;
  }
  static Recipe hmac(Digest digest, Encoding encoding, std::string secretName, std::string message,
                     std::vector<std::string> expected) {
    Recipe recipe;
    recipe.kind = UG_VERIFY_HMAC;
    recipe.digest = digest;
    recipe.encoding = encoding;
    recipe.secret = std::move(secretName);
    recipe.messages.push_back(std::move(message));
    recipe.expected = std::move(expected);
    return recipe;
  }
  // `expected`: the signatures; the certificate is fetched from `url`, whose host and whose name
  // must be `hostSuffix` or end in "." + it, and whose name must be `name` where one is given.
  static Recipe certificate(Digest digest, Encoding encoding, std::string url,
                            std::string hostSuffix, std::string name, std::string message,
                            std::vector<std::string> expected) {
    Recipe recipe;
    recipe.kind = UG_VERIFY_CERTIFICATE;
    recipe.digest = digest;
    recipe.encoding = encoding;
    recipe.certificateUrl = std::move(url);
    recipe.certificateHostSuffix = std::move(hostSuffix);
    recipe.certificateName = std::move(name);
    recipe.messages.push_back(std::move(message));
    recipe.expected = std::move(expected);
    return recipe;
  }
  static Recipe httpCall(HttpRequest request) {
    Recipe recipe;
    recipe.kind = UG_VERIFY_HTTP_CALL;
    recipe.http = std::move(request);
    return recipe;
  }
};

// Which environment an event says it is from.
enum class EventMode : std::uint32_t {
  Unsaid = UG_EVENT_MODE_UNSAID,
  Test = UG_EVENT_MODE_TEST,
  Live = UG_EVENT_MODE_LIVE,
};

// A unified event.
struct WebhookEvent {
  std::string type = "provider.event";  // or a unified name, e.g. "payment.succeeded"
  std::string providerEventId;          // empty: the host hashes the body
  std::string providerType;
  std::string resourceKind;  // "payment", "refund", ... or empty
  std::string providerId;
  std::string dataJson;   // the unified resource as far as the event tells, or empty
  std::string reference;  // our operation id, where the provider returns it
  std::int64_t occurredUnixMs = 0;
  EventMode mode = EventMode::Unsaid;
  bool fetch = false;  // the event alone is not enough: get the resource
};

// An adapter's webhook functions. `confirm` is needed for Recipe::httpCall only.
struct WebhookHandler {
  Recipe (*recipe)(const Webhook&) = nullptr;
  std::vector<WebhookEvent> (*translate)(const Webhook&) = nullptr;
  bool (*confirm)(const HttpResponse&) = nullptr;
};

namespace detail {

// Holds what the structs handed to the host point to, from `recipe` to `release`.
class WebhookState {
 public:
  static Webhook read(const ug_webhook& raw, json::View settings) {
    Webhook webhook;
    webhook.headers = HeaderView(raw.headers, raw.headers_count);
    webhook.body = abi::view(raw.body);
    webhook.url = abi::view(raw.url);
    webhook.method = abi::view(raw.method);
    webhook.settings = settings;
    webhook.nowUnixMs = raw.now_unix_ms;
    return webhook;
  }

  bool presentRecipe(Recipe recipe, ug_recipe* out) {
    recipe_ = std::move(recipe);
    for (const std::string& text : recipe_.messages) messages_.push_back(abi::bytes(text));
    for (const std::string& text : recipe_.expected) expected_.push_back(abi::str(text));
    for (const DigestCheck& check : recipe_.digestChecks) {
      checks_.push_back({static_cast<std::uint32_t>(check.digest),
                         static_cast<std::uint32_t>(check.encoding), abi::bytes(check.message),
                         abi::str(check.expected)});
    }
    ug_recipe view{};
    view.kind = recipe_.kind;
    view.digest = static_cast<std::uint32_t>(recipe_.digest);
    view.encoding = static_cast<std::uint32_t>(recipe_.encoding);
    view.secret = abi::str(recipe_.secret);
    view.messages = messages_.data();
    view.messages_count = static_cast<std::uint32_t>(messages_.size());
    view.expected_count = static_cast<std::uint32_t>(expected_.size());
    view.expected = expected_.data();
    view.timestamp_unix_s = recipe_.timestampUnixS;
    view.tolerance_s = recipe_.toleranceS;
    view.digest_checks_count = static_cast<std::uint32_t>(checks_.size());
    view.digest_checks = checks_.data();
    view.digest_checks_stride = sizeof(ug_digest_check);
    view.certificate_url = abi::str(recipe_.certificateUrl);
    view.certificate_host_suffix = abi::str(recipe_.certificateHostSuffix);
    view.certificate_name = abi::str(recipe_.certificateName);
    if (recipe_.kind == UG_VERIFY_HTTP_CALL) {
      view.http = http_.fill(recipe_.http, std::numeric_limits<std::uint32_t>::max());
    }
    view.reason = abi::str(recipe_.reason);
    return abi::writeStruct(out, view, abi::kRecipeSizeMin);
  }

  bool presentEvents(std::vector<WebhookEvent> events, ug_webhook_events* out) {
    events_ = std::move(events);
    eventViews_.clear();
    for (const WebhookEvent& event : events_) {
      ug_webhook_event view{};
      view.type = abi::str(event.type);
      view.provider_event_id = abi::str(event.providerEventId);
      view.provider_type = abi::str(event.providerType);
      view.resource_kind = abi::str(event.resourceKind);
      view.provider_id = abi::str(event.providerId);
      view.data_json = abi::str(event.dataJson);
      view.reference = abi::str(event.reference);
      view.occurred_unix_ms = event.occurredUnixMs;
      view.mode = static_cast<std::uint32_t>(event.mode);
      view.fetch = event.fetch ? 1 : 0;
      eventViews_.push_back(view);
    }
    ug_webhook_events view{};
    view.count = static_cast<std::uint32_t>(eventViews_.size());
    view.events = eventViews_.data();
    view.stride = sizeof(ug_webhook_event);
    return abi::writeStruct(out, view, abi::kWebhookEventsSizeMin);
  }

 private:
  Recipe recipe_;
  std::vector<ug_bytes> messages_;
  std::vector<ug_str> expected_;
  std::vector<ug_digest_check> checks_;
  RequestView http_;
  std::vector<WebhookEvent> events_;
  std::vector<ug_webhook_event> eventViews_;
};

}  // namespace detail

}  // namespace unigate::sdk
