// The webhook extension against the official signature vectors and samples.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "support.hpp"
#include "unigate/abi.hpp"
#include "webhook_form.hpp"

using namespace twilio_test;
using unigate::sdk::abi::bytes;
using unigate::sdk::abi::str;
using unigate::sdk::abi::view;

namespace {

const ug_ext_webhook* extension() {
  return static_cast<const ug_ext_webhook*>(plugin()->get_extension(str(UG_EXT_WEBHOOK)));
}

std::string base64(const unsigned char* data, std::size_t size) {
  std::string out(4 * ((size + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), data, static_cast<int>(size));
  return out;
}

std::string signatureOf(const std::string& secret, std::string_view message) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest, &length);
  return base64(digest, length);
}

std::string sha256Hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    constexpr char kHex[] = "0123456789abcdef";
    hex.push_back(kHex[digest[i] >> 4]);
    hex.push_back(kHex[digest[i] & 15]);
  }
  return hex;
}

struct Incoming {
  std::string url, method = "POST", body;
  std::vector<std::pair<std::string, std::string>> headers;

  std::vector<ug_header> list() const {
    std::vector<ug_header> all;
    for (const auto& [name, value] : headers) all.push_back({str(name), str(value)});
    return all;
  }
};

ug_webhook webhookOf(const Incoming& incoming, const std::vector<ug_header>& headers) {
  ug_webhook webhook{};
  webhook.struct_size = sizeof webhook;
  webhook.headers_count = static_cast<std::uint32_t>(headers.size());
  webhook.headers = headers.data();
  webhook.body = bytes(incoming.body);
  webhook.url = str(incoming.url);
  webhook.method = str(incoming.method);
  webhook.settings_json = str("{}");
  return webhook;
}

// Decides about a webhook as the gateway would, by the adapter's recipe.
bool accepted(const Incoming& incoming, const std::string& secret) {
  Driver driver(plugin());
  const auto headers = incoming.list();
  const ug_webhook webhook = webhookOf(incoming, headers);
  ug_recipe recipe{};
  recipe.struct_size = sizeof recipe;
  void* state = nullptr;
  REQUIRE(extension()->recipe(driver.instance(), &webhook, &recipe, &state) == UG_OK);
  bool good = false;
  if (recipe.kind == UG_VERIFY_HMAC) {
    CHECK(recipe.digest == UG_DIGEST_SHA1);
    CHECK(recipe.encoding == UG_ENCODING_BASE64);
    CHECK(view(recipe.secret) == "auth_token");
    REQUIRE(recipe.expected_count == 1);
    for (std::uint32_t m = 0; m < recipe.messages_count; ++m) {
      good = good || view(recipe.expected[0]) == signatureOf(secret, view(recipe.messages[m]));
    }
    for (std::uint32_t d = 0; d < recipe.digest_checks_count; ++d) {
      const ug_digest_check& check = recipe.digest_checks[d];
      CHECK(check.digest == UG_DIGEST_SHA256);
      CHECK(check.encoding == UG_ENCODING_HEX);
      good = good && view(check.expected) == sha256Hex(view(check.message));
    }
  }
  extension()->release(driver.instance(), state);
  return good;
}

constexpr const char* kForm = "application/x-www-form-urlencoded";

Incoming signedForm(const std::string& url, const std::string& body, const std::string& message) {
  return {url,
          "POST",
          body,
          {{"Content-Type", kForm}, {"X-Twilio-Signature", signatureOf("token", message)}}};
}

}  // namespace

TEST_CASE("Tells genuine webhooks from forged ones as Twilio's own SDK does") {
  json::Document vectors;
  if (!readContract("webhook_vectors/twilio.json", vectors)) return;
  std::size_t good = 0;
  std::size_t bad = 0;
  for (const json::View vector : vectors["vectors"].items()) {
    INFO(vector["id"].stringOr("") << ": " << vector["why"].stringOr(""));
    Incoming incoming{std::string(vector["url"].stringOr("")),
                      std::string(vector["method"].stringOr("")),
                      std::string(vector["body"].stringOr("")),
                      {}};
    for (const json::Member& header : vector["headers"].members()) {
      incoming.headers.emplace_back(header.name, header.value.stringOr(""));
    }
    const bool said = accepted(incoming, std::string(vector["secret"].stringOr("")));
    CHECK(said == vector["valid"].booleanOr(false));
    ++(said ? good : bad);
  }
  CHECK(good > 0);
  CHECK(bad > 0);
}

TEST_CASE("Finds the example of Twilio's documentation good") {
  const Incoming example{
      "https://mycompany.com/myapp.php?foo=1&bar=2",
      "POST",
      "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
      "&To=%2B18005551212",
      {{"Content-Type", kForm}, {"X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="}}};
  CHECK(accepted(example, "12345"));
  CHECK_FALSE(accepted(example, "12346"));
}

TEST_CASE("Takes the URL with and without its port, whichever Twilio signed") {
  const std::string body = "A=1";
  for (const auto& [seen, made] :
       {std::pair{"https://gw.example.com/w", "https://gw.example.com:443/w"},
        {"https://gw.example.com:443/w", "https://gw.example.com/w"},
        {"https://gw.example.com:8443/w", "https://gw.example.com/w"},
        {"https://gw.example.com:8443/w", "https://gw.example.com:8443/w"},
        {"http://gw.example.com/w", "http://gw.example.com:80/w"},
        {"https://GW.Example.com/w", "https://gw.example.com/w"},
        {"https://gw.example.com", "https://gw.example.com/"},
        {"https://u:p@gw.example.com/w", "https://u:p@gw.example.com:443/w"},
        {"https://[2001:db8::1]/w", "https://[2001:db8::1]:443/w"},
        {"https://gw.example.com/w?q=it's&x=a%20b", "https://gw.example.com/w?q=it's&x=a%20b"},
        {"https://gw.example.com/w?q=é", "https://gw.example.com/w?q=%C3%A9"}}) {
    INFO(seen << " " << made);
    CHECK(accepted(signedForm(seen, body, std::string(made) + "A1"), "token"));
  }
  for (const auto& [seen, made] :
       {std::pair{"https://gw.example.com/w", "http://gw.example.com/w"},
        {"https://gw.example.com/w", "https://gw.example.com:8443/w"},
        {"https://gw.example.com:9443/w", "https://gw.example.com:8443/w"},
        {"https://gw.example.com/w/", "https://gw.example.com/w"},
        {"https://gw.example.com/w", "https://gw.example.com/w?a=1"},
        {"https://gw.example.org/w", "https://gw.example.com/w"}}) {
    INFO(seen << " " << made);
    CHECK_FALSE(accepted(signedForm(seen, body, std::string(made) + "A1"), "token"));
  }
}

TEST_CASE("Parameters are sorted by name, and values of a repeated name once each") {
  using twilio::readForm;
  CHECK(twilio::signedParameters(readForm("b=1&A=2&a=3&B=4")) == "A2B4a3b1");
  CHECK(twilio::signedParameters(readForm("T=b&T=a&T=b")) == "TaTb");
  CHECK(twilio::signedParameters(readForm("a=&b&c=%zz+%2B")) == "abc%zz +");
  // U+FF5E sorts after U+1F44D in UTF-16.
  CHECK(twilio::signedParameters(readForm("T=%EF%BD%9E&T=%F0%9F%91%8D")) ==
        "T\xF0\x9F\x91\x8DT\xEF\xBD\x9E");
}

TEST_CASE("A webhook that nothing vouches for is rejected") {
  const std::string url = "https://gw.example.com/w";
  const Incoming good = signedForm(url, "A=1", url + "A1");
  REQUIRE(accepted(good, "token"));
  Incoming changed = good;
  changed.headers.pop_back();
  CHECK_FALSE(accepted(changed, "token"));
  changed = good;
  changed.headers.push_back(good.headers.back());
  CHECK_FALSE(accepted(changed, "token"));
  changed = good;
  changed.headers.back().second.clear();
  CHECK_FALSE(accepted(changed, "token"));
  changed = good;
  changed.body = "A=1&B=2";
  CHECK_FALSE(accepted(changed, "token"));
  changed = good;
  changed.url = "";
  CHECK_FALSE(accepted(changed, "token"));
  changed = good;
  changed.url = "ftp://gw.example.com/w";
  CHECK_FALSE(accepted(changed, "token"));
  // JSON that the URL says nothing of.
  Incoming bare{
      url,
      "POST",
      "{}",
      {{"Content-Type", "application/json"}, {"X-Twilio-Signature", signatureOf("token", url)}}};
  CHECK_FALSE(accepted(bare, "token"));
  bare.url = url + "?bodySHA256=" + sha256Hex("{}");
  bare.headers.back().second = signatureOf("token", bare.url);
  CHECK(accepted(bare, "token"));
  bare.body = "{ }";
  CHECK_FALSE(accepted(bare, "token"));
  // Calling it a form or leaving it empty does not get round the digest.
  bare.headers.front().second = kForm;
  bare.body = "";
  CHECK_FALSE(accepted(bare, "token"));
}

namespace {

struct Translated {
  std::string type, eventId, providerType, kind, providerId, reference, data;
  std::int64_t occurredUnixMs = 0;
  std::uint32_t fetch = 0;
};

std::vector<Translated> translate(const std::string& url, const std::string& body) {
  Driver driver(plugin());
  const Incoming incoming{url,
                          body.empty() ? "GET" : "POST",
                          body,
                          {{"Content-Type", kForm}, {"X-Twilio-Signature", "x"}}};
  const auto headers = incoming.list();
  const ug_webhook webhook = webhookOf(incoming, headers);
  ug_recipe recipe{};
  recipe.struct_size = sizeof recipe;
  void* state = nullptr;
  REQUIRE(extension()->recipe(driver.instance(), &webhook, &recipe, &state) == UG_OK);
  ug_webhook_events events{};
  events.struct_size = sizeof events;
  REQUIRE(extension()->translate(driver.instance(), state, &webhook, &events) == UG_OK);
  std::vector<Translated> seen;
  for (std::uint32_t i = 0; i < events.count; ++i) {
    const ug_webhook_event& event = events.events[i];
    seen.push_back({std::string(view(event.type)), std::string(view(event.provider_event_id)),
                    std::string(view(event.provider_type)), std::string(view(event.resource_kind)),
                    std::string(view(event.provider_id)), std::string(view(event.reference)),
                    std::string(view(event.data_json)), event.occurred_unix_ms, event.fetch});
  }
  extension()->release(driver.instance(), state);
  return seen;
}

Translated translateForm(const std::string& body) {
  const auto events = translate("https://gw.example.com/w?operation=txn_1", body);
  REQUIRE(events.size() == 1);
  return events[0];
}

}  // namespace

TEST_CASE("A status callback is an event of the message and names our operation") {
  const Translated event = translateForm(
      "SmsSid=SM1&SmsStatus=delivered&MessageStatus=delivered&To=%2B15558675310&MessageSid=SM1"
      "&AccountSid=AC1&From=%2B15017122661&ApiVersion=2010-04-01");
  CHECK(event.type == "message.delivered");
  CHECK(event.eventId == "SM1:delivered");
  CHECK(event.providerType == "MessageStatus=delivered");
  CHECK(event.kind == "message");
  CHECK(event.providerId == "SM1");
  CHECK(event.reference == "txn_1");
  const json::Document data = parsed(event.data);
  CHECK(data["status"].stringOr("") == "delivered");
  CHECK(data["to"].stringOr("") == "+15558675310");
  CHECK(data["direction"].stringOr("") == "outbound");
  CHECK_FALSE(data["body"].exists());
  CHECK_FALSE(data["failure"].exists());
  CHECK_FALSE(data["livemode"].exists());
}

TEST_CASE("A message that failed tells why") {
  const Translated event = translateForm(
      "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003&To=whatsapp%3A%2B1&From=whatsapp%"
      "3A%2B2");
  CHECK(event.type == "message.failed");
  const json::Document data = parsed(event.data);
  CHECK(data["status"].stringOr("") == "failed");
  CHECK(data["channel"].stringOr("") == "whatsapp");
  CHECK(data["to"].stringOr("") == "+1");
  CHECK(data["failure"]["provider_code"].stringOr("") == "30003");
}

TEST_CASE("A message that came in is received, with its text") {
  const Translated event = translateForm(
      "ToCountry=US&SmsMessageSid=SM2&NumMedia=0&SmsSid=SM2&SmsStatus=received&Body=Hello+there+%"
      "F0%9F%91%8D"
      "&To=%2B14155552345&NumSegments=1&MessageSid=SM2&AccountSid=AC1&From=%2B14155550100");
  CHECK(event.type == "message.received");
  CHECK(event.eventId == "SM2:received");
  const json::Document data = parsed(event.data);
  CHECK(data["body"].stringOr("") == "Hello there 👍");
  CHECK(data["direction"].stringOr("") == "inbound");
  CHECK(data["segments"].int64() == 1);
  CHECK(data["media_count"].int64() == 0);
}

TEST_CASE("The parameters of a webhook by GET are in its URL") {
  const auto events =
      translate("https://gw.example.com/w?operation=txn_2&MessageSid=SM1&MessageStatus=sent", "");
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == "message.sent");
  CHECK(events[0].reference == "txn_2");
}

TEST_CASE("News of a call and of a verification are unified events") {
  const Translated call = translateForm(
      "CallSid=CA1&CallStatus=in-progress&Direction=outbound-api&From=%2B1&To=%2B2"
      "&Timestamp=Thu%2C+30+Jul+2015+20%3A12%3A31+%2B0000&SequenceNumber=2");
  CHECK(call.type == "call.in_progress");
  CHECK(call.kind == "call");
  CHECK(call.eventId == "CA1:in-progress");
  CHECK(call.occurredUnixMs == 1438287151000);
  CHECK(parsed(call.data)["status"].stringOr("") == "in_progress");
  const Translated over =
      translateForm("CallSid=CA1&CallStatus=no-answer&CallDuration=0&AnsweredBy=");
  CHECK(over.type == "call.no_answer");
  CHECK(parsed(over.data)["duration_s"].int64() == 0);
  const Translated verification =
      translateForm("VerificationSid=VE1&VerificationStatus=approved&To=%2B1");
  CHECK(verification.type == "verification.approved");
  CHECK(verification.kind == "verification");
}

TEST_CASE("What has no unified name is passed on as the provider's") {
  for (const char* body :
       {"MessageSid=SM1&MessageStatus=teleported", "CallSid=CA1&Digits=1234",
        "RecordingSid=RE1&CallSid=CA1&CallStatus=completed", "x", "=&=", "A=1"}) {
    INFO(body);
    const Translated event = translateForm(body);
    CHECK(event.type == "provider.event");
    CHECK(event.data.empty());
  }
}

TEST_CASE("Event streams are lists of events with ids of their own") {
  const auto events =
      translate("https://gw.example.com/w?bodySHA256=0",
                R"([{"specversion":"1.0","type":"com.twilio.messaging.message.delivered","id":"EZ1",
           "time":"2021-10-07T03:16:35.000Z","data":{"messageSid":"SM1"}},
          {"specversion":"1.0","type":"com.twilio.studio.flow.ended","id":"EZ2","data":{}}])");
  REQUIRE(events.size() == 2);
  CHECK(events[0].type == "message.delivered");
  CHECK(events[0].eventId == "EZ1");
  CHECK(events[0].providerId == "SM1");
  CHECK(events[0].fetch == 1);
  CHECK(events[0].occurredUnixMs == 1633576595000);
  CHECK(events[1].type == "provider.event");
  CHECK(translate("https://gw.example.com/w?bodySHA256=0", "no JSON").empty());
}

TEST_CASE("Every official body of the vectors is translated") {
  json::Document vectors;
  if (!readContract("webhook_vectors/twilio.json", vectors)) return;
  for (const json::View vector : vectors["vectors"].items()) {
    if (!vector["valid"].booleanOr(false)) continue;
    INFO(vector["id"].stringOr(""));
    const std::string body(vector["body"].stringOr(""));
    const auto events = translate(std::string(vector["url"].stringOr("")), body);
    REQUIRE(events.size() == 1);
    if (body.find("SmsStatus=received") != std::string::npos) {
      CHECK(events[0].type == "message.received");
    }
  }
}
