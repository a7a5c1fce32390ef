// Whose services a management request is about, and in which environment. Shared by the routes of
// services and onboarding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gateway/tenant.hpp"
#include "rest/management.hpp"

namespace unigate::rest {

// A key acts in its own environment; a user in the one that is named, "test" where none is. The
// problem (400) names `environment`.
base::Result<gateway::Tenant> serviceTenant(const ManagementCall& call,
                                            std::optional<std::string_view> named);

// Who asks: the id of the user or of the key.
const std::string& callerOf(const ManagementCall& call);

}  // namespace unigate::rest
