// Tests of what leaves a plugin: nothing that it should not know, towards nobody that it did not
// name.
#include <cstdlib>
#include <unigate/json.hpp>

#include "plugin_host/check/tests.hpp"

namespace unigate::plugin_host::check {
namespace {

constexpr std::size_t kTellingCharsMin = 8;

// Secrets as a careless or hostile plugin could find them: in the environment, under the names that
// the manifest says reveal this provider.
std::vector<std::string> plantCanaries(const Manifest& manifest) {
  std::vector<std::string> canaries;
  const auto plant = [&](const std::string& name) {
    canaries.push_back("canary_" + std::to_string(canaries.size()) + "_7f3a9d51c2");
    ::setenv(name.c_str(), canaries.back().c_str(), 1);
  };
  for (const EnvRule& rule : manifest.envRules) {
    if (!rule.name.empty()) plant(rule.name);
  }
  for (const Credential& credential : manifest.credentials) {
    std::string name = credential.name;
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    plant(name);
    std::string prefixed = manifest.id + "_" + credential.name;
    for (char& c : prefixed) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    plant(prefixed);
  }
  return canaries;
}

// Texts of an input that must not show up in a log.
void collectTexts(const json::View& value, std::vector<std::string>& out) {
  if (const auto text = value.string(); text && text->size() >= kTellingCharsMin)
    out.emplace_back(*text);
  for (const auto& member : value.members()) collectTexts(member.value, out);
  for (const auto& item : value.items()) collectTexts(item, out);
}

std::string firstIn(const std::string& text, const std::vector<std::string>& needles) {
  for (const std::string& needle : needles) {
    if (text.find(needle) != std::string::npos) return needle;
  }
  return {};
}

std::vector<std::string> tellingTexts(const Case& how) {
  std::vector<std::string> texts;
  json::Document input;
  json::ReadError error;
  if (input.parse(how.inputJson, error)) collectTexts(input.root(), texts);
  if (how.idempotencyKey.size() >= kTellingCharsMin) texts.push_back(how.idempotencyKey);
  return texts;
}

}  // namespace

void testCanarySecrets(Subject& subject, Report& report) {
  const auto canaries = plantCanaries(subject.manifest());
  for (const Case& how : subject.plan().cases) {
    const RawInstance instance(subject.plugin(), how.mode, how.settingsJson);
    if (instance.handle() == nullptr) return report.fail(nameOf(how) + ": " + instance.trouble());
    const std::size_t linesBefore = subject.logLines().size();
    const Run run = playCase(subject.plugin(), instance.handle(), how, {});
    report.tried();
    if (!firstIn(run.text, canaries).empty()) {
      report.fail(nameOf(how) + ": carries a secret out of the environment");
    }
    const auto telling = tellingTexts(how);
    for (const Step& step : run.steps) {
      const auto* http = std::get_if<HttpStep>(&step);
      if (http == nullptr || firstIn(http->traceLabel, telling).empty()) continue;
      report.fail(nameOf(how) + ": the trace label '" + http->traceLabel +
                  "' carries a value of the input");
    }
    const auto lines = subject.logLines();
    for (std::size_t i = linesBefore; i < lines.size(); ++i) {
      if (!firstIn(lines[i], canaries).empty()) report.fail(nameOf(how) + ": logs a secret");
      if (!firstIn(lines[i], telling).empty()) {
        report.fail(nameOf(how) + ": logs a value of the input");
      }
    }
  }
}

void testEgress(Subject& subject, Report& report) {
  const Manifest& manifest = subject.manifest();
  for (const Case& how : subject.plan().cases) {
    const RawInstance instance(subject.plugin(), how.mode, how.settingsJson);
    if (instance.handle() == nullptr) return report.fail(nameOf(how) + ": " + instance.trouble());
    const Run run = playCase(subject.plugin(), instance.handle(), how, {});
    for (const Step& step : run.steps) {
      // An undeclared endpoint or auth scheme, a host header or an absolute path is a fault.
      if (const auto* fault = std::get_if<FaultStep>(&step))
        report.fail(nameOf(how) + ": " + fault->reason);
      const auto* http = std::get_if<HttpStep>(&step);
      if (http == nullptr) continue;
      report.tried();
      if (!manifest.authSchemes.empty() && http->auth.empty()) {
        report.skip(nameOf(how) + ": sends " + http->method + " " + http->path +
                    " without authentication");
      }
    }
  }
}

}  // namespace unigate::plugin_host::check
