// /api/user/profile: who the token's user is.
#include "base/clock.hpp"
#include "identity/users.hpp"
#include "rest/access.hpp"
#include "rest/fields.hpp"
#include "rest/management.hpp"

namespace unigate::rest {

namespace {

constexpr std::size_t kNameCharsMax = 200;

base::Result<ManagementReply> profileOf(const ManagementCall& management) {
  const identity::Principal& user = *management.call.principal;
  const auto row = store::userById(management.reader, user.userId);
  if (!row) return base::fail(row.error());
  if (!*row) return base::fail(404, "not_found", "There is no such user any more.");
  const store::UserRow& found = **row;
  const auto orNull = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  };
  json::Writer out;
  out.beginObject()
      .member("object", "user")
      .member("id", found.id)
      .member("email", orNull(found.email))
      .member("name", orNull(found.name))
      .member("issuer", orNull(found.issuer))
      .member("organisation", user.orgId)
      .member("role", user.role)
      .member("created_at", base::toRfc3339(found.createdAt))
      .endObject();
  return ManagementReply{200, out.take()};
}

base::Result<ManagementReply> getProfile(const ManagementCall& management) {
  if (auto status = needUser(management.call); !status) return base::fail(status.error());
  return profileOf(management);
}

base::Result<ManagementReply> putProfile(const ManagementCall& management) {
  const Call& call = management.call;
  if (auto status = needUser(call); !status) return base::fail(status.error());
  FieldReader fields(call.body.root(), call.request.body);
  const auto name = fields.text("name", FieldReader::Need::required, kNameCharsMax);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  if (auto status = management.shared.users->rename(*call.principal, *name); !status)
    return base::fail(status.error());
  return profileOf(management);
}

}  // namespace

void addProfileRoutes(std::vector<Route>& routes) {
  routes.push_back(
      managed("GET", "/api/user/profile", "profile", "read", Route::Body::none, {}, getProfile));
  routes.push_back(managed("PUT", "/api/user/profile", "profile", "write", Route::Body::required,
                           {}, putProfile));
}

}  // namespace unigate::rest
