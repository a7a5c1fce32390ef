// One webhook on its way in: asks the plugin how to verify it, decides, and has it translated. Like
// everything between plugin and network a step machine: what has to be fetched is told, not done.
// Driven by the gateway, by `unigate plugin verify-webhooks` and by tests.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugin_host/plugin.hpp"
#include "plugin_host/step.hpp"
#include "webhooks/certificate.hpp"
#include "webhooks/event.hpp"
#include "webhooks/recipe.hpp"

namespace unigate::webhooks {

// A webhook as it came.
struct Delivery {
  std::string method = "POST";
  std::string url;  // the public URL that the provider called
  plugin_host::HeaderList headers;
  std::string body;  // byte for byte
  std::int64_t nowUnixMs = 0;
};

// The method that a proof is presented under: see makeProof.
inline constexpr std::string_view kProofMethod = "CALLBACK";

// What a checkout handed to the payer's browser (a JSON object of strings), as a webhook: the
// manifest's `proof`. The recipe that verifies webhooks verifies it too.
Delivery makeProof(std::string_view objectJson, std::int64_t nowUnixMs);

// Gives the value of a credential, empty when it is not stored. Valid until the verdict.
using SecretSource = std::function<std::string_view(std::string_view name)>;

// What the host knows of the account.
struct VerifySettings {
  std::string settingsJson = "{}";  // public credential fields
  SecretSource secret;
  TrustRoots roots;
  std::optional<std::uint32_t> toleranceS;  // in place of the recipe's, where it has one
};

struct Verdict {
  bool accepted = false;
  std::string reason = "not verified";  // for the operator; empty when accepted
};

// Serial: one thread at a time, but any thread. Everything odd is a rejection: no extension, a
// broken contract (counted towards the plugin's quarantine), an unknown kind, a missing secret.
class InboundWebhook {
 public:
  // What is needed before there is a verdict.
  enum class Need { nothing, certificate, answer };

  InboundWebhook(std::shared_ptr<plugin_host::Instance> instance, Delivery delivery,
                 VerifySettings settings);
  ~InboundWebhook();
  InboundWebhook(const InboundWebhook&) = delete;
  InboundWebhook& operator=(const InboundWebhook&) = delete;

  // Asks the plugin and decides what can be decided. Once, first.
  Need begin();
  // For Need::certificate: https and of the provider's own host; that it may be called at all is
  // for the caller to decide, by the manifest's egress list.
  const std::string& certificateUrl() const { return recipe_.certificateUrl; }
  // For Need::answer: the request that the provider is to be asked with.
  const plugin_host::HttpStep& request() const { return *recipe_.http; }

  // What was fetched, or why it could not be. Once, after the Need.
  void takeCertificate(const tl::expected<std::string, std::string>& pem);
  void takeAnswer(const plugin_host::HttpEvent& event);

  const Verdict& verdict() const { return verdict_; }
  // The unified events; only after acceptance. The error is why they can't be used; the webhook is
  // then to be kept for a later try, for it is genuine.
  tl::expected<std::vector<Event>, std::string> translate();

 private:
  void reject(std::string reason);
  void breakContract(const std::string& reason);
  std::vector<std::string_view> secrets() const;
  Need judge();

  std::shared_ptr<plugin_host::Instance> instance_;
  Delivery delivery_;
  VerifySettings settings_;
  std::vector<ug_header> headers_;
  ug_webhook webhook_{};
  const ug_ext_webhook* extension_ = nullptr;
  void* state_ = nullptr;
  bool open_ = false;  // `recipe` succeeded and `release` is due
  Need need_ = Need::nothing;
  Recipe recipe_;
  Verdict verdict_;
};

}  // namespace unigate::webhooks
