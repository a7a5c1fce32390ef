// Runs the simulation over many seeds, or one with its log, and prints what came of it.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/simulation.hpp"

namespace unigate::simulation {
namespace {

constexpr std::uint64_t kRepeatedEvery = 50;  // seeds that are run twice, to compare their logs
constexpr std::uint64_t kSelfTestSeeds = 10'000;
constexpr int kViolationsShown = 20;

struct NamedMutant {
  const char* name;
  Mutant mutant;
  bool inSelfTest;  // else it takes more seeds than a normal run has, or is not known to be found
};
constexpr std::array<NamedMutant, 8> kMutants{{
    {"intent-skipped", Mutant::intentSkipped, true},
    {"fence-ignored", Mutant::fenceIgnored, true},
    {"key-remade", Mutant::keyRemade, true},
    {"response-not-stored", Mutant::responseNotStored, true},
    {"resend-outside-window", Mutant::resendOutsideWindow, true},
    {"lease-ignored", Mutant::leaseIgnored, false},
    {"epoch-ignored", Mutant::epochIgnored, true},
    {"clock-trusted", Mutant::clockTrusted, false},
}};

struct Options {
  std::uint64_t seeds = 10'000;
  std::uint64_t from = 1;
  bool one = false;
  bool selfTest = false;
  bool seedsGiven = false;  // with a self-test the seeds are run too when they are asked for
  const NamedMutant* mutant = nullptr;
};

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr,
               "unigate-simulation: %s\nUsage: [--seeds N] [--from S] [--seed S] [--mutant NAME] "
               "[--self-test]\n",
               why.c_str());
  std::exit(2);
}

std::uint64_t number(const char* text) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0') refuse("not a number: '" + std::string(text) + "'");
  return value;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--self-test") {
      options.selfTest = true;
      continue;
    }
    if (i + 1 == argc) refuse("'" + std::string(name) + "' is unknown or lacks its value");
    const char* value = argv[++i];
    if (name == "--seeds") {
      options.seeds = number(value);
      options.seedsGiven = true;
    } else if (name == "--from") {
      options.from = number(value);
    } else if (name == "--seed") {
      options.from = number(value);
      options.seeds = 1;
      options.one = options.seedsGiven = true;
    } else if (name == "--mutant") {
      for (const NamedMutant& known : kMutants) {
        if (std::strcmp(known.name, value) == 0) options.mutant = &known;
      }
      if (options.mutant == nullptr) refuse("there is no mutant '" + std::string(value) + "'");
    } else {
      refuse("'" + std::string(name) + "' is unknown");
    }
  }
  if (options.seeds == 0) refuse("no seeds to run");
  return options;
}

void line(const char* name, std::int64_t value) {
  std::printf("  %-52s %12lld\n", name, static_cast<long long>(value));
}

void printCounts(std::uint64_t seeds, const Counts& counts) {
  line("seeds", static_cast<std::int64_t>(seeds));
  line("events", counts.events);
  line("operations", counts.operations);
  line("movements at providers", counts.movements);
  line("answers to clients", counts.answers);
  line("crashes", counts.crashes);
  line("processes stopped and let go on", counts.stops);
  line("lost answers", counts.lostAnswers);
  line("duplicates by the network", counts.duplicates);
  line("sent again with the same key", counts.resends);
  line("clock jumps", counts.clockJumps);
  line("outages of hours or days", counts.outages);
  line("hours without an answer while clocks leap", counts.sieges);
  line("restores from a backup", counts.restores);
  line("take-ups", counts.takeUps);
  line("take-overs from another process", counts.takeOvers);
  line("left to an operator (escalated)", counts.escalated);
}

struct Tally {
  int passed = 0;
  int failed = 0;
};

Tally run(const Options& options) {
  const Mutant mutant = options.mutant != nullptr ? options.mutant->mutant : Mutant::none;
  Counts counts;
  std::array<std::int64_t, kInvariants> violations{};
  std::int64_t repeated = 0;
  std::int64_t differing = 0;
  int shown = 0;
  for (std::uint64_t seed = options.from; seed < options.from + options.seeds; ++seed) {
    const SeedResult result = runSeed(seed, mutant, options.one);
    counts.add(result.counts);
    for (const Violation& violation : result.violations) {
      ++violations[violation.invariant - 1];
      if (++shown > kViolationsShown) continue;
      std::printf("seed %llu violates I%zu: %s\n    tests/simulation/run --seed %llu%s%s\n",
                  static_cast<unsigned long long>(seed), violation.invariant,
                  violation.what.c_str(), static_cast<unsigned long long>(seed),
                  options.mutant != nullptr ? " --mutant " : "",
                  options.mutant != nullptr ? options.mutant->name : "");
    }
    if (seed % kRepeatedEvery != 0 && !options.one) continue;
    ++repeated;
    if (runSeed(seed, mutant, false).logHash == result.logHash) continue;
    ++differing;
    std::printf("seed %llu gives another event log the second time\n",
                static_cast<unsigned long long>(seed));
  }
  printCounts(options.seeds, counts);
  Tally tally;
  std::printf("  violations\n");
  for (std::size_t i = 0; i < kInvariants; ++i) {
    const Invariant& invariant = invariants()[i];
    const std::string count = invariant.expressible ? std::to_string(violations[i]) : "n/a";
    std::printf("    I%-3zu %-45s %12s\n", i + 1, invariant.name, count.c_str());
    if (invariant.expressible) ++(violations[i] == 0 ? tally.passed : tally.failed);
  }
  std::printf("    %-50s %12lld\n",
              ("seeds that differ when run twice (of " + std::to_string(repeated) + ")").c_str(),
              static_cast<long long>(differing));
  if (repeated > 0) ++(differing == 0 ? tally.passed : tally.failed);
  return tally;
}

std::string namesOf(const std::vector<Violation>& violations) {
  std::string names;
  for (std::size_t i = 0; i < kInvariants; ++i) {
    const bool hit = std::any_of(violations.begin(), violations.end(),
                                 [&](const Violation& each) { return each.invariant == i + 1; });
    if (hit) names += (names.empty() ? "I" : ", I") + std::to_string(i + 1);
  }
  return names;
}

// Each mutant must be found within as many seeds as a normal run has.
Tally selfTest() {
  Tally tally;
  for (const NamedMutant& mutant : kMutants) {
    if (!mutant.inSelfTest) continue;
    bool found = false;
    for (std::uint64_t seed = 1; seed <= kSelfTestSeeds && !found; ++seed) {
      const SeedResult result = runSeed(seed, mutant.mutant, false);
      if (result.violations.empty()) continue;
      found = true;
      std::printf("  %-24s found after %5llu seeds by %s\n", mutant.name,
                  static_cast<unsigned long long>(seed), namesOf(result.violations).c_str());
    }
    if (!found) {
      std::printf("  %-24s NOT FOUND in %llu seeds\n", mutant.name,
                  static_cast<unsigned long long>(kSelfTestSeeds));
    }
    ++(found ? tally.passed : tally.failed);
  }
  return tally;
}

// Ends with the line that every suite ends with.
int carryOut(const Options& options) {
  Tally total;
  const bool runs = !options.selfTest || options.seedsGiven;
  for (const Tally& part :
       {runs ? run(options) : Tally(), options.selfTest ? selfTest() : Tally()}) {
    total.passed += part.passed;
    total.failed += part.failed;
  }
  std::printf("%d passed, %d failed%s\n", total.passed, total.failed, runs ? ", 1 skipped" : "");
  return total.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace unigate::simulation

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return unigate::simulation::carryOut(unigate::simulation::parse(argc, argv));
}
