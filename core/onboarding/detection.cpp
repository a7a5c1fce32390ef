#include "onboarding/detection.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <set>
#include <tuple>
#include <utility>

#include "onboarding/credential_check.hpp"
#include "onboarding/other_services.hpp"

namespace unigate::onboarding {

namespace {

using plugin_host::Credential;
using plugin_host::EnvRule;
using plugin_host::Manifest;
using By = Candidate::By;

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return result;
}

// A manifest with its patterns compiled; one of a plugin that can't be compiled matches nothing.
struct Rules {
  explicit Rules(const Manifest& ofProvider) : manifest(ofProvider) {
    for (const EnvRule& rule : manifest.envRules) {
      std::optional<std::regex> compiled;
      try {
        if (!rule.pattern.empty())
          compiled.emplace(rule.pattern, std::regex::ECMAScript | std::regex::icase);
      } catch (const std::regex_error&) {
        compiled.reset();
      }
      patterns.push_back(std::move(compiled));
    }
  }

  bool matches(std::size_t index, const std::string& name) const {
    const EnvRule& rule = manifest.envRules[index];
    if (!rule.name.empty()) return upper(rule.name) == name;
    return patterns[index] && std::regex_search(name, *patterns[index]);
  }

  const Manifest& manifest;
  std::vector<std::optional<std::regex>> patterns;
};

// The environment that a variable's name speaks of.
std::string environmentOfName(const std::string& name) {
  bool test = false;
  bool live = false;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find_first_of("_.-", start), name.size());
    const std::string_view word = std::string_view(name).substr(start, end - start);
    test = test || word == "TEST" || word == "SANDBOX";
    live = live || word == "LIVE" || word == "PROD" || word == "PRODUCTION";
    start = end + 1;
  }
  if (test == live) return {};
  return test ? "test" : "live";
}

// The place of a credential's first rule, for what was found without one.
std::size_t firstRuleOf(const Manifest& manifest, const std::string& credential) {
  const auto& rules = manifest.envRules;
  return static_cast<std::size_t>(
      std::find_if(rules.begin(), rules.end(),
                   [&](const EnvRule& rule) { return rule.credential == credential; }) -
      rules.begin());
}

Candidate candidateOf(const Credential& field, const EnvVariable& variable, By by,
                      std::size_t rule) {
  Candidate candidate;
  candidate.variable = variable.name;
  candidate.value = vault::SecretString(std::string_view(variable.value));
  candidate.by = by;
  candidate.rule = rule;
  candidate.environment = environmentOf(field, variable.value);
  const bool marked = !field.testMarker.empty() || !field.liveMarker.empty();
  if (candidate.environment.empty() && !marked)
    candidate.environment = environmentOfName(upper(variable.name));
  candidate.fault = credentialFault(field, variable.value, "");
  return candidate;
}

std::optional<std::pair<std::string, Candidate>> byForm(const Manifest& manifest,
                                                        const EnvVariable& variable) {
  if (variable.value.empty()) return std::nullopt;
  for (const Credential& field : manifest.credentials) {
    if (!hasTellingForm(field) || !fitsPattern(field, variable.value)) continue;
    return std::pair(field.name,
                     candidateOf(field, variable, By::form, firstRuleOf(manifest, field.name)));
  }
  return std::nullopt;
}

// Where one variable belongs among a manifest's credentials by its name; the first rule decides.
std::optional<std::pair<std::string, Candidate>> byName(const Rules& rules,
                                                        const EnvVariable& variable) {
  const std::string name = upper(variable.name);
  const auto& all = rules.manifest.envRules;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!rules.matches(i, name)) continue;
    const Credential* field = rules.manifest.findCredential(all[i].credential);
    if (field == nullptr) continue;
    Candidate candidate =
        candidateOf(*field, variable, all[i].name.empty() ? By::pattern : By::name, i);
    if (!candidate.fault.empty()) {
      // A name that promises one key may hold another of the same provider.
      if (auto other = byForm(rules.manifest, variable)) return other;
    }
    return std::pair(field->name, std::move(candidate));
  }
  // A prefix or an ending of the user's own around a name that a rule knows; the value has to fit.
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string known = upper(all[i].name);
    if (known.empty() || name.size() <= known.size() + 1) continue;
    const bool ends = name.compare(name.size() - known.size(), known.size(), known) == 0 &&
                      name[name.size() - known.size() - 1] == '_';
    const bool starts = name.compare(0, known.size(), known) == 0 && name[known.size()] == '_';
    const Credential* field = rules.manifest.findCredential(all[i].credential);
    if ((!ends && !starts) || field == nullptr || !fitsPattern(*field, variable.value)) continue;
    return std::pair(field->name, candidateOf(*field, variable, By::prefixedName, i));
  }
  return std::nullopt;
}

// Variables that would fill a credential, for people to add.
std::vector<std::string> namesFor(const Rules& rules, const std::string& credential) {
  std::vector<std::string> names;
  const std::string usual = upper(rules.manifest.id + "_" + credential);
  bool usualFits = false;
  for (std::size_t i = 0; i < rules.manifest.envRules.size(); ++i) {
    const EnvRule& rule = rules.manifest.envRules[i];
    if (rule.credential != credential) continue;
    if (!rule.name.empty()) names.push_back(rule.name);
    usualFits = usualFits || rules.matches(i, usual);
  }
  if (names.empty() && usualFits) names.push_back(usual);
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& each : names) text += (text.empty() ? "" : ", ") + each;
  return text;
}

// What the usable keys of a service say of test or live, and a warning when they disagree.
void judgeEnvironment(ServiceFinding& service) {
  std::vector<std::string> test;
  std::vector<std::string> live;
  for (const FieldFinding& field : service.fields) {
    for (const Candidate& each : field.candidates) {
      if (!each.fault.empty()) continue;
      if (each.environment == "test") test.push_back(each.variable);
      if (each.environment == "live") live.push_back(each.variable);
    }
  }
  service.environment = test.empty()   ? live.empty() ? "unknown" : "live"
                        : live.empty() ? "test"
                                       : "mixed";
  if (service.environment != "mixed") return;
  service.warnings.push_back(
      "Keys of both environments are mixed: " + listed(test) + " for test, " + listed(live) +
      " for live. Choose the environment; keys of the other one are left out.");
}

void judgeChoices(ServiceFinding& service) {
  for (const FieldFinding& field : service.fields) {
    if (field.candidates.size() < 2) continue;
    std::set<std::string> used;
    for (const char* environment : {"test", "live"}) {
      if (const Candidate* each = field.chosen(environment)) used.insert(each->variable);
    }
    std::vector<std::string> left;
    for (const Candidate& each : field.candidates) {
      if (used.count(each.variable) == 0) left.push_back(each.variable);
    }
    if (left.empty()) continue;
    service.warnings.push_back(field.credential + " could come from several variables: " +
                               listed({used.begin(), used.end()}) + " is taken, not " +
                               listed(left) + ".");
  }
}

// How sure it is that the service is used, and why.
void judgeConfidence(ServiceFinding& service) {
  std::vector<std::string> named;
  std::vector<std::string> formed;
  std::vector<std::string> unfit;
  for (const FieldFinding& field : service.fields) {
    for (const Candidate& each : field.candidates) {
      auto& group = !each.fault.empty()                             ? unfit
                    : each.by == By::name || each.by == By::pattern ? named
                                                                    : formed;
      group.push_back(each.variable);
    }
  }
  const bool complete = service.complete("test") || service.complete("live");
  if (complete && std::none_of(service.fields.begin(), service.fields.end(), [](const auto& field) {
        return field.required && std::none_of(field.candidates.begin(), field.candidates.end(),
                                              [](const Candidate& each) {
                                                return each.fault.empty() && each.by <= By::pattern;
                                              });
      })) {
    service.confidence = "high";
    service.reason =
        "Every required credential is there under a name of this provider, in the "
        "right form: " +
        listed(named) + ".";
  } else if (complete) {
    service.confidence = "medium";
    service.reason = "Every required credential is there, but " + listed(formed) +
                     (formed.size() == 1 ? " is" : " are") +
                     " known by the form of the value or a part of the name alone.";
  } else if (!named.empty() || !formed.empty()) {
    const bool required =
        std::any_of(service.fields.begin(), service.fields.end(), [](const FieldFinding& field) {
          return field.required && !field.candidates.empty() &&
                 field.candidates.front().fault.empty();
        });
    service.confidence = required ? "medium" : "low";
    service.reason = listed(named.empty() ? formed : named) +
                     " fits this provider, but not all that it needs is there.";
  } else {
    service.confidence = "low";
    service.reason = "There are names of this provider (" + listed(unfit) +
                     "), but no value has the form of a credential.";
  }
}

void sortCandidates(FieldFinding& field) {
  const auto rank = [](const Candidate& each) {
    return std::tuple(!each.fault.empty(), each.by, each.rule);
  };
  std::stable_sort(
      field.candidates.begin(), field.candidates.end(),
      [&](const Candidate& left, const Candidate& right) { return rank(left) < rank(right); });
}

class Detector {
 public:
  Detector(const EnvFile& file, const std::vector<Manifest>& manifests) : file_(file) {
    for (const Manifest& manifest : manifests) {
      rules_.emplace_back(manifest);
      ServiceFinding service;
      service.provider = manifest.id;
      service.displayName = manifest.displayName.empty() ? manifest.id : manifest.displayName;
      service.features = manifest.envFeatures;
      for (const Credential& each : manifest.credentials) {
        FieldFinding field;
        field.credential = each.name;
        field.description = each.description;
        field.secret = each.secret;
        field.required = each.required;
        field.wouldFill = namesFor(rules_.back(), each.name);
        service.fields.push_back(std::move(field));
      }
      services_.push_back(std::move(service));
    }
  }

  Detection run() {
    Detection found;
    for (const EnvVariable& each : file_.variables()) {
      if (each.repeated) found.repeated.push_back(each.name);
      if (!place(each) && !placeElsewhere(each, found)) found.unknown.push_back(each.name);
    }
    for (ServiceFinding& service : services_) {
      if (std::all_of(service.fields.begin(), service.fields.end(),
                      [](const FieldFinding& field) { return field.candidates.empty(); })) {
        continue;
      }
      for (FieldFinding& field : service.fields) sortCandidates(field);
      judgeEnvironment(service);
      judgeChoices(service);
      judgeConfidence(service);
      found.services.push_back(std::move(service));
    }
    return found;
  }

 private:
  // Gives the variable to the services that it belongs to; false when there is none.
  bool place(const EnvVariable& variable) {
    bool placed = false;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (auto match = byName(rules_[i], variable)) {
        add(i, std::move(*match));
        placed = true;
      }
    }
    if (placed) return true;
    // By its form only where one provider alone has values like that.
    std::optional<std::pair<std::size_t, std::pair<std::string, Candidate>>> only;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      auto match = byForm(rules_[i].manifest, variable);
      if (!match) continue;
      if (only) return false;
      only.emplace(i, std::move(*match));
    }
    if (only) add(only->first, std::move(only->second));
    return only.has_value();
  }

  void add(std::size_t service, std::pair<std::string, Candidate> match) {
    for (FieldFinding& field : services_[service].fields) {
      if (field.credential == match.first) field.candidates.push_back(std::move(match.second));
    }
  }

  static bool placeElsewhere(const EnvVariable& variable, Detection& found) {
    const KnownService* known = findOtherService(upper(variable.name));
    if (known == nullptr) return false;
    auto at = std::find_if(found.others.begin(), found.others.end(),
                           [&](const OtherService& each) { return each.id == known->id; });
    if (at == found.others.end())
      at = found.others.insert(found.others.end(), {known->id, known->name, {}});
    at->variables.push_back(variable.name);
    return true;
  }

  const EnvFile& file_;
  std::vector<Rules> rules_;
  std::vector<ServiceFinding> services_;
};

}  // namespace

const Candidate* FieldFinding::chosen(std::string_view environment) const {
  for (const Candidate& each : candidates) {
    if (!each.fault.empty()) continue;
    if (each.environment.empty() || each.environment == environment) return &each;
  }
  return nullptr;
}

bool ServiceFinding::complete(std::string_view wanted) const {
  return std::all_of(fields.begin(), fields.end(), [wanted](const FieldFinding& field) {
    return !field.required || field.chosen(wanted) != nullptr;
  });
}

Detection detect(const EnvFile& file, const std::vector<Manifest>& manifests) {
  return Detector(file, manifests).run();
}

}  // namespace unigate::onboarding
