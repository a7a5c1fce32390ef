#include "webhooks/proof.hpp"

#include "webhooks/inbound_webhook.hpp"

namespace unigate::webhooks {

base::Status checkProof(const plugin_host::Operation& operation, const gateway::Account& account,
                        json::View adapterInput, std::int64_t nowUnixMs) {
  if (operation.proof.empty()) return {};
  const json::View proof = adapterInput[operation.proof];
  if (proof.isNothing()) return {};
  VerifySettings settings;
  settings.settingsJson = account.settingsJson;
  settings.secret = [&account](std::string_view name) { return account.credential(name); };
  InboundWebhook webhook(account.instance, makeProof(json::toText(proof), nowUnixMs),
                         std::move(settings));
  webhook.begin();
  if (webhook.verdict().accepted) return {};
  base::Problem problem;
  problem.status = 422;
  problem.code = "invalid_signature";
  problem.detail = operation.proof +
                   " is not proven to come from the provider: " + webhook.verdict().reason +
                   ". Pass it on unchanged; nothing was sent.";
  problem.param = operation.proof;
  problem.members.emplace_back("outcome", "\"not_executed\"");
  return base::fail(std::move(problem));
}

}  // namespace unigate::webhooks
