#include "webhooks/inbound_webhook.hpp"

#include <unigate/plugin.h>

#include <utility>

#include "plugin_host/step_reader.hpp"
#include "webhooks/verify.hpp"

namespace unigate::webhooks {

using plugin_host::HttpEvent;
using plugin_host::toUgStr;

namespace {

ug_bytes toUgBytes(std::string_view bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::vector<ug_header> toUgHeaders(const plugin_host::HeaderList& headers) {
  std::vector<ug_header> list;
  list.reserve(headers.size());
  for (const auto& [name, value] : headers) list.push_back({toUgStr(name), toUgStr(value)});
  return list;
}

// The table, if it is whole.
const ug_ext_webhook* extensionOf(const plugin_host::Plugin& plugin) {
  const auto* table = static_cast<const ug_ext_webhook*>(plugin.extension(UG_EXT_WEBHOOK));
  if (table == nullptr || table->struct_size < sizeof(ug_ext_webhook)) return nullptr;
  const bool whole = table->recipe != nullptr && table->confirm != nullptr &&
                     table->translate != nullptr && table->release != nullptr;
  return whole ? table : nullptr;
}

}  // namespace

Delivery makeProof(std::string_view objectJson, std::int64_t nowUnixMs) {
  Delivery delivery;
  delivery.method = kProofMethod;
  delivery.headers.emplace_back("Content-Type", "application/json");
  delivery.body = objectJson;
  delivery.nowUnixMs = nowUnixMs;
  return delivery;
}

InboundWebhook::InboundWebhook(std::shared_ptr<plugin_host::Instance> instance, Delivery delivery,
                               VerifySettings settings)
    : instance_(std::move(instance)),
      delivery_(std::move(delivery)),
      settings_(std::move(settings)),
      headers_(toUgHeaders(delivery_.headers)) {
  webhook_.struct_size = sizeof(webhook_);
  webhook_.headers_count = static_cast<std::uint32_t>(headers_.size());
  webhook_.headers = headers_.data();
  webhook_.body = toUgBytes(delivery_.body);
  webhook_.url = toUgStr(delivery_.url);
  webhook_.method = toUgStr(delivery_.method);
  webhook_.settings_json = toUgStr(settings_.settingsJson);
  webhook_.now_unix_ms = delivery_.nowUnixMs;
}

InboundWebhook::~InboundWebhook() {
  if (!open_) return;
  try {
    extension_->release(instance_->handle(), state_);
  } catch (...) {
    instance_->plugin().countFault("webhook: release threw an exception");
  }
}

void InboundWebhook::reject(std::string reason) {
  need_ = Need::nothing;
  verdict_ = {false, std::move(reason)};
}

void InboundWebhook::breakContract(const std::string& reason) {
  instance_->plugin().countFault("webhook: " + reason);
  reject("the provider's plugin broke its contract: " + reason);
}

InboundWebhook::Need InboundWebhook::begin() {
  plugin_host::Plugin& plugin = instance_->plugin();
  if (auto why = plugin.quarantineReason()) {
    reject("the plugin is out of service: " + *why);
    return need_;
  }
  extension_ = extensionOf(plugin);
  if (extension_ == nullptr) {
    reject("the plugin can't verify webhooks");
    return need_;
  }
  ug_recipe theirs{};
  theirs.struct_size = sizeof(theirs);
  std::int32_t code = UG_CONTRACT_INTERNAL;
  try {
    code = extension_->recipe(instance_->handle(), &webhook_, &theirs, &state_);
  } catch (...) {
    breakContract("recipe threw an exception");
    return need_;
  }
  if (code != UG_OK) {
    breakContract("recipe returned " + std::to_string(code));
    return need_;
  }
  open_ = true;
  auto read = readRecipe(theirs, plugin.manifest(), plugin.limits());
  if (!read) {
    breakContract(read.error());
    return need_;
  }
  recipe_ = std::move(*read);
  need_ = judge();
  return need_;
}

// The credential that the recipe names and the one that may stand in for it.
std::vector<std::string_view> InboundWebhook::secrets() const {
  const plugin_host::Manifest& manifest = instance_->plugin().manifest();
  const plugin_host::Credential* named = manifest.findCredential(recipe_.secret);
  if (named == nullptr || !named->secret || !settings_.secret) return {};
  std::vector<std::string_view> values = {settings_.secret(named->name)};
  if (!named->alternate.empty()) values.push_back(settings_.secret(named->alternate));
  return values;
}

InboundWebhook::Need InboundWebhook::judge() {
  const auto decide = [this](const Refusal& refusal) {
    if (refusal) {
      reject(*refusal);
    } else {
      verdict_ = {true, ""};
    }
    return Need::nothing;
  };
  if (recipe_.kind == RecipeKind::reject)
    return decide(recipe_.reason.empty() ? "the plugin can't verify it" : recipe_.reason);
  if (auto refusal = findTimeRefusal(recipe_, delivery_.nowUnixMs, settings_.toleranceS))
    return decide(refusal);
  if (auto refusal = findDigestRefusal(recipe_)) return decide(refusal);
  switch (recipe_.kind) {
    case RecipeKind::hmac:
      return decide(findHmacRefusal(recipe_, secrets()));
    case RecipeKind::certificate:
      // Before anything is fetched: the address came with the webhook.
      if (auto refusal = findUrlRefusal(recipe_.certificateUrl, recipe_.certificateHostSuffix))
        return decide(refusal);
      reject("the certificate was not fetched");
      return Need::certificate;
    case RecipeKind::httpCall:
      reject("the provider was not asked");
      return Need::answer;
    case RecipeKind::reject:
      break;
  }
  return decide("the plugin can't verify it");
}

void InboundWebhook::takeCertificate(const tl::expected<std::string, std::string>& pem) {
  if (std::exchange(need_, Need::nothing) != Need::certificate) return;
  if (!pem) return reject("the certificate can't be fetched: " + pem.error());
  if (auto refusal = findCertificateRefusal(recipe_, *pem, settings_.roots, delivery_.nowUnixMs))
    return reject(*refusal);
  verdict_ = {true, ""};
}

void InboundWebhook::takeAnswer(const HttpEvent& event) {
  if (std::exchange(need_, Need::nothing) != Need::answer) return;
  if (event.kind != HttpEvent::Kind::response)
    return reject("the provider could not be asked whether it sent this");
  const std::vector<ug_header> headers = toUgHeaders(event.headers);
  ug_event theirs{};
  theirs.struct_size = sizeof(theirs);
  theirs.kind = UG_EVENT_HTTP_RESPONSE;
  theirs.status = event.status;
  theirs.headers = headers.data();
  theirs.headers_count = static_cast<std::uint32_t>(headers.size());
  theirs.body = toUgBytes(event.body);
  theirs.now_unix_ms = event.nowUnixMs;
  std::uint32_t verified = 0;
  std::int32_t code = UG_CONTRACT_INTERNAL;
  try {
    code = extension_->confirm(instance_->handle(), state_, &theirs, &verified);
  } catch (...) {
    return breakContract("confirm threw an exception");
  }
  if (code != UG_OK) return breakContract("confirm returned " + std::to_string(code));
  if (verified != 1) return reject("the provider does not vouch for it");
  verdict_ = {true, ""};
}

tl::expected<std::vector<Event>, std::string> InboundWebhook::translate() {
  if (!verdict_.accepted) return tl::unexpected<std::string>("it was not verified");
  ug_webhook_events theirs{};
  theirs.struct_size = sizeof(theirs);
  std::string fault;
  try {
    const std::int32_t code =
        extension_->translate(instance_->handle(), state_, &webhook_, &theirs);
    if (code != UG_OK) fault = "translate returned " + std::to_string(code);
  } catch (...) {
    fault = "translate threw an exception";
  }
  if (fault.empty()) {
    auto events = readEvents(theirs, delivery_.body);
    if (events) return events;
    fault = events.error();
  }
  instance_->plugin().countFault("webhook: " + fault);
  return tl::unexpected(std::move(fault));
}

}  // namespace unigate::webhooks
