// Plugins whose faults only show under the conformance kit: the kit names the broken promise and
// goes on.
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "plugin_host/check/plugin_check.hpp"
#include "shelf.hpp"

namespace unigate::plugin_host::check {
namespace {

using Catch::Matchers::Contains;

// The kit's exit code and what it printed.
struct Verdict {
  int code;
  std::string text;
};

Verdict checkOf(const std::string& id) {
  const testing::Shelf shelf(UNIGATE_SHELF);
  shelf.put(id);
  CheckOptions options;
  options.library = shelf.libraryOf(id).string();
  options.seed = 1;
  options.hangTimeoutMs = 2'000;
  std::ostringstream out;
  const int code = runPluginCheck(options, out);
  return {code, out.str()};
}

// The line of one test of the kit, with what follows it up to the next test.
std::string lineOf(const Verdict& verdict, const std::string& test) {
  const std::size_t at = verdict.text.find(" " + test);
  if (at == std::string::npos) return "(no test named '" + test + "')";
  const std::size_t from = verdict.text.rfind('\n', at) + 1;
  return verdict.text.substr(from, verdict.text.find('\n', at) - from);
}

}  // namespace

TEST_CASE("The kit names the promise that a plugin breaks") {
  struct Row {
    const char* id;
    const char* test;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"crashes", "status matrix", "crashed"},
      {"hangs", "status matrix", "hangs"},
      {"throws", "status matrix", ""},
      {"reads_the_clock", "determinism", ""},
      {"keeps_a_pointer", "poisoned buffers", ""},
      {"believes_everything", "status matrix", "is taken for success"},
      {"wrong_id", "load", "id is \"somebody_else\" in the library"},
      {"header_injection", "status matrix", "control character"},
  };
  for (const Row& row : rows) {
    const Verdict verdict = checkOf(row.id);
    INFO(row.id << "\n" << verdict.text);
    CHECK(verdict.code == 1);
    CHECK_THAT(lineOf(verdict, row.test), Catch::StartsWith("FAILED") && Contains(row.why));
  }
}

}  // namespace unigate::plugin_host::check
