#include "plugin_host/manifest.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "plugin_host/test_plugins.hpp"

namespace unigate::plugin_host {
namespace {

using Catch::Matchers::Contains;
using testing::acmeManifest;
using testing::PluginDirectory;
using testing::replaced;

std::string faultOf(const std::string& text) {
  const PluginDirectory directory;
  const auto manifest = loadManifest(directory.addManifest("acme", text));
  return manifest ? std::string("sound") : manifest.error();
}

std::string faultWith(const std::string& from, const std::string& to) {
  return faultOf(replaced(acmeManifest(), from, to));
}

}  // namespace

TEST_CASE("Reads every part of a manifest") {
  const PluginDirectory directory;
  const auto read = loadManifest(directory.addManifest("acme", acmeManifest()));
  INFO((read ? std::string() : read.error()));
  REQUIRE(read.has_value());
  CHECK(read->id == "acme");
  CHECK(read->version == "1.2.3");
  CHECK(read->abiMajor == 1);
  REQUIRE(read->operations.size() == 2);
  const Operation* create = read->findOperation("payments.create");
  REQUIRE(create != nullptr);
  CHECK(create->recovery == RecoveryMode::native);
  CHECK(create->recoveryWindowS == 86400);
  CHECK(create->movesMoney);
  CHECK_THAT(create->inputSchema, Contains("\"minimum\":1"));
  CHECK(read->findOperation("payments.get")->readOnly);
  const Credential* secret = read->findCredential("secret_key");
  REQUIRE(secret != nullptr);
  CHECK(secret->secret);
  CHECK(secret->required);
  CHECK(secret->testMarker == "test");
  CHECK_FALSE(read->findCredential("account_id")->secret);
  REQUIRE(read->envRules.size() == 2);
  CHECK(read->envRules[0].name == "ACME_SECRET_KEY");
  CHECK(read->envRules[1].pattern == "^ACME_.*_ACCOUNT$");
  CHECK(read->findAuthScheme("key")->type == "bearer");
  CHECK(read->findEndpoint("api")->testUrl == "https://sandbox.acme.example/v9");
  CHECK(read->egressHosts.size() == 2);
  CHECK(read->webhookEvents.at(0).second == "payment.succeeded");
  REQUIRE(read->probe.has_value());
  CHECK(read->probe->inputJson == R"({"amount":1})");
  CHECK(read->limits.timeoutMs == 20000);
  CHECK(read->limits.concurrency == 8);
  CHECK(read->sandbox == Sandbox::preferred);
}

namespace {

// The sound manifest with the parts that few providers need.
std::string fullManifest() {
  std::string text = replaced(acmeManifest(), "    moves_money: true\n",
                              "    moves_money: true\n    proof: paper\n");
  text = replaced(text, "egress:",
                  "  files: { live: \"https://api.acme.example/f\", "
                  "test: \"https://sandbox.acme.example/f\" }\negress:");
  text = replaced(text, "webhooks:\n",
                  "webhooks:\n  registration: { secret: secret_key, id: null }\n"
                  "  certificate_roots: roots.pem\n");
  text = replaced(text, "operations:\n",
                  "operations:\n  webhook_endpoints.create: { input: {}, output: {} }\n");
  return text + R"(passthrough:
  auth: key
  headers: { Acme-Version: "7" }
  forward: [Acme-Key]
  routes:
    - { prefix: "/v1", endpoint: api }
    - { prefix: "/v1/files", endpoint: files }
)";
}

std::string fullFaultWith(const std::string& from, const std::string& to) {
  const PluginDirectory directory;
  directory.write("roots.pem", "PEM");
  const auto manifest =
      loadManifest(directory.addManifest("acme", replaced(fullManifest(), from, to)));
  return manifest ? std::string("sound") : manifest.error();
}

}  // namespace

TEST_CASE("Refuses auth schemes that name no credential") {
  CHECK_THAT(faultWith("type: bearer, credential: secret_key", "type: bearer, credential: key"),
             Contains("auth.key.credential: \"key\" is not in credentials"));
  CHECK_THAT(faultWith("type: bearer, credential: secret_key", "type: bearer"),
             Contains("auth.key.credential: is missing"));
  CHECK_THAT(faultWith("type: bearer, credential: secret_key", "type: basic"),
             Contains("auth.key.username: is missing"));
  CHECK_THAT(faultWith("type: bearer, credential: secret_key",
                       "type: header, name: \"X Key\", credential: secret_key"),
             Contains("auth.key.name: must name a header"));
  CHECK_THAT(faultWith("type: bearer, credential: secret_key",
                       "type: oauth2_client_credentials, endpoint: login, path: /t, client_id: "
                       "account_id, client_secret: secret_key"),
             Contains("auth.key.endpoint: \"login\" is not in endpoints"));
  CHECK_THAT(faultWith("credential: account_id", "credential: acount_id"),
             Contains("env.variables.1.credential: \"acount_id\" is not in credentials"));
}

TEST_CASE("Refuses endpoints that are not https or not in egress") {
  CHECK_THAT(faultWith("https://api.acme.example", "http://api.acme.example"),
             Contains("endpoints.api.live") && Contains("must start with https://"));
  CHECK_THAT(faultWith("https://sandbox.acme.example/v9", "https://evil.example"),
             Contains("endpoints.api.test: host evil.example is not in egress; add it there"));
  CHECK_THAT(faultWith("https://api.acme.example", "https://u:p@api.acme.example"),
             Contains("without user, query and fragment"));
  CHECK_THAT(faultWith("https://api.acme.example", "https://api.acme.example/"),
             Contains("must not end in '/'"));
  CHECK_THAT(faultWith("https://api.acme.example", "https://api.acme.example:99x"),
             Contains("has a bad port"));
  CHECK_THAT(
      faultWith("egress: [api.acme.example", "egress: [\"*.acme.example\", api.acme.example"),
      Contains("is no host name"));
}

TEST_CASE("Refuses operations whose recovery does not fit") {
  CHECK_THAT(faultWith("    recovery: native\n    recovery_window_s: 86400\n", ""),
             Contains("operations.payments.create: moves_money needs a recovery"));
  CHECK_THAT(faultWith("recovery: native\n", "recovery: query\n"),
             Contains("recovery_window_s belongs to recovery native alone"));
  CHECK_THAT(faultWith("read_only: true", "read_only: true, recovery: query"),
             Contains("a read_only operation has nothing to recover"));
  CHECK_THAT(faultWith("moves_money: true", "moves_money: true\n    read_only: true"),
             Contains("exclude each other"));
  CHECK_THAT(faultWith("payments.create:", "PaymentsCreate:"),
             Contains("looks like payments.create"));
}

TEST_CASE("Refuses a probe that does not exist or moves money") {
  CHECK_THAT(faultWith("operation: payments.get", "operation: balance.get"),
             Contains("probe.operation: \"balance.get\" is not in operations"));
  CHECK_THAT(faultWith("operation: payments.get", "operation: payments.create"),
             Contains("moves money, and a probe must be harmless"));
}

TEST_CASE("Refuses patterns that do not compile") {
  CHECK_THAT(faultWith("^sk_[a-z]+$", "^sk_[a-z+$"),
             Contains("credentials.secret_key.pattern: is no regular expression"));
  CHECK_THAT(faultWith("^ACME_.*_ACCOUNT$", "(ACME"), Contains("is no regular expression"));
}

TEST_CASE("Names file, line, field and remedy of a manifest's fault") {
  const std::string fault = faultWith("display_name:", "displayname:");
  CHECK_THAT(fault, Contains("acme.plugin.yaml:"));
  CHECK_THAT(fault, Contains("display_name"));
  CHECK(fault.find('\n') == std::string::npos);
  CHECK_THAT(
      faultWith("id: acme", "id: other"),
      Contains("acme.plugin.yaml:2: id: \"other\" does not fit the file's name; call the file "
               "other.plugin.yaml"));
  CHECK_THAT(faultWith("timeout_ms: 20000", "timeout_ms: soon"), Contains("limits.timeout_ms"));
  CHECK_THAT(faultWith("manifest_version: 1", "manifest_version: 2"), Contains("manifest_version"));
  CHECK_THAT(faultOf("{"), Contains("acme.plugin.yaml"));
  CHECK_THAT(faultOf(""), Contains("acme.plugin.yaml"));
}

TEST_CASE("Reads proof, webhook registration, roots and pass-through") {
  const PluginDirectory directory;
  directory.write("roots.pem", "PEM");
  const std::string text =
      replaced(fullManifest(), "account_id: { secret: false }",
               "account_id: { secret: false }\n  old_key: { secret: true, alternate: secret_key }");
  const auto read = loadManifest(directory.addManifest("acme", text));
  INFO((read ? std::string() : read.error()));
  REQUIRE(read.has_value());
  CHECK(read->findOperation("payments.create")->proof == "paper");
  CHECK(read->findOperation("payments.get")->proof.empty());
  CHECK(read->findCredential("old_key")->alternate == "secret_key");
  REQUIRE(read->webhookRegistration.has_value());
  CHECK(read->webhookRegistration->secret == "secret_key");
  CHECK(read->webhookRegistration->id.empty());
  CHECK(read->certificateRoots == "roots.pem");
  REQUIRE(read->passthrough.has_value());
  const Passthrough& passthrough = *read->passthrough;
  CHECK(passthrough.auth == "key");
  CHECK(passthrough.forward == std::vector<std::string>{"Acme-Key"});
  REQUIRE(passthrough.headers.size() == 1);
  CHECK(passthrough.headers[0].second == "7");
  CHECK(passthrough.findRoute("/v1/x")->endpoint == "api");
  CHECK(passthrough.findRoute("/v1")->endpoint == "api");
  CHECK(passthrough.findRoute("/v1/files/9")->endpoint == "files");
  CHECK(passthrough.findRoute("/v1/filesystem")->endpoint == "api");
  CHECK(passthrough.findRoute("/v10") == nullptr);
  CHECK(passthrough.findRoute("/") == nullptr);
}

TEST_CASE("The manifest in the author's guide is sound") {
  const char* source = std::getenv("UNIGATE_SOURCE");
  REQUIRE(source != nullptr);
  const auto read =
      loadManifest(std::filesystem::path(source) / "core/plugin_host/testdata/guide.plugin.yaml");
  INFO((read ? std::string() : read.error()));
  CHECK(read.has_value());
}

TEST_CASE("Refuses a pass-through, proof or registration that fits nothing") {
  CHECK_THAT(fullFaultWith("auth: key", "auth: other"),
             Contains("passthrough.auth: \"other\" is not in auth"));
  CHECK_THAT(fullFaultWith("Acme-Version", "Authorization"),
             Contains("passthrough.headers.Authorization: is written by the gateway"));
  CHECK_THAT(fullFaultWith("[Acme-Key]", "[Cookie]"),
             Contains("passthrough.forward: Cookie is written by the gateway"));
  CHECK_THAT(fullFaultWith("[Acme-Key]", "[\"Acme Key\"]"), Contains("is no name of a header"));
  CHECK_THAT(fullFaultWith("Acme-Version", "\"Acme Version\""), Contains("is no name of a header"));
  CHECK_THAT(fullFaultWith("\"7\" }", "\"a\\nb\" }"), Contains("must be visible ASCII"));
  CHECK_THAT(fullFaultWith("prefix: \"/v1\"", "prefix: \"v1\""), Contains("starts with '/'"));
  CHECK_THAT(fullFaultWith("prefix: \"/v1/files\"", "prefix: \"/v1\""), Contains("is there twice"));
  CHECK_THAT(fullFaultWith("endpoint: files }", "endpoint: other }"),
             Contains("passthrough.routes.1.endpoint: \"other\" is not in endpoints"));
  CHECK_THAT(fullFaultWith("read_only: true", "read_only: true, proof: paper"),
             Contains("operations.payments.get.proof: belongs to an operation that changes"));
  CHECK_THAT(fullFaultWith("secret: secret_key, id", "secret: account_id, id"),
             Contains("webhooks.registration.secret: \"account_id\" is public"));
  CHECK_THAT(fullFaultWith("id: null", "id: other"),
             Contains("webhooks.registration.id: \"other\" is not in credentials"));
  CHECK_THAT(fullFaultWith("webhook_endpoints.create", "webhook_endpoints.make"),
             Contains("webhooks.registration: needs the operation webhook_endpoints.create"));
  CHECK_THAT(fullFaultWith("roots.pem", "../roots.pem"), Contains("without a directory"));
}

}  // namespace unigate::plugin_host
