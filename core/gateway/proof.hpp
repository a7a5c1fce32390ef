// The manifest's `proof`: what a provider's checkout handed to the payer's browser must have been
// signed by the provider, before the operation that relies on it begins. Asked by the operation
// driver.
#pragma once

#include <cstdint>
#include <unigate/json.hpp>

#include "base/result.hpp"
#include "gateway/account_directory.hpp"
#include "plugin_host/manifest.hpp"

namespace unigate::gateway {

// 422 invalid_signature when the input's proof does not hold by the plugin's recipe and the
// account's secrets. No proof declared, or none in the input: nothing to check. Nothing is sent.
base::Status checkProof(const plugin_host::Operation& operation, const Account& account,
                        json::View adapterInput, std::int64_t nowUnixMs);

}  // namespace unigate::gateway
