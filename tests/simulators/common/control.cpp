#include "common/control.hpp"

#include <charconv>
#include <map>

#include "common/form.hpp"

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
    if (const auto key = jsonText(movement, "idempotency_key"); !key.empty()) {
      idempotencyKeys.emplace_back(key);
    }
    if (type == "refund") return;  // its metadata is the refund's own, not the payment's
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
  return path.starts_with(kRoot) && !path.starts_with("/__sim/3ds/");
}

HttpResponse Control::handle(const HttpRequest& request) {
  const auto path = request.path.substr(kRoot.size());
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (path == "faults") return faults(request);
  if (path == "ledger" && get) return ledger();
  if (path == "movements" && get) return movements();
  if (path == "requests" && get) return requests(request);
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

HttpResponse Control::reset() {
  services_.faults.clear();
  services_.requests.clear();
  services_.ledger.markReset();
  for (const auto& provider : providers_) provider->reset();
  return done();
}

}  // namespace simulators
