#include "gateway/gateway.hpp"

#include <set>
#include <utility>

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "gateway/documents.hpp"
#include "gateway/features.hpp"
#include "gateway/kinds.hpp"
#include "gateway/operation_run.hpp"
#include "gateway/passthrough_operation.hpp"
#include "gateway/redact.hpp"

namespace unigate::gateway {

namespace {

constexpr std::int64_t kResolverTickMs = 200;
constexpr std::size_t kResolverBatch = 64;
constexpr std::size_t kResolverParallelMax = 256;
constexpr std::int64_t kAbandonedRetryMs = 1'000;
constexpr std::int64_t kSweepMs = 30'000;

// Brings completions of the writer's thread to the loop's: one wake-up for each batch.
class LoopSink final : public store::CompletionSink {
 public:
  explicit LoopSink(net::EventLoop& loop) : loop_(loop) {}
  void post(std::vector<std::unique_ptr<store::Completion>> batch) override {
    // A std::function must be copyable, so the batch travels in a shared_ptr that only this task
    // owns.
    auto shared =
        std::make_shared<std::vector<std::unique_ptr<store::Completion>>>(std::move(batch));
    loop_.post([shared] {
      for (auto& completion : *shared) completion->run();
    });
  }

 private:
  net::EventLoop& loop_;
};

constexpr int kPageTriesMax = 5;

// What an adapter listed, on its way to the client.
struct ProviderPage {
  std::string kind;
  Tenant tenant;
  std::string provider;
  std::string accountId;
  std::shared_ptr<json::Document> output;  // shared by the tries to store it
};

// The adapter's operation that reads one resource of a kind.
std::string readOperationOf(const std::string& kind) {
  return kind + "s.get";
}

}  // namespace

void LiveOperations::add(const std::string& id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ids_.insert(id);
}

void LiveOperations::remove(const std::string& id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ids_.erase(id);
}

bool LiveOperations::has(const std::string& id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return ids_.count(id) > 0;
}

engine::RetryBudget& RetryBudgets::of(const std::string& provider) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return budgets_.try_emplace(provider).first->second;
}

struct Gateway::Impl {
  Impl(Shared& sharedParts, net::EventLoop& eventLoop, net::UpstreamClient& upstreamClient)
      : shared(sharedParts), loop(eventLoop), upstream(upstreamClient), sink(eventLoop) {}

  RunServices services() {
    return {shared,
            loop,
            upstream,
            *reader,
            *accounts,
            sink,
            [this](const std::string& orgId, const std::string& environment,
                   const std::string& id) { abandoned(orgId, environment, id); }};
  }

  // ---- lists of providers ----

  // Makes the page's documents and stores those that are new or changed; begins anew when somebody
  // else wrote one of them meanwhile.
  void keepPage(ProviderPage page, Gateway::Listed listed,
                std::function<void(base::Result<Gateway::Listed>)> done, int tries) {
    std::vector<store::ResourceRecord> changed;
    listed.documents.clear();
    for (const json::View item : (*page.output)["data"].items()) {
      // What a search finds is wrapped with its kind.
      const json::View resource = item["resource"].isObject() ? item["resource"] : item;
      auto row = rowOf(page, resource, changed);
      if (!row) return done(base::fail(row.error()));
      listed.documents.push_back(std::move(*row));
    }
    if (changed.empty()) return done(std::move(listed));
    ++running;
    auto shown = std::make_shared<Gateway::Listed>(std::move(listed));
    const base::Status queued = shared.store.putResources(
        std::move(changed), &sink,
        [this, page = std::move(page), shown, done,
         tries](base::Result<store::TransitionOutcome> outcome) {
          --running;
          if (!outcome) return done(base::fail(outcome.error()));
          if (*outcome == store::TransitionOutcome::applied) return done(std::move(*shown));
          if (tries + 1 < kPageTriesMax) return keepPage(page, std::move(*shown), done, tries + 1);
          done(base::fail(503, "resource_changed", "The list kept changing; try again."));
        });
    if (!queued) {
      --running;
      done(base::fail(queued.error()));
    }
  }

  // The document of one item; a row that has to be written joins `changed`.
  base::Result<std::string> rowOf(const ProviderPage& page, json::View item,
                                  std::vector<store::ResourceRecord>& changed) {
    const std::string providerId(item["provider_id"].stringOr(""));
    auto known = reader->resourceByProviderId(page.tenant.orgId, page.tenant.environment, page.kind,
                                              page.provider, providerId);
    if (!known) return base::fail(known.error());
    const bool keeps = findKind(page.kind)->bornAtProvider;
    DocumentContext context;
    context.tenant = page.tenant;
    context.provider = page.provider;
    context.accountId = page.accountId;
    context.nowMs = shared.clock.unixMs();
    context.ourId = referenceLookup(*reader, page.tenant, page.provider);
    json::Document old;
    json::ReadError error;
    if (known->has_value()) {
      context.before = &**known;
      context.resourceId = (*known)->id;
      context.nowMs = (*known)->updatedAt;
      if (old.parse((*known)->document, error))
        context.transactionId = old["transaction_id"].stringOr("");
    } else if (keeps) {
      context.resourceId =
          base::makeIdOf(idPrefixOf(page.kind), item["created_unix_s"].int64Or(0) * 1000,
                         page.tenant.orgId + "\n" + page.tenant.environment + "\n" + page.provider +
                             "\n" + page.kind + "\n" + providerId);
    }
    store::ResourceRecord row = makeResource(page.kind, item, context);
    if (!keeps) return row.document;
    if (known->has_value() && row.document == (*known)->document) return row.document;
    context.nowMs = shared.clock.unixMs();
    row = makeResource(page.kind, item, context);
    changed.push_back(row);
    return row.document;
  }

  void decide(const Tenant& tenant, const std::string& id, HandDecision decision,
              std::function<void(base::Result<store::OperationRecord>)> done, int tries);

  // ---- resolver ----

  void tick() {
    if (!resolving) return;
    if (shared.store.mayDrive()) {
      lookForTheDead();
      takeUpLeftovers();
      takeUpDue();
    }
    timer = loop.after(kResolverTickMs, [this] { tick(); });
  }

  // What a process had begun that has gone or died meanwhile is taken up at once.
  void lookForTheDead() {
    const auto gone = shared.store.othersGone();
    if (gone == othersGone) return;
    othersGone = gone;
    leftoversDone = false;
    leftoversAfter.clear();
  }

  void takeUpDue() {
    if (takenUp.size() >= kResolverParallelMax) return;
    auto due = reader->dueForResolve(shared.clock.unixMs(), kResolverBatch);
    if (!due) return;
    for (store::OperationRecord& row : *due) {
      if (!shared.store.drivenElsewhere(row.owner)) resolve(std::move(row));
    }
  }

  // Operations that an earlier process left behind, page by page so that the start is not held up.
  // And once in a while again, should an operation have lost its driver in a way that nobody
  // thought of.
  void takeUpLeftovers() {
    if (leftoversDone && loop.nowMs() >= nextSweepMs) leftoversDone = false;
    while (!leftoversDone && takenUp.size() < kResolverParallelMax) {
      auto page = reader->openOperations(kResolverBatch, leftoversAfter);
      if (!page) return;
      if (page->empty()) {
        leftoversDone = true;
        leftoversAfter.clear();
        nextSweepMs = loop.nowMs() + kSweepMs;
        countEscalated();
        return;
      }
      for (store::OperationRecord& row : *page) {
        leftoversAfter = row.id;
        // What waits for its time is found by dueForResolve, but for a time that a clock which was
        // set back since makes far away; what lives is somebody's work.
        const bool due = row.nextResolveAt == 0 || row.updatedAt > shared.clock.unixMs();
        if (due && !shared.live.has(row.id) && !shared.store.drivenElsewhere(row.owner))
          resolve(std::move(row));
      }
    }
  }

  void countEscalated() {
    const auto rows = reader->escalatedOperations(kEscalatedCountMax, {});
    if (rows) shared.operationsEscalated = static_cast<std::int64_t>(rows->size());
  }

  void resolve(store::OperationRecord row) {
    const std::string id = row.id;
    if (!takenUp.insert(id).second) return;
    resolveOperation(services(), std::move(row), [this, id] { takenUp.erase(id); });
  }

  void abandoned(const std::string& orgId, const std::string& environment, const std::string& id) {
    loop.after(kAbandonedRetryMs, [this, orgId, environment, id] {
      if (stopping) return;  // durable: the next start takes it up
      if (!shared.store.mayDrive()) return abandoned(orgId, environment, id);
      auto row = reader->operationById(orgId, environment, id);
      if (!row) return abandoned(orgId, environment, id);
      if (row->has_value() && !store::isTerminal((*row)->state) &&
          (*row)->state != store::OperationState::escalated &&
          !shared.store.drivenElsewhere((*row)->owner)) {
        resolve(std::move(**row));
      }
    });
  }

  Shared& shared;
  net::EventLoop& loop;
  net::UpstreamClient& upstream;
  LoopSink sink;
  std::unique_ptr<store::ReadSession> reader;
  std::unique_ptr<AccountDirectory> accounts;
  std::vector<plugin_host::Manifest> manifests;  // of all plugins that were loaded
  std::set<std::string> takenUp;  // operations that the resolver of this loop works on
  std::uint64_t othersGone = 0;   // as it was when leftovers were last looked for
  std::string leftoversAfter;
  std::size_t running = 0;
  std::int64_t nextSweepMs = 0;
  net::EventLoop::TimerId timer = 0;
  bool leftoversDone = false;
  bool resolving = false;
  bool stopping = false;
};

Gateway::Gateway(Shared& shared, net::EventLoop& loop, net::UpstreamClient& upstream)
    : impl_(std::make_unique<Impl>(shared, loop, upstream)) {}

Gateway::~Gateway() = default;

base::Status Gateway::open() {
  auto reader = impl_->shared.store.openReader();
  if (!reader) return base::fail(reader.error());
  impl_->reader = std::move(*reader);
  impl_->accounts =
      std::make_unique<AccountDirectory>(impl_->shared.plugins, impl_->shared.vault, *impl_->reader,
                                         impl_->shared.clock, impl_->shared.credentials);
  for (plugin_host::PluginEntry& entry : impl_->shared.plugins.entries()) {
    if (entry.manifest && entry.state != plugin_host::PluginState::refused) {
      impl_->manifests.push_back(std::move(*entry.manifest));
    }
  }
  return {};
}

store::ReadSession& Gateway::reader() {
  return *impl_->reader;
}

bool Gateway::configured(const Tenant& tenant, const std::string& provider) {
  return impl_->accounts->configured(tenant, provider);
}

base::Result<std::string> Gateway::route(const Tenant& tenant, const std::string& operation,
                                         const std::string& named) {
  std::vector<engine::RouteCandidate> candidates;
  candidates.reserve(impl_->manifests.size());
  base::Status switchedOff;
  for (const plugin_host::Manifest& manifest : impl_->manifests) {
    engine::RouteCandidate candidate;
    candidate.provider = manifest.id;
    candidate.usable = impl_->shared.plugins.find(manifest.id) != nullptr;
    candidate.configured = impl_->accounts->configured(tenant, manifest.id);
    // Who is not named is passed over where the feature is off; who is named says so itself.
    if (candidate.configured && named.empty() && manifest.findOperation(operation) != nullptr) {
      if (const auto account = impl_->accounts->find(tenant, manifest.id)) {
        if (auto on = checkFeature(**account, operation); !on) {
          candidate.configured = false;
          switchedOff = std::move(on);
        }
      }
    }
    candidate.supports = [&manifest](std::string_view name) {
      return manifest.findOperation(name) != nullptr;
    };
    candidates.push_back(std::move(candidate));
  }
  auto picked = impl_->shared.router.pick({operation, named, tenant.environment}, candidates);
  if (!picked && !switchedOff) return base::fail(switchedOff.error());
  return picked;
}

namespace {

base::Problem tooBusy() {
  base::Problem busy{
      503, "too_busy", "Too many operations are under way. Nothing was sent; try again shortly.",
      "",  true,       1,
      {}};
  busy.members.emplace_back("outcome", "\"not_executed\"");
  return busy;
}

}  // namespace

void Gateway::execute(OperationRequest request, ReplyFn reply) {
  Impl& impl = *impl_;
  if (impl.shared.operationsInFlight.fetch_add(1) >= impl.shared.operationsInFlightMax) {
    impl.shared.operationsInFlight.fetch_sub(1);
    if (auto earlier =
            answerEarlier(*impl.reader, request.tenant, request.clientKey, request.fingerprint)) {
      return reply(std::move(*earlier));
    }
    return reply(base::fail(tooBusy()));
  }
  ++impl.running;
  runOperation(impl.services(), std::move(request), std::move(reply), [&impl] {
    --impl.running;
    impl.shared.operationsInFlight.fetch_sub(1);
  });
}

void Gateway::runPassthrough(PassthroughRequest request, PassthroughFn reply) {
  Impl& impl = *impl_;
  if (impl.shared.operationsInFlight.fetch_add(1) >= impl.shared.operationsInFlightMax) {
    impl.shared.operationsInFlight.fetch_sub(1);
    return reply(base::fail(tooBusy()));
  }
  ++impl.running;
  runPassthroughOperation(impl.services(), std::move(request), std::move(reply), [&impl] {
    --impl.running;
    impl.shared.operationsInFlight.fetch_sub(1);
  });
}

base::Result<std::optional<Reply>> Gateway::replay(const Tenant& tenant,
                                                   const std::string& clientKey,
                                                   const std::string& fingerprint) {
  if (clientKey.empty()) return std::optional<Reply>();
  auto row = impl_->reader->operationByClientKey(tenant.orgId, tenant.environment, clientKey);
  if (!row) return base::fail(row.error());
  if (!row->has_value()) return std::optional<Reply>();
  auto answer = answerExisting(**row, fingerprint);
  if (!answer) return base::fail(answer.error());
  return std::optional<Reply>(std::move(*answer));
}

void Gateway::read(ReadRequest request, std::function<void(base::Result<CallResult>)> done) {
  Impl& impl = *impl_;
  auto account = impl.accounts->find(request.tenant, request.provider);
  if (!account) return done(base::fail(account.error()));
  if (!request.ownNeed) {
    if (auto on = checkFeature(**account, request.operation); !on)
      return done(base::fail(on.error()));
  }
  CallSpec spec;
  spec.account = *account;
  spec.operation = request.operation;
  spec.inputJson = request.adapterInput;
  spec.operationId = request.operation;
  spec.traceparent = request.traceparent;
  impl.shared.metrics.providerCallStarted();
  ++impl.running;
  callProvider({impl.upstream, impl.shared.endpoints, impl.shared.clock}, std::move(spec),
               [&impl, provider = request.provider, done = std::move(done)](CallResult result) {
                 --impl.running;
                 impl.shared.metrics.providerCallEnded();
                 if (result.trouble == Trouble::fault)
                   impl.shared.metrics.pluginFault(provider, "contract");
                 if (result.outcome.verdict == engine::Verdict::done)
                   return done(std::move(result));
                 done(base::fail(problemFor(result, provider, "", true)));
               });
}

void Gateway::passThrough(const Tenant& tenant, const std::string& provider, RawRequest request,
                          std::function<void(base::Result<RawAnswer>)> done) {
  Impl& impl = *impl_;
  auto account = impl.accounts->find(tenant, provider);
  if (!account) return done(base::fail(account.error()));
  if (auto on = checkPassthroughFeature(**account); !on) return done(base::fail(on.error()));
  impl.shared.metrics.providerCallStarted();
  ++impl.running;
  gateway::passThrough({impl.upstream, impl.shared.endpoints, impl.shared.clock}, *account,
                       std::move(request), {},
                       [&impl, done = std::move(done)](base::Result<RawAnswer> answer) {
                         --impl.running;
                         impl.shared.metrics.providerCallEnded();
                         done(std::move(answer));
                       });
}

void Gateway::fetch(const Tenant& tenant, store::ResourceRecord row,
                    std::function<void(base::Result<Fetched>)> done) {
  json::Writer input;
  input.beginObject().member("provider_id", row.providerId).endObject();
  ReadRequest request{tenant, readOperationOf(row.kind), row.provider, input.take(), ""};
  read(std::move(request),
       [this, tenant, row, done = std::move(done)](base::Result<CallResult> result) {
         if (!result) return done(base::fail(result.error()));
         Fetched fetched{row, redactRaw(result->rawBody), result->providerUs};
         json::Document output;
         json::ReadError error;
         if (!output.parse(result->resultJson, error)) return done(std::move(fetched));
         DocumentContext context;
         context.tenant = tenant;
         context.resourceId = row.id;
         context.provider = row.provider;
         context.accountId = row.accountId;
         context.nowMs = row.updatedAt;
         context.before = &row;
         context.ourId = referenceLookup(*impl_->reader, tenant, row.provider);
         json::Document known;
         if (known.parse(row.document, error))
           context.transactionId = known["transaction_id"].stringOr("");
         // Made with the old time first: what then reads as before has not changed.
         if (makeResource(row.kind, output.root(), context).document == row.document)
           return done(std::move(fetched));
         context.nowMs = impl_->shared.clock.unixMs();
         store::ResourceRecord after = makeResource(row.kind, output.root(), context);
         if (movesBack(row.kind, row.status, after.status)) return done(std::move(fetched));
         // Another writer may have been faster; then its row is newer than what was fetched, and
         // stays.
         std::vector<store::ResourceRecord> rows{after};
         if (row.kind == "refund") {
           auto payment = impl_->reader->resourceById(tenant.orgId, tenant.environment, "payment",
                                                      after.parentId);
           if (!payment) return done(std::move(fetched));
           if (payment->has_value())
             rows.push_back(withRefund(**payment, &row, after, context.nowMs));
         }
         ++impl_->running;
         const base::Status queued = impl_->shared.store.putResources(
             std::move(rows), &impl_->sink,
             [impl = impl_.get(), fetched, after,
              done](base::Result<store::TransitionOutcome> outcome) mutable {
               --impl->running;
               if (outcome && *outcome == store::TransitionOutcome::applied)
                 fetched.row = std::move(after);
               done(std::move(fetched));
             });
         if (!queued) {
           --impl_->running;
           done(std::move(fetched));
         }
       });
}

void Gateway::listAtProvider(const std::string& kind, ReadRequest request,
                             std::function<void(base::Result<Listed>)> done) {
  ProviderPage page{kind, request.tenant, request.provider, {}, {}};
  if (const auto account = impl_->accounts->find(request.tenant, request.provider)) {
    page.accountId = (*account)->id;
  }
  read(std::move(request), [this, page = std::move(page),
                            done = std::move(done)](base::Result<CallResult> result) mutable {
    if (!result) return done(base::fail(result.error()));
    json::ReadError error;
    auto output = std::make_shared<json::Document>();
    if (!output->parse(result->resultJson, error)) {
      return done(base::fail(502, "provider_bad_response",
                             "The provider's answer could not be understood."));
    }
    page.output = std::move(output);
    Listed listed;
    listed.hasMore = (*page.output)["has_more"].booleanOr(false);
    listed.nextCursor = (*page.output)["next_cursor"].stringOr("");
    listed.providerUs = result->providerUs;
    impl_->keepPage(std::move(page), std::move(listed), std::move(done), 0);
  });
}

namespace {

base::Problem noTransaction() {
  return {404, "not_found", "There is no transaction with this id.", "id", false, 0, {}};
}

}  // namespace

void Gateway::Impl::decide(const Tenant& tenant, const std::string& id, HandDecision decision,
                           std::function<void(base::Result<store::OperationRecord>)> done,
                           int tries) {
  auto row = reader->operationById(tenant.orgId, tenant.environment, id);
  if (!row) return done(base::fail(row.error()));
  if (!row->has_value()) return done(base::fail(noTransaction()));
  const ByHand services{*reader, shared.clock, [this](const base::Problem& problem) {
                          return shared.renderProblem(problem, "");
                        }};
  auto record = makeDecision(services, **row, decision);
  if (!record) return done(base::fail(record.error()));
  ++running;
  const std::int64_t fence = (*row)->fence;
  const base::Status queued = shared.store.transition(
      tenant.orgId, id, (*row)->state, fence, std::move(*record), &sink,
      [this, tenant, id, decision = std::move(decision), done,
       tries](base::Result<store::TransitionOutcome> outcome) {
        --running;
        if (!outcome) return done(base::fail(outcome.error()));
        if (*outcome == store::TransitionOutcome::lostRace)
          return done(base::fail(decidedMeanwhile(id)));
        if (*outcome == store::TransitionOutcome::resourceChanged) {
          if (tries + 1 < kPageTriesMax) return decide(tenant, id, decision, done, tries + 1);
          return done(
              base::fail(503, "resource_changed", "The resource kept changing; try again."));
        }
        --shared.operationsEscalated;
        auto after = reader->operationById(tenant.orgId, tenant.environment, id);
        if (!after) return done(base::fail(after.error()));
        if (!after->has_value()) return done(base::fail(noTransaction()));
        done(std::move(**after));
      });
  if (queued) return;
  --running;
  done(base::fail(queued.error()));
}

void Gateway::decideByHand(const Tenant& tenant, const std::string& operationId,
                           HandDecision decision,
                           std::function<void(base::Result<store::OperationRecord>)> done) {
  impl_->decide(tenant, operationId, std::move(decision), std::move(done), 0);
}

void Gateway::later(std::function<void()> task) {
  impl_->loop.post(std::move(task));
}

void Gateway::startResolver() {
  impl_->resolving = true;
  impl_->loop.post([this] { impl_->tick(); });
}

void Gateway::stopResolver() {
  impl_->resolving = false;
  impl_->stopping = true;
  impl_->loop.cancel(impl_->timer);
}

std::size_t Gateway::underWay() const {
  return impl_->running + impl_->takenUp.size();
}

}  // namespace unigate::gateway
