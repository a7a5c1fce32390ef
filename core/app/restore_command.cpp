// `unigate restore --mark-epoch`: to be run once after the database was put back from a backup.
// What is open in it may have gone on since; a new epoch makes the gateway ask the providers about
// it and never send it again.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>

#include "app/commands.hpp"
#include "app/open_store.hpp"
#include "store/worker_lease.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

constexpr std::size_t kPage = 256;
constexpr std::string_view kSqlite = "sqlite:";

struct Counts {
  std::size_t open = 0;
  std::size_t escalated = 0;
};

base::Result<Counts> countOperations(store::ReadSession& reader) {
  Counts counts;
  const auto count = [&](bool escalated, std::size_t& into) -> base::Status {
    std::string after;
    for (;;) {
      const auto page = escalated ? reader.escalatedOperations(kPage, after)
                                  : reader.openOperations(kPage, after);
      if (!page) return base::fail(page.error());
      into += page->size();
      if (page->size() < kPage) return {};
      after = page->back().id;
    }
  };
  if (auto status = count(false, counts.open); !status) return base::fail(status.error());
  if (auto status = count(true, counts.escalated); !status) return base::fail(status.error());
  return counts;
}

// Watches the workers on record for a lease's length: who lives beats on. The backup brings rows
// of processes that are long gone.
base::Status checkNobodyServes(store::Store& store) {
  const auto before = store.workersNow();
  if (!before) return base::fail(before.error());
  if (before->empty()) return {};
  std::map<std::string, std::int64_t> beats;
  for (const store::WorkerRecord& worker : *before) beats[worker.id] = worker.beat;
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(store::WorkerLease::kLeaseMs);
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(store::WorkerLease::kBeatMs / 2));
    const auto now = store.workersNow();
    if (!now) return base::fail(now.error());
    for (const store::WorkerRecord& worker : *now) {
      const auto known = beats.find(worker.id);
      if (known != beats.end() && known->second == worker.beat) continue;
      return base::fail(500, "served",
                        "gateway process " + worker.id + " (" + worker.host + ", process " +
                            std::to_string(worker.processId) +
                            ") serves this database; stop it first");
    }
  }
  return {};
}

// Higher than any that this database ever had, also after the backup was made: a gateway that knew
// a later one must not take the new for its own.
base::Result<std::int64_t> raiseEpoch(store::Store& store, store::ReadSession& reader,
                                      const base::Clock& clock) {
  const auto stored = reader.meta("epoch");
  if (!stored) return base::fail(stored.error());
  std::int64_t epoch = 0;
  if (stored->has_value()) {
    const std::string& text = **stored;
    std::from_chars(text.data(), text.data() + text.size(), epoch);
  }
  epoch = std::max(epoch + 1, clock.unixMs() / 1000);
  if (auto status = store.setMeta("epoch", std::to_string(epoch)); !status)
    return base::fail(status.error());
  return epoch;
}

int markEpoch(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const bool file = config->storeUrl.rfind(kSqlite, 0) == 0;
  if (file && !std::filesystem::exists(config->storeUrl.substr(kSqlite.size())))
    return failed("there is no " + config->storeUrl.substr(kSqlite.size()) +
                  "; put the backup there first (store.url)");
  const auto locked = ServeLock::take(config->storeUrl);
  if (!locked) return failed(locked.error().detail);
  const auto office = openOffice(*config);
  if (!office) return 1;
  if (!file) {
    if (auto status = checkNobodyServes(*office->store); !status)
      return failed(status.error().detail);
  }
  const auto counts = countOperations(*office->reader);
  if (!counts) return failed(counts.error().detail);
  const auto epoch = raiseEpoch(*office->store, *office->reader, office->clock);
  if (!epoch) return failed(epoch.error().detail);
  if (arguments.json()) {
    json::Writer out;
    out.beginObject()
        .member("epoch", *epoch)
        .member("open_operations", static_cast<std::int64_t>(counts->open))
        .member("escalated_operations", static_cast<std::int64_t>(counts->escalated))
        .endObject();
    std::printf("%s\n", out.take().c_str());
    return 0;
  }
  std::printf(
      "marked as restored, epoch %lld. Of %zu open operations the providers will be asked what "
      "became of them; none is sent again.\n",
      static_cast<long long>(*epoch), counts->open);
  if (counts->escalated > 0)
    std::printf("%zu more wait for a person's decision: `unigate operation list`\n",
                counts->escalated);
  std::printf(
      "What was done after the backup is not in this database: compare with the providers before "
      "you serve clients again.\n");
  return 0;
}

}  // namespace

int restoreCommand(const Words& words) {
  const std::string usage = "unigate restore --mark-epoch [--config FILE] [--json]";
  int exitCode = 0;
  const auto arguments =
      parseOrExplain(words, {{"mark-epoch", "", "the database was put back from a backup", false}},
                     usage, exitCode);
  if (!arguments) return exitCode;
  if (!arguments->has("mark-epoch"))
    return misused(usage, "put the backup in place, then say --mark-epoch");
  return markEpoch(*arguments);
}

}  // namespace unigate::app
