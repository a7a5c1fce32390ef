#include "base/json_schema.hpp"

#include <algorithm>
#include <cmath>

#include "base/json_schema_node.hpp"
#include "base/text.hpp"

namespace unigate::base {

namespace {

using schema::Node;
using Value = rapidjson::Value;

constexpr std::size_t kNestingMax = 256;       // a schema that refers to itself without end
constexpr std::size_t kChecksMax = 1'000'000;  // one that branches without end

std::string_view textOf(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

unsigned typeBits(const Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType:
      return schema::kNull;
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return schema::kBoolean;
    case rapidjson::kObjectType:
      return schema::kObject;
    case rapidjson::kArrayType:
      return schema::kArray;
    case rapidjson::kStringType:
      return schema::kString;
    case rapidjson::kNumberType:
      break;
  }
  // 1.0 is no integer: a number with a point never stands for money.
  return value.IsDouble() ? schema::kNumber : schema::kNumber | schema::kInteger;
}

// -1, 0 or 1; exact for integers, which a conversion to double would round.
int compareNumbers(const Value& left, const Value& right) {
  const auto order = [](auto a, auto b) { return a < b ? -1 : (a > b ? 1 : 0); };
  if (left.IsDouble() || right.IsDouble()) return order(left.GetDouble(), right.GetDouble());
  if (left.IsInt64() && right.IsInt64()) return order(left.GetInt64(), right.GetInt64());
  if (left.IsUint64() && right.IsUint64()) return order(left.GetUint64(), right.GetUint64());
  return left.IsInt64() ? -1 : 1;
}

bool matches(const schema::Pattern& pattern, std::string_view text) {
  return std::regex_search(text.begin(), text.end(), pattern.regex);
}

std::string typeWords(unsigned types) {
  std::vector<std::string> words;
  for (const auto& [mask, name] : schema::kTypeNames) {
    if ((types & mask) == 0) continue;
    const bool vowel = std::string_view("aeiou").find(name.front()) != std::string_view::npos;
    words.push_back(mask == schema::kNull ? "null" : (vowel ? "an " : "a ") + std::string(name));
  }
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

// One step of the way from the root to a value.
struct Step {
  std::string_view name;  // of a member; empty data for an item
  std::size_t index = 0;
  bool item = false;
};

class Checker {
 public:
  Checker(std::vector<SchemaFault>* faults, std::size_t faultsMax, std::size_t& checksLeft)
      : faults_(faults), faultsMax_(faultsMax), checksLeft_(checksLeft) {}

  // True when `value` keeps all rules of `node`. With a list, goes on after a fault to find all.
  bool check(const Node& node, const Value& value) {
    if (depth_ >= kNestingMax || checksLeft_ == 0)
      return fault("$ref", "is nested too deeply for its schema");
    ++depth_;
    --checksLeft_;
    const bool right = checkHere(node, value);
    --depth_;
    return right;
  }

 private:
  bool checkHere(const Node& node, const Value& value) {
    if (node.never) return fault("false", "is not allowed here");
    if (node.types != 0 && (typeBits(value) & node.types) == 0)
      return fault("type", "must be " + typeWords(node.types));
    bool right = node.reference == nullptr || check(*node.reference, value);
    if (proceed(right)) right = checkChoice(node, value) && right;
    if (proceed(right) && value.IsString()) right = checkString(node, value) && right;
    if (proceed(right) && value.IsNumber()) right = checkNumber(node, value) && right;
    if (proceed(right) && value.IsArray()) right = checkArray(node, value) && right;
    if (proceed(right) && value.IsObject()) right = checkObject(node, value) && right;
    if (proceed(right)) right = checkCombinations(node, value) && right;
    return right;
  }

  bool proceed(bool rightSoFar) const {
    return rightSoFar || (faults_ != nullptr && faults_->size() < faultsMax_);
  }

  bool checkChoice(const Node& node, const Value& value) {
    if (node.constant != nullptr && !(*node.constant == value))
      return fault("const", "must be " + json::toText(json::View(node.constant)));
    if (node.choices == nullptr) return true;
    std::vector<std::string_view> names;
    std::string list;
    for (const Value& choice : node.choices->GetArray()) {
      if (choice == value) return true;
      if (choice.IsString()) names.push_back(textOf(choice));
      list += (list.empty() ? "" : ", ") + json::toText(json::View(&choice));
    }
    if (faults_ == nullptr) return false;
    std::string message = "must be one of " + list;
    if (value.IsString()) {
      if (const auto nearest = nearestOf(textOf(value), names))
        message += "; did you mean \"" + *nearest + "\"?";
    }
    return fault("enum", std::move(message));
  }

  bool checkString(const Node& node, const Value& value) {
    if (node.minLength || node.maxLength) {
      const std::size_t length = countCharacters(textOf(value));
      if (node.minLength && length < *node.minLength) {
        return fault("minLength",
                     *node.minLength == 1
                         ? "must not be empty"
                         : "must have at least " + std::to_string(*node.minLength) + " characters");
      }
      if (node.maxLength && length > *node.maxLength)
        return fault("maxLength",
                     "must have at most " + std::to_string(*node.maxLength) + " characters");
    }
    if (node.pattern && !matches(*node.pattern, textOf(value)))
      return fault("pattern", "must match " + node.pattern->text);
    return true;
  }

  bool checkNumber(const Node& node, const Value& value) {
    if (const Value* limit = node.minimum.limit) {
      const int order = compareNumbers(value, *limit);
      if (order < 0 || (order == 0 && node.minimum.exclusive))
        return fault("minimum",
                     (node.minimum.exclusive ? "must be more than " : "must be at least ") +
                         json::toText(json::View(limit)));
    }
    if (const Value* limit = node.maximum.limit) {
      const int order = compareNumbers(value, *limit);
      if (order > 0 || (order == 0 && node.maximum.exclusive))
        return fault("maximum",
                     (node.maximum.exclusive ? "must be less than " : "must be at most ") +
                         json::toText(json::View(limit)));
    }
    if (!node.multipleOf) return true;
    const auto unit = *node.multipleOf;
    const bool whole = value.IsUint64() ? value.GetUint64() % unit == 0
                       : value.IsInt64()
                           ? (0 - static_cast<std::uint64_t>(value.GetInt64())) % unit == 0
                           : std::fmod(value.GetDouble(), static_cast<double>(unit)) == 0;
    return whole || fault("multipleOf", "must be a multiple of " + std::to_string(unit));
  }

  bool checkArray(const Node& node, const Value& value) {
    bool right = true;
    if (node.minItems && value.Size() < *node.minItems)
      right = fault("minItems", "must have at least " + std::to_string(*node.minItems) + " items");
    if (node.maxItems && value.Size() > *node.maxItems)
      return fault("maxItems", "must have at most " + std::to_string(*node.maxItems) + " items");
    if (node.uniqueItems && hasTwins(value))
      right = fault("uniqueItems", "must not have an item twice");
    if (node.items == nullptr) return right;
    for (rapidjson::SizeType i = 0; i < value.Size() && proceed(right); ++i) {
      way_.push_back({{}, i, true});
      right = check(*node.items, value[i]) && right;
      way_.pop_back();
    }
    return right;
  }

  static bool hasTwins(const Value& array) {
    for (rapidjson::SizeType i = 0; i < array.Size(); ++i) {
      for (rapidjson::SizeType j = i + 1; j < array.Size(); ++j) {
        if (array[i] == array[j]) return true;
      }
    }
    return false;
  }

  bool checkObject(const Node& node, const Value& value) {
    bool right = true;
    if (node.minProperties && value.MemberCount() < *node.minProperties)
      right = fault("minProperties",
                    "must have at least " + std::to_string(*node.minProperties) + " members");
    if (node.maxProperties && value.MemberCount() > *node.maxProperties)
      right = fault("maxProperties",
                    "must have at most " + std::to_string(*node.maxProperties) + " members");
    for (const auto& member : value.GetObject()) {
      if (!proceed(right)) return false;
      const std::string_view name = textOf(member.name);
      way_.push_back({name, 0, false});
      right = checkMember(node, name, member.name, member.value) && right;
      way_.pop_back();
    }
    for (const std::string& name : node.required) {
      if (!proceed(right)) return false;
      if (json::View(&value)[name].exists()) continue;
      way_.push_back({name, 0, false});
      right = fault("required", "is required");
      way_.pop_back();
    }
    return right;
  }

  bool checkMember(const Node& node, std::string_view name, const Value& nameValue,
                   const Value& value) {
    bool right = true;
    bool known = false;
    if (node.propertyNames != nullptr) {
      if (!quietly(*node.propertyNames, nameValue))
        right = faultAtParent("propertyNames",
                              "key \"" + printable(name) + "\" has a form that is not allowed");
    }
    const auto found = std::lower_bound(
        node.properties.begin(), node.properties.end(), name,
        [](const auto& property, std::string_view wanted) { return property.first < wanted; });
    if (found != node.properties.end() && found->first == name) {
      known = true;
      right = check(*found->second, value) && right;
    }
    for (const auto& [pattern, rule] : node.patternProperties) {
      if (!matches(pattern, name)) continue;
      known = true;
      right = check(*rule, value) && right;
    }
    if (known) return right;
    if (node.additional != nullptr) return check(*node.additional, value) && right;
    return node.closed ? unknownKey(node, name) : right;
  }

  bool unknownKey(const Node& node, std::string_view name) {
    if (faults_ == nullptr) return false;
    std::vector<std::string_view> names;
    names.reserve(node.properties.size());
    for (const auto& property : node.properties) names.push_back(property.first);
    std::string message = "unknown key \"" + printable(name) + "\"";
    if (const auto nearest = nearestOf(name, names))
      message += "; did you mean \"" + *nearest + "\"?";
    return faultAtParent("additionalProperties", std::move(message));
  }

  bool checkCombinations(const Node& node, const Value& value) {
    bool right = true;
    for (const Node* rule : node.allOf) {
      if (!proceed(right)) return false;
      right = check(*rule, value) && right;
    }
    if (!node.anyOf.empty() && proceed(right))
      right = checkBranches(node.anyOf, value, false) && right;
    if (!node.oneOf.empty() && proceed(right))
      right = checkBranches(node.oneOf, value, true) && right;
    if (node.negated != nullptr && proceed(right) && quietly(*node.negated, value))
      right = fault("not", "has a form that is not allowed");
    return right;
  }

  bool quietly(const Node& node, const Value& value) {
    Checker quiet(nullptr, 0, checksLeft_);
    quiet.depth_ = depth_;
    return quiet.check(node, value);
  }

  bool checkBranches(const std::vector<const Node*>& branches, const Value& value, bool onlyOne) {
    std::size_t fitting = 0;
    for (const Node* branch : branches) fitting += quietly(*branch, value) ? 1 : 0;
    if (fitting == 1 || (fitting > 1 && !onlyOne)) return true;
    if (faults_ == nullptr) return false;
    if (fitting > 1) return fault("oneOf", "fits more than one of the allowed forms");
    // The faults of the branch that was meant say more than "fits none of them".
    const Node* meant = nullptr;
    unsigned types = 0;
    std::size_t sameType = 0;
    for (const Node* branch : branches) {
      const Node* resolved = branch;
      for (std::size_t i = 0; i < kNestingMax && resolved->types == 0; ++i) {
        if (resolved->reference == nullptr) break;
        resolved = resolved->reference;
      }
      types |= resolved->types;
      if (resolved->types != 0 && (resolved->types & typeBits(value)) == 0) continue;
      meant = branch;
      ++sameType;
    }
    if (sameType == 1) return check(*meant, value);
    const std::string keyword = onlyOne ? "oneOf" : "anyOf";
    if (sameType == 0) return fault(keyword, "must be " + typeWords(types));
    return fault(keyword, "fits none of the allowed forms" + neededNames(branches));
  }

  // "needs one of: token, source" where the branches differ by what they require.
  static std::string neededNames(const std::vector<const Node*>& branches) {
    std::string list;
    for (const Node* branch : branches) {
      if (branch->required.empty()) return {};
      list += list.empty() ? " (needs " : " or ";
      for (std::size_t i = 0; i < branch->required.size(); ++i)
        list += (i > 0 ? " and " : "") + ("\"" + branch->required[i] + "\"");
    }
    return list + ")";
  }

  bool faultAtParent(std::string keyword, std::string message) {
    const Step last = way_.back();
    if (faults_ != nullptr && faults_->size() < faultsMax_) {
      const std::string pointer = pointerText();
      way_.pop_back();
      faults_->push_back({pointer, std::move(keyword), pathText(), std::move(message)});
      way_.push_back(last);
    }
    return false;
  }

  bool fault(std::string keyword, std::string message) {
    if (faults_ != nullptr && faults_->size() < faultsMax_)
      faults_->push_back({pointerText(), std::move(keyword), pathText(), std::move(message)});
    return false;
  }

  std::string pointerText() const {
    std::string text;
    for (const Step& step : way_) {
      text += '/';
      if (step.item) {
        text += std::to_string(step.index);
        continue;
      }
      for (const char c : step.name) {
        if (c == '~') {
          text += "~0";
        } else if (c == '/') {
          text += "~1";
        } else {
          text += c;
        }
      }
    }
    return text;
  }

  std::string pathText() const {
    std::string text;
    for (const Step& step : way_) {
      if (step.item) {
        text += "[" + std::to_string(step.index) + "]";
      } else {
        text += (text.empty() ? "" : ".") + printable(step.name);
      }
    }
    return text;
  }

  std::vector<SchemaFault>* faults_;
  std::size_t faultsMax_;
  std::size_t& checksLeft_;
  std::vector<Step> way_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string SchemaFault::text() const {
  return path.empty() ? message : path + ": " + message;
}

std::vector<SchemaFault> JsonSchema::faults(json::View value, std::size_t faultsMax) const {
  std::vector<SchemaFault> found;
  if (!value.exists()) {
    found.push_back({"", "type", "", "is absent"});
    return found;
  }
  // Most values are right, and then no message need be built.
  std::size_t checksLeft = kChecksMax;
  Checker quick(nullptr, 0, checksLeft);
  if (quick.check(*impl_->root, *value.raw())) return found;
  Checker checker(&found, faultsMax, checksLeft);
  checker.check(*impl_->root, *value.raw());
  // A value that was refused is never let through for want of a message.
  if (found.empty()) found.push_back({"", "schema", "", "does not fit its schema"});
  return found;
}

std::optional<SchemaFault> JsonSchema::firstFault(json::View value) const {
  auto found = faults(value, 1);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace unigate::base
