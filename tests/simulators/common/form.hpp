// Decoder of application/x-www-form-urlencoded text with brackets (a[b]=, a[0][c]=, a[]=) into a
// tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simulators {

struct FormNode {
  std::string key;
  std::string value;
  bool hasValue = false;
  std::vector<FormNode> children;  // in the order of appearance

  const FormNode* child(std::string_view name) const;
  FormNode& childOrNew(std::string_view name);
};

struct FormPair {
  std::string key;
  std::string value;
};

// Percent-decodes one component; with plus as a space. Broken escapes stay as they are.
std::string decodeUrl(std::string_view text);
// Escapes everything but unreserved characters.
std::string encodeUrl(std::string_view text);

bool isUtf8(std::string_view text);

std::vector<FormPair> parseFormPairs(std::string_view text);

// Returns nothing if the brackets are malformed or nest too deeply.
std::optional<FormNode> buildFormTree(const std::vector<FormPair>& pairs);

}  // namespace simulators
