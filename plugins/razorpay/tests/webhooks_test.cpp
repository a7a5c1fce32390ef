// The webhook extension against the official signature vectors and sample events.
#include <openssl/hmac.h>

#include <map>
#include <set>

#include "support.hpp"
#include "unigate/abi.hpp"
#include "webhook_events.hpp"

using namespace razorpay_test;
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

ug_webhook webhookOf(const std::vector<ug_header>& headers, std::string_view body,
                     std::string_view method = "POST") {
  ug_webhook webhook{};
  webhook.struct_size = sizeof webhook;
  webhook.headers_count = static_cast<std::uint32_t>(headers.size());
  webhook.headers = headers.data();
  webhook.body = bytes(body);
  webhook.method = str(method);
  return webhook;
}

// Decides as the gateway would, by the adapter's recipe; `secretName` is the one that must count.
bool accepted(const ug_webhook& webhook, const std::string& secret, std::string_view secretName) {
  Driver driver(plugin());
  ug_recipe recipe{};
  recipe.struct_size = sizeof recipe;
  void* state = nullptr;
  REQUIRE(extension()->recipe(driver.instance(), &webhook, &recipe, &state) == UG_OK);
  bool good = false;
  if (recipe.kind == UG_VERIFY_HMAC) {
    CHECK(recipe.digest == UG_DIGEST_SHA256);
    CHECK(recipe.encoding == UG_ENCODING_HEX);
    CHECK(view(recipe.secret) == secretName);
    REQUIRE(recipe.messages_count == 1);
    REQUIRE(recipe.expected_count == 1);
    good = view(recipe.expected[0]) == hmacHex(secret, view(recipe.messages[0]));
  }
  extension()->release(driver.instance(), state);
  return good;
}

bool proofAccepted(const std::string& body, const std::string& secret) {
  const std::vector<ug_header> headers = {{str("Content-Type"), str("application/json")}};
  return accepted(webhookOf(headers, body, "CALLBACK"), secret, "key_secret");
}

// What Checkout hands to the browser, with its own names or without their prefix.
std::string proofOf(json::View params, std::string_view signature, const std::string& prefix) {
  json::Writer out;
  out.beginObject();
  for (const json::Member& param : params.members()) {
    out.key(prefix + std::string(param.name)).value(param.value);
  }
  out.member(prefix + "signature", signature).endObject();
  return out.take();
}

struct Translated {
  std::string type, eventId, providerType, kind, providerId, reference, data;
  std::int64_t occurredUnixMs = 0;
  std::uint32_t fetch = 0, count = 0;
};

Translated translate(const std::string& body, const std::string& settings = "{}") {
  Driver driver(plugin(), settings);
  const std::vector<ug_header> headers = {
      {str("X-Razorpay-Signature"), str(std::string_view("00"))},
      {str("x-razorpay-event-id"), str("LwsBfzS9wU1Lp1")}};
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
            std::string(view(event.provider_type)),
            std::string(view(event.resource_kind)),
            std::string(view(event.provider_id)),
            std::string(view(event.reference)),
            std::string(view(event.data_json)),
            event.occurred_unix_ms,
            event.fetch,
            events.count};
  }
  extension()->release(driver.instance(), state);
  return seen;
}

}  // namespace

TEST_CASE("Tells genuine webhooks and checkout results from forged ones as Razorpay's SDK does") {
  json::Document vectors;
  if (!readContract("webhook_vectors/razorpay.json", vectors)) return;
  std::size_t good = 0;
  for (const json::View vector : vectors["vectors"].items()) {
    INFO(vector["id"].stringOr("") << ": " << vector["why"].stringOr(""));
    const std::string secret(vector["secret"].stringOr(""));
    bool said = false;
    if (vector["kind"].stringOr("") == "checkout_callback") {
      const std::string_view signature = vector["signature"].stringOr("");
      said = proofAccepted(proofOf(vector["params"], signature, "razorpay_"), secret);
      CHECK(proofAccepted(proofOf(vector["params"], signature, ""), secret) == said);
    } else {
      std::vector<ug_header> headers;
      for (const json::Member& header : vector["headers"].members()) {
        headers.push_back({str(header.name), str(header.value.stringOr(""))});
      }
      said = accepted(webhookOf(headers, vector["body"].stringOr("")), secret, "webhook_secret");
    }
    CHECK(said == vector["valid"].booleanOr(false));
    good += said ? 1 : 0;
  }
  CHECK(good > 0);
}

TEST_CASE("A checkout result with more than one reading is rejected, whatever its signature") {
  const std::string secret = "EnLs21M47BllR3X8PSFtjtbd";
  const std::string signature = hmacHex(secret, "order_1|pay_1");
  const std::string tail = R"(,"razorpay_signature":")" + signature + "\"}";
  CHECK(proofAccepted(R"({"razorpay_order_id":"order_1","razorpay_payment_id":"pay_1")" + tail,
                      secret));
  for (
      const char* body :
      {R"({"razorpay_order_id":"order_1","razorpay_payment_id":"pay_1","order_id":"order_2")",
       R"({"razorpay_order_id":"order_1","razorpay_payment_id":"pay_1","subscription_id":"sub_1")",
       R"({"razorpay_order_id":"order_1|pay_1","razorpay_payment_id":"")",
       R"({"razorpay_order_id":"order_1")", R"({"razorpay_payment_id":"pay_1")",
       R"({"razorpay_order_id":1,"razorpay_payment_id":"pay_1")",
       R"({"razorpay_order_id":"order_1","razorpay_payment_id":"pay_1","razorpay_order_id":"x")"}) {
    INFO(body);
    CHECK_FALSE(proofAccepted(body + tail, secret));
  }
  CHECK_FALSE(proofAccepted("no JSON", secret));
  CHECK_FALSE(proofAccepted("[]", secret));
  CHECK_FALSE(
      proofAccepted(R"({"razorpay_order_id":"order_1","razorpay_payment_id":"pay_1"})", secret));
}

TEST_CASE("A bar inside a payment link's status can't shift its fields") {
  const std::string secret = "EnLs21M47BllR3X8PSFtjtbd";
  const std::string signature = hmacHex(secret, "plink_1|a|b|paid|pay_1");
  const std::string tail = R"(,"razorpay_payment_id":"pay_1","razorpay_signature":")" + signature +
                           R"(","razorpay_payment_link_id":"plink_1"})";
  CHECK(proofAccepted(R"({"razorpay_payment_link_reference_id":"a|b",)"
                      R"("razorpay_payment_link_status":"paid")" +
                          tail,
                      secret));
  CHECK_FALSE(proofAccepted(R"({"razorpay_payment_link_reference_id":"a",)"
                            R"("razorpay_payment_link_status":"b|paid")" +
                                tail,
                            secret));
}

TEST_CASE("Two signature headers are rejected") {
  const std::string body = "{}";
  const std::string signature = hmacHex("s", body);
  const std::vector<ug_header> once = {{str("X-Razorpay-Signature"), str(signature)}};
  std::vector<ug_header> twice = once;
  twice.push_back({str("x-razorpay-signature"), str(signature)});
  CHECK(accepted(webhookOf(once, body), "s", "webhook_secret"));
  CHECK_FALSE(accepted(webhookOf(twice, body), "s", "webhook_secret"));
}

TEST_CASE("Every official sample event becomes a unified event with its resource") {
  json::Document samples;
  if (!readContract("razorpay/webhook_payloads.json", samples)) return;
  std::map<std::string, std::string> unified;
  for (const razorpay::EventName& name : razorpay::kEventNames) {
    unified.emplace(name.razorpay, name.unified);
  }
  const std::set<std::string_view> withoutData = {"settlement.processed", "provider.event"};
  for (const json::View sample : samples["payloads"].items()) {
    const json::View body = sample["body"];
    const std::string type(body["event"].stringOr(""));
    INFO(sample["file"].stringOr("") << " " << type);
    const Translated event = translate(json::toText(body));
    REQUIRE(event.count == 1);
    CHECK(event.providerType == type);
    CHECK(event.type == (unified.count(type) == 1 ? unified.at(type) : "provider.event"));
    // The header's id is not signed, so the host makes one of the body.
    CHECK(event.eventId.empty());
    CHECK_FALSE(event.providerId.empty());
    // Two samples have the payout's amount outside of the payout: such one is fetched.
    const bool misplaced = type == "payout.pending" && event.fetch == 1;
    if (withoutData.count(event.type) == 0) CHECK(event.data.empty() == misplaced);
    if (body["created_at"].int64()) {
      CHECK(event.occurredUnixMs == *body["created_at"].int64() * 1000);
    }
  }
}

TEST_CASE("A payment's event names the order, its state and that the rest is to be fetched") {
  const std::string payment =
      R"({"id":"pay_1","entity":"payment","amount":50000,"currency":"INR","status":"captured",)"
      R"("order_id":"order_1","amount_refunded":0,"captured":true,"notes":[],"created_at":1})";
  const Translated event = translate(
      R"({"entity":"event","account_id":"acc_1","event":"payment.captured","contains":["payment"],)"
      R"("payload":{"payment":{"entity":)" +
          payment + R"(}},"created_at":1567674606})",
      R"({"key_id":"rzp_live_1DP5mmOlF5G5ag"})");
  CHECK(event.type == "payment.succeeded");
  CHECK(event.kind == "payment");
  CHECK(event.providerId == "order_1");
  CHECK(event.occurredUnixMs == 1567674606000);
  CHECK(event.fetch == 1);
  CHECK(parsed(event.data)["status"].stringOr("") == "succeeded");
  CHECK(parsed(event.data)["livemode"].booleanOr(false));
  const Translated whole = translate(
      R"({"entity":"event","event":"order.paid","contains":["payment","order"],"payload":{)"
      R"("payment":{"entity":)" +
      payment +
      R"(},"order":{"entity":{"id":"order_1","entity":"order","amount":50000,"amount_paid":50000,)"
      R"("amount_due":0,"currency":"INR","receipt":"txn_1","status":"paid","attempts":1,)"
      R"("notes":{"unigate_operation":"txn_1"},"created_at":1}}},"created_at":1})");
  CHECK(whole.type == "payment.updated");
  CHECK(whole.reference == "txn_1");
  CHECK(whole.fetch == 0);
  CHECK(parsed(whole.data)["amount_captured"].int64() == 50000);
}

TEST_CASE("Asks for the resource when the event's object can't be understood") {
  const Translated event =
      translate(R"({"entity":"event","event":"refund.processed","payload":{"refund":{"entity":)"
                R"({"id":"rfnd_1","entity":"refund"}}},"created_at":1})");
  CHECK(event.fetch == 1);
  CHECK(event.providerId == "rfnd_1");
  CHECK(event.data.empty());
}

TEST_CASE("An event without a unified name is passed on as the provider's") {
  const Translated event =
      translate(R"({"entity":"event","event":"qr_code.credited","contains":["payment","qr_code"],)"
                R"("payload":{},"created_at":1})");
  CHECK(event.type == "provider.event");
  CHECK(event.providerType == "qr_code.credited");
  CHECK(translate(R"({"entity":"event","event":"account.of_tomorrow","account_id":"acc_1",)"
                  R"("payload":{}})")
            .type == "account.updated");
  CHECK(translate("this is no JSON").count == 0);
  CHECK(translate("").count == 0);
  CHECK(translate("[]").count == 0);
}
