#include "onboarding/credential_check.hpp"

#include <algorithm>
#include <regex>

#include "vault/secret_string.hpp"

namespace unigate::onboarding {

namespace {

bool contains(std::string_view value, const std::string& marker) {
  return !marker.empty() && value.find(marker) != std::string_view::npos;
}

bool isAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

std::string environmentOf(const plugin_host::Credential& field, std::string_view value) {
  const bool test = contains(value, field.testMarker);
  const bool live = contains(value, field.liveMarker);
  if (test == live) return {};
  return test ? "test" : "live";
}

bool fitsPattern(const plugin_host::Credential& field, std::string_view value) {
  if (field.pattern.empty()) return true;
  if (value.size() > kCredentialBytesMax) return false;
  try {
    return std::regex_search(value.begin(), value.end(),
                             std::regex(field.pattern, std::regex::ECMAScript));
  } catch (const std::regex_error&) {
    return false;  // too intricate for this value
  }
}

bool hasTellingForm(const plugin_host::Credential& field) {
  if (field.pattern.empty() || field.pattern.front() != '^') return false;
  if (!field.testMarker.empty() || !field.liveMarker.empty()) return true;
  constexpr std::size_t kFixedMin = 2;
  std::size_t fixed = 1;
  while (fixed < field.pattern.size() && isAlphanumeric(field.pattern[fixed])) ++fixed;
  // A sign of repetition takes the last one back.
  const bool repeated =
      fixed < field.pattern.size() &&
      std::string_view("?*{").find(field.pattern[fixed]) != std::string_view::npos;
  return fixed - 1 - (repeated ? 1 : 0) >= kFixedMin;
}

std::string credentialFault(const plugin_host::Credential& field, std::string_view value,
                            std::string_view environment) {
  if (value.empty()) return field.name + " is empty";
  if (value.size() > kCredentialBytesMax) return field.name + " is longer than 4 KiB";
  if (std::any_of(value.begin(), value.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return field.name + " holds control characters (a line break at its end?)";
  }
  if (value.find("${") != std::string_view::npos)
    return field.name + " refers to another variable; give the value itself";
  const std::string marked = environmentOf(field, value);
  if (!environment.empty() && !marked.empty() && marked != environment) {
    return field.name + " is a key of the " + marked + " environment; this is " +
           std::string(environment);
  }
  if (!fitsPattern(field, value)) {
    return field.name + " does not look like a " +
           (field.description.empty() ? "credential of this provider" : field.description);
  }
  return {};
}

std::string masked(std::string_view value) {
  const vault::SecretString secret(value);
  return value.empty() ? std::string() : "****" + secret.last4();
}

}  // namespace unigate::onboarding
