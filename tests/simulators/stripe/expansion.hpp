// The expand[] parameter: which ids of an answer are replaced by the objects they name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace simulators::stripe {

enum class ObjectKind : std::uint8_t {
  kNothing,
  kPayment,
  kCharge,
  kRefund,
  kCustomer,
  kMethod,
  kTransaction,
  kDocument  // any of its properties that hold an id
};

class Expansion {
 public:
  // Paths such as "latest_charge.balance_transaction", below "data" for a list. Throws ApiError for
  // what cannot be expanded.
  static Expansion parse(const std::vector<std::string>& paths, ObjectKind kind, bool ofList);

  const std::map<std::string, Expansion, std::less<>>& children() const { return children_; }
  bool empty() const { return children_.empty(); }
  // Null if that property stays an id.
  const Expansion* find(std::string_view property) const;
  // Whether this expands that property, with nothing below it, and no other.
  bool isOnly(std::string_view property) const;

 private:
  std::map<std::string, Expansion, std::less<>> children_;
};

inline const Expansion* expanded(const Expansion* expansion, std::string_view property) {
  return expansion ? expansion->find(property) : nullptr;
}

}  // namespace simulators::stripe
