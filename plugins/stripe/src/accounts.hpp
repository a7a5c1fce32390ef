// What accounts.create remembers between its requests.
#pragma once

#include <optional>

#include "wire.hpp"

namespace stripe {

struct AccountCreation {
  sdk::AccountCreate input;
  std::optional<sdk::Account> account;  // once it is made; then only its link is missing
};

}  // namespace stripe
