// Webhook endpoints that the account registers for itself. The secret is shown once, when one is
// created.
#include "stripe/documents.hpp"
#include "stripe/operations.hpp"

namespace simulators::stripe {
namespace {

void apply(Call& call, Json& endpoint) {
  const auto url = call.params.text("url");
  if (call.params.has("url")) {
    if (!url.starts_with("https://") && !url.starts_with("http://")) {
      throw invalidParameter("url", "Not a valid URL", "url_invalid");
    }
    endpoint["url"] = std::string(url);
  }
  if (call.params.has("enabled_events"))
    endpoint["enabled_events"] = call.params.list("enabled_events");
  setTexts(endpoint, call, {"description", "api_version"});
  if (call.params.has("disabled")) {
    endpoint["status"] = call.params.flag("disabled") ? "disabled" : "enabled";
  }
}

// A disabled endpoint is taken away from the sender.
void registerEndpoint(Call& call, const Json& endpoint) {
  const auto id = textOf(endpoint, "id");
  if (textOf(endpoint, "status") != "enabled") {
    call.webhooks->remove("stripe", id);
    return;
  }
  WebhookEndpoint registered;
  registered.id = id;
  registered.provider = "stripe";
  registered.account = call.account.id;
  registered.url = textOf(endpoint, "url");
  registered.secret = textOf(endpoint, "_secret");
  for (const auto& event : endpoint.at("enabled_events")) {
    registered.events.push_back(event.get<std::string>());
  }
  call.webhooks->put(std::move(registered));
}

}  // namespace

Answer createEndpoint(Call& call) {
  auto endpoint = newDocument(call, "webhook_endpoint", "we_1", 23);
  endpoint["status"] = "enabled";
  endpoint["_secret"] = "whsec_" + call.account.ids.derived("whsec", call.account.lastDocument, 32);
  apply(call, endpoint);
  const auto& stored = store(call, "webhook_endpoint", std::move(endpoint));
  registerEndpoint(call, stored);
  auto out = shown(stored);
  out["secret"] = stored.at("_secret");
  Answer answer;
  answer.body = out.dump();
  return answer;
}

Answer getEndpoint(Call& call) {
  return documentAnswer(call, pathDocument(call, "webhook_endpoint"));
}

Answer listEndpoints(Call& call) {
  return listDocuments(call, "webhook_endpoint");
}

Answer updateEndpoint(Call& call) {
  auto& endpoint = pathDocument(call, "webhook_endpoint");
  apply(call, endpoint);
  setMetadata(endpoint, call);
  registerEndpoint(call, endpoint);
  return documentAnswer(call, endpoint);
}

Answer deleteEndpoint(Call& call) {
  auto& endpoint = pathDocument(call, "webhook_endpoint");
  endpoint["_deleted"] = true;
  call.webhooks->remove("stripe", call.id);
  Answer answer;
  answer.body = Json{{"id", call.id}, {"object", "webhook_endpoint"}, {"deleted", true}}.dump();
  return answer;
}

}  // namespace simulators::stripe
