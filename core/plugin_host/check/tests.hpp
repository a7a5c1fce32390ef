// The tests of the kit. Each is run in a child process of its own by plugin_check.cpp.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plugin_host/check/subject.hpp"

namespace unigate::plugin_host::check {

struct Test {
  const char* name;
  const char* promise;  // what it shows, for --json
  void (*run)(Subject& subject, Report& report);
  // Runs in two processes with different surroundings; the digests must be equal.
  bool twice = false;
};

// All tests after "load", in the order in which they run.
std::span<const Test> allTests();

// Export scan, manifest and entry point; needs no Subject.
void testLoad(const Plan& plan, Report& report);

void testTranscripts(Subject& subject, Report& report);
void testPoisonedBuffers(Subject& subject, Report& report);
void testEndAtEverySuspension(Subject& subject, Report& report);
void testInterleavedCalls(Subject& subject, Report& report);
void testDeterminism(Subject& subject, Report& report);
void testCanarySecrets(Subject& subject, Report& report);
void testEgress(Subject& subject, Report& report);
void testShortStructs(Subject& subject, Report& report);
void testLostAnswers(Subject& subject, Report& report);
void testStatusMatrix(Subject& subject, Report& report);
void testHostileResponses(Subject& subject, Report& report);

// Other surroundings for the second run of a `twice` test: environment, time zone, directory,
// memory layout. A plugin that looks at any of them gives itself away.
void disturbSurroundings();

// One case driven to a chosen place and answered there with one event again and again.
struct Probe {
  Step end;
  bool changing = false;    // the request that executes the operation was sent
  std::string answersText;  // bodies of all answers, for the search for invented amounts
};
Probe probe(const Plugin& plugin, ug_instance* instance, const Case& how, std::size_t answersBefore,
            const HttpEvent& event);

// An amount in `resultJson` that can't come from the input or an answer; empty: none. `soundJson`
// is the result of the unspoilt exchange, where there is one.
std::string findInventedAmount(std::string_view resultJson, std::string_view inputJson,
                               std::string_view answersText, std::string_view soundJson);

// A JSON answer with one member taken away or given a wrong value.
struct SpoiltJson {
  std::string text;
  bool amount = false;  // the member's name speaks of an amount
};

// Every spoilt copy of a JSON text; none for what is no JSON.
std::vector<SpoiltJson> spoilJson(std::string_view text);

}  // namespace unigate::plugin_host::check
