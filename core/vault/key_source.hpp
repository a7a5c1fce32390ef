// Where the key-encryption key comes from: a file, the environment or a systemd credential.
// Included only by the vault.
#pragma once

#include <string>

#include "base/result.hpp"
#include "vault/secret_string.hpp"

namespace unigate::vault {

// The 32 bytes of the key that `source` names; see Vault::open.
base::Result<SecretString> loadKey(const std::string& source);

}  // namespace unigate::vault
