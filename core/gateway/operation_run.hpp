// One operation being driven: carries out the decisions of engine::Operation against store and
// provider. Private to gateway.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/operation.hpp"
#include "gateway/gateway.hpp"

namespace unigate::gateway {

// What a run needs from its loop. References outlive every run.
struct RunServices {
  Shared& shared;
  net::EventLoop& loop;
  net::UpstreamClient& upstream;
  store::ReadSession& reader;
  AccountDirectory& accounts;
  store::CompletionSink& sink;
  // Told when a run could not write its end: somebody must take the operation up again.
  std::function<void(const std::string& orgId, const std::string& environment,
                     const std::string& operationId)>
      abandoned;
};

// The answer for a request whose key is taken: the stored one, 409 while it is under way, 422 for
// another request.
base::Result<Reply> answerExisting(const store::OperationRecord& existing,
                                   const std::string& fingerprint);

// The same for a request that can't be begun now: nothing when its key is free. A Problem that says
// "unknown" when that can't be read, for a refusal that promised "not executed" might be wrong.
std::optional<base::Result<Reply>> answerEarlier(store::ReadSession& reader, const Tenant& tenant,
                                                 const std::string& clientKey,
                                                 const std::string& fingerprint);

// Finds our id of a provider's: for documents that refer to something else. `reader` outlives it.
std::function<std::string(std::string_view, std::string_view)> referenceLookup(
    store::ReadSession& reader, Tenant tenant, std::string provider);

// Runs a fresh operation. `reply` is called once; `ended` when nothing more happens in this run.
void runOperation(const RunServices& services, OperationRequest request, ReplyFn reply,
                  std::function<void()> ended);

// Takes up one that was found open in the store.
void resolveOperation(const RunServices& services, store::OperationRecord row,
                      std::function<void()> ended);

}  // namespace unigate::gateway
