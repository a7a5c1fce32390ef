#include "plugin_host/check/plugin_check.hpp"

#include <array>
#include <exception>
#include <unigate/json.hpp>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "plugin_host/check/child.hpp"
#include "plugin_host/check/tests.hpp"

namespace unigate::plugin_host::check {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::int64_t kTimeoutFactor = 6;
#else
constexpr std::int64_t kTimeoutFactor = 1;
#endif

constexpr std::array kTests = {
    Test{"transcripts", "requests and results are those of the recorded exchanges",
         testTranscripts},
    Test{"poisoned buffers", "nothing of the host's memory is used after the call returned",
         testPoisonedBuffers},
    Test{"end at every suspension", "a call can be cancelled wherever it waits, without a leak",
         testEndAtEverySuspension},
    Test{"64 interleaved calls", "calls don't disturb each other and may change threads",
         testInterleavedCalls},
    Test{"determinism", "same inputs give the same bytes, in other surroundings too",
         testDeterminism, true},
    Test{"canary secrets", "no secret of the environment is carried, no input is logged",
         testCanarySecrets},
    Test{"egress", "requests go to declared endpoints with declared authentication", testEgress},
    Test{"short structs", "structs of abi 1.0 and of a newer host are both fine", testShortStructs},
    Test{"lost answers", "a request without an answer is never taken for an outcome",
         testLostAnswers},
    Test{"status matrix", "every HTTP status is understood without a guess", testStatusMatrix},
    Test{"hostile responses", "spoilt answers never crash, never become an invented amount",
         testHostileResponses},
};

// One test in this (child) process.
std::string runHere(const Plan& plan, const Test& test, bool disturbed) {
  Report report;
  try {
    if (disturbed) disturbSurroundings();
    auto subject = Subject::load(plan);
    if (subject) {
      test.run(**subject, report);
    } else {
      report.fail(subject.error());
    }
  } catch (const std::exception& error) {
    report.fail("threw an exception: " + std::string(error.what()));
  }
  return report.toText();
}

Report reportOf(const ChildResult& child) {
  if (child.finished) return Report::fromText(child.text);
  Report report;
  report.fail(child.trouble);
  return report;
}

Report runTest(const Plan& plan, const Test& test, std::int64_t timeoutMs) {
  Report report = reportOf(runInChild([&] { return runHere(plan, test, false); }, timeoutMs));
  if (!test.twice || report.failures() > 0) return report;
  const Report second = reportOf(runInChild([&] { return runHere(plan, test, true); }, timeoutMs));
  if (second.failures() > 0) return second;
  if (second.digest() != report.digest()) {
    report.fail(
        "another process with another environment, directory and memory layout gives other bytes");
  }
  return report;
}

Report runLoad(const Plan& plan, std::int64_t timeoutMs) {
  return reportOf(runInChild(
      [&] {
        Report report;
        testLoad(plan, report);
        return report.toText();
      },
      timeoutMs));
}

// Writes the results, as lines or as JSON.
class Printer {
 public:
  Printer(const CheckOptions& options, std::uint64_t seed, std::ostream& out)
      : options_(options), out_(out) {
    json_.beginObject().member("file", options.library).member("seed", seed);
    json_.key("tests").beginArray();
    if (!options.json) out_ << "checking " << options.library << ", seed " << seed << "\n";
  }

  void test(const char* name, const char* promise, const Report& report, std::int64_t tookMs) {
    const bool failed = report.failures() > 0;
    const bool skipped = !failed && report.tries() == 0;
    ++(failed ? failed_ : skipped ? skipped_ : passed_);
    const char* const state = failed ? "failed" : skipped ? "skipped" : "ok";
    json_.beginObject().member("name", name).member("promise", promise).member("state", state);
    json_.member("tries", report.tries()).member("failures", report.failures());
    json_.member("ms", tookMs).key("why").beginArray();
    for (const std::string& why : report.whys()) json_.value(why);
    json_.endArray().key("notes").beginArray();
    for (const std::string& note : report.skips()) json_.value(note);
    json_.endArray().endObject();
    if (options_.json) return;
    if (failed) {
      out_ << "FAILED  " << name << ": " << (report.whys().empty() ? "" : report.whys().front())
           << "\n";
      for (std::size_t i = 1; i < report.whys().size(); ++i)
        out_ << "        " << report.whys()[i] << "\n";
      if (report.failures() > report.whys().size()) {
        out_ << "        in all " << report.failures() << " failures\n";
      }
    } else if (skipped) {
      out_ << "skipped " << name << ": no transcript to drive it\n";
    } else {
      out_ << "ok      " << name << " (" << report.tries() << " tries, " << tookMs << " ms)\n";
    }
    for (const std::string& note : report.skips()) out_ << "        note: " << note << "\n";
    out_.flush();
  }

  int finish(const std::vector<std::string>& notes) {
    json_.endArray().key("notes").beginArray();
    for (const std::string& note : notes) json_.value(note);
    json_.endArray().member("passed", passed_).member("failed", failed_);
    json_.member("skipped", skipped_).endObject();
    if (options_.json) {
      out_ << json_.view() << "\n";
    } else {
      for (const std::string& note : notes) out_ << "note: " << note << "\n";
      out_ << passed_ << " passed, " << failed_ << " failed, " << skipped_ << " skipped\n";
    }
    return failed_ == 0 ? 0 : 1;
  }

 private:
  const CheckOptions& options_;
  std::ostream& out_;
  json::Writer json_;
  int passed_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
};

std::uint64_t drawSeed() {
  base::SystemRandom random;
  return random.below(1'000'000'000);
}

}  // namespace

std::span<const Test> allTests() {
  return kTests;
}

int runPluginCheck(const CheckOptions& options, std::ostream& out) {
  const std::uint64_t seed = options.seed ? *options.seed : drawSeed();
  const std::int64_t timeoutMs = options.hangTimeoutMs * kTimeoutFactor;
  const base::SystemClock clock;
  Printer printer(options, seed, out);
  constexpr const char* kLoadPromise =
      "one exported symbol, a sound manifest that the library agrees with";
  const auto plan = makePlan(options.library, options.transcripts, seed);
  if (!plan) {
    Report report;
    report.fail(plan.error());
    printer.test("load", kLoadPromise, report, 0);
    return printer.finish({});
  }
  std::int64_t startedUs = clock.monotonicUs();
  const auto tookMs = [&] { return (clock.monotonicUs() - startedUs) / 1000; };
  const Report load = runLoad(*plan, timeoutMs);
  printer.test("load", kLoadPromise, load, tookMs());
  // What can't be loaded can't be tested further.
  if (load.digest() != "loaded") return printer.finish(plan->skips);
  for (const Test& test : kTests) {
    startedUs = clock.monotonicUs();
    const Report report = runTest(*plan, test, timeoutMs);
    printer.test(test.name, test.promise, report, tookMs());
  }
  return printer.finish(plan->skips);
}

}  // namespace unigate::plugin_host::check
