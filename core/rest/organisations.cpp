// /api/organisations: those that the user is a member of.
#include "base/clock.hpp"
#include "identity/users.hpp"
#include "rest/access.hpp"
#include "rest/fields.hpp"
#include "rest/lists.hpp"
#include "rest/management.hpp"
#include "rest/tokens_body.hpp"

namespace unigate::rest {

namespace {

constexpr std::size_t kNameCharsMax = 200;

std::string documentOf(const store::OrganisationOfUser& row, const std::string& current) {
  json::Writer out;
  out.beginObject()
      .member("object", "organisation")
      .member("id", row.orgId)
      .member("name", row.name)
      .member("role", row.role)
      .member("current", row.orgId == current)
      .member("created_at", base::toRfc3339(row.createdAt))
      .endObject();
  return out.take();
}

base::Result<ManagementReply> listOrganisations(const ManagementCall& management) {
  if (auto status = needUser(management.call); !status) return base::fail(status.error());
  const auto rows = store::organisationsOf(management.reader, management.call.principal->userId);
  if (!rows) return base::fail(rows.error());
  std::vector<std::string> documents;
  for (const auto& row : *rows) documents.push_back(documentOf(row, management.orgId()));
  return ManagementReply{200, listBody(documents, false, "")};
}

base::Result<ManagementReply> createOrganisation(const ManagementCall& management) {
  const Call& call = management.call;
  if (auto status = needUser(call); !status) return base::fail(status.error());
  FieldReader fields(call.body.root(), call.request.body);
  const auto name = fields.text("name", FieldReader::Need::required, kNameCharsMax);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto made = management.shared.users->createOrganisation(*call.principal, *name);
  if (!made) return base::fail(made.error());
  return ManagementReply{
      201, documentOf({made->id, made->name, "owner", made->createdAt}, management.orgId())};
}

base::Result<ManagementReply> switchOrganisation(const ManagementCall& management) {
  const Call& call = management.call;
  if (auto status = needUser(call); !status) return base::fail(status.error());
  const auto done = management.shared.users->switchOrganisation(management.reader, *call.principal,
                                                                management.param(0));
  if (!done) return base::fail(done.error());
  return ManagementReply{200, tokensBody(*done)};
}

}  // namespace

void addOrganisationRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back(managed("GET", "/api/organisations", "organisations", "read", Body::none, {},
                           listOrganisations));
  routes.push_back(managed("POST", "/api/organisations", "organisations", "write", Body::required,
                           {}, createOrganisation));
  routes.push_back(managed("POST", "/api/organisations/{id}/switch", "organisations", "write",
                           Body::none, {}, switchOrganisation));
}

}  // namespace unigate::rest
