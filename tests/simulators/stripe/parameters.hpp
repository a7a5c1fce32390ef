// What parameters an operation takes, and the check of a request against it in Stripe's words.
//
// A specification is text: fields "name:type" parted by blanks. Types: s text, i integer, n number,
// b boolean, m metadata, any (not looked into), range (an integer or a hash of gt, gte, lt, lte),
// (a|b) one of these words, {...} a hash. Then "[]" for a list, "!" if required, "?" if "" is
// allowed (which unsets).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/form.hpp"

namespace simulators::stripe {

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

// Throws ApiError on the first fault.
void checkParameters(const std::vector<Field>& fields, const FormNode& root);

// Checked parameters of one request.
class Parameters {
 public:
  explicit Parameters(FormNode root) : root_(std::move(root)) {}

  const FormNode* node(std::string_view name) const { return root_.child(name); }
  const FormNode& root() const { return root_; }
  bool has(std::string_view name) const { return node(name) != nullptr; }
  // Empty if absent.
  std::string_view text(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  bool flag(std::string_view name) const { return text(name) == "true"; }
  std::vector<std::string> list(std::string_view name) const;

 private:
  FormNode root_;
};

std::optional<std::int64_t> readInteger(std::string_view text);

}  // namespace simulators::stripe
