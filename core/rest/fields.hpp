// Reads the fields of a JSON request body one by one, with every check named: what is wrong, with
// which field, and what would be right. Collects all faults, so that a client sees them together.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
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

  enum class Need { optional, required };

  // Text of `minChars` to `maxChars` characters (Unicode code points) without control characters.
  std::optional<std::string> text(std::string_view name, Need need, std::size_t maxChars,
                                  std::size_t minChars = 1);
  std::optional<std::string> oneOf(std::string_view name, Need need,
                                   std::initializer_list<std::string_view> allowed);
  std::optional<bool> flag(std::string_view name);
  // An ISO 4217 code, either case; upper case out.
  std::optional<std::string> currency(std::string_view name, Need need);
  // A positive whole number of minor units. `currency` (may be empty) serves the message.
  std::optional<std::int64_t> amount(std::string_view name, Need need, std::string_view currency);
  std::optional<std::string> email(std::string_view name);
  std::optional<std::string> phone(std::string_view name);
  // An absolute http or https URL of at most 2,048 characters.
  std::optional<std::string> url(std::string_view name);
  // JSON object text of at most 50 members (keys 40, values 500 characters, text); "{}" when
  // absent.
  std::string metadata();
  // True when the member is there and null: asks to unset it.
  bool isNull(std::string_view name);
  void fault(std::string_view name, std::string detail);

  // Call last: refuses members that nobody asked for, then gives the verdict.
  base::Status finish();

 private:
  json::View take(std::string_view name, Need need);
  std::string rawNumber(std::string_view name) const;

  json::View body_;
  std::string_view text_;
  std::vector<std::string_view> known_;
  std::vector<FieldFault> faults_;
};

}  // namespace unigate::rest
