// The report of a reconciliation as the API shows it and the database keeps it. Called by the
// gateway's reconciler and by the command line.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "reconcile/comparison.hpp"
#include "reconcile/limits.hpp"

namespace unigate::reconcile {

// How far one kind was looked at.
struct Coverage {
  Kind kind = Kind::payment;
  // "listed": the provider listed its movements. "asked": it has no such list, so it was asked for
  // each of ours, and what is extra or twice there can't be found.
  std::string how;
  std::string detail;         // why it was not listed; empty: it was
  std::size_t movements = 0;  // that the provider has in the range
  std::size_t pages = 0;
};

struct Report {
  std::string id;
  std::string provider;
  bool live = false;
  std::string status = "running";  // "running", "finished", "failed"
  std::string origin;              // "api", "command", "schedule"
  std::int64_t sinceMs = 0;
  std::int64_t untilMs = 0;
  std::int64_t createdMs = 0;
  std::int64_t finishedMs = 0;  // 0: not yet
  std::vector<Coverage> coverage;
  std::size_t entries = 0;
  std::size_t caughtUp = 0;     // behind at first, and read anew since
  std::size_t secondLooks = 0;  // requests to the provider for what differed at first sight
  std::string failureCode;      // of a failed run
  std::string failureDetail;
};

// By DifferenceKind.
std::array<std::size_t, kDifferenceKinds> countsOf(const Findings& findings);

// The JSON object. While a run is under way or when it failed, books and findings are empty.
std::string toDocument(const Report& report, const Books& books, const Findings& findings);

}  // namespace unigate::reconcile
