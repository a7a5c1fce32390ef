#include "webhooks/inbound_webhook.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "base/random.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "plugin_host/test_plugins.hpp"
#include "webhooks/verify.hpp"

namespace unigate::webhooks {
namespace {

using plugin_host::testing::replaced;
using Headers = plugin_host::HeaderList;
using Need = InboundWebhook::Need;

constexpr const char* kSecret = "sk_hook";
constexpr const char* kBody = R"({"paid":true})";

// The loaded test plugin; its headers say what recipe comes out.
class Bench {
 public:
  Bench() {
    directory_.addLibrary("hooked", "acme");
    directory_.addManifest(
        "acme", replaced(plugin_host::testing::acmeManifest(), "account_id: { secret: false }",
                         "account_id: { secret: false }\n"
                         "  new_key: { secret: true, alternate: old_key }\n"
                         "  old_key: { secret: true }"));
    plugin_host::PluginRegistry::Settings settings;
    settings.directories = {directory_.path().string()};
    settings.allowDrafts = true;
    settings.clock = &clock_;
    registry_ = std::make_unique<plugin_host::PluginRegistry>(settings);
    registry_->load();
    plugin = registry_->use("acme").value();
    instance = plugin->createInstance(plugin_host::Mode::test, "{}").value();
    openHooks = static_cast<const int*>(plugin->extension("draft.acme.open_hooks"));
  }

  std::unique_ptr<InboundWebhook> webhook(Headers headers, std::string body = kBody) {
    Delivery delivery;
    delivery.url = "https://gateway.example/hooks/acme";
    delivery.headers = std::move(headers);
    delivery.body = std::move(body);
    delivery.nowUnixMs = 1'790'000'000'000;
    return std::make_unique<InboundWebhook>(instance, std::move(delivery), settings());
  }
  VerifySettings settings() {
    VerifySettings settings;
    settings.secret = [this](std::string_view name) -> std::string_view {
      const auto found = secrets.find(name);
      return found == secrets.end() ? std::string_view() : found->second;
    };
    return settings;
  }
  Verdict verdict(Headers headers, std::string body = kBody) {
    auto one = webhook(std::move(headers), std::move(body));
    CHECK(one->begin() == Need::nothing);
    return one->verdict();
  }

  std::map<std::string, std::string, std::less<>> secrets = {{"secret_key", kSecret}};
  std::shared_ptr<plugin_host::Plugin> plugin;
  std::shared_ptr<plugin_host::Instance> instance;
  const int* openHooks = nullptr;

 private:
  base::ManualClock clock_;
  plugin_host::testing::PluginDirectory directory_;
  std::unique_ptr<plugin_host::PluginRegistry> registry_;
};

std::string signatureOf(std::string_view body, std::string_view secret = kSecret) {
  return encodedHmac(Digest::sha256, Encoding::hex, secret, body);
}

Headers hmac(const std::string& signature, Headers more = {}) {
  Headers headers = {{"X-Kind", "1"}, {"X-Secret", "secret_key"}, {"X-Expected", signature}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

}  // namespace

TEST_CASE("A signed webhook is accepted and translated") {
  Bench bench;
  auto webhook = bench.webhook(hmac(signatureOf(kBody), {{"X-Id", "evt_1"}}));
  CHECK(webhook->begin() == Need::nothing);
  REQUIRE(webhook->verdict().accepted);
  CHECK(webhook->verdict().reason.empty());
  const auto events = webhook->translate();
  REQUIRE(events.has_value());
  REQUIRE(events->size() == 1);
  const Event& event = events->front();
  CHECK(event.type == "payment.succeeded");
  CHECK(event.providerEventId == "evt_1");
  CHECK(event.providerType == "charge.paid");
  CHECK(event.resourceKind == "payment");
  CHECK(event.providerId == "ch_1");
  CHECK(event.dataJson == kBody);
  CHECK(event.occurredUnixMs == 1'790'000'000'000);
  CHECK(event.mode == EventMode::test);
  CHECK(event.fetch);
  CHECK(*bench.openHooks == 1);
  webhook.reset();
  CHECK(*bench.openHooks == 0);
  CHECK(bench.plugin->faults() == 0);
}

TEST_CASE("A card number in an event is masked before anybody keeps it") {
  Bench bench;
  const std::string body = R"({"note":"4242 4242 4242 4242","n":4242424242424242,"amount":1050})";
  auto webhook = bench.webhook(hmac(signatureOf(body), {{"X-Id", "evt_1"}}), body);
  CHECK(webhook->begin() == Need::nothing);
  const auto events = webhook->translate();
  REQUIRE(events.has_value());
  CHECK(events->front().dataJson ==
        R"({"note":"**** **** **** 4242","n":"************4242","amount":1050})");
}

TEST_CASE("An event without an id is told apart by its body") {
  Bench bench;
  const auto idOf = [&](const std::string& body) {
    auto webhook = bench.webhook(hmac(signatureOf(body)), body);
    webhook->begin();
    return webhook->translate().value().front().providerEventId;
  };
  CHECK(idOf("{}") == idOf("{}"));
  CHECK(idOf("{}") != idOf("{ }"));
  CHECK(idOf("{}").substr(0, 5) == "body_");
}

TEST_CASE("What is not signed with the stored secret is rejected and never translated") {
  Bench bench;
  auto webhook = bench.webhook(hmac(signatureOf("other")));
  CHECK(webhook->begin() == Need::nothing);
  CHECK_FALSE(webhook->verdict().accepted);
  CHECK(webhook->verdict().reason.find("signature does not match") != std::string::npos);
  CHECK_FALSE(webhook->translate().has_value());
  bench.secrets.clear();
  CHECK(bench.verdict(hmac(signatureOf(kBody))).reason ==
        "credential \"secret_key\" is not stored");
  bench.secrets["secret_key"] = "";
  CHECK_FALSE(bench.verdict(hmac(signatureOf(kBody, ""))).accepted);
}

TEST_CASE("A recipe may name only a secret of the manifest") {
  Bench bench;
  bench.secrets["account_id"] = kSecret;
  bench.secrets["other"] = kSecret;
  for (const char* name : {"account_id", "other", ""}) {
    Headers headers = {{"X-Kind", "1"}, {"X-Secret", name}, {"X-Expected", signatureOf(kBody)}};
    CHECK_FALSE(bench.verdict(headers).accepted);
  }
}

TEST_CASE("During a rotation the alternate secret is as good") {
  Bench bench;
  bench.secrets["new_key"] = "sk_new";
  bench.secrets["old_key"] = "sk_old";
  const auto accepted = [&](const char* name, const char* secret) {
    return bench
        .verdict({{"X-Kind", "1"}, {"X-Secret", name}, {"X-Expected", signatureOf(kBody, secret)}})
        .accepted;
  };
  CHECK(accepted("new_key", "sk_new"));
  CHECK(accepted("new_key", "sk_old"));
  CHECK_FALSE(accepted("old_key", "sk_new"));
}

TEST_CASE("Time and digests are checked besides the signature") {
  Bench bench;
  const std::string signature = signatureOf(kBody);
  const auto accepted = [&](Headers more) {
    return bench.verdict(hmac(signature, std::move(more))).accepted;
  };
  CHECK(accepted({{"X-Time", "1789999700"}, {"X-Tolerance", "300"}}));
  CHECK_FALSE(accepted({{"X-Time", "1789999699"}, {"X-Tolerance", "300"}}));
  CHECK_FALSE(accepted({{"X-Tolerance", "300"}}));
  CHECK(accepted({{"X-Check", kBody},
                  {"X-Check-Expected", encodedDigest(Digest::sha256, Encoding::hex, kBody)}}));
  CHECK_FALSE(
      accepted({{"X-Check", "other"},
                {"X-Check-Expected", encodedDigest(Digest::sha256, Encoding::hex, kBody)}}));
}

TEST_CASE(
    "A certificate is asked for only from the provider's hosts, and its lack is a rejection") {
  Bench bench;
  const auto headers = [](const std::string& url) {
    return Headers{{"X-Kind", "2"},
                   {"X-Encoding", "2"},
                   {"X-Expected", "AAAA"},
                   {"X-Url", url},
                   {"X-Suffix", "acme.example"}};
  };
  CHECK_FALSE(bench.verdict(headers("https://evil.example/c")).accepted);
  auto webhook = bench.webhook(headers("https://api.acme.example/c"));
  CHECK(webhook->begin() == Need::certificate);
  CHECK(webhook->certificateUrl() == "https://api.acme.example/c");
  CHECK_FALSE(webhook->verdict().accepted);
  webhook->takeCertificate(tl::unexpected<std::string>("not found"));
  CHECK(webhook->verdict().reason == "the certificate can't be fetched: not found");
  webhook->takeCertificate(std::string("too late"));
  CHECK_FALSE(webhook->verdict().accepted);
}

TEST_CASE("A provider that is asked must vouch") {
  Bench bench;
  const auto verdictAfter = [&](std::uint32_t status, const std::string& body,
                                plugin_host::HttpEvent::Kind kind) {
    auto webhook = bench.webhook({{"X-Kind", "3"}});
    REQUIRE(webhook->begin() == Need::answer);
    CHECK(webhook->request().path == "/v1/verify");
    CHECK(webhook->request().auth == "key");
    CHECK_FALSE(webhook->verdict().accepted);
    webhook->takeAnswer({kind, status, {}, body, 0});
    return webhook->verdict().accepted;
  };
  using Kind = plugin_host::HttpEvent::Kind;
  CHECK(verdictAfter(200, "yes", Kind::response));
  CHECK_FALSE(verdictAfter(200, "no", Kind::response));
  CHECK_FALSE(verdictAfter(500, "yes", Kind::response));
  CHECK_FALSE(verdictAfter(200, "yes", Kind::noAnswer));
  CHECK_FALSE(verdictAfter(200, "yes", Kind::notSent));
  CHECK(bench.plugin->faults() == 0);
  CHECK_FALSE(verdictAfter(418, "yes", Kind::response));
  CHECK(bench.plugin->faults() == 1);
}

TEST_CASE("A proof of a checkout is a webhook of its own method") {
  Bench bench;
  const auto accepted = [&](const std::string& object) {
    InboundWebhook webhook(bench.instance, makeProof(object, 1), bench.settings());
    webhook.begin();
    return webhook.verdict().accepted;
  };
  CHECK(accepted(R"({"order":"o_1","signature":")" + signatureOf("proof") + "\"}"));
  CHECK_FALSE(accepted(R"({"order":"o_1","signature":")" + signatureOf("other") + "\"}"));
  CHECK_FALSE(accepted("{}"));
  CHECK_FALSE(accepted(""));
  // The method is what makes it one.
  CHECK_FALSE(bench.verdict({}, R"({"signature":")" + signatureOf("proof") + "\"}").accepted);
}

TEST_CASE("Whatever the plugin says oddly is a rejection") {
  Bench bench;
  CHECK(bench.verdict({}).reason == "no signature here");
  CHECK(bench.verdict({{"X-Kind", "77"}}).reason.find("does not know") != std::string::npos);
  CHECK_FALSE(bench.verdict(hmac(signatureOf(kBody), {{"X-Digest", "9"}})).accepted);
  CHECK_FALSE(bench.verdict(hmac(signatureOf(kBody), {{"X-Encoding", "9"}})).accepted);
  CHECK(bench.plugin->faults() == 0);
}

TEST_CASE("A broken recipe is rejected and counted") {
  Bench bench;
  const std::string how = GENERATE("recipe_fails", "messages_null", "messages_many",
                                   "expected_null", "secret_utf8", "secret_long", "stride");
  INFO(how);
  const Verdict verdict = bench.verdict(
      hmac(signatureOf(kBody), {{"X-Check", "x"}, {"X-Check-Expected", "x"}, {"X-Bad", how}}));
  CHECK_FALSE(verdict.accepted);
  CHECK(verdict.reason.find("broke its contract") != std::string::npos);
  CHECK(bench.plugin->faults() == 1);
  CHECK(*bench.openHooks == 0);
}

TEST_CASE("A broken request of a recipe is rejected and counted") {
  Bench bench;
  CHECK_FALSE(bench.verdict({{"X-Kind", "3"}, {"X-Bad", "http_null"}}).accepted);
  CHECK(bench.plugin->faults() == 1);
}

TEST_CASE("Events of a broken form are not passed on") {
  Bench bench;
  const auto [name, value, body] =
      GENERATE(table<std::string, std::string, std::string>({{"X-Type", "paid", "{}"},
                                                             {"X-Type", "Payment.Paid", "{}"},
                                                             {"X-Type", "payment..paid", "{}"},
                                                             {"X-Type", "payment.paid.", "{}"},
                                                             {"X-Count", "100000", "{}"},
                                                             {"X-Bad", "events_null", "{}"},
                                                             {"X-Bad", "events_stride", "{}"},
                                                             {"X-Bad", "translate_fails", "{}"},
                                                             {"X-A", "b", "no json"},
                                                             {"X-A", "b", "[1]"},
                                                             {"X-A", "b", R"({"a":1,"a":2})"},
                                                             {"X-A", "b", "{\"a\":\"\xff\"}"}}));
  INFO(name << " " << value << " " << body);
  auto webhook = bench.webhook(hmac(signatureOf(body), {{name, value}}), body);
  webhook->begin();
  REQUIRE(webhook->verdict().accepted);
  CHECK_FALSE(webhook->translate().has_value());
  CHECK(bench.plugin->faults() == 1);
}

TEST_CASE("Odd but harmless parts of events are cleaned") {
  Bench bench;
  const std::string longId(1000, 'x');
  const auto eventWith = [&](const std::string& id, const std::string& mode) {
    auto webhook = bench.webhook(hmac(signatureOf("{}"), {{"X-Id", id}, {"X-Mode", mode}}), "{}");
    webhook->begin();
    return webhook->translate().value().front();
  };
  CHECK(eventWith("a\nb", "1").providerEventId == "a?b");
  CHECK(eventWith(longId, "1").providerEventId.size() <= 256);
  CHECK(eventWith("x", "2").mode == EventMode::live);
  CHECK(eventWith("x", "99").mode == EventMode::unsaid);
}

TEST_CASE("Random headers and bodies never get through") {
  Bench bench;
  base::SeededRandom random(20261121);
  static constexpr const char* kNames[] = {"X-Kind",    "X-Digest",   "X-Encoding", "X-Secret",
                                           "X-Message", "X-Expected", "X-Time",     "X-Tolerance",
                                           "X-Url",     "X-Suffix",   "X-Name",     "X-Check"};
  for (int round = 0; round < 2000; ++round) {
    Headers headers;
    for (std::uint64_t i = random.below(12); i > 0; --i) {
      std::string value;
      if (random.below(2) == 0) {
        value = std::to_string(random.below(5));
      } else {
        for (std::uint64_t n = random.below(40); n > 0; --n)
          value.push_back(static_cast<char>(random.below(256)));
      }
      headers.emplace_back(kNames[random.below(std::size(kNames))], value);
    }
    std::string body;
    for (std::uint64_t n = random.below(64); n > 0; --n)
      body.push_back(static_cast<char>(random.below(256)));
    auto webhook = bench.webhook(headers, body);
    webhook->begin();
    CHECK_FALSE(webhook->verdict().accepted);
  }
  CHECK(*bench.openHooks == 0);
}

}  // namespace unigate::webhooks
