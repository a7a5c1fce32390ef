#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

void registerEndpoint(Call& call, const Json& webhook) {
  WebhookEndpoint endpoint;
  endpoint.id = textOf(webhook, "id");
  endpoint.provider = "razorpay";
  endpoint.account = textOf(webhook, "_account");
  endpoint.url = textOf(webhook, "url");
  endpoint.secret = textOf(webhook, "_secret");
  for (const auto& event : webhook.at("events"))
    endpoint.events.push_back(event.get<std::string>());
  call.host.webhooks().put(std::move(endpoint));
}

void checkUrl(const std::string& url) {
  if (url.empty()) refuse("The url field is required.", "url");
  if (!url.starts_with("https://") && !url.starts_with("http://")) {
    refuse("The url format is invalid.", "url");
  }
}

Json add(Call& call, const std::string& account, const Json& events) {
  checkUrl(call.text("url"));
  if (events.empty()) refuse("The events field is required.", "events");
  auto& webhook =
      call.book["webhook"].add({{"id", call.host.id("")},
                                {"created_at", call.host.now()},
                                {"updated_at", call.host.now()},
                                {"service", call.book.livemode ? "beta-api-live" : "beta-api-test"},
                                {"owner_id", account.substr(4)},
                                {"owner_type", "merchant"},
                                {"context", Json::array()},
                                {"disabled_at", 0},
                                {"url", call.text("url")},
                                {"alert_email", textOrNull(call.text("alert_email"))},
                                {"secret_exists", call.has("secret")},
                                {"entity", "webhook"},
                                {"active", true},
                                {"events", events},
                                {"_account", account},
                                {"_secret", call.text("secret")}});
  registerEndpoint(call, webhook);
  return shown(webhook);
}

Json& own(Call& call) {
  auto* webhook = call.book["webhook"].find(call.ids[1]);
  if (!webhook || webhook->contains("_deleted") || textOf(*webhook, "_account") != call.ids[0]) {
    refuse("The id provided does not exist");
  }
  return *webhook;
}

}  // namespace

// Here the events are a hash of flags.
Json createMerchantWebhook(Call& call) {
  Json events = Json::array();
  const auto given = call.params.value("events", Json::object());
  if (given.is_array()) {
    events = given;
  } else {
    for (const auto& [name, wanted] : given.items()) {
      if (wanted != Json(0) && wanted != Json(false) && wanted != Json("0")) events.push_back(name);
    }
  }
  return add(call, call.book.account, events);
}

Json createWebhook(Call& call) {
  return add(call, call.ids[0], call.params["events"]);
}

Json listWebhooks(Call& call) {
  return collection(call, "webhook", [&](const Json& webhook) {
    return textOf(webhook, "_account") == call.ids[0];
  });
}

Json getWebhook(Call& call) {
  return shown(own(call));
}

Json updateWebhook(Call& call) {
  auto& webhook = own(call);
  checkUrl(call.text("url"));
  webhook["url"] = call.text("url");
  webhook["events"] = call.params["events"];
  webhook["updated_at"] = call.host.now();
  registerEndpoint(call, webhook);
  return shown(webhook);
}

Json deleteWebhook(Call& call) {
  auto& webhook = own(call);
  webhook["_deleted"] = true;
  call.host.webhooks().remove("razorpay", textOf(webhook, "id"));
  return Json::object();
}

}  // namespace simulators::razorpay
