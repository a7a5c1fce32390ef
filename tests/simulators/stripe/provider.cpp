#include "stripe/provider.hpp"

#include <charconv>
#include <random>

#include "common/form.hpp"
#include "common/providers.hpp"
#include "stripe/authentication.hpp"
#include "stripe/challenge.hpp"
#include "stripe/events.hpp"
#include "stripe/payment_flow.hpp"
#include "stripe/render.hpp"
#include "stripe/setup_intents.hpp"

namespace simulators::stripe {
namespace {

constexpr std::size_t kIdempotencyKeyLengthMax = 255;
constexpr std::string_view kControlRoot = "/__sim/stripe/";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";

std::string randomSeedText() {
  std::random_device device;
  const auto seed = (std::uint64_t{device()} << 32) | device();
  return std::to_string(seed >> 1);
}

std::uint64_t readNumber(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// 2026-07-29.dahlia, or an older version that is a date alone.
bool isVersion(std::string_view version) {
  if (version.size() < 10 || version[4] != '-' || version[7] != '-') return false;
  for (const std::size_t digit : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (version[digit] < '0' || version[digit] > '9') return false;
  }
  return version.size() == 10 || (version[10] == '.' && version.size() > 11);
}

// Tests steer with JSON; the journal keeps forms.
std::string formOfControl(std::string_view body) {
  const auto wish = Json::parse(body, nullptr, false);
  if (!wish.is_object()) return std::string(body);
  std::string form;
  for (const auto& [name, value] : wish.items()) {
    form += form.empty() ? "" : "&";
    form += name + "=" + encodeUrl(value.is_string() ? value.get<std::string>() : value.dump());
  }
  return form;
}

ApiError unknownUrl(std::string_view method, std::string_view path) {
  auto error = invalidParameter("", "Unrecognized request URL (" + std::string(method) + ": " +
                                        std::string(path) +
                                        "). Please see https://stripe.com/docs or we can help at "
                                        "https://support.stripe.com/.");
  error.status = 404;
  return error;
}

ApiError keyReused(const std::string& key, bool otherEndpoint) {
  auto error = invalidParameter(
      "", otherEndpoint
              ? "Keys for idempotent requests can only be used for the same endpoint they "
                "were first used for. Try using a key other than '" +
                    key + "' if you meant to execute a different request."
              : "Keys for idempotent requests can only be used with the same parameters "
                "they were first used with. Try using a key other than '" +
                    key + "' if you meant to execute a different request.");
  error.type = "idempotency_error";
  return error;
}

ApiError keyInUse(const std::string& key) {
  auto error = invalidParameter("",
                                "There is currently another in-progress request using this "
                                "Idempotent Key (that probably means you submitted twice, and the "
                                "other request is still going through): " +
                                    key + ". Please try again later.",
                                "idempotency_key_in_use");
  error.status = 409;
  error.type = "idempotency_error";
  return error;
}

}  // namespace

// A request whose parameters have been found right.
struct StripeProvider::Prepared {
  const Operation* operation = nullptr;
  std::string id;
  Parameters params{FormNode{}};
  Expansion expand;
  Fingerprint fingerprint;

  void find(std::string_view method, std::string_view path) {
    auto match = findOperation(method, path);
    if (!match.operation) throw unknownUrl(method, path);
    operation = match.operation;
    id = std::move(match.id);
  }
  void check(const std::vector<FormPair>& pairs) {
    auto tree = buildFormTree(pairs);
    if (!tree) throw invalidParameter("", "Invalid request: the parameters are malformed.");
    checkParameters(operation->fields, *tree);
    params = Parameters(std::move(*tree));
    expand = Expansion::parse(params.list("expand"), operation->answers, operation->list);
  }
};

// What the journal keeps of a request, enough to carry it out again with the same result.
struct StripeProvider::Command {
  std::uint64_t number = 0;
  std::int64_t atMs = 0;
  std::string method, path, params, key, origin;
  bool storesError = false;  // the caller and the idempotency key get a 500, whatever happened
  bool skipped = false;      // nothing was carried out

  std::string line(const Account& account) const {
    JsonWriter json;
    json.beginObject();
    json.field("rec", "request");
    json.field("provider", "stripe");
    json.field("number", number);
    json.field("at_ms", atMs);
    json.field("account", account.id);
    json.field("key_last4", account.keyLast4);
    json.field("livemode", account.livemode);
    json.field("method", method);
    json.field("path", path);
    json.field("params", params);
    if (!key.empty()) json.field("idempotency_key", key);
    json.field("origin", origin);
    if (storesError) json.field("stores_error", true);
    if (skipped) json.field("skipped", true);
    json.endObject();
    return json.text() + "\n";
  }

  static Command read(const JsonValue& record) {
    Command command;
    command.number = static_cast<std::uint64_t>(jsonInteger(record, "number", 0));
    command.atMs = jsonInteger(record, "at_ms", 0);
    command.method = jsonText(record, "method");
    command.path = jsonText(record, "path");
    command.params = jsonText(record, "params");
    command.key = jsonText(record, "idempotency_key");
    command.origin = jsonText(record, "origin");
    command.storesError = jsonFlag(record, "stores_error");
    command.skipped = jsonFlag(record, "skipped");
    return command;
  }
};

struct StripeProvider::Exchange {
  Responder respond;
  std::optional<Fault> fault;
  Account* account = nullptr;
  Prepared prepared;
  Command command;
  std::string version{kApiVersion};
  std::string key;  // as sent, for the echo
  std::optional<ApiError> error;
  std::optional<IdempotencyKeys::Entry> replayed;
  std::uint64_t logNumber = 0;
  std::uint64_t generation = 0;

  bool hasFault(FaultKind kind) const { return fault && fault->kind == kind; }
};

StripeProvider::StripeProvider(Services services, std::vector<std::string> acceptedKeys)
    : services_(services),
      alarm_(services.server, services.clock,
             [this] {
               tick();
               alarm_.set(schedule_.nextMs());
             }),
      acceptedKeys_(std::move(acceptedKeys)) {
  services_.webhooks.setSigner("stripe", signatureHeaders);
}

void StripeProvider::handle(const HttpRequest& request, Responder respond) {
  tick();
  if (request.path.starts_with(kChallengeRoot)) return handleChallenge(request, respond);
  const auto exchange = open(request, std::move(respond));
  try {
    prepare(*exchange, request);
  } catch (const ApiError& error) {
    exchange->error = error;
  }
  auto delay = services_.delay;
  if (exchange->fault && exchange->fault->kind != FaultKind::kSlowHeaders) {
    delay += exchange->fault->delay;
  }
  services_.server.after(delay, [this, exchange] { complete(*exchange); });
}

StripeProvider::ExchangePtr StripeProvider::open(const HttpRequest& request, Responder respond) {
  auto exchange = std::make_shared<Exchange>();
  exchange->respond = std::move(respond);
  exchange->generation = generation_;
  const bool control = request.path.starts_with(kControlRoot);
  if (!control) exchange->fault = services_.faults.take(name(), request.method, request.path);
  if (const auto wish = request.header("X-Sim-Fault");
      !exchange->fault && !wish.empty() && !control) {
    exchange->fault = FaultList::fromHeader(wish);
  }
  exchange->key = request.header("Idempotency-Key");
  exchange->command.number = ++lastRequest_;
  exchange->logNumber = services_.requests.begin(
      name(), request.method, request.path, exchange->key,
      exchange->fault ? faultName(exchange->fault->kind) : std::string_view(), request.body);
  return exchange;
}

// Finds out what the request asks for, or throws the ApiError that it is answered with.
void StripeProvider::prepare(Exchange& exchange, const HttpRequest& request) {
  const auto& fault = exchange.fault;
  const bool keepsError = fault && fault->stored == StoredAnswer::kError;
  if (fault && !fault->executes() && !keepsError) {
    throw fault->kind == FaultKind::kStatus429 ? rateLimited() : internalError();
  }
  const bool control = request.path.starts_with(kControlRoot);
  if (!control) exchange.account = &authenticate(request);
  if (const auto version = request.header("Stripe-Version"); !version.empty()) {
    if (!isVersion(version)) {
      throw invalidParameter("", "Invalid Stripe API version: " + std::string(version));
    }
    exchange.version = version;
  }
  auto& command = exchange.command;
  auto& prepared = exchange.prepared;
  prepared.find(request.method, request.path);
  if (control) {
    exchange.account = ownerOf(prepared.id);
    if (!exchange.account) throw resourceMissing("object", prepared.id, "id", true);
  }
  const auto body = control ? formOfControl(request.body) : std::string(request.body);
  const auto type = request.header("Content-Type");
  if (!control && !request.body.empty() && !type.empty() && !type.starts_with(kForm)) {
    throw invalidParameter("",
                           "Invalid request (check that your POST content type is "
                           "application/x-www-form-urlencoded).");
  }
  command.method = request.method;
  command.path = request.path;
  command.params = request.query;
  if (!body.empty()) command.params.append(command.params.empty() ? "" : "&").append(body);
  command.origin = "http://" + std::string(request.header("Host"));
  command.storesError = keepsError;
  command.skipped = keepsError && !fault->executes();
  const auto pairs = parseFormPairs(command.params);
  for (const auto& [name, value] : pairs) {
    if (!isUtf8(name) || !isUtf8(value)) {
      throw invalidParameter("", "Invalid UTF-8 in the request parameters.");
    }
  }

  if (request.method == "POST") command.key = exchange.key;
  if (command.key.size() > kIdempotencyKeyLengthMax) {
    throw invalidParameter("", "Idempotency keys can have up to 255 characters.");
  }
  auto& keys = exchange.account->idempotency;
  if (!command.key.empty()) {
    prepared.fingerprint = fingerprintOf(request.method, request.path, pairs);
    if (const auto* entry = keys.find(command.key, services_.clock.nowMs())) {
      const auto& first = entry->fingerprint;
      const bool otherEndpoint = first.endpoint != prepared.fingerprint.endpoint;
      if (otherEndpoint || first.parameters != prepared.fingerprint.parameters) {
        throw keyReused(command.key, otherEndpoint);
      }
      if (entry->running) throw keyInUse(command.key);
      exchange.replayed = *entry;
      return;
    }
  }
  prepared.check(pairs);
  if (!command.key.empty()) {
    keys.begin(command.key, prepared.fingerprint, command.number, services_.clock.nowMs());
  }
}

void StripeProvider::complete(Exchange& exchange) {
  if (exchange.generation != generation_) {  // a reset took away the account
    services_.requests.finish(exchange.logNumber, 0, false);
    HttpResponse closed;
    closed.delivery.kind = Delivery::Kind::kCloseUnanswered;
    return exchange.respond(std::move(closed));
  }
  if (exchange.error) return answerError(exchange, *exchange.error);
  if (!exchange.replayed) return execute(exchange);
  const auto& answer = exchange.replayed->answer;
  if (exchange.hasFault(FaultKind::kError500After)) return answerError(exchange, internalError());
  finish(exchange, answer.status, bodyOf(*exchange.account, answer));
}

void StripeProvider::execute(Exchange& exchange) {
  tick();  // what became due while the answer was held back
  auto& command = exchange.command;
  command.atMs = services_.clock.nowMs();
  Answer answer;
  const auto effects = carryOut(*exchange.account, exchange.prepared, command, answer);
  if (exchange.prepared.operation->changes()) {
    record(services_.journal ? command.line(*exchange.account) : std::string(), effects);
  }
  if (command.skipped || exchange.hasFault(FaultKind::kError500After)) {
    return answerError(exchange, internalError());
  }
  finish(exchange, answer.status, bodyOf(*exchange.account, answer));
}

StripeProvider::Effects StripeProvider::carryOut(Account& account, const Prepared& prepared,
                                                 const Command& command, Answer& answer) {
  const auto id = requestId(command.number);
  bool begun = true;
  Effects effects;
  if (!command.skipped) {
    Call call{account,
              prepared.params,
              prepared.id,
              command.path,
              command.key,
              command.origin,
              command.atMs,
              prepared.expand,
              command.number,
              {},
              {},
              {},
              &services_.webhooks};
    try {
      answer = prepared.operation->execute(call);
    } catch (const ApiError& error) {
      answer = Answer{};
      answer.status = error.status;
      answer.body = error.body(id);
      begun = error.begun;
    } catch (const Json::exception&) {  // a value of a form that no check looks into
      answer = Answer{};
      answer.status = 400;
      answer.body = invalidParameter("", "Invalid request: the parameters are malformed.").body(id);
      begun = false;
    }
    absorb(call, effects);
  }
  if (command.key.empty()) return effects;
  if (!begun) {
    account.idempotency.abandon(command.key);
  } else if (command.storesError) {
    Answer failed;
    failed.status = 500;
    failed.body = internalError().body(id);
    account.idempotency.finish(command.key, std::move(failed));
  } else {
    account.idempotency.finish(command.key, answer);
  }
  return effects;
}

void StripeProvider::absorb(Call& call, Effects& effects) {
  auto& owner = call.account;
  for (auto& movement : call.movements) effects.movements.push_back(std::move(movement));
  const bool wanted = !call.events.empty() && services_.webhooks.wanted(name());
  for (auto& event : call.events) {
    event.number = ++owner.lastEvent;
    if (wanted) effects.events.emplace_back(&owner, event);
    owner.events.push_back(std::move(event));
    if (owner.events.size() > Account::kEventsMax) owner.events.pop_front();
  }
  for (auto& plan : call.plans) {
    const auto scaled =
        static_cast<std::int64_t>(static_cast<double>(plan.delayMs) / services_.pace);
    schedule_.add(plan.dueMs > 0 ? plan.dueMs : call.nowMs + scaled,
                  [this, &owner, action = std::move(plan.action)](std::int64_t dueMs) {
                    static const Parameters kNone_{FormNode{}};
                    Call later{owner, kNone_, {}, {}, {}, {}, dueMs, {}, 0, {}, {}, {}, nullptr};
                    try {
                      action(later);
                    } catch (const ApiError&) {
                      // A refused step of the schedule leaves what it had done until then.
                    }
                    absorb(later, *effects_);
                  });
  }
}

void StripeProvider::runDue(std::int64_t nowMs, Effects& effects) {
  effects_ = &effects;
  schedule_.run(nowMs);
  effects_ = nullptr;
}

void StripeProvider::tick() {
  const auto until = services_.clock.nowMs();
  const auto next = schedule_.nextMs();
  if (!next || *next > until) return;
  Effects effects;
  runDue(until, effects);
  JsonWriter json;
  json.beginObject();
  json.field("rec", "tick");
  json.field("provider", name());
  json.field("at_ms", until);
  json.endObject();
  record(services_.journal ? json.text() + "\n" : std::string(), effects);
}

// The account that has the document; for control requests, which bring no key.
Account* StripeProvider::ownerOf(const std::string& id) {
  for (const auto& [accountId, owner] : accounts_) {
    if (owner->findCharge(id)) return owner.get();
    for (auto& [kind, documents] : owner->documents) {
      if (documents.find(id)) return owner.get();
    }
  }
  return nullptr;
}

void StripeProvider::answerError(Exchange& exchange, const ApiError& error) {
  finish(exchange, error.status, error.body(requestId(exchange.command.number)));
}

namespace {

// Whether a caller does well to send the request again with the same key; nothing to say for most
// answers.
std::string_view retryAdvice(unsigned status, const std::optional<Fault>& fault, bool replayed) {
  if (status == 409 || status == 429) return "true";
  if (status == 402) return "false";
  if (status != 500) return {};
  if (replayed || !fault) return "false";
  const bool notBegun = !fault->executes() && fault->stored == StoredAnswer::kNothing;
  return notBegun || fault->stored == StoredAnswer::kResult ? "true" : "false";
}

}  // namespace

void StripeProvider::finish(Exchange& exchange, unsigned status, std::string body) {
  auto response = jsonResponse(status, std::move(body));
  response.headerLines.reserve(384);
  const auto id = requestId(exchange.command.number);
  response.addHeader("Request-Id", id);
  response.addHeader("Stripe-Version", exchange.version);
  if (!exchange.key.empty()) {
    response.addHeader("Idempotency-Key", exchange.key);
    response.addHeader("Original-Request",
                       exchange.replayed ? requestId(exchange.replayed->requestNumber) : id);
  }
  if (exchange.replayed) response.addHeader("Idempotent-Replayed", "true");
  const auto advice = retryAdvice(status, exchange.fault, exchange.replayed.has_value());
  if (!advice.empty()) response.addHeader("Stripe-Should-Retry", advice);
  if (status == 401) response.addHeader("WWW-Authenticate", "Bearer realm=\"Stripe\"");
  if (status == 429) response.addHeader("Stripe-Rate-Limited-Reason", "global-rate");
  response.delivery = deliveryOf(exchange.fault);
  const bool dropped = response.delivery.kind == Delivery::Kind::kCloseUnanswered ||
                       response.delivery.kind == Delivery::Kind::kResetUnanswered;
  services_.requests.finish(exchange.logNumber, dropped ? 0 : status,
                            exchange.replayed.has_value());
  exchange.respond(std::move(response));
}

// One write(2) for the command and all it moved: a crash cannot part them.
void StripeProvider::record(const std::string& commandLine, const Effects& effects) {
  std::string lines = commandLine;
  for (const auto& movement : effects.movements) lines += services_.ledger.line(movement);
  services_.ledger.append(lines);
  for (const auto& [owner, event] : effects.events) {
    services_.webhooks.emit("stripe", owner->id, std::string(event.type),
                            owner->eventId(event.number), eventJson(*owner, event));
  }
  alarm_.set(schedule_.nextMs());
}

void StripeProvider::handleChallenge(const HttpRequest& request, const Responder& respond) {
  const std::string id(request.path.substr(kChallengeRoot.size()));
  for (const auto& [accountId, owner] : accounts_) {
    const auto payment = owner->findPayment(id);
    const auto* setup = payment ? nullptr : owner->kind("setup_intent").find(id);
    if (!payment && !setup) continue;
    const auto outcome = outcomeOf(request.query);
    if (outcome == Outcome::kUnknown) {
      return respond(challengeProblem(400, "The outcome is either succeed or fail."));
    }
    const bool waits = payment ? payment->status == PaymentStatus::kRequiresAction
                               : textOf(*setup, "status") == "requires_action";
    if (!waits)
      return respond(challengeProblem(409, "This payment does not wait for authentication."));
    if (outcome == Outcome::kAsk) {
      return respond(payment ? challengePage(id, *payment) : setupChallengePage(id));
    }
    const auto returnUrl = payment ? payment->nextAction->returnUrl : textOf(*setup, "_return_url");
    const auto atMs = services_.clock.nowMs();
    const bool passed = outcome == Outcome::kPassed;
    const auto effects = challenge(*owner, id, passed, atMs);
    JsonWriter json;
    json.beginObject();
    json.field("rec", "challenge");
    json.field("provider", name());
    json.field("at_ms", atMs);
    json.field("account", owner->id);
    json.field("payment", id);
    json.field("passed", passed);
    json.endObject();
    record(services_.journal ? json.text() + "\n" : std::string(), effects);
    return respond(payment ? challengeDone(*owner, *owner->payments.at(payment->index), returnUrl)
                           : setupChallengeDone(*setup, returnUrl));
  }
  respond(challengeProblem(404, "No such payment."));
}

StripeProvider::Effects StripeProvider::challenge(Account& account, const std::string& id,
                                                  bool passed, std::int64_t atMs) {
  static const Parameters kNone_{FormNode{}};
  Effects effects;
  const auto payment = account.findPayment(id);
  Call call{
      account, kNone_, {},     {}, payment ? payment->nextAction->idempotencyKey : std::string(),
      {},      atMs,   {},     0,  {},
      {},      {},     nullptr};
  if (payment) {
    completeChallenge(call, *payment, passed);
  } else {
    completeSetup(call, *account.kind("setup_intent").find(id), passed);
  }
  absorb(call, effects);
  return effects;
}

void StripeProvider::replay(const JsonValue& record) {
  const auto kind = jsonText(record, "rec");
  if (kind == "reset") stateKnown_ = false;
  if (kind == "start") {
    const auto seed = readNumber(jsonText(record, "seed"));
    if (!stateKnown_ || seed != seed_) forget(seed);
    stateKnown_ = jsonFlag(record, "journal");
  }
  if (kind == "request") replayRequest(record);
  if (kind == "challenge") replayChallenge(record);
  Effects effects;
  if (kind == "tick") runDue(jsonInteger(record, "at_ms", 0), effects);
}

void StripeProvider::replayRequest(const JsonValue& record) {
  const auto command = Command::read(record);
  lastRequest_ = std::max(lastRequest_, command.number);
  auto& owner = account(std::string(jsonText(record, "account")),
                        std::string(jsonText(record, "key_last4")), jsonFlag(record, "livemode"));
  Prepared prepared;
  const auto pairs = parseFormPairs(command.params);
  try {
    prepared.find(command.method, command.path);
    prepared.check(pairs);
  } catch (const ApiError&) {
    return;  // the record was written by a version that took other parameters
  }
  if (!command.key.empty()) {
    prepared.fingerprint = fingerprintOf(command.method, command.path, pairs);
    owner.idempotency.begin(command.key, prepared.fingerprint, command.number, command.atMs);
  }
  Answer answer;
  carryOut(owner, prepared, command, answer);
}

void StripeProvider::replayChallenge(const JsonValue& record) {
  const auto found = accounts_.find(std::string(jsonText(record, "account")));
  if (found == accounts_.end()) return;
  auto& owner = *found->second;
  const std::string id(jsonText(record, "payment"));
  const auto payment = owner.findPayment(id);
  const auto* setup = owner.kind("setup_intent").find(id);
  if (!setup && (!payment || payment->status != PaymentStatus::kRequiresAction)) return;
  challenge(owner, id, jsonFlag(record, "passed"), jsonInteger(record, "at_ms", 0));
}

void StripeProvider::begin() {
  if (!stateKnown_) forget(readNumber(randomSeedText()));
  writeStart();
  tick();
  alarm_.set(schedule_.nextMs());
}

void StripeProvider::reset() {
  ++generation_;
  forget(readNumber(randomSeedText()));
  writeStart();
}

void StripeProvider::writeStart() {
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

void StripeProvider::forget(std::uint64_t seed) {
  schedule_.clear();
  accounts_.clear();
  seed_ = seed;
}

Account& StripeProvider::authenticate(const HttpRequest& request) {
  const auto credentials = readCredentials(request, acceptedKeys_);
  return account(accountIdOf(credentials.secretKey, credentials.connectedAccount),
                 credentials.last4(), credentials.livemode);
}

Account& StripeProvider::account(const std::string& id, const std::string& keyLast4,
                                 bool livemode) {
  auto& place = accounts_[id];
  if (!place) place = std::make_unique<Account>(id, keyLast4, livemode, seed_);
  return *place;
}

std::string StripeProvider::requestId(std::uint64_t number) const {
  return requestIdOf(seed_, number);
}

}  // namespace simulators::stripe

namespace simulators {

std::unique_ptr<Provider> makeStripe(Services services, std::vector<std::string> acceptedKeys) {
  return std::make_unique<stripe::StripeProvider>(services, std::move(acceptedKeys));
}

}  // namespace simulators
