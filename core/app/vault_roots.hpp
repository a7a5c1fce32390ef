// Joins a vault with its database: the root that keys are derived from, the book of newer keys, and
// whether both belong together at all. Called by `serve` and by subcommands.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "store/store.hpp"
#include "vault/vault.hpp"

namespace unigate::app {

inline constexpr const char* kVaultRoot = "root";

// Fails with code "wrong_key" when something in the database is sealed under a key that the vault
// hasn't: calls of providers would fail one by one, and API keys made now would not be known under
// the right key. Else gives the vault its root, which is made when it is absent, and the book.
// `store` must outlive the vault's use.
base::Status joinVault(vault::Vault& vault, store::Store& store, const base::Clock& clock,
                       base::Random& random);

}  // namespace unigate::app
