#include "identity/permissions.hpp"

#include <array>

namespace unigate::identity {

namespace {

constexpr std::array kRoles = {Role::viewer, Role::developer, Role::admin, Role::owner};

constexpr std::array kPermissions = {
    Permission{"profile", Role::viewer, Role::viewer},        // one's own
    Permission{"organisations", Role::viewer, Role::viewer},  // one's own, and making another
    Permission{"members", Role::viewer, Role::admin},
    Permission{"keys", Role::viewer, Role::developer},
    Permission{"services", Role::viewer, Role::developer},
    Permission{"connect", Role::viewer, Role::developer},
    Permission{"onboarding", Role::developer, Role::developer},
    Permission{"routing", Role::viewer, Role::developer},
    Permission{"webhooks", Role::viewer, Role::developer},
    Permission{"analytics", Role::viewer, Role::admin},
    Permission{"usage", Role::viewer, Role::admin},
    Permission{"audit", Role::admin, Role::owner},
};

}  // namespace

std::string_view toText(Role role) {
  switch (role) {
    case Role::viewer:
      return "viewer";
    case Role::developer:
      return "developer";
    case Role::admin:
      return "admin";
    case Role::owner:
      return "owner";
  }
  return {};
}

std::optional<Role> roleFromText(std::string_view text) {
  for (const Role role : kRoles) {
    if (toText(role) == text) return role;
  }
  return std::nullopt;
}

std::span<const Permission> permissions() {
  return kPermissions;
}

bool roleAllows(Role role, std::string_view resource, std::string_view access) {
  for (const Permission& each : kPermissions) {
    if (each.resource != resource) continue;
    if (access == "read") return role >= each.reads;
    return access == "write" && role >= each.writes;
  }
  return false;
}

}  // namespace unigate::identity
