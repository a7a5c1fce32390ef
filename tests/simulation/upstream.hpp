// The way to the providers and the providers themselves: a network that loses, delays, doubles and
// reorders, in front of ledgers that treat keys as each provider documents it. Also knows what an
// adapter makes of each answer.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/operation.hpp"
#include "simulation/kinds.hpp"
#include "simulation/world.hpp"

namespace unigate::simulation {

struct Request {
  std::string operationId;
  std::string key;
  std::size_t kind = 0;
  std::string account;
  std::int64_t amount = 0;
};

struct Movement {
  Request request;
  std::int64_t atUs = 0;
};

struct UpstreamFaults {
  std::int64_t notSentPerMille = 0;
  std::int64_t lostRequestPerMille = 0;
  std::int64_t lostAnswerPerMille = 0;
  std::int64_t delayedPerMille = 0;   // the caller gives up, the request arrives much later
  std::int64_t doubledPerMille = 0;   // the network delivers it twice
  std::int64_t limitedPerMille = 0;   // 429
  std::int64_t errorPerMille = 0;     // 5xx before, after or while it is carried out
  std::int64_t slowPerMille = 0;      // the provider takes seconds
  std::int64_t declinePerMille = 50;  // not a fault: stays when faults stop
};

struct UpstreamCounts {
  std::int64_t lostAnswers = 0;  // and requests: no complete answer came
  std::int64_t doubled = 0;
  std::int64_t resent = 0;
};

class Upstream {
 public:
  using Done = std::function<void(engine::Outcome)>;
  // Whatever was sent has arrived within the first and is done with within the second: less than
  // what the engine's settle time allows for.
  static constexpr std::int64_t kLongestWayUs = 11 * kSecond;
  static constexpr std::int64_t kLongestUs = 18 * kSecond;

  explicit Upstream(World& world) : world_(world) {}

  UpstreamFaults faults;
  // Called when the first byte of a request leaves.
  std::function<void(const Request&)> onSend;

  // `done` is called once, not later than `boundUs`.
  void send(const Request& request, bool again, std::int64_t boundUs, Done done);
  // A look-up sees what came to be no later than `sentUntilUs`: the gateway claims that there is
  // nothing of the operation after that.
  void query(const Request& request, std::int64_t sentUntilUs, std::int64_t boundUs, Done done);

  const std::vector<Movement>& ledger() const { return ledger_; }
  // By operation: the providers that saw a request for it.
  const std::map<std::string, std::set<std::string>>& seenAt() const { return seenAt_; }
  const UpstreamCounts& counts() const { return counts_; }

 private:
  enum class Answer { done, declined, limited, running, error };
  using Respond = std::function<void(Answer)>;
  struct Kept {
    bool running = false;
    std::int64_t firstUs = 0;
    bool answered = false;
    Answer answer = Answer::done;
  };

  static engine::Outcome outcomeOf(Answer answer, bool again);
  void arrive(const Request& request, const Respond& respond);
  void work(const Request& request, std::int64_t leftUs, const Respond& respond);
  void carryOut(const Request& request, bool declines, Answer answer);
  engine::Outcome found(const Request& request, std::int64_t sentUntilUs) const;
  std::string keyOf(const Request& request) const;

  World& world_;
  std::map<std::string, Kept> kept_;    // by account and key
  std::map<std::string, int> working_;  // operations that are being carried out
  struct Thing {
    bool done = false;  // else refused
    std::int64_t atUs = 0;
  };
  std::map<std::string, Thing> things_;  // by operation
  std::vector<Movement> ledger_;
  std::map<std::string, std::set<std::string>> seenAt_;
  UpstreamCounts counts_;
};

}  // namespace unigate::simulation
