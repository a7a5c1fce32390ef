// /v1/reconciliations: start one, list the reports, read one.
#include "base/clock.hpp"
#include "gateway/reconciler.hpp"
#include "rest/call.hpp"
#include "rest/fields.hpp"
#include "rest/lists.hpp"

namespace unigate::rest {

namespace {

// Providers keep no movements that are older.
constexpr std::int64_t kRangeMsMax = 366LL * 24 * 3600 * 1000;

constexpr std::size_t kDocumentBytesMax = 16UL * 1024 * 1024;

// A report as lists show it: without its long arrays.
std::string summaryOf(const std::string& document) {
  json::Document whole;
  json::ReadError error;
  if (!whole.parse(document, error, {.depthMax = 32, .bytesMax = kDocumentBytesMax}))
    return document;
  json::Writer out;
  out.beginObject();
  for (const json::Member& member : whole.root().members()) {
    if (member.name == "differences" || member.name == "pending" || member.name == "foreign")
      continue;
    out.member(member.name, member.value);
  }
  out.endObject();
  return out.take();
}

void listReconciliations(const Call::Ptr& call) {
  const auto page = pageRequest(*call, "rec_");
  if (!page) return call->fail(page.error());
  const std::string provider(call->queryValue("provider").value_or(""));
  auto rows = call->gateway.reader().listReconciliations(
      call->tenant.orgId, call->tenant.environment, provider, page->startingAfter, page->limit);
  if (!rows) return call->fail(rows.error());
  std::vector<std::string> documents;
  for (const store::ReconciliationRecord& row : rows->rows)
    documents.push_back(summaryOf(row.document));
  call->send(200,
             listBody(documents, rows->hasMore, rows->rows.empty() ? "" : rows->rows.back().id));
}

void getReconciliation(const Call::Ptr& call) {
  auto row = call->gateway.reader().reconciliationById(call->tenant.orgId, call->tenant.environment,
                                                       call->param(0));
  if (!row) return call->fail(row.error());
  if (!row->has_value()) {
    return call->fail(
        {404, "not_found", "There is no reconciliation with this id.", "id", false, 0, {}});
  }
  call->send(200, (*row)->document);
}

base::Status checkProvider(const Call& call, const std::string& provider) {
  if (call.shared.gateway.plugins.find(provider) == nullptr) {
    return base::fail(400, "unknown_provider",
                      "There is no provider of this name; GET /v1/providers lists them.",
                      "provider");
  }
  if (!call.gateway.configured(call.tenant, provider)) {
    return base::fail(400, "provider_not_configured",
                      "No " + call.tenant.environment +
                          " credentials are stored for it. Store "
                          "them with `unigate service set`.",
                      "provider");
  }
  return {};
}

void startReconciliation(const Call::Ptr& call) {
  using Need = FieldReader::Need;
  FieldReader fields(call->body.root(), call->request.body);
  gateway::ReconcileRequest request;
  request.provider = fields.text("provider", Need::required, 64).value_or("");
  const std::int64_t now = call->shared.clock.unixMs();
  request.sinceMs = fields.time("since", Need::required).value_or(0) * 1000;
  const auto until = fields.time("until", Need::optional);
  request.untilMs = until ? *until * 1000 : now;
  if (request.untilMs > now) fields.fault("until", "until must not lie in the future.");
  if (request.sinceMs >= request.untilMs) fields.fault("since", "since must lie before until.");
  if (request.untilMs - request.sinceMs > kRangeMsMax)
    fields.fault("since", "One reconciliation spans 366 days at most.");
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  if (auto status = checkProvider(*call, request.provider); !status)
    return call->fail(status.error());
  request.tenant = call->tenant;
  request.origin = "api";
  call->shared.reconcile(
      std::move(request), [call](base::Result<store::ReconciliationRecord> begun) {
        // Back to the loop that this request belongs to.
        call->gateway.later([call, begun = std::move(begun)] {
          if (!begun) return call->fail(begun.error());
          net::Response response;
          response.status = 202;
          response.headers.emplace_back("Content-Type", "application/json");
          response.headers.emplace_back("Location", "/v1/reconciliations/" + begun->id);
          response.body = begun->document;
          call->send(std::move(response));
        });
      });
}

}  // namespace

void addReconciliationRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back({"POST",
                    "/v1/reconciliations",
                    "reconciliations",
                    "write",
                    Body::required,
                    {},
                    startReconciliation});
  routes.push_back({"GET",
                    "/v1/reconciliations",
                    "reconciliations",
                    "read",
                    Body::none,
                    {"limit", "starting_after", "provider"},
                    listReconciliations});
  routes.push_back({"GET",
                    "/v1/reconciliations/{id}",
                    "reconciliations",
                    "read",
                    Body::none,
                    {},
                    getReconciliation});
}

}  // namespace unigate::rest
