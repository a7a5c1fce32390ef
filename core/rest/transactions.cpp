// /v1/transactions: every operation with its state, outcome, times, attempts and transitions, and
// the decision of a person about one that is escalated.
#include "rest/transactions.hpp"

#include <algorithm>
#include <array>

#include "base/clock.hpp"
#include "rest/call.hpp"
#include "rest/fields.hpp"
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

bool isUnderWay(std::string_view state) {
  return state == "intent" || state == "sent";
}

// What was being done when an attempt's end was never written down.
std::string_view lostAction(const store::TransitionRow& begun) {
  if (begun.toState == "intent") return "execute";
  if (begun.reason == "asking the provider") return "query";
  return begun.reason == "sending again with the same key" ? "resend" : "execute";
}

// One attempt: from the row that began it to the one that ended it, null while it is under way.
void attempt(json::Writer& out, const store::TransitionRow& begun,
             const store::TransitionRow* ended) {
  const bool known = ended != nullptr && !ended->action.empty();
  out.beginObject()
      .member("number", begun.attempt)
      .member("action", known ? std::string_view(ended->action) : lostAction(begun));
  // It begins with the request's arrival, or, for later ones, with the send.
  const std::int64_t tookMs = known ? (ended->providerUs + ended->ownUs) / 1000 : 0;
  out.member("started_at", base::toRfc3339(known ? ended->at - tookMs : begun.at));
  textOrNull(out, "ended_at", known ? base::toRfc3339(ended->at) : std::string());
  textOrNull(out, "outcome", known ? ended->outcome : ended == nullptr ? "" : "unknown");
  milliseconds(out, "provider_ms", known ? ended->providerUs : 0, known);
  milliseconds(out, "own_ms", known ? ended->ownUs : 0, known);
  textOrNull(out, "provider_request_id", known ? ended->providerRequestId : std::string());
  out.member("reason", known              ? std::string_view(ended->reason)
                       : ended == nullptr ? "under way"
                                          : "nobody saw its end: the gateway stopped or lost the "
                                            "database before it could be written down");
  out.endObject();
}

void attempts(json::Writer& out, const std::vector<store::TransitionRow>& changes) {
  out.key("attempts").beginArray();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (isUnderWay(changes[i].toState))
      attempt(out, changes[i], i + 1 < changes.size() ? &changes[i + 1] : nullptr);
  }
  out.endArray();
}

void recovery(json::Writer& out, const store::OperationRecord& row) {
  out.key("recovery")
      .beginObject()
      .member("mode", row.recoveryMode)
      .member("window_seconds", row.recoveryWindowSeconds);
  textOrNull(out, "next_at",
             row.nextResolveAt > 0 ? base::toRfc3339(row.nextResolveAt) : std::string());
  out.endObject();
}

// Why the operation stands where it does, in words for a person.
std::string why(const store::OperationRecord& row,
                const std::vector<store::TransitionRow>& changes) {
  std::string text = changes.empty() ? std::string() : changes.back().reason;
  json::Document error;
  json::ReadError unreadable;
  if (!row.error.empty() && error.parse(row.error, unreadable)) {
    const std::string_view said = error["provider_message"].stringOr("");
    if (!said.empty()) text += ": " + std::string(said);
  }
  return text;
}

void escalated(json::Writer& out, const store::OperationRecord& row,
               const std::vector<store::TransitionRow>& changes) {
  out.key("escalated");
  if (row.state != store::OperationState::escalated) {
    out.null();
    return;
  }
  out.beginObject()
      .member("reason", changes.empty() ? std::string() : changes.back().reason)
      .member("what_to_do", "Look for it at " + row.provider +
                                (row.providerKey.empty() ? ""
                                                         : ": it went under "
                                                           "the idempotency key " +
                                                               row.providerKey) +
                                ". Then say what you found: POST "
                                "/v1/transactions/" +
                                row.id + "/resolve, or `unigate operation resolve " + row.id +
                                "`. Until then nothing else can change what it is about.")
      .endObject();
}

}  // namespace

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
  out.member("attempt_count", row.attempt);
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
    textOrNull(out, "why", why(row, *changes));
    recovery(out, row);
    escalated(out, row, *changes);
    attempts(out, *changes);
    out.key("transitions").beginArray();
    for (const store::TransitionRow& change : *changes) {
      out.beginObject();
      textOrNull(out, "from", change.fromState);
      out.member("to", change.toState)
          .member("attempt", change.attempt)
          .member("at", base::toRfc3339(change.at));
      textOrNull(out, "reason", change.reason);
      textOrNull(out, "actor", change.actor);
      out.endObject();
    }
    out.endArray();
  }
  out.endObject();
  return out.take();
}

namespace {

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

void sendTransaction(const Call::Ptr& call, const store::OperationRecord& row) {
  auto changes =
      call->gateway.reader().transitions(call->tenant.orgId, call->tenant.environment, row.id);
  if (!changes) return call->fail(changes.error());
  call->send(200, transactionDocument(row, &*changes));
}

void getTransaction(const Call::Ptr& call) {
  auto row = call->gateway.reader().operationById(call->tenant.orgId, call->tenant.environment,
                                                  call->param(0));
  if (!row) return call->fail(row.error());
  if (!row->has_value()) {
    return call->fail(
        {404, "not_found", "There is no transaction with this id.", "id", false, 0, {}});
  }
  sendTransaction(call, **row);
}

void resolveTransaction(const Call::Ptr& call) {
  using Need = FieldReader::Need;
  FieldReader fields(call->body.root(), call->request.body);
  gateway::HandDecision decision;
  const auto as = fields.oneOf("as", Need::required, {"succeeded", "failed"});
  decision.providerId = fields.text("provider_id", Need::optional, 255).value_or("");
  decision.reason = fields.text("reason", Need::required, 500).value_or("");
  decision.actor = "api_key:" + call->principal->keyId;
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  decision.as = gateway::decisionFromText(*as).value_or(decision.as);
  call->gateway.decideByHand(call->tenant, call->param(0), std::move(decision),
                             [call](base::Result<store::OperationRecord> row) {
                               if (!row) return call->fail(row.error());
                               sendTransaction(call, *row);
                             });
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
  routes.push_back({"POST",
                    "/v1/transactions/{id}/resolve",
                    "transactions",
                    "write",
                    Body::required,
                    {},
                    resolveTransaction});
}

}  // namespace unigate::rest
