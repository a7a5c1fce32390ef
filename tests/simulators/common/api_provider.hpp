// The way of a request through a simulated provider, for providers that answer with plain text:
// faults, idempotency keys, the journal, simulated time and webhooks. A provider derives from it
// and says what its API does.
//
// What execute() does must follow from the request, its time and number, and the state alone: after
// a restart the journal is carried out again and has to give the same ids, objects and keys.
#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/alarm.hpp"
#include "common/provider.hpp"
#include "common/schedule.hpp"

namespace simulators {

struct ApiRequest {
  std::string method;
  std::string path;   // still percent-encoded
  std::string query;  // without the question mark
  std::string body;
  std::string contentType;
  std::string idempotencyKey;  // as the caller sent it, for journal and ledger; empty: none
  std::string account;         // a hash or a public id, never a secret: it is written to the ledger
  std::string keyLast4;
  std::string origin;  // "http://host:port" under which the caller reached us
  bool livemode = false;
  std::map<std::string, std::string> extra;  // what else of the headers prepare() wants to be kept
  std::uint64_t number = 0;
  std::int64_t atMs = 0;

  // A request of the test to /__sim/<provider>/..., not of the API's client.
  bool isControl() const { return path.starts_with("/__sim/"); }
  std::int64_t now() const { return atMs / 1000; }
};

struct ApiAnswer {
  unsigned status = 200;
  std::string body;
  std::string contentType = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
};

// Thrown for any answer that is a refusal. Without `begun` nothing is kept under the idempotency
// key.
struct ApiProblem : std::exception {
  explicit ApiProblem(ApiAnswer refusal, bool hasBegun = false)
      : answer(std::move(refusal)), begun(hasBegun) {}
  const char* what() const noexcept override { return "refused"; }

  ApiAnswer answer;
  bool begun;
};

class ApiProvider : public Provider {
 public:
  explicit ApiProvider(Services services)
      : services_(services), alarm_(services.server, services.clock, [this] {
          tick();
          alarm_.set(schedule_.nextMs());
        }) {}

  void handle(const HttpRequest& request, Responder respond) final;
  void replay(const JsonValue& record) final;
  void begin() final;
  void reset() final;
  void tick() final;

 protected:
  enum class Refusal : std::uint8_t { kRateLimited, kInternal, kKeyReused, kKeyInUse };

  // Authenticates (not called for control requests), fills account, keyLast4, livemode,
  // idempotencyKey and extra. Throws ApiProblem.
  virtual void prepare(const HttpRequest& request, ApiRequest& prepared) = 0;
  // Carries the request out, control requests too. Throws ApiProblem.
  virtual ApiAnswer execute(const ApiRequest& request) = 0;
  // The answers of faults and of misused idempotency keys, in the provider's words.
  virtual ApiAnswer refusal(Refusal why, const ApiRequest& request) = 0;
  // Under what an answer is kept for replay, unique in this provider; empty: nothing is kept.
  virtual std::string idempotencyScope(const ApiRequest& request) const = 0;
  virtual std::int64_t idempotencyLifetimeMs(const ApiRequest&) const {
    return 24LL * 60 * 60 * 1000;
  }
  // Whether a 500 is kept under the key and given again, as Stripe does.
  virtual bool keepsErrors() const { return true; }
  // Two requests of one key must agree in this.
  virtual std::uint64_t fingerprint(const ApiRequest& request) const;
  // Whether a replay gives the answer again (else the request is carried out once more and finds
  // what it did).
  virtual bool changes(const ApiRequest& request) const { return request.method != "GET"; }
  // Last touches that are no part of a kept answer, such as a request id.
  virtual void decorate(const ApiRequest&, ApiAnswer&, bool /*replayed*/) const {}
  // Forgets all objects; the next ids come from seed().
  virtual void forgetState() = 0;

  // For use by execute() and by scheduled actions:
  std::int64_t nowMs() const { return nowMs_; }
  std::int64_t now() const { return nowMs_ / 1000; }
  std::uint64_t seed() const { return seed_; }
  // prefix + `length` characters that look random and are never given out twice.
  std::string newId(std::string_view prefix, std::size_t length, std::string_view alphabet);
  void move(Movement movement);
  // For the endpoints that asked for the type.
  void emit(std::string account, std::string type, std::string event, std::string body);
  // To a URL that the request named.
  void send(WebhookMessage message);
  // After that much simulated time, divided by the pace of the process.
  void later(std::int64_t delayMs, std::function<void()> action);
  // At that simulated time, whatever the pace.
  void at(std::int64_t dueMs, std::function<void()> action);

  const Services& services() const { return services_; }
  // While the journal is carried out again after a restart: nothing goes out, and what was only in
  // memory is not there.
  bool replaying() const { return replaying_; }

 private:
  struct Kept;
  struct Exchange;
  using ExchangePtr = std::shared_ptr<Exchange>;
  struct Event {
    std::string account, type, event, body;
  };

  void prepareExchange(Exchange& exchange, const HttpRequest& request);
  void complete(Exchange& exchange);
  ApiAnswer carryOut(const ApiRequest& request, bool storesError, bool skipped);
  void finish(Exchange& exchange, ApiAnswer answer);
  void flush(const std::string& recordLine);
  void forget(std::uint64_t seed);
  void writeStart();

  Services services_;
  Schedule schedule_;
  Alarm alarm_;
  std::unordered_map<std::string, std::shared_ptr<Kept>> kept_;
  std::vector<Movement> movements_;
  std::vector<Event> events_;
  std::vector<WebhookMessage> messages_;
  const ApiRequest* current_ = nullptr;
  std::int64_t nowMs_ = 0;
  std::uint64_t seed_ = 0;
  std::uint64_t lastId_ = 0;
  std::uint64_t lastRequest_ = 0;
  std::uint64_t generation_ = 0;
  bool stateKnown_ = false;
  bool replaying_ = false;
};

}  // namespace simulators
