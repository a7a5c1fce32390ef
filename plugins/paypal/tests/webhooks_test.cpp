// The adapter's webhooks: the recipe against recorded deliveries, and what events translate to.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "crc32.hpp"
#include "support.hpp"
#include "unigate/abi.hpp"
#include "webhook_events.hpp"

using namespace paypal_test;
using unigate::sdk::abi::bytes;
using unigate::sdk::abi::str;
using unigate::sdk::abi::view;
using unigate::testing::yamlFileToJson;

namespace {

const ug_ext_webhook* extension() {
  return static_cast<const ug_ext_webhook*>(plugin()->get_extension(str(UG_EXT_WEBHOOK)));
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

// RSA with SHA-256 over `message` by the key of the certificate.
bool verifies(const std::string& pem, std::string_view message, const std::string& base64) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) return false;
  std::string signature(base64.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(signature.data()),
                                   reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  if (size <= 0) return false;
  const auto padding = static_cast<std::size_t>(std::count(base64.begin(), base64.end(), '='));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                       X509_get0_pubkey(certificate.get()));
  return EVP_DigestVerify(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                          static_cast<std::size_t>(size) - padding,
                          reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

// The part of the host's verdict that rests on the recipe alone: the signature. Host names, chain,
// validity and subject are the host's to check, on the values that the recipe gives.
struct Verdict {
  bool rejected = true;
  bool signature = false;
};

Verdict judge(Driver& driver, json::View vector, const std::string& pem) {
  const auto headers = headersOf(vector);
  const ug_webhook webhook = webhookOf(headers, vector["body"].stringOr(""));
  ug_recipe recipe{};
  recipe.struct_size = sizeof recipe;
  void* state = nullptr;
  REQUIRE(extension()->recipe(driver.instance(), &webhook, &recipe, &state) == UG_OK);
  Verdict verdict;
  verdict.rejected = recipe.kind == UG_VERIFY_REJECT;
  if (!verdict.rejected) {
    REQUIRE(recipe.kind == UG_VERIFY_CERTIFICATE);
    CHECK(recipe.digest == UG_DIGEST_SHA256);
    CHECK(recipe.encoding == UG_ENCODING_BASE64);
    CHECK(view(recipe.certificate_host_suffix) == "paypal.com");
    REQUIRE(recipe.messages_count == 1);
    REQUIRE(recipe.expected_count == 1);
    verdict.signature =
        verifies(pem, view(recipe.messages[0]), std::string(view(recipe.expected[0])));
  }
  extension()->release(driver.instance(), state);
  return verdict;
}

std::string settings(std::string_view webhookId) {
  json::Writer out;
  out.beginObject().member("webhook_id", webhookId).endObject();
  return out.take();
}

}  // namespace

TEST_CASE("Genuine deliveries verify, and what is no signature of theirs does not") {
  json::Document vectors;
  if (!readContract("webhook_vectors/paypal.json", vectors)) return;
  std::size_t good = 0;
  for (const json::View vector : vectors["vectors"].items()) {
    INFO(vector["id"].stringOr("") << ": " << vector["why"].stringOr(""));
    Driver driver(plugin(), settings(vector["webhook_id"].stringOr("")));
    const std::string path = folderOf("UNIGATE_CONTRACTS") + "/webhook_vectors/" +
                             std::string(vector["cert_file"].stringOr(""));
    const Verdict verdict = judge(driver, vector, unigate::testing::readFile(path));
    if (vector["valid"].booleanOr(false)) {
      CHECK_FALSE(verdict.rejected);
      CHECK(verdict.signature);
      ++good;
    } else {
      const std::string_view reason = vector["reason"].stringOr("");
      const bool ours =
          reason == "signature" || reason == "auth algo" || reason == "a header is missing";
      if (ours) CHECK_FALSE((!verdict.rejected && verdict.signature));
      if (reason == "auth algo" || reason == "a header is missing") CHECK(verdict.rejected);
    }
  }
  CHECK(good > 0);
}

TEST_CASE("Rejects a delivery whose headers are doubled, or that no webhook id belongs to") {
  const std::vector<ug_header> good = {
      {str("PAYPAL-AUTH-ALGO"), str("SHA256withRSA")},
      {str("PAYPAL-CERT-URL"), str("https://api.paypal.com/v1/notifications/certs/C")},
      {str("PAYPAL-TRANSMISSION-ID"), str("i")},
      {str("PAYPAL-TRANSMISSION-SIG"), str("AA==")},
      {str("PAYPAL-TRANSMISSION-TIME"), str("2026-07-25T17:20:00Z")}};
  const auto kindOf = [](const std::vector<ug_header>& headers, std::string_view id) {
    Driver driver(plugin(), settings(id));
    const ug_webhook webhook = webhookOf(headers, "{}");
    ug_recipe recipe{};
    recipe.struct_size = sizeof recipe;
    void* state = nullptr;
    REQUIRE(extension()->recipe(driver.instance(), &webhook, &recipe, &state) == UG_OK);
    const std::uint32_t kind = recipe.kind;
    if (kind == UG_VERIFY_REJECT) CHECK_FALSE(view(recipe.reason).empty());
    extension()->release(driver.instance(), state);
    return kind;
  };
  CHECK(kindOf(good, "WH1") == UG_VERIFY_CERTIFICATE);
  CHECK(kindOf(good, "") == UG_VERIFY_REJECT);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto missing = good;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(kindOf(missing, "WH1") == UG_VERIFY_REJECT);
    auto doubled = good;
    doubled.push_back(good[i]);
    CHECK(kindOf(doubled, "WH1") == UG_VERIFY_REJECT);
  }
  auto split = good;
  split[2].value = str("i|2026-07-25T17:20:00Z|WH1");
  CHECK(kindOf(split, "WH1") == UG_VERIFY_REJECT);
}

TEST_CASE("The checksum is that of zip and PNG") {
  CHECK(paypal::crc32("") == 0);
  CHECK(paypal::crc32("123456789") == 3421780262u);
  CHECK(paypal::crc32(std::string(1, '\0')) == 0xD202EF8Du);
}

namespace {

// The one event that a body translates to.
struct Translated {
  std::string type, eventId, providerType, kind, providerId, reference, data;
  std::int64_t occurredUnixMs = 0;
  std::uint32_t mode = 0, fetch = 0, count = 0;
};

Translated translate(const std::string& body) {
  Driver driver(plugin(), settings("WH1"));
  const ug_webhook webhook = webhookOf({}, body);
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
            event.mode,
            event.fetch,
            events.count};
  }
  extension()->release(driver.instance(), state);
  return seen;
}

std::string eventOf(const char* type, const std::string& resource) {
  return std::string(R"({"id":"WH-1","create_time":"2026-07-25T17:20:00.500Z","event_type":")") +
         type + R"(","resource":)" + resource +
         R"(,"links":[{"href":"https://api.sandbox.paypal.com/v1/notifications/webhooks-events/)"
         R"(WH-1","rel":"self","method":"GET"}]})";
}

}  // namespace

TEST_CASE("Translates what happened to a capture into an event of its order") {
  const Translated event =
      translate(eventOf("PAYMENT.CAPTURE.COMPLETED",
                        R"({"id":"2GG279541U471931P","status":"COMPLETED","custom_id":"txn_1",
          "amount":{"currency_code":"USD","value":"10.99"},
          "supplementary_data":{"related_ids":{"order_id":"5O190127TN364715T"}}})"));
  CHECK(event.type == "payment.succeeded");
  CHECK(event.eventId == "WH-1");
  CHECK(event.kind == "payment");
  CHECK(event.providerId == "5O190127TN364715T");
  CHECK(event.reference == "txn_1");
  CHECK(event.fetch == 1);
  CHECK(event.mode == UG_EVENT_MODE_TEST);
  CHECK(event.occurredUnixMs == 1785000000500);
}

TEST_CASE("A refund's event is about the refund, not the capture") {
  const Translated event =
      translate(eventOf("PAYMENT.CAPTURE.REFUNDED",
                        R"({"id":"1JU08902781691411","status":"COMPLETED","custom_id":"txn_2",
          "amount":{"currency_code":"USD","value":"1.00"},"create_time":"2026-07-25T17:20:00Z"})"));
  CHECK(event.type == "refund.succeeded");
  CHECK(event.kind == "refund");
  CHECK(event.providerId == "1JU08902781691411");
  CHECK(event.reference == "txn_2");
  CHECK(parsed(event.data)["amount"].int64Or(0) == 100);
  CHECK(parsed(event.data)["status"].stringOr("") == "succeeded");
}

TEST_CASE("A subscription's charge is a payment of its own, without the subscription's mark") {
  const Translated event =
      translate(eventOf("PAYMENT.SALE.COMPLETED",
                        R"({"id":"7DW85331GX749735N","state":"completed","custom":"txn_3",
          "billing_agreement_id":"I-1","amount":{"total":"20.00","currency":"USD"}})"));
  CHECK(event.type == "payment.succeeded");
  CHECK(event.providerId == "7DW85331GX749735N");
  CHECK(event.reference.empty());
  CHECK(parsed(event.data)["amount_captured"].int64Or(0) == 2000);
}

TEST_CASE("Translates orders, subscriptions, payouts and disputes") {
  const Translated approved =
      translate(eventOf("CHECKOUT.ORDER.APPROVED",
                        R"({"id":"5O190127TN364715T","status":"APPROVED","intent":"CAPTURE",
          "purchase_units":[{"custom_id":"txn_4","amount":{"currency_code":"USD",
          "value":"10.99"}}]})"));
  CHECK(approved.type == "payment.approved");
  CHECK(approved.reference == "txn_4");
  CHECK(parsed(approved.data)["status"].stringOr("") == "requires_confirmation");

  const Translated suspended = translate(eventOf(
      "BILLING.SUBSCRIPTION.SUSPENDED",
      R"({"id":"I-1","status":"SUSPENDED","plan_id":"P-1","custom_id":"txn_5","quantity":"1"})"));
  CHECK(suspended.type == "subscription.paused");
  CHECK(suspended.reference == "txn_5");
  CHECK(parsed(suspended.data)["status"].stringOr("") == "paused");

  const Translated unclaimed = translate(
      eventOf("PAYMENT.PAYOUTS-ITEM.UNCLAIMED",
              R"({"payout_item_id":"8A","payout_batch_id":"5U","transaction_status":"UNCLAIMED",
          "payout_item":{"recipient_type":"EMAIL","receiver":"a@example.com",
          "sender_item_id":"txn_6","amount":{"currency":"USD","value":"9.87"}}})"));
  CHECK(unclaimed.type == "payout.processing");
  CHECK(unclaimed.providerId == "5U");
  CHECK(unclaimed.reference == "txn_6");
  CHECK(parsed(unclaimed.data)["status"].stringOr("") == "processing");

  const Translated resolved =
      translate(eventOf("CUSTOMER.DISPUTE.RESOLVED",
                        R"({"dispute_id":"PP-D-1","status":"RESOLVED","reason":"OTHER",
          "disputed_transactions":[{"seller_transaction_id":"2G","custom":"txn_7"}],
          "dispute_amount":{"currency_code":"USD","value":"5.00"},
          "dispute_outcome":{"outcome_code":"RESOLVED_SELLER_FAVOUR"}})"));
  CHECK(resolved.type == "dispute.closed");
  CHECK(resolved.providerId == "PP-D-1");
  CHECK(resolved.reference == "txn_7");
  CHECK(parsed(resolved.data)["status"].stringOr("") == "won");
}

TEST_CASE("Asks for the resource when the event's own can't be understood") {
  const Translated event =
      translate(eventOf("BILLING.PLAN.CREATED", R"({"id":"P-1","billing_cycles":5})"));
  CHECK(event.type == "plan.created");
  CHECK(event.providerId == "P-1");
  CHECK(event.fetch == 1);
  CHECK(event.data.empty());
}

TEST_CASE("An event without a unified name is passed on as the provider's") {
  const Translated event = translate(eventOf("VAULT.PAYMENT-TOKEN.CREATED", R"({"id":"8kk"})"));
  CHECK(event.type == "provider.event");
  CHECK(event.providerType == "VAULT.PAYMENT-TOKEN.CREATED");
  CHECK(event.providerId == "8kk");
  CHECK(event.count == 1);
  for (const char* body : {"", "this is no JSON", "[]", "null", "{}", R"({"event_type":5})"}) {
    CHECK(translate(body).count == 0);
  }
}

TEST_CASE("Every event of PayPal's pages has a unified name, in the manifest as in the adapter") {
  const json::Document manifest =
      parsed(yamlFileToJson(sourcePath("plugins/paypal/paypal.plugin.yaml")));
  const json::View events = manifest["webhooks"]["events"];
  CHECK(events.size() == paypal::kEventNames.size());
  for (const paypal::EventName& name : paypal::kEventNames) {
    INFO(name.paypal);
    CHECK(events[name.paypal].stringOr("") == name.unified);
    // Whatever the resource is, the event is told.
    for (const char* resource : {"{}", "null", "5", R"({"id":"X"})", R"({"amount":[]})"}) {
      const Translated event = translate(eventOf(std::string(name.paypal).c_str(), resource));
      CHECK(event.count == 1);
      CHECK(event.type == name.unified);
      CHECK(event.data.empty());
    }
  }
  json::Document official;
  if (!readContract("paypal/event_types.docs.json", official)) return;
  for (const json::View name : official["events"].items()) {
    INFO(name.stringOr(""));
    CHECK(events[name.stringOr("")].isString());
  }
}

TEST_CASE("The genuine deliveries translate into payments") {
  json::Document vectors;
  if (!readContract("webhook_vectors/paypal.json", vectors)) return;
  for (const json::View vector : vectors["vectors"].items()) {
    if (vector["id"].stringOr("").substr(0, 7) != "genuine") continue;
    INFO(vector["id"].stringOr(""));
    const Translated event = translate(std::string(vector["body"].stringOr("")));
    CHECK(event.count == 1);
    CHECK_FALSE(event.eventId.empty());
    CHECK(event.occurredUnixMs > 0);
    CHECK_FALSE(event.providerId.empty());
  }
}
