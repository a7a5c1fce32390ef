// Features of a service that an organisation can switch off: the families of operations that a
// manifest lists ("payments", "refunds"), and raw pass-through. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gateway/account_directory.hpp"
#include "plugin_host/manifest.hpp"

namespace unigate::gateway {

// Raw calls can't be told apart by what they do, so they are a feature of their own.
inline constexpr std::string_view kPassthroughFeature = "passthrough";

// All that can be switched, in the order of the manifest.
std::vector<std::string> featuresOf(const plugin_host::Manifest& manifest);

// The feature of an operation ("payments.create"); empty for one that belongs to none of the
// manifest's, which is always on.
std::string_view featureOf(const plugin_host::Manifest& manifest, std::string_view operation);

// 403 `feature_disabled` when the operation's feature is off for this account.
base::Status checkFeature(const Account& account, std::string_view operation);
// The same for a raw call.
base::Status checkPassthroughFeature(const Account& account);

}  // namespace unigate::gateway
