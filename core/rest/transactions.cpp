// /v1/transactions: every operation with its state, outcome, times and transitions.
#include <algorithm>
#include <array>

#include "base/clock.hpp"
#include "rest/call.hpp"
#include "rest/lists.hpp"

namespace unigate::rest {

namespace {

constexpr std::array<std::string_view, 6> kStates = {"intent", "sent",    "succeeded",
                                                     "failed", "unknown", "escalated"};

void textOrNull(json::Writer& out, std::string_view name, std::string_view text) {
  out.key(name);
  if (text.empty()) {
    out.null();
  } else {
    out.value(text);
  }
}

// Milliseconds with three decimals, exactly.
void milliseconds(json::Writer& out, std::string_view name, std::int64_t us, bool known) {
  out.key(name);
  if (!known) {
    out.null();
    return;
  }
  out.value(static_cast<double>(std::max<std::int64_t>(0, us)) / 1000.0);
}

// Our error column as a client may see it.
void error(json::Writer& out, const store::OperationRecord& row) {
  json::Document document;
  json::ReadError unreadable;
  out.key("error");
  if (row.error.empty() || !document.parse(row.error, unreadable)) {
    out.null();
    return;
  }
  out.beginObject().member("category", document["category"].stringOr("unspecified"));
  textOrNull(out, "provider_code", document["provider_code"].stringOr(""));
  textOrNull(out, "decline_code", document["decline_code"].stringOr(""));
  textOrNull(out, "provider_message", document["provider_message"].stringOr(""));
  out.endObject();
}

std::string transactionDocument(const store::OperationRecord& row,
                                const std::vector<store::TransitionRow>* changes) {
  const bool finished = row.finishedAt > 0;
  const bool money = !row.currency.empty() && row.amount > 0;
  json::Writer out;
  out.beginObject()
      .member("object", "transaction")
      .member("id", row.id)
      .member("operation", row.operation)
      .member("state", store::toText(row.state))
      .member("provider", row.provider);
  textOrNull(out, "resource", row.resourceId);
  out.member("amount", money ? std::optional<std::int64_t>(row.amount) : std::nullopt);
  textOrNull(out, "currency", row.currency);
  out.member("attempts", row.attempt);
  textOrNull(out, "outcome", row.outcome);
  error(out, row);
  textOrNull(out, "idempotency_key", row.clientKey);
  out.member("created_at", base::toRfc3339(row.createdAt))
      .member("updated_at", base::toRfc3339(row.updatedAt));
  textOrNull(out, "finished_at", finished ? base::toRfc3339(row.finishedAt) : std::string());
  const bool timed = !row.outcome.empty();
  milliseconds(out, "own_ms", row.ownUs, timed);
  milliseconds(out, "provider_ms", row.providerUs, timed);
  if (changes != nullptr) {
    out.key("transitions").beginArray();
    for (const store::TransitionRow& change : *changes) {
      out.beginObject();
      textOrNull(out, "from", change.fromState);
      out.member("to", change.toState)
          .member("attempt", change.attempt)
          .member("at", base::toRfc3339(change.at));
      textOrNull(out, "reason", change.reason);
      out.endObject();
    }
    out.endArray();
  }
  out.endObject();
  return out.take();
}

void listTransactions(const Call::Ptr& call) {
  const auto page = pageRequest(*call, "txn_");
  if (!page) return call->fail(page.error());
  const auto created = createdRange(*call);
  if (!created) return call->fail(created.error());
  store::OperationFilter filter;
  filter.limit = page->limit;
  filter.startingAfter = page->startingAfter;
  filter.createdGte = created->gte;
  filter.createdLt = created->lt;
  filter.provider = call->queryValue("provider").value_or("");
  filter.state = call->queryValue("status").value_or("");
  if (!filter.state.empty() &&
      std::find(kStates.begin(), kStates.end(), filter.state) == kStates.end()) {
    return call->fail(
        {400,
         "invalid_request",
         "status must be one of: intent, sent, succeeded, failed, unknown, escalated.",
         "status",
         false,
         0,
         {}});
  }
  auto rows =
      call->gateway.reader().listOperations(call->tenant.orgId, call->tenant.environment, filter);
  if (!rows) return call->fail(rows.error());
  std::vector<std::string> documents;
  for (const store::OperationRecord& row : rows->rows)
    documents.push_back(transactionDocument(row, nullptr));
  call->send(200,
             listBody(documents, rows->hasMore, rows->rows.empty() ? "" : rows->rows.back().id));
}

void getTransaction(const Call::Ptr& call) {
  auto row = call->gateway.reader().operationById(call->tenant.orgId, call->tenant.environment,
                                                  call->param(0));
  if (!row) return call->fail(row.error());
  if (!row->has_value()) {
    return call->fail(
        {404, "not_found", "There is no transaction with this id.", "id", false, 0, {}});
  }
  auto changes = call->gateway.reader().transitions(call->tenant.orgId, call->tenant.environment,
                                                    call->param(0));
  if (!changes) return call->fail(changes.error());
  call->send(200, transactionDocument(**row, &*changes));
}

}  // namespace

void addTransactionRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back(
      {"GET",
       "/v1/transactions",
       "transactions",
       "read",
       Body::none,
       {"limit", "starting_after", "status", "provider", "created[gte]", "created[lt]"},
       listTransactions});
  routes.push_back(
      {"GET", "/v1/transactions/{id}", "transactions", "read", Body::none, {}, getTransaction});
}

}  // namespace unigate::rest
