// /api/audit: what was changed in this organisation, and by whom.
#include "base/clock.hpp"
#include "rest/lists.hpp"
#include "rest/management.hpp"
#include "store/audit_list.hpp"

namespace unigate::rest {

namespace {

std::string documentOf(const store::AuditRow& row) {
  json::Writer out;
  out.beginObject()
      .member("object", "audit_event")
      .member("id", store::auditRowId(row))
      .member("action", row.action)
      .member("subject", row.subject)
      .member("actor", row.actor)
      .key("data")
      .rawJson(row.data.empty() ? "{}" : row.data)
      .member("hash", row.hash)
      .member("created_at", base::toRfc3339(row.at))
      .endObject();
  return out.take();
}

base::Result<ManagementReply> listAuditEvents(const ManagementCall& management) {
  // The store knows the form of this cursor.
  const auto page = pageRequest(management.call, kProviderCursor);
  if (!page) return base::fail(page.error());
  store::AuditFilter filter;
  filter.action = management.call.queryValue("action").value_or("");
  filter.subject = management.call.queryValue("subject").value_or("");
  filter.startingAfter = page->startingAfter;
  filter.limit = page->limit;
  const auto rows = store::listAudit(management.reader, management.orgId(), filter);
  if (!rows) return base::fail(rows.error());
  std::vector<std::string> documents;
  for (const store::AuditRow& row : rows->rows) documents.push_back(documentOf(row));
  return ManagementReply{200,
                         listBody(documents, rows->hasMore,
                                  rows->rows.empty() ? "" : store::auditRowId(rows->rows.back()))};
}

}  // namespace

void addAuditRoutes(std::vector<Route>& routes) {
  routes.push_back(managed("GET", "/api/audit", "audit", "read", Route::Body::none,
                           {"limit", "starting_after", "action", "subject"}, listAuditEvents));
}

}  // namespace unigate::rest
