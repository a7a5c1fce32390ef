// What a member of an organisation may do: one table of roles, resources and access. Keys don't
// have roles but scopes; see Principal. docs/IDENTITY.md shows the same table, and a test compares.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace unigate::identity {

enum class Role { viewer, developer, admin, owner };  // each may do what those before it may

std::string_view toText(Role role);
std::optional<Role> roleFromText(std::string_view text);

// The least role that may read and write each resource of the management API.
struct Permission {
  std::string_view resource;
  Role reads;
  Role writes;
};
std::span<const Permission> permissions();

// `access` is "read" or "write". A resource that is not in the table is allowed to nobody.
bool roleAllows(Role role, std::string_view resource, std::string_view access);

}  // namespace unigate::identity
