#include "stripe/expansion.hpp"

#include <array>

#include "stripe/errors.hpp"

namespace simulators::stripe {
namespace {

constexpr int kDepthMax = 4;

struct Property {
  ObjectKind owner;
  std::string_view name;
  ObjectKind target;
};
constexpr std::array<Property, 13> kProperties{{
    {ObjectKind::kPayment, "customer", ObjectKind::kCustomer},
    {ObjectKind::kPayment, "latest_charge", ObjectKind::kCharge},
    {ObjectKind::kPayment, "payment_method", ObjectKind::kMethod},
    {ObjectKind::kCharge, "balance_transaction", ObjectKind::kTransaction},
    {ObjectKind::kCharge, "customer", ObjectKind::kCustomer},
    {ObjectKind::kCharge, "payment_intent", ObjectKind::kPayment},
    {ObjectKind::kCharge, "refunds", ObjectKind::kNothing},
    {ObjectKind::kRefund, "balance_transaction", ObjectKind::kTransaction},
    {ObjectKind::kRefund, "charge", ObjectKind::kCharge},
    {ObjectKind::kRefund, "customer", ObjectKind::kCustomer},
    {ObjectKind::kRefund, "payment_intent", ObjectKind::kPayment},
    {ObjectKind::kRefund, "payment_method", ObjectKind::kMethod},
    {ObjectKind::kMethod, "customer", ObjectKind::kCustomer},
}};

const Property* propertyOf(ObjectKind owner, std::string_view name) {
  for (const auto& property : kProperties) {
    if (property.owner == owner && property.name == name) return &property;
  }
  return nullptr;
}

}  // namespace

Expansion Expansion::parse(const std::vector<std::string>& paths, ObjectKind kind, bool ofList) {
  Expansion root;
  for (const auto& path : paths) {
    const auto refused =
        invalidParameter("expand", "This property cannot be expanded (" + path + ").");
    std::string_view rest = path;
    if (ofList) {
      if (!rest.starts_with("data.")) throw refused;
      rest.remove_prefix(5);
    }
    auto* place = &root;
    auto owner = kind;
    for (int depth = 0; !rest.empty(); ++depth) {
      const auto name = rest.substr(0, rest.find('.'));
      rest.remove_prefix(name.size() == rest.size() ? rest.size() : name.size() + 1);
      const auto* property = propertyOf(owner, name);
      const bool free = owner == ObjectKind::kDocument;
      if ((!property && !free) || depth == kDepthMax) throw refused;
      place = &place->children_[std::string(name)];
      if (!free) owner = property->target;
    }
  }
  return root;
}

const Expansion* Expansion::find(std::string_view property) const {
  const auto found = children_.find(property);
  return found == children_.end() ? nullptr : &found->second;
}

bool Expansion::isOnly(std::string_view property) const {
  return children_.size() == 1 && children_.begin()->first == property &&
         children_.begin()->second.empty();
}

}  // namespace simulators::stripe
