// The plugin under test as a child process of the kit sees it: loaded with the kit's own host
// table, with the cases that drive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "plugin_host/check/raw_call.hpp"
#include "plugin_host/check/report.hpp"
#include "plugin_host/check/transcript.hpp"
#include "plugin_host/plugin.hpp"
#include "plugin_host/plugin_loader.hpp"

namespace unigate::plugin_host::check {

// What a test is made from; the same for every test of a run.
struct Plan {
  CheckedFile file;
  std::vector<Case> cases;         // transcripts, then generated ones
  std::vector<std::string> skips;  // operations without a case, and why
  std::uint64_t seed = 0;
};

// Reads manifest and transcripts, makes up inputs for operations without a transcript. Runs none of
// the plugin's code. The error is one line.
tl::expected<Plan, std::string> makePlan(const std::string& library, const std::string& transcripts,
                                         std::uint64_t seed);

// One loaded plugin; one for each process.
class Subject {
 public:
  // Loads it; the error is the loader's.
  static tl::expected<std::unique_ptr<Subject>, std::string> load(const Plan& plan);

  const Plan& plan() const { return plan_; }
  const Plugin& plugin() const { return *plugin_; }
  const Manifest& manifest() const { return plugin_->manifest(); }
  base::Random& random() { return random_; }
  // Lines that the plugin logged so far.
  std::vector<std::string> logLines() const;

  // Whether the operation could move or change something.
  bool readOnly(const Case& how) const;
  // Cases to spoil: for each operation those that come to a result and go deepest, at most
  // `casesMax`.
  std::vector<const Case*> deepCases(std::size_t casesMax = 2) const;

 private:
  explicit Subject(const Plan& plan) : plan_(plan), random_(plan.seed) {}

  const Plan& plan_;
  base::SystemClock clock_;
  base::SeededRandom random_;
  std::shared_ptr<Plugin> plugin_;
};

// How far a case was driven and what came out.
struct Run {
  std::vector<Step> steps;
  std::string text;  // all steps, described
  const Step& last() const { return steps.back(); }
};

// Plays a case until it ends, its exchange is used up, or `exchangesMax` answers were given; then
// ends the call.
Run playCase(const Plugin& plugin, ug_instance* instance, const Case& how,
             const RawOptions& options, std::size_t exchangesMax = SIZE_MAX);

// Name of a case for messages.
std::string nameOf(const Case& how);

}  // namespace unigate::plugin_host::check
