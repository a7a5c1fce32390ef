#include "onboarding/other_services.hpp"

#include <algorithm>

#include "base/yaml_document.hpp"

namespace unigate::onboarding {

namespace {

std::vector<std::string> textsOf(json::View list) {
  std::vector<std::string> texts;
  for (const json::View each : list.items()) texts.emplace_back(each.stringOr(""));
  return texts;
}

std::vector<KnownService> readServices() {
  std::vector<KnownService> services;
  const auto document = base::YamlDocument::loadText(otherServicesText(), "other_services.yaml");
  if (!document) return services;  // a test reads it as it is embedded
  for (const json::View each : document->json()["services"].items()) {
    services.push_back({std::string(each["id"].stringOr("")),
                        std::string(each["name"].stringOr("")), textsOf(each["variables"]),
                        textsOf(each["prefixes"])});
  }
  return services;
}

}  // namespace

const std::vector<KnownService>& otherServices() {
  static const std::vector<KnownService> kServices = readServices();
  return kServices;
}

const KnownService* findOtherService(std::string_view variable) {
  const KnownService* best = nullptr;
  std::size_t length = 0;
  for (const KnownService& service : otherServices()) {
    if (std::find(service.variables.begin(), service.variables.end(), variable) !=
        service.variables.end()) {
      return &service;
    }
    for (const std::string& prefix : service.prefixes) {
      if (prefix.size() <= length || variable.substr(0, prefix.size()) != prefix) continue;
      best = &service;
      length = prefix.size();
    }
  }
  return best;
}

}  // namespace unigate::onboarding
