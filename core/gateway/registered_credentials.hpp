// What registering a webhook at a provider brings for the account's credentials: the signing
// secret, which the provider shows once, and its id. The manifest says into which fields they go.
// Called where the end of the operation is written, so that neither can be lost.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "gateway/account_directory.hpp"
#include "store/records.hpp"
#include "vault/vault.hpp"

namespace unigate::gateway {

struct SealingServices {
  const vault::Vault& vault;
  const base::Clock& clock;
  base::Random& random;
};

// The row of a secret, sealed for its place in that account.
base::Result<store::SecretRecord> sealedSecret(const std::string& orgId,
                                               const std::string& accountId,
                                               const std::string& field,
                                               const vault::SecretString& secret,
                                               const SealingServices& services);

// Nothing for any other operation, and where the manifest keeps nothing.
base::Result<std::optional<store::CredentialChange>> registeredCredentials(
    const Account& account, const std::string& operation, const std::string& resultJson,
    const SealingServices& services, const std::string& orgId);

}  // namespace unigate::gateway
