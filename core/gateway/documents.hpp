// Turns what adapters answer (the unified model without our ids) into the resources that the API
// shows and the store keeps. Pure functions; the driver calls them on the way to the final commit,
// also when an operation is recovered.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

#include "base/clock.hpp"
#include "gateway/tenant.hpp"
#include "store/records.hpp"

namespace unigate::gateway {

// The client's side of a creating request, kept with the operation: what the provider need not
// echo. JSON members as the document has them: customer, description, reference, metadata, ...
struct DocumentContext {
  Tenant tenant;
  std::string resourceId;     // ours
  std::string transactionId;  // the operation that made or changed it
  std::string provider;
  std::string accountId;
  std::int64_t nowMs = 0;
  json::View client;                              // see above; may be empty
  const store::ResourceRecord* before = nullptr;  // the row as it was; null for a new one
  // Our id of a provider's, empty when there is none; may be empty itself.
  std::function<std::string(std::string_view kind, std::string_view providerId)> ourId;
};

// The id prefix of a kind: "pay_" for "payment", ... Empty for a kind that has none.
std::string_view idPrefixOf(std::string_view kind);

// A resource row with its document from an adapter's output of that kind, one of kinds.hpp.
store::ResourceRecord makeResource(std::string_view kind, json::View output,
                                   const DocumentContext& context);

// The row for an operation whose outcome is unknown: status "processing", amounts as asked for.
store::ResourceRecord makeProcessing(std::string_view kind, std::int64_t amount,
                                     std::string_view currency, const DocumentContext& context);

// The payment after one of its refunds changed from `refundBefore` (null: new) to `refundAfter`.
store::ResourceRecord withRefund(const store::ResourceRecord& payment,
                                 const store::ResourceRecord* refundBefore,
                                 const store::ResourceRecord& refundAfter, std::int64_t nowMs);

// The same row with another status, in column and document.
store::ResourceRecord withStatus(const store::ResourceRecord& row, std::string_view status,
                                 std::int64_t nowMs, std::string_view failureJson);

// Resources only move forward. True when `to` lies behind `from`, e.g. requires_capture behind
// succeeded; what an answer with `to` says is then older than what is known.
bool movesBack(std::string_view kind, std::string_view from, std::string_view to);
// A status that no operation leads out of: a captured or canceled payment, a failed refund, ...
bool isEnd(std::string_view kind, std::string_view status);

// The document with one more member `raw` (JSON text).
std::string withRaw(std::string_view document, std::string_view raw);

}  // namespace unigate::gateway
