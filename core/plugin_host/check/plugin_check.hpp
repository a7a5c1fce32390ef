// The conformance kit behind `unigate plugin check FILE.so`: drives a plugin through good and
// hostile exchanges, each test in a child process of its own. Called by the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace unigate::plugin_host::check {

struct CheckOptions {
  std::string library;                // path of <id>.so, its manifest beside it
  std::optional<std::uint64_t> seed;  // of all that is random in it; empty: drawn, and printed
  bool json = false;                  // one JSON object instead of lines
  std::string
      transcripts;  // directory; empty: "transcripts" beside the library, where there is one
  std::int64_t hangTimeoutMs = 10'000;  // a test without progress for so long hangs
};

// Runs every test and writes a line for each ("ok", "FAILED why", "skipped why") and a summary.
// Returns 0 when none failed, else 1. Forks: call it while the process has one thread. The plugin
// is never loaded into the calling process. What it writes to standard error (a sanitizer's report,
// say) is shown only when the environment has UNIGATE_CHECK_STDERR.
int runPluginCheck(const CheckOptions& options, std::ostream& out);

}  // namespace unigate::plugin_host::check
