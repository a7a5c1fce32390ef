// Tests that play the cases as they are: load, transcripts, memory, threads, determinism.
#include <malloc.h>
#include <sys/mman.h>
#include <unigate/plugin.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <map>
#include <thread>

#include "base/text.hpp"
#include "plugin_host/check/tests.hpp"

namespace unigate::plugin_host::check {
namespace {

constexpr std::size_t kCallsAtOnce = 64;
constexpr std::size_t kThreads = 4;
constexpr int kLeakRounds = 32;
constexpr long kLeakBytesPerCallMin = 16;
constexpr int kLeakWindows = 6;  // a leak grows in each of them

long heapBytes() {
  return static_cast<long>(::mallinfo2().uordblks);
}

// Plays every case with `options`; the text of all steps by case.
std::vector<std::string> playAll(Subject& subject, Report& report, const RawOptions& options) {
  std::vector<std::string> texts;
  for (const Case& how : subject.plan().cases) {
    const RawInstance instance(subject.plugin(), how.mode, how.settingsJson, options);
    if (instance.handle() == nullptr) {
      report.fail(nameOf(how) + ": " + instance.trouble());
      texts.emplace_back();
      continue;
    }
    texts.push_back(playCase(subject.plugin(), instance.handle(), how, options).text);
    report.tried();
  }
  return texts;
}

// The first line of `got` that is not that of `wanted`.
std::string firstDifference(const std::string& wanted, const std::string& got) {
  std::size_t from = 0;
  while (from < wanted.size() && from < got.size()) {
    const std::size_t a = std::min(wanted.find('\n', from), wanted.size());
    const std::size_t b = std::min(got.find('\n', from), got.size());
    const std::string left = wanted.substr(from, a - from);
    const std::string right = got.substr(from, b - from);
    if (left != right) return "'" + left.substr(0, 250) + "' became '" + right.substr(0, 250) + "'";
    from = a + 1;
  }
  return "one has more steps than the other";
}

void compareAll(Subject& subject, Report& report, const std::string& what,
                const std::vector<std::string>& wanted, const std::vector<std::string>& got) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == got[i]) continue;
    report.fail(nameOf(subject.plan().cases[i]) + ": " + what + ": " +
                firstDifference(wanted[i], got[i]));
  }
}

void playTranscript(Subject& subject, Report& report, const Case& how) {
  if (auto status = subject.plugin().checkInput(how.operation, how.inputJson); !status) {
    report.fail(nameOf(how) + ": the input does not fit: " + status.error().detail);
    return;
  }
  const RawInstance instance(subject.plugin(), how.mode, how.settingsJson);
  if (instance.handle() == nullptr) return report.fail(nameOf(how) + ": " + instance.trouble());
  RawCall call(subject.plugin(), instance.handle(), {});
  Step step = call.begin(how);
  std::size_t number = 0;
  for (const Exchange& exchange : how.exchange) {
    const std::string where = nameOf(how) + ": exchange " + std::to_string(++number) + ": ";
    const auto* http = std::get_if<HttpStep>(&step);
    if (http == nullptr) return report.fail(where + "no request was made: " + describe(step));
    if (auto difference = findRequestDifference(exchange.requestJson, *http); !difference.empty()) {
      return report.fail(where + difference);
    }
    step = call.resume(exchange.event);
  }
  if (auto difference = findEndDifference(how, step); !difference.empty()) {
    report.fail(nameOf(how) + ": " + difference);
  }
}

// One of the calls that are in flight at once.
struct Flight {
  const Case* how = nullptr;
  std::unique_ptr<RawCall> call;
  std::string text;
  std::size_t answers = 0;
  bool done = false;

  void advance() {
    if (done) return;
    Step step = text.empty() ? call->begin(*how) : call->resume(how->exchange[answers++].event);
    text += describe(step) + "\n";
    done = !std::holds_alternative<HttpStep>(step) || answers >= how->exchange.size();
    if (done) call->end();
  }
};

}  // namespace

void testLoad(const Plan& plan, Report& report) {
  for (const ExportedSymbol& symbol : plan.file.elf.exports) {
    if (symbol.unique)
      report.fail("exports the UNIQUE symbol " + symbol.name + "; build with -fno-gnu-unique");
    if (!symbol.unique && symbol.name != UG_ENTRY_SYMBOL) {
      report.fail("exports " + symbol.name +
                  " beside " UG_ENTRY_SYMBOL "; hide it (unigate_add_plugin does)");
    }
    report.tried();
  }
  auto subject = Subject::load(plan);
  if (!subject) return report.fail(subject.error());
  const Plugin& plugin = (*subject)->plugin();
  for (const Mode mode : {Mode::test, Mode::live}) {
    const RawInstance instance(plugin, mode, "{}");
    if (instance.handle() == nullptr) report.fail(instance.trouble());
  }
  const ug_str unknown{"ug.ext.no_such_thing/1", 22};
  if (plugin.table()->get_extension(unknown) != nullptr) {
    report.fail("get_extension gives a table for an id that does not exist");
  }
  const auto* webhook = static_cast<const ug_ext_webhook*>(plugin.extension(UG_EXT_WEBHOOK));
  if (webhook != nullptr &&
      (webhook->struct_size < 40 || webhook->recipe == nullptr || webhook->confirm == nullptr ||
       webhook->translate == nullptr || webhook->release == nullptr)) {
    report.fail("the table of " UG_EXT_WEBHOOK " is not whole");
  }
  report.tried(3);
  report.digest("loaded");
}

void testTranscripts(Subject& subject, Report& report) {
  for (const Case& how : subject.plan().cases) {
    if (how.generated) continue;
    if (subject.manifest().findOperation(how.operation) == nullptr) {
      report.fail(nameOf(how) + ": the manifest has no such operation");
      continue;
    }
    playTranscript(subject, report, how);
    report.tried();
  }
}

void testPoisonedBuffers(Subject& subject, Report& report) {
  const auto sound = playAll(subject, report, {});
  const auto poisoned = playAll(subject, report, RawOptions{true, false, false});
  compareAll(subject, report, "uses the host's memory after the call", sound, poisoned);
}

void testEndAtEverySuspension(Subject& subject, Report& report) {
  for (const Case& how : subject.plan().cases) {
    const RawInstance instance(subject.plugin(), how.mode, how.settingsJson);
    if (instance.handle() == nullptr) return report.fail(nameOf(how) + ": " + instance.trouble());
    for (std::size_t answers = 0; answers <= how.exchange.size(); ++answers) {
      playCase(subject.plugin(), instance.handle(), how, {}, answers);
      report.tried();
    }
  }
  for (const Case* how : subject.deepCases()) {
    const RawInstance instance(subject.plugin(), how->mode, how->settingsJson);
    for (std::size_t answers = 0; answers <= how->exchange.size(); ++answers) {
      // The allocator's own caches grow at first; a leak grows in every window.
      const auto growth = [&] {
        const long before = heapBytes();
        for (int i = 0; i < kLeakRounds; ++i) {
          playCase(subject.plugin(), instance.handle(), *how, {}, answers);
        }
        return (heapBytes() - before) / kLeakRounds;
      };
      growth();
      long grown = growth();
      for (int window = 1; window < kLeakWindows && grown >= kLeakBytesPerCallMin; ++window) {
        grown = std::min(grown, growth());
      }
      report.tried();
      if (grown < kLeakBytesPerCallMin) continue;
      report.fail(nameOf(*how) + ": ended after " + std::to_string(answers) +
                  " answers, it keeps about " + std::to_string(grown) + " bytes a call");
    }
  }
}

void testInterleavedCalls(Subject& subject, Report& report) {
  const auto& cases = subject.plan().cases;
  if (cases.empty()) return;
  const auto alone = playAll(subject, report, {});
  std::map<std::pair<Mode, std::string>, std::unique_ptr<RawInstance>> instances;
  std::vector<Flight> flights(kCallsAtOnce);
  std::size_t longest = 0;
  for (std::size_t i = 0; i < flights.size(); ++i) {
    const Case& how = cases[i % cases.size()];
    auto& instance = instances[{how.mode, how.settingsJson}];
    if (!instance)
      instance = std::make_unique<RawInstance>(subject.plugin(), how.mode, how.settingsJson);
    if (instance->handle() == nullptr) return report.fail(instance->trouble());
    flights[i].how = &how;
    flights[i].call = std::make_unique<RawCall>(subject.plugin(), instance->handle(), RawOptions{});
    longest = std::max(longest, how.exchange.size());
  }
  for (std::size_t round = 0; round <= longest; ++round) {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < flights.size(); ++i) {
          if ((i + round) % kThreads == t) flights[i].advance();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (std::size_t i = 0; i < flights.size(); ++i) {
    const std::string& wanted = alone[i % cases.size()];
    report.tried();
    if (flights[i].text == wanted) continue;
    report.fail(nameOf(*flights[i].how) + ": among others and on several threads " +
                firstDifference(wanted, flights[i].text));
  }
  flights.clear();
}

void testDeterminism(Subject& subject, Report& report) {
  const auto first = playAll(subject, report, {});
  const auto second = playAll(subject, report, {});
  compareAll(subject, report, "a second run differs", first, second);
  std::string all;
  for (const std::string& text : first) all += text + "\n";
  report.digest(base::sha256Hex(all));
}

void disturbSurroundings() {
  for (const char* name : {"LANG", "LC_ALL", "LC_NUMERIC"}) ::setenv(name, "de_DE.UTF-8", 1);
  ::setenv("TZ", "Pacific/Kiritimati", 1);
  ::setenv("HOME", "/nonexistent", 1);
  ::setenv("USER", "somebody_else", 1);
  ::tzset();
  std::setlocale(LC_ALL, "");
  if (::chdir("/") != 0) return;
  // Moves what is loaded next, so that an address in the output shows.
  ::mmap(nullptr, 64u << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  static std::vector<std::string> ballast;
  for (int i = 0; i < 100; ++i) ballast.emplace_back(4096, 'x');
}

void testShortStructs(Subject& subject, Report& report) {
  const auto sound = playAll(subject, report, {});
  const auto exact = playAll(subject, report, RawOptions{true, true, false});
  compareAll(subject, report, "with structs of abi 1.0", sound, exact);
  const auto newer = playAll(subject, report, RawOptions{true, false, true});
  compareAll(subject, report, "with larger structs of a newer host", sound, newer);
}

}  // namespace unigate::plugin_host::check
