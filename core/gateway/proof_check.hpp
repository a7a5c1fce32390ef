// The manifest's `proof`, as the operation driver asks for it: what a provider's checkout handed to
// the payer's browser must have been signed by the provider. The webhooks layer, which knows how to
// verify, stands above this one and is handed in by the wiring.
#pragma once

#include <cstdint>
#include <functional>
#include <unigate/json.hpp>

#include "base/result.hpp"
#include "gateway/account_directory.hpp"
#include "plugin_host/manifest.hpp"

namespace unigate::gateway {

// Says whether the proof in an adapter's input holds by the plugin's recipe and the account's
// secrets. Any thread; sends nothing.
using ProofCheck =
    std::function<base::Status(const plugin_host::Operation& operation, const Account& account,
                               json::View adapterInput, std::int64_t nowUnixMs)>;

}  // namespace unigate::gateway
