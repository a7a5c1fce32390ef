// The tree behind YamlDocument: values with their places. Used by yaml_document.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace unigate::base::yaml {

inline constexpr std::size_t kBytesMax = 1024UL * 1024;
inline constexpr std::size_t kDepthMax = 32;
inline constexpr std::size_t kNodesMax = 50'000;

struct Member;

struct Value {
  enum class Kind { null, boolean, integer, large, real, text, list, mapping };

  Kind kind = Kind::null;
  bool flag = false;
  std::int64_t integer = 0;
  std::uint64_t large = 0;  // integers above the signed 64 bits
  double real = 0;
  std::string text;
  std::vector<Value> items;
  std::vector<Member> members;  // in the order of the text
  int line = 0;                 // of the value; of the key in a mapping
  std::string source;           // set by an override: its name

  Value* member(std::string_view name);
};

struct Member {
  std::string key;
  Value value;
};

// Thrown by the reader, caught in yaml_document.cpp.
struct ReadFault {
  int line = 0;
  std::string message;
};

// Reads one document. Throws ReadFault, and nothing else, on a text that is refused.
Value read(std::string_view text);

// A plain scalar by the rules of the core schema (YAML 1.2.2, section 10.3). Throws ReadFault for a
// number that JSON can't carry.
Value plainScalar(std::string_view text, int line);

}  // namespace unigate::base::yaml
