// The check of a request's parameters against what its operation takes, in Stripe's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/form.hpp"
#include "common/specification.hpp"

namespace simulators::stripe {

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
