// `unigate audit`: is the audit chain whole?
#include <cstdio>
#include <map>

#include "app/audit_checkpoints.hpp"
#include "app/commands.hpp"
#include "store/audit_verifier.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

constexpr const char* kUsage =
    "unigate audit verify [--checkpoints FILE] | audit checkpoint [--out FILE]"
    " [--config FILE] [--json]";

// What checkpoints say of each chain's rows, to be found again in the database.
class Expected {
 public:
  explicit Expected(const std::vector<Checkpoint>& checkpoints) {
    for (const Checkpoint& checkpoint : checkpoints) {
      for (const store::AuditHead& head : checkpoint.heads) {
        if (head.seq > 0) rows_[{head.chain, head.seq}] = {head.hash, checkpoint.at};
      }
    }
  }
  void meet(const store::AuditRow& row) {
    const auto found = rows_.find({row.chain, row.seq});
    if (found != rows_.end() && found->second.first == row.hash) rows_.erase(found);
  }
  void tellMissing(store::AuditReport& report) const {
    for (const auto& [where, what] : rows_) {
      report.add("chain " + std::to_string(where.first) + ": row " + std::to_string(where.second) +
                 " is not what the checkpoint of " + what.second + " has seen");
    }
  }

 private:
  std::map<std::pair<std::int64_t, std::int64_t>, std::pair<std::string, std::string>> rows_;
};

int verify(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const std::string file = arguments.get("checkpoints", config->auditCheckpointFile);
  std::vector<Checkpoint> checkpoints;
  if (!file.empty()) {
    auto read = readCheckpoints(file, *office->vault);
    if (!read) return failed(read.error().detail);
    checkpoints = std::move(*read);
  }
  Expected expected(checkpoints);
  auto report =
      store::verifyAudit(*office->reader, [&](const store::AuditRow& row) { expected.meet(row); });
  if (!report) return failed(report.error().detail);
  expected.tellMissing(*report);
  if (arguments.json()) {
    json::Writer out;
    out.beginObject()
        .member("ok", report->faultCount == 0)
        .member("chains", report->chains)
        .member("rows", report->rows)
        .member("operations", report->operations)
        .member("checkpoints", static_cast<std::int64_t>(checkpoints.size()))
        .member("fault_count", report->faultCount)
        .key("faults")
        .beginArray();
    for (const std::string& fault : report->faults) out.value(fault);
    out.endArray().endObject();
    std::printf("%s\n", out.take().c_str());
  } else {
    for (const std::string& fault : report->faults) std::printf("FAULT  %s\n", fault.c_str());
    std::printf("%lld rows in %lld chains, %lld operations, %zu checkpoints: %s\n",
                static_cast<long long>(report->rows), static_cast<long long>(report->chains),
                static_cast<long long>(report->operations), checkpoints.size(),
                report->faultCount == 0 ? "whole"
                                        : (std::to_string(report->faultCount) + " faults").c_str());
  }
  return report->faultCount == 0 ? 0 : 1;
}

int checkpoint(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto line = makeCheckpoint(*office->reader, *office->vault, office->clock);
  if (!line) return failed(line.error().detail);
  const std::string file = arguments.get("out", config->auditCheckpointFile);
  if (file.empty()) {
    std::printf("%s\n", line->c_str());
    return 0;
  }
  if (const auto status = appendCheckpoint(file, *line); !status)
    return failed(status.error().detail);
  if (!arguments.json()) std::printf("%s: one checkpoint added\n", file.c_str());
  if (arguments.json()) std::printf("%s\n", line->c_str());
  return 0;
}

}  // namespace

int auditCommand(const Words& words) {
  if (words.empty()) return misused(kUsage, "");
  const std::string& what = words.front();
  if (what == "--help") {
    std::printf("usage: %s\n", kUsage);
    return 0;
  }
  if (what != "verify" && what != "checkpoint")
    return misused(kUsage, "there is no \"audit " + what + "\"");
  int exitCode = 0;
  const auto arguments =
      parseOrExplain({words.begin() + 1, words.end()},
                     {{"checkpoints", "FILE", "checkpoints to hold the chain against"},
                      {"out", "FILE", "where to add the checkpoint"}},
                     kUsage, exitCode);
  if (!arguments) return exitCode;
  return what == "verify" ? verify(*arguments) : checkpoint(*arguments);
}

}  // namespace unigate::app
