// One account of the test plugin on a loop with the real upstream client, against a scripted server
// on a free port. For the tests of what is sent to providers.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/provider_call.hpp"
#include "net/upstream_test_support.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "plugin_host/test_plugins.hpp"

namespace unigate::gateway::testing {

using plugin_host::testing::replaced;

// The test plugin's manifest with another auth scheme and a pass-through.
inline std::string oauthManifest() {
  return replaced(replaced(plugin_host::testing::acmeManifest(),
                           "key: { type: bearer, credential: secret_key }",
                           "key: { type: oauth2_client_credentials, endpoint: api, path: "
                           "/v1/oauth2/token, client_id: account_id, client_secret: secret_key }"),
                  "webhooks:\n",
                  "passthrough:\n  auth: key\n  headers: { Acme-Version: \"7\" }\n  routes:\n"
                  "    - { prefix: /v1, endpoint: api }\nwebhooks:\n");
}

class ProviderBench {
 public:
  explicit ProviderBench(net::test::TestServer& server,
                         const std::string& manifest = oauthManifest())
      : endpoints_(
            {{"acme", {{"test", {{"api", "http://127.0.0.1:" + std::to_string(server.port())}}}}}},
            true) {
    directory_.addLibrary("hooked", "acme");
    directory_.addManifest("acme", manifest);
    plugin_host::PluginRegistry::Settings settings;
    settings.directories = {directory_.path().string()};
    settings.clock = &clock;
    registry_ = std::make_unique<plugin_host::PluginRegistry>(settings);
    registry_->load();
    INFO(registry_->entries().front().reason);
    instance = registry_->use("acme")
                   .value()
                   ->createInstance(plugin_host::Mode::test, R"({"account_id":"client-1"})")
                   .value();
  }

  std::shared_ptr<const Account> account(const std::string& secret = "sk_test") {
    auto made = std::make_shared<Account>();
    made->id = "acc_1";
    made->provider = "acme";
    made->environment = "test";
    made->instance = instance;
    made->settings["account_id"] = "client-1";
    made->settingsJson = R"({"account_id":"client-1"})";
    made->tokens = tokens_;
    if (!secret.empty())
      made->secrets.emplace("secret_key", vault::SecretString(std::string_view(secret)));
    return made;
  }

  CallServices services() { return {*fixture.client, endpoints_, clock}; }

  // Several calls of one operation at once, and what became of each.
  std::vector<CallResult> call(std::size_t count = 1, const std::string& secret = "sk_test") {
    std::vector<CallResult> results;
    for (std::size_t i = 0; i < count; ++i) {
      CallSpec spec;
      spec.account = account(secret);
      spec.operation = "payments.create";
      spec.inputJson = R"({"amount":1050})";
      spec.providerKey = "op_0123456789";
      spec.operationId = "op_0123456789";
      callProvider(services(), std::move(spec),
                   [&results](CallResult result) { results.push_back(std::move(result)); });
    }
    fixture.runUntil([&] { return results.size() == count; });
    return results;
  }

  base::ManualClock clock;
  net::test::ClientFixture fixture;
  std::shared_ptr<plugin_host::Instance> instance;

 private:
  plugin_host::testing::PluginDirectory directory_;
  std::unique_ptr<plugin_host::PluginRegistry> registry_;
  EndpointBook endpoints_;
  std::shared_ptr<OAuthTokens> tokens_ = std::make_shared<OAuthTokens>(clock);
};

}  // namespace unigate::gateway::testing
