// The gateway of one event loop: runs operations from request to final commit, plain reads at
// providers, and the recovery of what was left open. REST calls it; it joins engine, plugins,
// network, vault and store, and nothing else does.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "engine/retry_budget.hpp"
#include "engine/routing.hpp"
#include "gateway/account_directory.hpp"
#include "gateway/endpoint_book.hpp"
#include "gateway/passthrough.hpp"
#include "gateway/proof_check.hpp"
#include "gateway/replies.hpp"
#include "gateway/resolve_by_hand.hpp"
#include "gateway/tenant.hpp"
#include "net/event_loop.hpp"
#include "net/upstream_client.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "store/store.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/metrics.hpp"

namespace unigate::gateway {

// The operations that some loop of this process is driving: the resolver leaves them alone. Any
// thread.
class LiveOperations {
 public:
  void add(const std::string& id);
  void remove(const std::string& id);
  bool has(const std::string& id) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_set<std::string> ids_;
};

// The retry budget of each provider, made when it is first asked for. Any thread.
class RetryBudgets {
 public:
  engine::RetryBudget& of(const std::string& provider);

 private:
  std::mutex mutex_;
  std::map<std::string, engine::RetryBudget> budgets_;
};

inline constexpr std::int64_t kEscalatedCountMax = 256;

// What all loops share. Owned by app; outlives every Gateway.
struct Shared {
  store::Store& store;
  plugin_host::PluginRegistry& plugins;
  const vault::Vault& vault;
  const EndpointBook& endpoints;
  const engine::Router& router;
  const base::Clock& clock;
  base::Random& random;
  telemetry::Metrics& metrics;
  telemetry::Logger& log;
  // Body of a problem document; REST's, handed in so that the bytes can be committed with the
  // operation.
  std::function<std::string(const base::Problem&, std::string_view requestId)> renderProblem;
  std::size_t operationsInFlightMax;
  std::atomic<std::size_t> operationsInFlight{0};
  LiveOperations live;
  RetryBudgets budgets;
  // As the resolver counted last, no further than kEscalatedCountMax, and what this process has
  // seen since.
  std::atomic<std::int64_t> operationsEscalated{0};
  // Set by the wiring before anything runs; without it no operation that needs a proof begins.
  ProofCheck checkProof;
  CredentialBook credentials{log};
};

// A request that changes something, checked and decoded by REST.
struct OperationRequest {
  Tenant tenant;
  std::string requestId;
  std::string traceparent;
  std::string operation;    // "payments.create"
  std::string route;        // "POST /v1/payments/orders", for the record
  std::string kind;         // of the resource that is answered: one of kinds.hpp
  std::string clientKey;    // empty: none
  std::string fingerprint;  // hex
  std::string provider;     // by routing, or that of `target`
  // The row that is changed (capture, update) or that the new one belongs to (the payment of a
  // refund).
  std::optional<store::ResourceRecord> target;
  bool creates = false;             // a new resource of `kind` comes of it
  std::string adapterInput = "{}";  // JSON object for the adapter; the driver adds operation_id
  std::string client = "{}";        // JSON object: see DocumentContext
  std::int64_t amount = 0;
  std::string currency;
  bool includeRaw = false;
  std::int64_t startedUs = 0;  // monotonic
};

using ReplyFn = std::function<void(base::Result<Reply>)>;

// A question to a provider that changes nothing.
struct ReadRequest {
  Tenant tenant;
  std::string operation;  // "balance.get"
  std::string provider;
  std::string adapterInput = "{}";
  std::string traceparent;
  bool ownNeed = false;  // the gateway's own question: asked whatever features are off
};

// A caller's raw request that may change something at the provider.
struct PassthroughRequest {
  Tenant tenant;
  std::string requestId;
  std::string route;        // for the record
  std::string clientKey;    // empty: none
  std::string fingerprint;  // hex
  std::string provider;
  RawRequest raw;
  std::int64_t startedUs = 0;  // monotonic
};

// What comes back: the provider's answer as it is, or a problem document of ours.
struct PassthroughReply {
  int status = 0;
  net::HeaderList headers;  // the provider's
  std::string body;
  std::string transactionId;
  bool fromProvider = false;
  bool replayed = false;
  std::int64_t retryAfterSeconds = 0;  // 0: none
  std::int64_t providerUs = 0;
};
using PassthroughFn = std::function<void(base::Result<PassthroughReply>)>;

class Gateway {
 public:
  Gateway(Shared& shared, net::EventLoop& loop, net::UpstreamClient& upstream);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Opens this loop's reads. Once, before anything else.
  base::Status open();

  // The provider that shall do `operation`.
  base::Result<std::string> route(const Tenant& tenant, const std::string& operation,
                                  const std::string& named);
  // True when the tenant has stored credentials for the provider.
  bool configured(const Tenant& tenant, const std::string& provider);

  // Runs an operation. `reply` is called exactly once, on the loop, whatever the client does
  // meanwhile.
  void execute(OperationRequest request, ReplyFn reply);
  // What is stored under a client's key, as the answer to a repeated request: empty when there is
  // nothing.
  base::Result<std::optional<Reply>> replay(const Tenant& tenant, const std::string& clientKey,
                                            const std::string& fingerprint);
  // Asks a provider; the result's `resultJson` or a problem.
  void read(ReadRequest request, std::function<void(base::Result<CallResult>)> done);
  // Fetches a resource anew from its provider and stores what changed: the newest row that is
  // known, with the provider's own answer (redacted JSON). A problem when the provider can't be
  // asked.
  struct Fetched {
    store::ResourceRecord row;
    std::string raw;
    std::int64_t providerUs = 0;
  };
  void fetch(const Tenant& tenant, store::ResourceRecord row,
             std::function<void(base::Result<Fetched>)> done);

  // One page of what a provider has of a kind, as documents; `request` names the adapter's list
  // operation, or search.query. What is born at the provider (invoices, disputes) is stored on the
  // way, so that it has an id of ours; of the rest, what is not ours has a null id.
  struct Listed {
    std::vector<std::string> documents;
    bool hasMore = false;
    std::string nextCursor;  // the provider's
    std::int64_t providerUs = 0;
  };
  void listAtProvider(const std::string& kind, ReadRequest request,
                      std::function<void(base::Result<Listed>)> done);

  // Writes down what a person has decided about an escalated operation (see resolve_by_hand.hpp for
  // the problems); the operation as it stands then. 404 for one that the tenant has not.
  void decideByHand(const Tenant& tenant, const std::string& operationId, HandDecision decision,
                    std::function<void(base::Result<store::OperationRecord>)> done);

  // Runs a task on this loop, when what waits there already has had its turn.
  void later(std::function<void()> task);

  // A caller's raw request to the provider's own API; see passthrough.hpp for the problems.
  void passThrough(const Tenant& tenant, const std::string& provider, RawRequest request,
                   std::function<void(base::Result<RawAnswer>)> done);
  // The same as an operation: noted before it is sent, sent once at most.
  void runPassthrough(PassthroughRequest request, PassthroughFn reply);

  // On one loop only: takes up what an earlier process left open, and from then on whatever is due.
  // Any thread.
  void startResolver();
  // Nothing more is taken up by this loop; calls under way finish by themselves. On every loop, its
  // thread.
  void stopResolver();
  // Operations and reads of this loop that are under way, resolving included. While it is not 0 the
  // Gateway must live.
  std::size_t underWay() const;

  store::ReadSession& reader();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::gateway
