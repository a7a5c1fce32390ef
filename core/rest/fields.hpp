// Reads the fields of a JSON request body one by one, with every check named: what is wrong, with
// which field, and what would be right. Collects all faults, so that a client sees them together.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unigate/json.hpp>
#include <vector>

#include "base/result.hpp"

namespace unigate::rest {

struct FieldFault {
  std::string param;
  std::string detail;
};

// Money as a client sent it: minor units and upper-case code.
struct Money {
  std::int64_t amount = 0;
  std::string currency;
};

class FieldReader {
 public:
  // `body` must be an object (checked here). `text` is the body as it came: numbers are looked at
  // as text before anything is converted.
  FieldReader(json::View body, std::string_view text);
  // Of an object inside another: faults are named "<prefix>.<name>" and go to the outer reader with
  // finishInto.
  FieldReader(json::View body, std::string prefix, FieldReader& outer);

  enum class Need { optional, required };

  // Text of `minChars` to `maxChars` characters (Unicode code points) without control characters.
  std::optional<std::string> text(std::string_view name, Need need, std::size_t maxChars,
                                  std::size_t minChars = 1);
  std::optional<std::string> oneOf(std::string_view name, Need need,
                                   std::initializer_list<std::string_view> allowed);
  std::optional<std::string> oneOf(std::string_view name, Need need,
                                   std::span<const std::string_view> allowed);
  // A whole number from `min` to `max`.
  std::optional<std::int64_t> number(std::string_view name, Need need, std::int64_t min,
                                     std::int64_t max);
  // An RFC 3339 time; Unix seconds out.
  std::optional<std::int64_t> time(std::string_view name, Need need);
  // An array of at most `maxItems` texts of 1 to `maxChars` characters; absent is empty.
  std::vector<std::string> texts(std::string_view name, Need need, std::size_t maxItems,
                                 std::size_t maxChars);
  // An object of at most `maxMembers` texts, as JSON text; empty when absent.
  std::string textMap(std::string_view name, Need need, std::size_t maxMembers);
  // A member that the caller reads itself, e.g. with a reader of its own; nothing when absent.
  json::View member(std::string_view name, Need need);
  std::optional<bool> flag(std::string_view name);
  // An ISO 4217 code, either case; upper case out.
  std::optional<std::string> currency(std::string_view name, Need need);
  // A positive whole number of minor units. `currency` (may be empty) serves the message.
  std::optional<std::int64_t> amount(std::string_view name, Need need, std::string_view currency);
  std::optional<std::string> email(std::string_view name, Need need = Need::optional);
  std::optional<std::string> phone(std::string_view name, Need need = Need::optional);
  // An absolute http or https URL of at most 2,048 characters.
  std::optional<std::string> url(std::string_view name, Need need = Need::optional);
  // JSON object text of at most 50 members (keys 40, values 500 characters, text); "{}" when
  // absent.
  std::string metadata();
  // True when the member is there and null: asks to unset it.
  bool isNull(std::string_view name);
  void fault(std::string_view name, std::string detail);

  // Call last: refuses members that nobody asked for, then gives the verdict.
  base::Status finish();
  // The same for an object inside another: its faults join those of `outer`.
  void finishInto(FieldReader& outer);

 private:
  void refuseUnknown();
  json::View take(std::string_view name, Need need);
  std::string rawNumber(std::string_view name) const;

  json::View body_;
  std::string_view text_;
  std::vector<std::string_view> known_;
  std::string prefix_;
  std::vector<FieldFault> faults_;
};

}  // namespace unigate::rest
