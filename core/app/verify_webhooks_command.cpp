// `unigate plugin verify-webhooks`: runs a file of recorded webhooks with their stated verdicts
// through the host's own verification. What a case is shows from the members that it has; no
// provider is known by name here.
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>

#include "app/commands.hpp"
#include "app/plugin_file.hpp"
#include "webhooks/inbound_webhook.hpp"

namespace unigate::app {

namespace {

using webhooks::InboundWebhook;

// Files beside the vectors, read once.
class Folder {
 public:
  explicit Folder(const std::string& vectorsFile)
      : path_(std::filesystem::path(vectorsFile).parent_path()) {}

  // Text of the file that `name` (text, or null for none) names.
  tl::expected<std::string, std::string> text(json::View name) {
    if (!name.isString()) return tl::unexpected<std::string>("the case names no certificate");
    const std::string file = (path_ / std::string(*name.string())).string();
    if (const auto found = texts_.find(file); found != texts_.end()) return found->second;
    auto read = readText(file);
    if (read) texts_[file] = *read;
    return read;
  }

 private:
  std::filesystem::path path_;
  std::map<std::string, std::string> texts_;
};

struct Outcome {
  bool accepted = false;
  std::string why;
  std::vector<webhooks::Event> events;
  std::string translateFault;
};

void readHeaders(json::View from, plugin_host::HeaderList& headers) {
  for (const json::Member& member : from.members()) {
    if (member.value.isArray()) {
      for (const json::View& each : member.value.items())
        headers.emplace_back(member.name, each.stringOr(""));
    } else {
      headers.emplace_back(member.name, member.value.stringOr(""));
    }
  }
  for (const json::View& each : from.items())
    headers.emplace_back(each["name"].stringOr(""), each["value"].stringOr(""));
}

// A case with a signature beside its parameters is what a checkout handed to a browser; any other
// is a webhook as it came over the wire.
webhooks::Delivery deliveryOf(json::View vector, std::int64_t nowUnixMs) {
  if (vector["signature"].isString()) {
    json::Writer object;
    object.beginObject();
    for (const json::Member& member : vector["params"].members())
      object.key(member.name).value(member.value);
    object.key("signature").value(vector["signature"]).endObject();
    return webhooks::makeProof(object.take(), nowUnixMs);
  }
  webhooks::Delivery delivery;
  delivery.method = vector["method"].stringOr("POST");
  delivery.url = vector["url"].stringOr("");
  delivery.body = vector["body"].stringOr("");
  delivery.nowUnixMs = nowUnixMs;
  readHeaders(vector["headers"], delivery.headers);
  return delivery;
}

// Public fields: those that the case gives, its webhook's id in the field that registration fills
// (or that is called so).
std::string settingsOf(json::View vector, const plugin_host::Manifest& manifest) {
  json::Writer out;
  out.beginObject();
  for (const json::Member& member : vector["settings"].members())
    out.key(member.name).value(member.value);
  if (const auto id = vector["webhook_id"].string()) {
    std::string field = manifest.webhookRegistration ? manifest.webhookRegistration->id : "";
    if (field.empty()) field = "webhook_id";
    const plugin_host::Credential* credential = manifest.findCredential(field);
    if (credential != nullptr && !credential->secret && !vector["settings"][field].exists())
      out.member(field, *id);
  }
  out.endObject();
  return out.take();
}

webhooks::TrustRoots rootsOf(json::View vector, Folder& folder) {
  webhooks::TrustRoots roots;
  if (vector["trust_root"].isString()) {
    roots.pem = folder.text(vector["trust_root"]).value_or("");
  } else if (auto own = folder.text(vector["cert_file"])) {
    // No root was recorded: the certificate itself is what is trusted.
    roots.pem = std::move(*own);
    roots.pinned = true;
  }
  return roots;
}

tl::expected<Outcome, std::string> runVector(PluginFile& file, json::View vector, Folder& folder,
                                             std::int64_t nowUnixMs) {
  if (const auto now = vector["now"].int64()) nowUnixMs = *now * 1000;
  const std::string given = settingsOf(vector, file.plugin().manifest());
  const auto settingsJson = file.settings(given);
  if (!settingsJson) return tl::unexpected(settingsJson.error());
  const auto instance = file.instance(plugin_host::Mode::test, given);
  if (!instance) return tl::unexpected(instance.error());
  webhooks::VerifySettings settings;
  settings.settingsJson = *settingsJson;
  // A case has one secret: it is the one that the recipe names, whatever its name.
  settings.secret = [vector](std::string_view name) {
    if (vector["secrets"].isObject()) return vector["secrets"][name].stringOr("");
    return vector["secret"].stringOr("");
  };
  settings.roots = rootsOf(vector, folder);
  if (const auto tolerance = vector["tolerance_seconds"].int64();
      tolerance && *tolerance >= 0 && *tolerance <= UINT32_MAX)
    settings.toleranceS = static_cast<std::uint32_t>(*tolerance);
  InboundWebhook webhook(*instance, deliveryOf(vector, nowUnixMs), std::move(settings));
  if (webhook.begin() == InboundWebhook::Need::certificate)
    webhook.takeCertificate(folder.text(vector["cert_file"]));
  Outcome outcome;
  outcome.accepted = webhook.verdict().accepted;
  outcome.why = webhook.verdict().reason;
  if (!outcome.accepted) return outcome;
  outcome.why = "verified";
  if (auto events = webhook.translate()) {
    outcome.events = std::move(*events);
  } else {
    outcome.translateFault = events.error();
  }
  return outcome;
}

void writeEvent(const webhooks::Event& event, json::Writer& out) {
  out.beginObject().member("type", event.type).member("provider_event_id", event.providerEventId);
  out.member("provider_type", event.providerType).member("resource_kind", event.resourceKind);
  out.member("provider_id", event.providerId).key("data");
  out.rawJson(event.dataJson.empty() ? "null" : event.dataJson);
  out.member("reference", event.reference).member("occurred_unix_ms", event.occurredUnixMs);
  out.member("mode", webhooks::toText(event.mode)).member("fetch", event.fetch).endObject();
}

const char* word(bool valid) {
  return valid ? "valid" : "invalid";
}

// One line for each case; true when the verdict is the expected one.
bool tell(json::View vector, const Outcome& outcome, const Arguments& arguments) {
  const bool expected = vector["valid"].booleanOr(false);
  const std::string id(vector["id"].stringOr(""));
  if (arguments.json()) {
    json::Writer out;
    out.beginObject().member("id", id).member("expected", word(expected));
    out.member("verdict", word(outcome.accepted)).member("why", outcome.why);
    if (arguments.has("events")) {
      out.key("events").beginArray();
      for (const webhooks::Event& event : outcome.events) writeEvent(event, out);
      out.endArray();
      if (!outcome.translateFault.empty()) out.member("translate_fault", outcome.translateFault);
    }
    out.endObject();
    std::printf("%s\n", out.take().c_str());
  } else {
    std::printf("%s  %-32s %s: %s\n", expected == outcome.accepted ? "ok    " : "DIFFERS",
                id.c_str(), word(outcome.accepted), outcome.why.c_str());
    for (const webhooks::Event& event : outcome.events) {
      if (arguments.has("events"))
        std::printf("        %s (%s)\n", event.type.c_str(), event.providerType.c_str());
    }
  }
  return expected == outcome.accepted;
}

}  // namespace

int verifyWebhooks(const Arguments& arguments) {
  const std::string vectorsFile = arguments.get("vectors");
  auto file = PluginFile::load(arguments.get("plugin"));
  if (!file) return failed(file.error());
  const auto document = readJson(vectorsFile);
  if (!document) return failed(document.error());
  const json::View root = (*document)->root();
  const json::View vectors = root.isArray() ? root : root["vectors"];
  if (!vectors.isArray())
    return failed(vectorsFile + ": must be an array of cases or an object with \"vectors\"");
  Folder folder(vectorsFile);
  const std::int64_t nowUnixMs = base::SystemClock().unixMs();
  std::size_t differences = 0;
  for (const json::View& vector : vectors.items()) {
    if (!vector.isObject() || !vector["valid"].isBool())
      return failed(vectorsFile + ": a case needs \"valid\": true or false");
    auto outcome = runVector(**file, vector, folder, nowUnixMs);
    if (!outcome) return failed(outcome.error());
    if (!tell(vector, *outcome, arguments)) ++differences;
  }
  if (!arguments.json())
    std::printf("%zu cases, %zu differ\n", vectors.items().size(), differences);
  return differences == 0 ? 0 : 1;
}

}  // namespace unigate::app
