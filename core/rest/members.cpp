// /api/members: who belongs to the organisation, as what, and who is invited.
#include <array>

#include "base/clock.hpp"
#include "identity/users.hpp"
#include "rest/access.hpp"
#include "rest/fields.hpp"
#include "rest/lists.hpp"
#include "rest/management.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;

constexpr std::size_t kEmailCharsMax = 254;
constexpr std::size_t kTokenCharsMax = 200;
constexpr std::array<std::string_view, 4> kRoles = {"viewer", "developer", "admin", "owner"};

std::optional<std::string> orNull(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

std::optional<std::string> timeOrNull(std::int64_t at) {
  return at > 0 ? std::optional<std::string>(base::toRfc3339(at)) : std::nullopt;
}

std::string documentOf(const store::MemberRow& row) {
  json::Writer out;
  out.beginObject()
      .member("object", "member")
      .member("id", row.userId)
      .member("email", orNull(row.email))
      .member("name", orNull(row.name))
      .member("role", row.role)
      .member("issuer", orNull(row.issuer))
      .member("last_login_at", timeOrNull(row.lastLoginAt))
      .member("created_at", base::toRfc3339(row.createdAt))
      .endObject();
  return out.take();
}

std::string documentOf(const store::InvitationRow& row, std::string_view token) {
  json::Writer out;
  out.beginObject()
      .member("object", "invitation")
      .member("id", row.id)
      .member("email", row.email)
      .member("role", row.role)
      .member("invited_by", row.invitedBy)
      .member("expires_at", base::toRfc3339(row.expiresAt))
      .member("created_at", base::toRfc3339(row.createdAt));
  if (!token.empty()) out.member("token", token);
  out.endObject();
  return out.take();
}

base::Result<ManagementReply> listMembers(const ManagementCall& management) {
  const auto rows = store::membersOf(management.reader, management.orgId());
  if (!rows) return base::fail(rows.error());
  std::vector<std::string> documents;
  for (const auto& row : *rows) documents.push_back(documentOf(row));
  return ManagementReply{200, listBody(documents, false, "")};
}

base::Result<ManagementReply> listInvitations(const ManagementCall& management) {
  const auto rows = store::openInvitations(management.reader, management.orgId(),
                                           management.shared.clock.unixMs());
  if (!rows) return base::fail(rows.error());
  std::vector<std::string> documents;
  for (const auto& row : *rows) documents.push_back(documentOf(row, ""));
  return ManagementReply{200, listBody(documents, false, "")};
}

base::Result<ManagementReply> invite(const ManagementCall& management) {
  const Call& call = management.call;
  FieldReader fields(call.body.root(), call.request.body);
  const auto email = fields.text("email", Need::required, kEmailCharsMax);
  const auto role = fields.oneOf("role", Need::required, kRoles);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto invited = management.shared.users->invite(management.reader, *call.principal, *email,
                                                       *identity::roleFromText(*role));
  if (!invited) return base::fail(invited.error());
  return ManagementReply{201, documentOf(invited->row, invited->token.reveal())};
}

base::Result<ManagementReply> accept(const ManagementCall& management) {
  const Call& call = management.call;
  if (auto status = needUser(call); !status) return base::fail(status.error());
  FieldReader fields(call.body.root(), call.request.body);
  const auto token = fields.text("token", Need::required, kTokenCharsMax);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  if (auto status =
          management.shared.users->acceptInvitation(management.reader, *call.principal, *token);
      !status) {
    return base::fail(status.error());
  }
  return ManagementReply{204, {}};
}

base::Result<ManagementReply> revokeInvitation(const ManagementCall& management) {
  if (auto status = store::revokeInvitation(management.shared.users->store(), management.orgId(),
                                            management.param(0), management.call.principal->actor(),
                                            management.shared.clock.unixMs());
      !status) {
    return base::fail(status.error());
  }
  return ManagementReply{204, {}};
}

base::Result<ManagementReply> changeRole(const ManagementCall& management) {
  const Call& call = management.call;
  FieldReader fields(call.body.root(), call.request.body);
  const auto role = fields.oneOf("role", Need::required, kRoles);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  if (auto status = management.shared.users->changeMember(*call.principal, management.param(0),
                                                          *identity::roleFromText(*role));
      !status) {
    return base::fail(status.error());
  }
  const auto rows = store::membersOf(management.reader, management.orgId());
  if (!rows) return base::fail(rows.error());
  for (const auto& row : *rows) {
    if (row.userId == management.param(0)) return ManagementReply{200, documentOf(row)};
  }
  return base::fail(404, "not_found", "There is no member with this id.", "id");
}

base::Result<ManagementReply> removeMember(const ManagementCall& management) {
  if (auto status = management.shared.users->changeMember(*management.call.principal,
                                                          management.param(0), std::nullopt);
      !status) {
    return base::fail(status.error());
  }
  return ManagementReply{204, {}};
}

}  // namespace

void addMemberRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back(managed("GET", "/api/members", "members", "read", Body::none, {}, listMembers));
  routes.push_back(managed("POST", "/api/members", "members", "write", Body::required, {}, invite));
  // Being a member elsewhere is one's own business, not that of the organisation one is in now.
  routes.push_back(
      managed("POST", "/api/members/accept", "organisations", "write", Body::required, {}, accept));
  routes.push_back(managed("GET", "/api/members/invitations", "members", "read", Body::none, {},
                           listInvitations));
  routes.push_back(managed("DELETE", "/api/members/invitations/{id}", "members", "write",
                           Body::none, {}, revokeInvitation));
  routes.push_back(
      managed("PUT", "/api/members/{id}", "members", "write", Body::required, {}, changeRole));
  routes.push_back(
      managed("DELETE", "/api/members/{id}", "members", "write", Body::none, {}, removeMember));
}

}  // namespace unigate::rest
