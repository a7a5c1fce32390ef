// The manifest's `proof`: verified by the recipe that verifies webhooks, before the operation that
// relies on it begins. Handed to the gateway by the wiring.
#pragma once

#include <cstdint>
#include <unigate/json.hpp>

#include "base/result.hpp"
#include "gateway/account_directory.hpp"
#include "plugin_host/manifest.hpp"

namespace unigate::webhooks {

// 422 invalid_signature when the input's proof does not hold by the plugin's recipe and the
// account's secrets. No proof declared, or none in the input: nothing to check. Any thread; nothing
// is sent.
base::Status checkProof(const plugin_host::Operation& operation, const gateway::Account& account,
                        json::View adapterInput, std::int64_t nowUnixMs);

}  // namespace unigate::webhooks
