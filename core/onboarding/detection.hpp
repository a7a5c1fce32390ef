// Which services a .env file has credentials for, by the manifests of the installed plugins alone.
// Pure: nothing is asked, stored or logged. Called by the onboarding routes and the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "onboarding/env_file.hpp"
#include "plugin_host/manifest.hpp"
#include "vault/secret_string.hpp"

namespace unigate::onboarding {

// One variable that could fill a credential.
struct Candidate {
  // How it was found, best first.
  enum class By { name, pattern, prefixedName, form };

  std::string variable;
  vault::SecretString value;
  By by = By::name;
  std::size_t rule = 0;     // its place among the manifest's rules
  std::string environment;  // "test", "live", or empty: it doesn't tell
  std::string fault;        // why the value can't be used; empty when it can
};

// A credential of a found service with all that could fill it: usable values first, then by the
// order of the manifest's rules, then by that of the file.
struct FieldFinding {
  std::string credential;
  std::string description;
  bool secret = true;
  bool required = false;
  std::vector<Candidate> candidates;
  std::vector<std::string> wouldFill;  // names of variables

  // What fills it in "test" or "live": the first that isn't of the other one; nullptr: nothing.
  const Candidate* chosen(std::string_view environment) const;
};

struct ServiceFinding {
  std::string provider;
  std::string displayName;
  std::string confidence;  // "high", "medium", "low"
  std::string reason;
  std::string environment;  // by the keys: "test", "live", "mixed", "unknown"
  std::vector<std::string> features;
  std::vector<FieldFinding> fields;   // in the order of the manifest
  std::vector<std::string> warnings;  // sentences

  // True when every required credential is there and usable in "test" or "live".
  bool complete(std::string_view wanted) const;
};

// A service that is known by its variables, without a plugin for it.
struct OtherService {
  std::string id;
  std::string name;
  std::vector<std::string> variables;
};

struct Detection {
  std::vector<ServiceFinding> services;  // in the order of the manifests
  std::vector<OtherService> others;
  std::vector<std::string> unknown;  // names of variables that tell nothing
  std::vector<std::string>
      repeated;  // names that stand in the file more than once: the last counts
};

Detection detect(const EnvFile& file, const std::vector<plugin_host::Manifest>& manifests);

}  // namespace unigate::onboarding
