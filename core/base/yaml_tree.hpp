// The tree behind YamlDocument: values with their places. Used by yaml_document.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unigate::base::yaml {

inline constexpr std::size_t kBytesMax = 1024 * 1024;
inline constexpr std::size_t kDepthMax = 32;
inline constexpr std::size_t kNodesMax = 50'000;

struct Node {
  enum class Kind { null, boolean, integer, large, real, text, list, mapping };

  Kind kind = Kind::null;
  bool flag = false;
  std::int64_t integer = 0;
  std::uint64_t large = 0;  // integers above the signed 64 bits
  double real = 0;
  std::string text;
  std::vector<Node> items;
  std::vector<std::pair<std::string, Node>> members;  // in the order of the text
  int line = 0;                                       // of the value; of the key in a mapping
  std::string source;                                 // set by an override: its name

  Node* member(std::string_view name);
};

// Thrown by the reader, caught in yaml_document.cpp.
struct ReadFault {
  int line = 0;
  std::string message;
};

// Reads one document. Throws ReadFault, and nothing else, on a text that is refused.
Node read(std::string_view text);

// A plain scalar by the rules of the core schema (YAML 1.2.2, section 10.3). Throws ReadFault for a
// number that JSON can't carry.
Node plainScalar(std::string_view text, int line);

}  // namespace unigate::base::yaml
