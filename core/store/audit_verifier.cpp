#include "store/audit_verifier.hpp"

#include <algorithm>
#include <unigate/json.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace unigate::store {

namespace {

constexpr std::size_t kPageRows = 2'000;

// What the operations' table says of one, and what the chain does.
struct Seen {
  std::int64_t seq = 0;
  std::int64_t fence = 0;
  std::int64_t createdAt = 0;
  std::string state;
  std::int64_t rows = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t lastFence = 0;
  std::string lastState;
};

class Verifier {
 public:
  Verifier(ReadSession& reader, const std::function<void(const AuditRow&)>& atRow)
      : reader_(reader), atRow_(atRow) {}

  // The operations first: what they have become by the time that the chains are read is then no
  // contradiction.
  base::Result<AuditReport> run() {
    if (auto status = readOperations(); !status) return base::fail(status.error());
    auto heads = reader_.auditHeads();
    if (!heads) return base::fail(heads.error());
    auto chains = reader_.auditChains();
    if (!chains) return base::fail(chains.error());
    for (const std::int64_t chain : *chains) {
      AuditHead head{chain, 0, {}};
      for (const AuditHead& each : *heads) {
        if (each.chain == chain) head = each;
      }
      if (auto status = readChain(head); !status) return base::fail(status.error());
      ++report_.chains;
    }
    for (const AuditHead& each : *heads) {
      const bool known = std::find(chains->begin(), chains->end(), each.chain) != chains->end();
      if (!known && each.seq > 0)
        report_.add("chain " + std::to_string(each.chain) + ": all " +
                    std::to_string(each.seq) + " rows are missing");
    }
    compareOperations();
    return std::move(report_);
  }

 private:
  base::Status readOperations() {
    std::string after;
    for (;;) {
      auto page = reader_.operationStates(after, kPageRows);
      if (!page) return base::fail(page.error());
      if (page->empty()) return {};
      after = page->back().id;
      for (OperationRecord& each : *page) {
        Seen& seen = operations_[each.id];
        seen.seq = each.transitionSeq;
        seen.fence = each.fence;
        seen.createdAt = each.createdAt;
        seen.state = toText(each.state);
        ++report_.operations;
      }
    }
  }

  base::Status readChain(const AuditHead& head) {
    const std::string name = "chain " + std::to_string(head.chain);
    AuditHead at{head.chain, 0, {}};
    bool headMet = head.seq == 0;
    for (;;) {
      auto page = reader_.auditRows(head.chain, at.seq, kPageRows);
      if (!page) return base::fail(page.error());
      if (page->empty()) break;
      for (const AuditRow& row : *page) {
        if (row.seq != at.seq + 1)
          report_.add(name + ": row " + std::to_string(at.seq + 1) + " is missing");
        if (auditHash(row, at.hash) != row.hash)
          report_.add(name + ": row " + std::to_string(row.seq) + " (" + row.action + " " +
                      row.subject + ") is not what was written");
        at.seq = row.seq;
        at.hash = row.hash;
        if (row.seq == head.seq) headMet = row.hash == head.hash;
        take(row);
      }
    }
    if (!headMet)
      report_.add(name + ": ends at row " + std::to_string(at.seq) + ", but " +
                  std::to_string(head.seq) + " were written");
    report_.heads.push_back(at);
    return {};
  }

  void take(const AuditRow& row) {
    ++report_.rows;
    if (firstAt_ == 0 || row.at < firstAt_) firstAt_ = row.at;
    if (atRow_) atRow_(row);
    if (row.action != kTransitionAction) return;
    const auto found = operations_.find(row.subject);
    if (found == operations_.end()) {
      strange_.insert(row.subject);  // made since the operations were read, or taken away
      return;
    }
    Seen& seen = found->second;
    ++seen.rows;
    if (seen.first == 0 || row.subjectSeq < seen.first) seen.first = row.subjectSeq;
    if (row.subjectSeq < seen.last) return;
    json::Document data;
    json::ReadError error;
    if (!data.parse(row.data, error)) return;
    seen.last = row.subjectSeq;
    seen.lastFence = data["fence"].int64Or(-1);
    seen.lastState = data["to"].stringOr("");
  }

  void compareOperations() {
    for (const auto& [id, seen] : operations_) {
      // An operation older than the chain has no row of its first transitions.
      const bool older = seen.createdAt < firstAt_ || firstAt_ == 0;
      if (seen.rows == 0) {
        if (!older) report_.add(id + ": the chain has no row of it");
        continue;
      }
      if (seen.first != 1 && !older)
        report_.add(id + ": the chain lacks its first transition");
      if (seen.rows != seen.last - seen.first + 1)
        report_.add(id + ": the chain has " + std::to_string(seen.rows) + " of its transitions " +
                    std::to_string(seen.first) + " to " + std::to_string(seen.last));
      if (seen.last < seen.seq)
        report_.add(id + ": had " + std::to_string(seen.seq) +
                    " transitions, of which the chain knows " + std::to_string(seen.last));
      if (seen.last == seen.seq && (seen.lastState != seen.state || seen.lastFence != seen.fence))
        report_.add(id + ": is " + seen.state + ", but the chain ends with " + seen.lastState);
    }
    for (const std::string& id : strange_) {
      auto found = reader_.operationOfAnyTenant(id);
      if (found && !found->has_value()) report_.add(id + ": the chain has it, but it is gone");
    }
  }

  ReadSession& reader_;
  const std::function<void(const AuditRow&)>& atRow_;
  AuditReport report_;
  std::unordered_map<std::string, Seen> operations_;
  std::unordered_set<std::string> strange_;
  std::int64_t firstAt_ = 0;
};

}  // namespace

void AuditReport::add(std::string fault) {
  ++faultCount;
  if (faults.size() < kFaultsMax) faults.push_back(std::move(fault));
}

base::Result<AuditReport> verifyAudit(ReadSession& reader,
                                      const std::function<void(const AuditRow&)>& atRow) {
  return Verifier(reader, atRow).run();
}

}  // namespace unigate::store
