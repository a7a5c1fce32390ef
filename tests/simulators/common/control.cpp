#include "common/control.hpp"

#include <charconv>
#include <map>

#include "common/form.hpp"
#include "common/options.hpp"

namespace simulators {
namespace {

constexpr std::string_view kRoot = "/__sim/";

HttpResponse problem(unsigned status, std::string_view message) {
  JsonWriter json;
  json.beginObject();
  json.field("error", message);
  json.endObject();
  return jsonResponse(status, json.text());
}

HttpResponse done() {
  return jsonResponse(200, R"({"ok":true})");
}

// What happened to the money of one payment.
struct Summary {
  std::string provider, payment, account, currency;
  std::int64_t authorized = 0, captured = 0, voided = 0, refunded = 0;
  std::int64_t paidOut = 0, disputed = 0;
  std::int64_t authorizations = 0, captures = 0, refunds = 0;
  std::vector<std::string> idempotencyKeys;
  Metadata metadata;

  void add(const JsonValue& movement) {
    const auto type = jsonText(movement, "type");
    const auto amount = jsonInteger(movement, "amount", 0);
    if (type == "authorization") authorized += amount, ++authorizations;
    if (type == "capture" || type == "charge") captured += amount, ++captures;
    if (type == "void") voided += amount;
    if (type == "refund") refunded += amount, ++refunds;
    if (type == "refund_reversal") refunded -= amount;
    if (type == "payout" || type == "transfer") paidOut += amount;
    if (type == "payout_reversal" || type == "transfer_reversal") paidOut -= amount;
    if (type == "dispute") disputed += amount;
    if (type == "dispute_reversal") disputed -= amount;
    if (const auto key = jsonText(movement, "idempotency_key"); !key.empty()) {
      idempotencyKeys.emplace_back(key);
    }
    // The metadata of what follows a payment is its own, not the payment's.
    if (type.starts_with("refund") || type.starts_with("dispute") || type.ends_with("_reversal")) {
      return;
    }
    metadata.clear();
    for (const auto& member : movement["metadata"].GetObject()) {
      metadata.emplace_back(member.name.GetString(), member.value.GetString());
    }
  }

  void write(JsonWriter& json) const {
    json.beginObject();
    json.field("provider", provider);
    json.field("payment", payment);
    json.field("account", account);
    json.field("currency", currency);
    json.field("authorized", authorized);
    json.field("captured", captured);
    json.field("voided", voided);
    json.field("refunded", refunded);
    json.field("paid_out", paidOut);
    json.field("disputed", disputed);
    json.field("authorizations", authorizations);
    json.field("captures", captures);
    json.field("refunds", refunds);
    json.beginArray("idempotency_keys");
    for (const auto& key : idempotencyKeys) json.value(key);
    json.endArray();
    json.beginObject("metadata");
    for (const auto& [key, value] : metadata) json.field(key, value);
    json.endObject();
    json.endObject();
  }
};

}  // namespace

bool Control::owns(std::string_view path) {
  return path.starts_with(kRoot) && !path.starts_with("/__sim/3ds/") &&
         providerOfControl(path).empty();
}

std::string_view Control::providerOfControl(std::string_view path) {
  if (!path.starts_with(kRoot)) return {};
  path.remove_prefix(kRoot.size());
  for (const auto name : kProviderNames) {
    if (path.starts_with(name) && path.substr(name.size()).starts_with('/')) return name;
  }
  return {};
}

HttpResponse Control::handle(const HttpRequest& request) {
  const auto path = request.path.substr(kRoot.size());
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (path == "faults") return faults(request);
  if (path == "ledger" && get) return ledger();
  if (path == "movements" && get) return movements();
  if (path == "requests" && get) return requests(request);
  if (path == "clock") return clock(request);
  if (path == "webhooks") return webhooks(request);
  if (path == "webhooks/send_again" && post) return sendWebhookAgain(request);
  if (path == "reset" && post) return reset();
  return problem(404, "no such control endpoint");
}

HttpResponse Control::faults(const HttpRequest& request) {
  if (request.method == "POST") return addFault(request);
  if (request.method == "DELETE") {
    services_.faults.clear();
    return done();
  }
  if (request.method != "GET") return problem(405, "use GET, POST or DELETE");
  JsonWriter json;
  json.beginObject();
  json.key("faults");
  services_.faults.write(json);
  json.endObject();
  return jsonResponse(200, json.text());
}

HttpResponse Control::addFault(const HttpRequest& request) {
  JsonDocument description;
  description.Parse(request.body.data(), request.body.size());
  if (description.HasParseError()) return problem(400, "the body is not JSON");
  const auto added = services_.faults.add(description);
  if (!added.problem.empty()) return problem(400, added.problem);
  if (added.fault.kind == FaultKind::kRefuseConnections) {
    const auto& name = added.fault.provider;
    if (added.fault.delay.count() > 0) {
      services_.server.closeListener(name, added.fault.delay, request.connection);
    } else {
      services_.server.resetNextConnections(name, added.fault.times);
    }
  }
  JsonWriter json;
  json.beginObject();
  json.field("id", added.id);
  json.endObject();
  return jsonResponse(200, json.text());
}

HttpResponse Control::ledger() const {
  std::string entries;
  std::int64_t count = 0;
  services_.ledger.forEachMovement([&](const JsonValue&, std::string_view line) {
    if (count++ > 0) entries.push_back(',');
    entries.append(line);
  });
  return jsonResponse(200,
                      "{\"count\":" + std::to_string(count) + ",\"entries\":[" + entries + "]}");
}

HttpResponse Control::movements() const {
  std::vector<Summary> summaries;
  std::unordered_map<std::string, std::size_t> places;
  struct Total {
    std::int64_t captured = 0, refunded = 0;
  };
  std::map<std::string, Total> totals;
  services_.ledger.forEachMovement([&](const JsonValue& movement, std::string_view) {
    const std::string payment(jsonText(movement, "payment"));
    const std::string currency(jsonText(movement, "currency"));
    const auto [place, isNew] = places.try_emplace(payment, summaries.size());
    if (isNew) {
      auto& summary = summaries.emplace_back();
      summary.payment = payment;
      summary.provider = jsonText(movement, "provider");
      summary.account = jsonText(movement, "account");
      summary.currency = currency;
    }
    summaries[place->second].add(movement);
    const auto type = jsonText(movement, "type");
    const auto amount = jsonInteger(movement, "amount", 0);
    if (type == "charge" || type == "capture") totals[currency].captured += amount;
    if (type == "refund") totals[currency].refunded += amount;
    if (type == "refund_reversal") totals[currency].refunded -= amount;
  });
  JsonWriter json;
  json.beginObject();
  json.beginArray("payments");
  for (const auto& summary : summaries) summary.write(json);
  json.endArray();
  json.beginObject("totals");
  for (const auto& [currency, total] : totals) {
    json.beginObject(currency);
    json.field("captured", total.captured);
    json.field("refunded", total.refunded);
    json.endObject();
  }
  json.endObject();
  json.endObject();
  return jsonResponse(200, json.text());
}

HttpResponse Control::requests(const HttpRequest& request) const {
  std::size_t limit = RequestLog::kEntriesMax;
  for (const auto& [key, value] : parseFormPairs(request.query)) {
    if (key != "limit") continue;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), limit);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size()) {
      return problem(400, "limit must be a number");
    }
  }
  JsonWriter json;
  services_.requests.write(json, limit);
  return jsonResponse(200, json.text());
}

namespace {

constexpr std::int64_t kAdvanceSecondsMax = 20LL * 366 * 24 * 60 * 60;

// {"advance_s": N} or {"advance_ms": N}; nothing if neither is there or it is out of range.
std::optional<std::int64_t> advanceMsOf(const JsonValue& wish) {
  if (!wish.IsObject()) return std::nullopt;
  const auto seconds = jsonInteger(wish, "advance_s", 0);
  const auto ms = jsonInteger(wish, "advance_ms", 0);
  if (seconds < 0 || ms < 0 || seconds > kAdvanceSecondsMax || ms > kAdvanceSecondsMax * 1000) {
    return std::nullopt;
  }
  const auto sum = seconds * 1000 + ms;
  return sum > 0 ? std::optional(sum) : std::nullopt;
}

}  // namespace

// Moves simulated time forward; all that becomes due by it has happened when the answer comes.
HttpResponse Control::clock(const HttpRequest& request) {
  if (request.method == "POST") {
    JsonDocument wish;
    wish.Parse(request.body.data(), request.body.size());
    const auto advance = wish.HasParseError() ? std::nullopt : advanceMsOf(wish);
    if (!advance) {
      return problem(400, "give advance_s or advance_ms: more than 0, at most 20 years");
    }
    services_.clock.advance(*advance);
    JsonWriter record;
    record.beginObject();
    record.field("rec", "clock");
    record.field("offset_ms", services_.clock.offsetMs());
    record.endObject();
    if (services_.journal) services_.ledger.append(record.text() + "\n");
    for (const auto& provider : providers_) provider->tick();
    services_.webhooks.wake();
  } else if (request.method != "GET") {
    return problem(405, "use GET or POST");
  }
  JsonWriter json;
  json.beginObject();
  json.field("now_ms", services_.clock.nowMs());
  json.field("offset_ms", services_.clock.offsetMs());
  json.endObject();
  return jsonResponse(200, json.text());
}

HttpResponse Control::webhooks(const HttpRequest& request) {
  if (request.method == "POST") return addWebhook(request);
  if (request.method == "DELETE") {
    services_.webhooks.clear();
    return done();
  }
  if (request.method != "GET") return problem(405, "use GET, POST or DELETE");
  JsonWriter json;
  services_.webhooks.write(json);
  return jsonResponse(200, json.text());
}

HttpResponse Control::addWebhook(const HttpRequest& request) {
  JsonDocument wish;
  wish.Parse(request.body.data(), request.body.size());
  if (wish.HasParseError() || !wish.IsObject()) return problem(400, "a JSON object is expected");
  WebhookEndpoint endpoint;
  endpoint.provider = jsonText(wish, "provider");
  endpoint.url = jsonText(wish, "url");
  endpoint.secret = jsonText(wish, "secret");
  endpoint.account = jsonText(wish, "account");
  endpoint.id = jsonText(wish, "id");
  if (const auto events = wish.FindMember("events"); events != wish.MemberEnd()) {
    if (!events->value.IsArray()) return problem(400, "events must be a list of event types");
    for (const auto& event : events->value.GetArray()) {
      if (!event.IsString()) return problem(400, "events must be a list of event types");
      endpoint.events.emplace_back(event.GetString());
    }
  }
  const bool known = std::find(kProviderNames.begin(), kProviderNames.end(), endpoint.provider) !=
                     kProviderNames.end();
  if (!known) return problem(400, "provider must be stripe, razorpay, paypal or twilio");
  if (!isLoopbackUrl(endpoint.url)) {
    return problem(400, "url must be http:// and an address of this machine, such as 127.0.0.1");
  }
  JsonWriter json;
  json.beginObject();
  json.field("id", services_.webhooks.put(std::move(endpoint)));
  json.endObject();
  return jsonResponse(200, json.text());
}

HttpResponse Control::sendWebhookAgain(const HttpRequest& request) {
  JsonDocument wish;
  wish.Parse(request.body.data(), request.body.size());
  if (wish.HasParseError() || !wish.IsObject()) return problem(400, "a JSON object is expected");
  const auto id = static_cast<std::uint64_t>(jsonInteger(wish, "delivery", 0));
  return services_.webhooks.sendAgain(id) ? done() : problem(404, "no such delivery in the log");
}

HttpResponse Control::reset() {
  services_.faults.clear();
  services_.webhooks.clear();
  services_.clock.setOffsetMs(0);
  services_.requests.clear();
  services_.ledger.markReset();
  for (const auto& provider : providers_) provider->reset();
  return done();
}

}  // namespace simulators
