// The simulated Stripe behind its port: authentication, faults, idempotency, the journal, and the
// way from a request to an answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/alarm.hpp"
#include "common/provider.hpp"
#include "common/schedule.hpp"
#include "stripe/account.hpp"
#include "stripe/operations.hpp"

namespace simulators::stripe {

class StripeProvider : public Provider {
 public:
  // `acceptedKeys` empty: every well-formed secret key is its own account.
  StripeProvider(Services services, std::vector<std::string> acceptedKeys);

  std::string_view name() const override { return "stripe"; }
  void handle(const HttpRequest& request, Responder respond) override;
  void replay(const JsonValue& record) override;
  void begin() override;
  void tick() override;
  void reset() override;

 private:
  struct Prepared;
  struct Command;
  struct Exchange;
  using ExchangePtr = std::shared_ptr<Exchange>;

  // The steps of one exchange, in their order.
  ExchangePtr open(const HttpRequest& request, Responder respond);
  void prepare(Exchange& exchange, const HttpRequest& request);
  void complete(Exchange& exchange);
  void execute(Exchange& exchange);
  void answerError(Exchange& exchange, const ApiError& error);
  void finish(Exchange& exchange, unsigned status, std::string body);

  // What carrying a request out, or the passing of time, left behind.
  struct Effects {
    std::vector<Movement> movements;
    std::vector<std::pair<Account*, Event>> events;
  };
  Effects carryOut(Account& account, const Prepared& prepared, const Command& command,
                   Answer& answer);
  // Plans and events of the call become the account's.
  void absorb(Call& call, Effects& effects);
  void runDue(std::int64_t nowMs, Effects& effects);
  void record(const std::string& commandLine, const Effects& effects);
  Account* ownerOf(const std::string& id);
  void replayRequest(const JsonValue& record);
  void replayChallenge(const JsonValue& record);

  void handleChallenge(const HttpRequest& request, const Responder& respond);
  Effects challenge(Account& account, const std::string& id, bool passed, std::int64_t atMs);

  Account& authenticate(const HttpRequest& request);
  Account& account(const std::string& id, const std::string& keyLast4, bool livemode);
  void forget(std::uint64_t seed);
  void writeStart();
  std::string requestId(std::uint64_t number) const;

  Services services_;
  Schedule schedule_;
  Alarm alarm_;
  Effects* effects_ = nullptr;  // of the actions that run
  std::vector<std::string> acceptedKeys_;
  std::unordered_map<std::string, std::unique_ptr<Account>> accounts_;
  std::uint64_t seed_ = 0;  // of the ids; another one after each reset
  std::uint64_t lastRequest_ = 0;
  std::uint64_t generation_ = 0;  // counts resets, so that an exchange knows if one came between
  bool stateKnown_ = false;       // while replaying: whether the journal is complete so far
};

}  // namespace simulators::stripe
