#include "common/api_provider.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <random>

#include "common/form.hpp"
#include "common/hashing.hpp"
#include "common/json_value.hpp"

namespace simulators {
namespace {

std::uint64_t readNumber(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::uint64_t randomSeed() {
  std::random_device device;
  return ((std::uint64_t{device()} << 32) | device()) >> 1;
}

// Bytes that are no text could not be answered in JSON, nor kept in the journal.
bool isText(const ApiRequest& request) {
  const bool form = request.contentType.starts_with("application/x-www-form-urlencoded");
  return isUtf8(decodeUrl(request.path)) && isUtf8(decodeUrl(request.query)) &&
         isUtf8(form ? decodeUrl(request.body) : request.body);
}

// "Mon, 30 Nov 2026 16:26:39 GMT": by it a caller learns how far its clock is from the simulated.
std::string httpDate(std::int64_t unixMs) {
  const std::time_t seconds = unixMs / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

HttpResponse responseOf(ApiAnswer answer, std::int64_t nowMs) {
  HttpResponse response;
  response.addHeader("Date", httpDate(nowMs));
  response.status = answer.status;
  response.body = std::move(answer.body);
  if (!response.body.empty()) response.addHeader("Content-Type", answer.contentType);
  for (const auto& [name, value] : answer.headers) response.addHeader(name, value);
  return response;
}

std::string commandLine(std::string_view provider, const ApiRequest& request, bool storesError,
                        bool skipped) {
  JsonWriter json;
  json.beginObject();
  json.field("rec", "request");
  json.field("provider", provider);
  json.field("number", request.number);
  json.field("at_ms", request.atMs);
  json.field("account", request.account);
  json.field("key_last4", request.keyLast4);
  json.field("livemode", request.livemode);
  json.field("method", request.method);
  json.field("path", request.path);
  json.field("query", request.query);
  json.field("body", request.body);
  json.field("content_type", request.contentType);
  if (!request.idempotencyKey.empty()) json.field("idempotency_key", request.idempotencyKey);
  json.field("origin", request.origin);
  if (!request.extra.empty()) {
    json.beginObject("extra");
    for (const auto& [name, value] : request.extra) json.field(name, value);
    json.endObject();
  }
  if (storesError) json.field("stores_error", true);
  if (skipped) json.field("skipped", true);
  json.endObject();
  return json.text() + "\n";
}

ApiRequest readCommand(const JsonValue& record) {
  ApiRequest request;
  request.number = static_cast<std::uint64_t>(jsonInteger(record, "number", 0));
  request.atMs = jsonInteger(record, "at_ms", 0);
  request.account = jsonText(record, "account");
  request.keyLast4 = jsonText(record, "key_last4");
  request.livemode = jsonFlag(record, "livemode");
  request.method = jsonText(record, "method");
  request.path = jsonText(record, "path");
  request.query = jsonText(record, "query");
  request.body = jsonText(record, "body");
  request.contentType = jsonText(record, "content_type");
  request.idempotencyKey = jsonText(record, "idempotency_key");
  request.origin = jsonText(record, "origin");
  if (const auto extra = record.FindMember("extra");
      extra != record.MemberEnd() && extra->value.IsObject()) {
    for (const auto& member : extra->value.GetObject()) {
      request.extra[member.name.GetString()] = member.value.GetString();
    }
  }
  return request;
}

}  // namespace

// An idempotency key and its answer.
struct ApiProvider::Kept {
  std::uint64_t fingerprint = 0;
  std::int64_t untilMs = 0;
  bool running = true;
  ApiAnswer answer;
};

struct ApiProvider::Exchange {
  Responder respond;
  std::optional<Fault> fault;
  ApiRequest request;
  std::optional<ApiAnswer> ready;  // known without carrying anything out
  bool replayed = false;
  std::uint64_t logNumber = 0;
  std::uint64_t generation = 0;

  bool storesError() const { return fault && fault->stored == StoredAnswer::kError; }
  bool skipped() const { return storesError() && !fault->executes(); }
};

void ApiProvider::handle(const HttpRequest& request, Responder respond) {
  tick();
  const auto exchange = std::make_shared<Exchange>();
  exchange->respond = std::move(respond);
  exchange->generation = generation_;
  auto& own = exchange->request;
  own.method = request.method;
  own.path = request.path;
  own.query = request.query;
  own.body = request.body;
  own.contentType = request.header("Content-Type");
  own.origin = "http://" + std::string(request.header("Host"));
  own.number = ++lastRequest_;
  if (!own.isControl()) {
    exchange->fault = services_.faults.take(name(), request.method, request.path);
    if (const auto wish = request.header("X-Sim-Fault"); !exchange->fault && !wish.empty()) {
      exchange->fault = FaultList::fromHeader(wish);
    }
    if (auto& fault = exchange->fault; fault && !keepsErrors()) {
      fault->stored = fault->executes() ? StoredAnswer::kResult : StoredAnswer::kNothing;
    }
  }
  prepareExchange(*exchange, request);
  exchange->logNumber = services_.requests.begin(
      name(), request.method, request.path, own.idempotencyKey,
      exchange->fault ? faultName(exchange->fault->kind) : std::string_view(), own.body);
  auto delay = own.isControl() ? std::chrono::milliseconds(0) : services_.delay;
  if (exchange->fault && exchange->fault->kind != FaultKind::kSlowHeaders) {
    delay += exchange->fault->delay;
  }
  services_.server.after(delay, [this, exchange] { complete(*exchange); });
}

// Finds out what can be said before the request is carried out.
void ApiProvider::prepareExchange(Exchange& exchange, const HttpRequest& http) {
  auto& request = exchange.request;
  if (!isText(request)) {
    exchange.ready =
        ApiAnswer{400, R"({"message":"The request is not UTF-8 text."})", "application/json", {}};
    return;
  }
  if (request.isControl()) return;
  const auto& fault = exchange.fault;
  try {
    if (fault && !fault->executes() && fault->stored != StoredAnswer::kError) {
      exchange.ready =
          refusal(fault->kind == FaultKind::kStatus429 ? Refusal::kRateLimited : Refusal::kInternal,
                  request);
      return;
    }
    request.atMs = services_.clock.nowMs();
    nowMs_ = request.atMs;
    prepare(http, request);
    const auto scope = idempotencyScope(request);
    if (scope.empty()) return;
    const auto print = fingerprint(request);
    auto& place = kept_[scope];
    if (place && (place->running || place->untilMs > request.atMs)) {
      if (place->fingerprint != print) {
        exchange.ready = refusal(Refusal::kKeyReused, request);
      } else if (place->running) {
        exchange.ready = refusal(Refusal::kKeyInUse, request);
      } else {
        exchange.ready = place->answer;
        exchange.replayed = true;
      }
      return;
    }
    place = std::make_shared<Kept>();
    place->fingerprint = print;
  } catch (const ApiProblem& problem) {
    exchange.ready = problem.answer;
  }
}

void ApiProvider::complete(Exchange& exchange) {
  auto& request = exchange.request;
  if (exchange.generation != generation_) {  // a reset took away what it was about
    services_.requests.finish(exchange.logNumber, 0, false);
    HttpResponse closed;
    closed.delivery.kind = Delivery::Kind::kCloseUnanswered;
    return exchange.respond(std::move(closed));
  }
  const bool fails = exchange.fault && exchange.fault->kind == FaultKind::kError500After;
  if (exchange.ready) {
    if (exchange.replayed && fails) exchange.ready = refusal(Refusal::kInternal, request);
    return finish(exchange, std::move(*exchange.ready));
  }
  tick();  // what became due while the answer was held back
  request.atMs = services_.clock.nowMs();
  auto answer = carryOut(request, exchange.storesError(), exchange.skipped());
  const bool write = services_.journal && (changes(request) || exchange.skipped());
  flush(write ? commandLine(name(), request, exchange.storesError(), exchange.skipped())
              : std::string());
  if (exchange.skipped() || fails) answer = refusal(Refusal::kInternal, request);
  finish(exchange, std::move(answer));
}

ApiAnswer ApiProvider::carryOut(const ApiRequest& request, bool storesError, bool skipped) {
  nowMs_ = request.atMs;
  current_ = &request;
  ApiAnswer answer;
  bool begun = true;
  if (!skipped) {
    try {
      answer = execute(request);
    } catch (const ApiProblem& problem) {
      answer = problem.answer;
      begun = problem.begun;
    } catch (const Json::exception&) {  // a value of a form that no check looks into
      answer = refusal(Refusal::kInternal, request);
    }
  }
  current_ = nullptr;
  const auto scope = request.isControl() ? std::string() : idempotencyScope(request);
  if (scope.empty()) return answer;
  if (!begun) {
    kept_.erase(scope);
    return answer;
  }
  auto& place = kept_[scope];
  if (!place) place = std::make_shared<Kept>();
  place->fingerprint = fingerprint(request);
  place->untilMs = request.atMs + idempotencyLifetimeMs(request);
  place->running = false;
  place->answer = storesError ? refusal(Refusal::kInternal, request) : answer;
  return answer;
}

void ApiProvider::finish(Exchange& exchange, ApiAnswer answer) {
  decorate(exchange.request, answer, exchange.replayed);
  auto response = responseOf(std::move(answer), services_.clock.nowMs());
  response.delivery = deliveryOf(exchange.fault);
  const bool dropped = response.delivery.kind == Delivery::Kind::kCloseUnanswered ||
                       response.delivery.kind == Delivery::Kind::kResetUnanswered;
  services_.requests.finish(exchange.logNumber, dropped ? 0 : response.status, exchange.replayed);
  exchange.respond(std::move(response));
}

// One write(2) for the record and all it moved: a crash cannot part them. Webhooks go out after it.
void ApiProvider::flush(const std::string& recordLine) {
  auto lines = recordLine;
  for (const auto& movement : movements_) lines += services_.ledger.line(movement);
  if (!lines.empty()) services_.ledger.append(lines);
  movements_.clear();
  const std::string provider(name());
  for (const auto& event : events_) {
    services_.webhooks.emit(provider, event.account, event.type, event.event, event.body);
  }
  events_.clear();
  for (auto& message : messages_) services_.webhooks.send(std::move(message));
  messages_.clear();
  alarm_.set(schedule_.nextMs());
}

void ApiProvider::tick() {
  const auto until = services_.clock.nowMs();
  const auto next = schedule_.nextMs();
  if (!next || *next > until) return;
  schedule_.run(until);
  JsonWriter json;
  json.beginObject();
  json.field("rec", "tick");
  json.field("provider", name());
  json.field("at_ms", until);
  json.endObject();
  flush(services_.journal ? json.text() + "\n" : std::string());
}

void ApiProvider::replay(const JsonValue& record) {
  replaying_ = true;
  const auto kind = jsonText(record, "rec");
  if (kind == "reset") stateKnown_ = false;
  if (kind == "start") {
    const auto seed = readNumber(jsonText(record, "seed"));
    if (!stateKnown_ || seed != seed_) forget(seed);
    stateKnown_ = jsonFlag(record, "journal");
  }
  if (kind == "tick") schedule_.run(jsonInteger(record, "at_ms", 0));
  if (kind == "request") {
    const auto request = readCommand(record);
    lastRequest_ = std::max(lastRequest_, request.number);
    carryOut(request, jsonFlag(record, "stores_error"), jsonFlag(record, "skipped"));
  }
  movements_.clear();
  events_.clear();
  messages_.clear();
  replaying_ = false;
}

void ApiProvider::begin() {
  if (!stateKnown_) forget(randomSeed());
  writeStart();
  tick();
  alarm_.set(schedule_.nextMs());
}

void ApiProvider::reset() {
  ++generation_;
  forget(randomSeed());
  writeStart();
}

void ApiProvider::forget(std::uint64_t seed) {
  seed_ = seed;
  lastId_ = 0;
  kept_.clear();
  schedule_.clear();
  forgetState();
}

void ApiProvider::writeStart() {
  JsonWriter json;
  json.beginObject();
  json.field("rec", "start");
  json.field("provider", name());
  json.field("seed", std::to_string(seed_));
  json.field("journal", services_.journal);
  json.field("at_ms", services_.clock.nowMs());
  json.endObject();
  services_.ledger.append(json.text() + "\n");
}

std::uint64_t ApiProvider::fingerprint(const ApiRequest& request) const {
  return hashText(request.body,
                  hashText(request.query, hashText(request.path, hashText(request.method))));
}

std::string ApiProvider::newId(std::string_view prefix, std::size_t length,
                               std::string_view alphabet) {
  return std::string(prefix) + drawnText(alphabet, seed_, ++lastId_, length);
}

void ApiProvider::move(Movement movement) {
  movement.provider = name();
  movement.atMs = nowMs_;
  if (current_) {
    if (movement.idempotencyKey.empty()) movement.idempotencyKey = current_->idempotencyKey;
    if (movement.account.empty()) movement.account = current_->account;
    if (movement.keyLast4.empty()) movement.keyLast4 = current_->keyLast4;
    movement.livemode = movement.livemode || current_->livemode;
  }
  movements_.push_back(std::move(movement));
}

void ApiProvider::emit(std::string account, std::string type, std::string event, std::string body) {
  events_.push_back({std::move(account), std::move(type), std::move(event), std::move(body)});
}

void ApiProvider::send(WebhookMessage message) {
  message.provider = name();
  messages_.push_back(std::move(message));
}

void ApiProvider::later(std::int64_t delayMs, std::function<void()> action) {
  at(nowMs_ + static_cast<std::int64_t>(static_cast<double>(delayMs) / services_.pace),
     std::move(action));
}

void ApiProvider::at(std::int64_t dueMs, std::function<void()> action) {
  schedule_.add(dueMs, [this, action = std::move(action)](std::int64_t due) {
    nowMs_ = due;
    current_ = nullptr;
    action();
  });
}

}  // namespace simulators
