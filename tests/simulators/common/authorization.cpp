#include "common/authorization.hpp"

#include <algorithm>

#include "common/crypto.hpp"

namespace simulators {
namespace {

bool startsWithIgnoringCase(std::string_view text, std::string_view lowerPrefix) {
  return text.size() >= lowerPrefix.size() &&
         std::equal(lowerPrefix.begin(), lowerPrefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

}  // namespace

std::optional<BasicCredentials> readBasic(const HttpRequest& request, bool exactWord) {
  const auto header = request.header("Authorization");
  if (!startsWithIgnoringCase(header, "basic ")) return std::nullopt;
  if (exactWord && !header.starts_with("Basic ")) return std::nullopt;
  const auto decoded = decodeBase64(header.substr(6));
  if (!decoded) return std::nullopt;
  const auto colon = decoded->find(':');
  if (colon == std::string::npos) return BasicCredentials{*decoded, {}};
  return BasicCredentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

std::string readBearer(const HttpRequest& request) {
  const auto header = request.header("Authorization");
  return startsWithIgnoringCase(header, "bearer ") ? std::string(header.substr(7)) : std::string();
}

}  // namespace simulators
