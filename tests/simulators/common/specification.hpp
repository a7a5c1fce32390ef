// What fields a request may have, as text: "name:type" parted by blanks. Types: s text, i integer,
// n number, b boolean, m metadata, any (not looked into), range (an integer or a hash of gt, gte,
// lt, lte), (a|b) one of these words, {...} a hash. Then "[]" for a list, "!" if required, "?" if
// "" (in forms) or null (in JSON) is allowed. Read by the tables of operations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simulators {

struct Field {
  enum class Type : std::uint8_t {
    kText,
    kInteger,
    kNumber,
    kBoolean,
    kMetadata,
    kAny,
    kRange,
    kWord,
    kHash
  };
  std::string name;
  Type type = Type::kText;
  bool list = false;
  bool required = false;
  bool unsettable = false;
  std::vector<std::string> words;
  std::vector<Field> fields;
};

// Throws std::logic_error on a malformed specification.
std::vector<Field> parseSpecification(std::string_view text);

}  // namespace simulators
