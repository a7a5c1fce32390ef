#include "simulation/invariants.hpp"

#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace unigate::simulation {

namespace {

class Checker {
 public:
  explicit Checker(const Evidence& evidence)
      : store_(evidence.store),
        upstream_(evidence.upstream),
        clients_(evidence.clients),
        sentWithoutIntent_(evidence.sentWithoutIntent),
        sentAfterRestore_(evidence.sentAfterRestore) {
    for (const Movement& movement : upstream_.ledger()) ++moved_[movement.request.operationId];
  }

  std::vector<Violation> run() {
    movements();
    keys();
    answers();
    replays();
    states();
    logs();
    sums();
    for (const std::string& id : sentAfterRestore_) violate(1, id + " was sent after a restore");
    for (const std::string& id : sentWithoutIntent_)
      violate(12, id + " was sent before its intent");
    return std::move(violations_);
  }

 private:
  void violate(std::size_t invariant, std::string what) {
    violations_.push_back({invariant, std::move(what)});
  }

  // Nothing for what a restore made us forget.
  const Row* known(const std::string& id) const {
    const auto found = store_.rows().find(id);
    return found == store_.rows().end() ? nullptr : &found->second;
  }
  bool forgotten(const std::string& id) const { return store_.lost().count(id) > 0; }
  bool moved(const std::string& id) const { return moved_.count(id) > 0; }

  // I1, I2, I7.
  void movements() {
    for (const auto& [id, times] : moved_) {
      if (times > 1) violate(1, id + " moved money " + std::to_string(times) + " times");
    }
    for (const Movement& movement : upstream_.ledger()) {
      const std::string& id = movement.request.operationId;
      if (forgotten(id)) continue;
      const Row* row = known(id);
      if (row == nullptr) {
        violate(2, id + " moved money and is no operation");
      } else if (row->amount != movement.request.amount ||
                 row->account != movement.request.account || row->kind != movement.request.kind) {
        violate(2, id + " moved another amount, or at another place");
      }
    }
    for (const auto& [id, providers] : upstream_.seenAt()) {
      if (providers.size() > 1) violate(7, id + " went to several providers");
    }
  }

  // I1 as a client sees it: one key, one movement. A key whose operation was forgotten by a restore
  // is bound to nothing any more.
  void keys() {
    std::map<std::string, std::int64_t> byKey;
    for (const auto& [id, row] : store_.rows()) byKey[row.wasKey] += moved(id) ? 1 : 0;
    for (const auto& [key, times] : byKey) {
      if (times > 1) violate(1, key + " moved money " + std::to_string(times) + " times");
    }
  }

  bool mayBeForgotten(const Answer& answer) const {
    return store_.forgottenFromUs() >= 0 && answer.atUs >= store_.forgottenFromUs() &&
           answer.atUs <= store_.forgottenToUs();
  }

  // I3, I5, I11: each answer against how it all ended.
  void answers() {
    for (const Answer& answer : clients_.answers()) {
      const Reply& reply = answer.reply;
      const std::string& id = reply.operationId;
      if (id.empty()) {
        refusal(answer);
        continue;
      }
      if (forgotten(id)) continue;
      const Row* row = known(id);
      if (row == nullptr) {
        violate(3, id + " was named to a client and is not there");
        continue;
      }
      if (reply.told != Told::inUse && reply.told != Told::unknown &&
          row->fingerprint != answer.fingerprint) {
        violate(5, id + " was the answer to another body under its key");
      }
      end(answer, *row);
    }
  }

  void end(const Answer& answer, const Row& row) {
    const Reply& reply = answer.reply;
    const bool kept = reply.told == Told::succeeded || reply.told == Told::processing ||
                      reply.told == Told::declined;
    if (kept && !mayBeForgotten(answer) &&
        (row.responseStatus != reply.status || row.responseBody != reply.body)) {
      violate(3, row.id + " lost the answer " + std::to_string(reply.status));
    }
    if (reply.told == Told::succeeded && row.state != State::succeeded &&
        row.state != State::escalated) {
      violate(3, row.id + " was told as done and is " + std::string(engine::toString(row.state)));
    }
    if (reply.told == Told::succeeded && !moved(row.id))
      violate(11, row.id + " was told as done and never was");
    if ((reply.told == Told::declined || reply.told == Told::notExecuted) && moved(row.id))
      violate(11, row.id + " was told as failed and moved money");
  }

  // "Not executed" that names no operation: nothing that the key stood for by then may be done.
  void refusal(const Answer& answer) {
    if (answer.reply.told != Told::notExecuted) return;
    const std::string& key = clients_.wishes()[answer.wish].request.key;
    for (const auto& [id, row] : store_.rows()) {
      if (row.wasKey == key && row.fingerprint == answer.fingerprint && moved(id) &&
          store_.committedAtUs(id) < answer.atUs) {
        violate(11, id + " moved money and its key was refused as not executed");
      }
    }
  }

  // I4.
  void replays() {
    std::map<std::pair<std::string, std::string>, const Reply*> first;
    for (const Answer& answer : clients_.answers()) {
      const Reply& reply = answer.reply;
      if (reply.told != Told::succeeded && reply.told != Told::processing &&
          reply.told != Told::declined) {
        continue;
      }
      if (mayBeForgotten(answer)) continue;
      const auto [found, fresh] =
          first.try_emplace({std::to_string(answer.wish), reply.operationId}, &reply);
      if (!fresh && (found->second->status != reply.status || found->second->body != reply.body)) {
        violate(4, reply.operationId + " was replayed with other bytes");
      }
    }
  }

  // I6, I11.
  void states() {
    for (const auto& [id, row] : store_.rows()) {
      if (!engine::isTerminal(row.state) && row.state != State::escalated)
        violate(6, id + " is still " + std::string(engine::toString(row.state)));
      if (row.state == State::succeeded && !moved(id))
        violate(11, id + " succeeded for us, and not at the provider");
      if (row.state == State::failed && moved(id))
        violate(11, id + " failed for us, and succeeded at the provider");
    }
  }

  // I9: one row for each change, each from where the last one led, the fence ever higher.
  void logs() {
    for (const auto& [id, row] : store_.rows()) {
      State state = State::received;
      std::int64_t fence = 0;
      for (const LogRow& entry : row.log) {
        if (entry.from != state || entry.fence != fence + 1 || engine::isTerminal(entry.from))
          violate(9, id + " has a log that does not follow");
        state = entry.to;
        fence = entry.fence;
      }
      if (state != row.state || fence != row.fence)
        violate(9, id + " has changed without a row in its log");
    }
  }

  // I10. Escalated operations are listed for an operator; forgotten ones for the reconciler.
  void sums() {
    std::map<std::string_view, std::int64_t> ours;
    std::map<std::string_view, std::int64_t> theirs;
    for (const auto& [id, row] : store_.rows()) {
      if (row.state == State::succeeded) ours[kKinds[row.kind].currency] += row.amount;
    }
    for (const Movement& movement : upstream_.ledger()) {
      const Row* row = known(movement.request.operationId);
      if (row == nullptr ? forgotten(movement.request.operationId) : row->state == State::escalated)
        continue;
      theirs[kKinds[movement.request.kind].currency] += movement.request.amount;
    }
    std::set<std::string_view> currencies;
    for (const Kind& kind : kKinds) currencies.insert(kind.currency);
    for (const std::string_view currency : currencies) {
      if (ours[currency] != theirs[currency])
        violate(10, "the sums in " + std::string(currency) + " differ");
    }
  }

  const Store& store_;
  const Upstream& upstream_;
  const Clients& clients_;
  const std::vector<std::string>& sentWithoutIntent_;
  const std::vector<std::string>& sentAfterRestore_;
  std::map<std::string, std::int64_t> moved_;
  std::vector<Violation> violations_;
};

}  // namespace

const std::array<Invariant, kInvariants>& invariants() {
  static const std::array<Invariant, kInvariants> all{{
      {"one movement for each operation and key", true},
      {"each movement belongs to one operation", true},
      {"what a client saw is still there", true},
      {"a replay is byte-identical", true},
      {"another body under a key gets nothing", true},
      {"all is settled when faults have stopped", true},
      {"never at another provider", true},
      {"inbound events reach subscribers", false},
      {"each change has its row, in order", true},
      {"the ledgers agree by currency", true},
      {"never failed here and done there", true},
      {"nothing is sent before its intent", true},
  }};
  return all;
}

std::vector<Violation> check(const Evidence& evidence) {
  return Checker(evidence).run();
}

}  // namespace unigate::simulation
