// Services that are known by the names of their variables alone, out of other_services.yaml: so
// that a pasted key of one without a plugin is named for what it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unigate::onboarding {

struct KnownService {
  std::string id;
  std::string name;
  std::vector<std::string> variables;  // whole names, upper case
  std::vector<std::string> prefixes;   // upper case, e.g. "AWS_"
};

// other_services.yaml, embedded at build time.
std::string_view otherServicesText();

// The services of the embedded file. Any thread.
const std::vector<KnownService>& otherServices();

// The service that a variable (upper case) belongs to: by its whole name, else by its longest
// prefix; nullptr for none.
const KnownService* findOtherService(std::string_view variable);

}  // namespace unigate::onboarding
