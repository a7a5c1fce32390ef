#include "common/specification.hpp"

#include <algorithm>
#include <stdexcept>

namespace simulators {
namespace {

// Reads a specification from left to right.
class SpecificationReader {
 public:
  explicit SpecificationReader(std::string_view text) : text_(text) {}

  std::vector<Field> fields() {
    std::vector<Field> fields;
    while (skipBlanks(), !text_.empty() && text_.front() != '}') fields.push_back(field());
    return fields;
  }
  bool atEnd() const { return text_.empty(); }

 private:
  void skipBlanks() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  std::string until(std::string_view stops) {
    const auto end = std::min(text_.find_first_of(stops), text_.size());
    std::string word(text_.substr(0, end));
    text_.remove_prefix(end);
    return word;
  }

  Field field() {
    Field field;
    field.name = until(":");
    if (!take(":")) throw std::logic_error("specification: type of " + field.name + " is missing");
    type(field);
    if (take("[]")) field.list = true;
    if (take("!")) field.required = true;
    if (take("?")) field.unsettable = true;
    return field;
  }

  void type(Field& field) {
    using Type = Field::Type;
    if (take("{")) {
      field.type = Type::kHash;
      field.fields = fields();
      if (!take("}")) throw std::logic_error("specification: } expected after " + field.name);
    } else if (take("(")) {
      field.type = Type::kWord;
      do field.words.push_back(until("|)"));
      while (take("|"));
      if (!take(")")) throw std::logic_error("specification: ) expected after " + field.name);
    } else {
      field.type = named(until(" []!?}"));
    }
  }

  static Field::Type named(const std::string& name) {
    using Type = Field::Type;
    if (name == "s") return Type::kText;
    if (name == "i") return Type::kInteger;
    if (name == "n") return Type::kNumber;
    if (name == "b") return Type::kBoolean;
    if (name == "m") return Type::kMetadata;
    if (name == "any") return Type::kAny;
    if (name == "range") return Type::kRange;
    throw std::logic_error("specification: unknown type " + name);
  }

  std::string_view text_;
};

}  // namespace

std::vector<Field> parseSpecification(std::string_view text) {
  SpecificationReader reader(text);
  auto fields = reader.fields();
  if (!reader.atEnd()) throw std::logic_error("specification: unbalanced }");
  return fields;
}

}  // namespace simulators
