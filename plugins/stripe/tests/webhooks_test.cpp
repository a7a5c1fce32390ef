// The webhook extension against the official signature vectors.
#include <openssl/hmac.h>

#include "support.hpp"
#include "unigate/abi.hpp"
#include "webhook_events.hpp"

using namespace stripe_test;
using unigate::sdk::abi::bytes;
using unigate::sdk::abi::str;
using unigate::sdk::abi::view;

namespace {

const ug_ext_webhook* extension() {
  return static_cast<const ug_ext_webhook*>(plugin()->get_extension(str(UG_EXT_WEBHOOK)));
}

std::string hmacHex(const std::string& secret, std::string_view message) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest, &length);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    constexpr char kHex[] = "0123456789abcdef";
    hex.push_back(kHex[digest[i] >> 4]);
    hex.push_back(kHex[digest[i] & 15]);
  }
  return hex;
}

// Decides about a webhook as the gateway would, by the adapter's recipe.
bool accepted(Driver& driver, const ug_webhook& webhook, const std::string& secret,
              std::uint32_t toleranceS, std::int64_t nowUnixS) {
  ug_recipe recipe{};
  recipe.struct_size = sizeof recipe;
  void* state = nullptr;
  REQUIRE(extension()->recipe(driver.instance(), &webhook, &recipe, &state) == UG_OK);
  bool good = false;
  if (recipe.kind == UG_VERIFY_HMAC && !secret.empty()) {
    CHECK(recipe.digest == UG_DIGEST_SHA256);
    CHECK(recipe.encoding == UG_ENCODING_HEX);
    CHECK(view(recipe.secret) == "webhook_secret");
    CHECK(recipe.tolerance_s == 300);
    for (std::uint32_t m = 0; m < recipe.messages_count; ++m) {
      const std::string right = hmacHex(secret, view(recipe.messages[m]));
      for (std::uint32_t e = 0; e < recipe.expected_count; ++e) {
        good = good || view(recipe.expected[e]) == right;
      }
    }
    good = good && nowUnixS - recipe.timestamp_unix_s <= toleranceS;
  }
  extension()->release(driver.instance(), state);
  return good;
}

std::vector<ug_header> headersOf(json::View vector) {
  std::vector<ug_header> headers;
  for (const json::Member& header : vector["headers"].members()) {
    headers.push_back({str(header.name), str(header.value.stringOr(""))});
  }
  return headers;
}

ug_webhook webhookOf(const std::vector<ug_header>& headers, std::string_view body) {
  ug_webhook webhook{};
  webhook.struct_size = sizeof webhook;
  webhook.headers_count = static_cast<std::uint32_t>(headers.size());
  webhook.headers = headers.data();
  webhook.body = bytes(body);
  webhook.settings_json = str("{}");
  return webhook;
}

}  // namespace

TEST_CASE("Tells genuine webhooks from forged ones as Stripe's own SDK does") {
  json::Document vectors;
  if (!readContract("webhook_vectors/stripe.json", vectors)) return;
  Driver driver(plugin());
  std::size_t good = 0;
  for (const json::View vector : vectors["vectors"].items()) {
    INFO(vector["id"].stringOr("") << ": " << vector["why"].stringOr(""));
    const auto headers = headersOf(vector);
    const ug_webhook webhook = webhookOf(headers, vector["body"].stringOr(""));
    const bool said = accepted(driver, webhook, std::string(vector["secret"].stringOr("")),
                               static_cast<std::uint32_t>(vector["tolerance_seconds"].int64Or(300)),
                               vector["now"].int64Or(0));
    CHECK(said == vector["valid"].booleanOr(false));
    good += said ? 1 : 0;
  }
  CHECK(good > 0);
}

namespace {

// The one event that a body translates to.
struct Translated {
  std::string type, eventId, kind, providerId, reference, data;
  std::int64_t occurredUnixMs = 0;
  std::uint32_t mode = 0, fetch = 0, count = 0;
};

Translated translate(const std::string& body) {
  Driver driver(plugin());
  const std::vector<ug_header> headers = {{str("Stripe-Signature"), str("t=1,v1=00")}};
  const ug_webhook webhook = webhookOf(headers, body);
  ug_recipe recipe{};
  recipe.struct_size = sizeof recipe;
  void* state = nullptr;
  REQUIRE(extension()->recipe(driver.instance(), &webhook, &recipe, &state) == UG_OK);
  ug_webhook_events events{};
  events.struct_size = sizeof events;
  REQUIRE(extension()->translate(driver.instance(), state, &webhook, &events) == UG_OK);
  Translated seen;
  seen.count = events.count;
  if (events.count == 1) {
    const ug_webhook_event& event = events.events[0];
    seen = {std::string(view(event.type)),
            std::string(view(event.provider_event_id)),
            std::string(view(event.resource_kind)),
            std::string(view(event.provider_id)),
            std::string(view(event.reference)),
            std::string(view(event.data_json)),
            event.occurred_unix_ms,
            event.mode,
            event.fetch,
            events.count};
  }
  extension()->release(driver.instance(), state);
  return seen;
}

}  // namespace

TEST_CASE("Translates a payment event into the unified model") {
  const Translated event = translate(
      R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1785000000,
          "livemode":true,"data":{"object":{"id":"pi_1","object":"payment_intent","amount":1099,
          "amount_received":1099,"currency":"eur","status":"succeeded","capture_method":"automatic",
          "created":1784999990,"livemode":true,"metadata":{"unigate_operation":"txn_1"}}}})");
  CHECK(event.type == "payment.succeeded");
  CHECK(event.eventId == "evt_1");
  CHECK(event.kind == "payment");
  CHECK(event.providerId == "pi_1");
  CHECK(event.reference == "txn_1");
  CHECK(event.occurredUnixMs == 1785000000000);
  CHECK(event.mode == UG_EVENT_MODE_LIVE);
  CHECK(event.fetch == 0);
  CHECK(parsed(event.data)["status"].stringOr("") == "succeeded");
}

TEST_CASE("Asks for the resource when the event's object can't be understood") {
  const Translated event = translate(
      R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1785000000,
          "livemode":false,"data":{"object":{"id":"pi_1","object":"payment_intent"}}})");
  CHECK(event.fetch == 1);
  CHECK(event.providerId == "pi_1");
  CHECK(event.data.empty());
  CHECK(event.mode == UG_EVENT_MODE_TEST);
}

TEST_CASE("An event without a unified name is passed on as the provider's") {
  const Translated event = translate(
      R"({"id":"evt_2","object":"event","type":"radar.early_fraud_warning.created","created":1,
          "livemode":false,"data":{"object":{"id":"issfr_1","object":"x"}}})");
  CHECK(event.type == "provider.event");
  CHECK(event.count == 1);
  CHECK(translate("this is no JSON").count == 0);
}

namespace {

// "Checkout.Session" of the list of events is "checkout.session" as an object.
std::string objectName(std::string_view listed) {
  std::string name;
  for (const char c : listed) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !name.empty() && name.back() != '.') name.push_back('_');
    name.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return name;
}

std::string eventText(std::string_view type, std::string_view object) {
  return R"({"id":"evt_1","object":"event","created":1785000000,"livemode":false,"type":")" +
         std::string(type) + R"(","data":{"object":)" + std::string(object) + "}}";
}

}  // namespace

TEST_CASE(
    "Every event that Stripe lists becomes a unified one, with its resource where we know it") {
  json::Document official, now, before;
  if (!readContract("stripe/event_types_2026-07-29.dahlia.json", official)) return;
  if (!readContract("stripe/fixtures3_2026-07-29.pared.json", now)) return;
  if (!readContract("stripe/fixtures3_2023-08-16.pared.json", before)) return;
  std::size_t withResource = 0;
  for (const json::View listed : official["events"].items()) {
    const std::string_view type = listed["type"].stringOr("");
    const std::string name = objectName(listed["object"].stringOr(""));
    INFO(type << " " << name);
    const json::View sample =
        now["resources"][name].exists() ? now["resources"][name] : before["resources"][name];
    const Translated event =
        translate(eventText(type, sample.exists() ? json::toText(sample) : R"({"id":"x_1"})"));
    REQUIRE(event.count == 1);
    const stripe::EventName* known = nullptr;
    for (const stripe::EventName& one : stripe::kEventNames) {
      if (one.stripe == type) known = &one;
    }
    CHECK(event.type == (known == nullptr ? "provider.event" : known->unified));
    CHECK(event.kind == (known == nullptr ? "" : known->resourceKind));
    if (known == nullptr || !sample.exists() || name == "charge") continue;
    CHECK(event.providerId == sample["id"].stringOr("none"));
    CHECK(parsed(event.data)["provider_id"].stringOr("") == event.providerId);
    CHECK(event.fetch == 0);
    ++withResource;
  }
  CHECK(withResource > 30);
}

TEST_CASE("A refunded charge asks for its payment") {
  const Translated event = translate(
      eventText("charge.refunded",
                R"({"id":"ch_1","object":"charge","payment_intent":"pi_1","refunded":true})"));
  CHECK(event.type == "refund.updated");
  CHECK(event.providerId == "pi_1");
  CHECK(event.fetch == 1);
}
