#include "net/upstream_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <mutex>
#include <new>
#include <unordered_map>

#include "net/upstream_reactor.hpp"

namespace unigate::net {

namespace {

constexpr std::size_t kOriginsMax = 1024;
// libcurl looks through a host's connections for a free one, so they are spread over several of its
// multi handles: at 2,000 connections that is the larger part of a request's cost.
constexpr long kConnectionsPerReactor = 128;
constexpr long kReactorsMax = 32;

void prepareProcess() {
  static std::once_flag once;
  std::call_once(once, [] {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    // A peer that resets while we write must not end the process.
    struct sigaction current {};
    if (sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL)
      signal(SIGPIPE, SIG_IGN);
  });
}

}  // namespace

struct UpstreamClient::Impl {
  struct Host;

  enum class Phase { unused, waiting, running, ended };

  // One request on its way through the client, in a slot that is used again.
  struct Call {
    std::uint32_t generation = 1;
    Phase phase = Phase::unused;
    UpstreamRequest request;
    Done done;
    Host* host = nullptr;
    std::size_t reactor = 0;
    std::unique_ptr<UpstreamTransfer> transfer;  // while running
    EventLoop::TimerId deadline = 0;
    UpstreamResult result;  // when ended
  };

  struct Host {
    UpstreamOrigin origin;
    long running = 0;
    std::vector<long> runningIn;  // by reactor
    std::deque<RequestId> queue;  // those that have ended meanwhile are passed over
    std::size_t waiting = 0;      // of them, still waiting
    bool listed = false;          // in waitingHosts
  };

  Impl(EventLoop& eventLoop, UpstreamSettings given) : loop(eventLoop), settings(std::move(given)) {
    prepareProcess();
    share = curl_share_init();
    if (share == nullptr) throw std::bad_alloc();
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    const long perHost = std::max(1L, settings.connectionsPerHostMax);
    const long count = std::clamp((perHost + kConnectionsPerReactor - 1) / kConnectionsPerReactor,
                                  1L, kReactorsMax);
    reactorConnectionsMax = (std::max(1L, settings.connectionsTotalMax) + count - 1) / count;
    for (long i = 0; i < count; ++i) {
      reactors.push_back(
          std::make_unique<UpstreamReactor>(loop, settings, share, reactorConnectionsMax,
                                            counters.connectionsOpened, [this] { collect(); }));
    }
    // Now, and not with the first payment, is the time to find that libcurl lacks an option.
    reactors.front()->keepTransfer(
        std::make_unique<UpstreamTransfer>(settings, share, *reactors.front()));
  }

  ~Impl() {
    shuttingDown = true;
    for (std::size_t slot = 0; slot < calls.size(); ++slot)
      endFromOutside(static_cast<std::uint32_t>(slot), "the gateway is shutting down");
    while (!ended.empty()) deliver();
    reactors.clear();
    curl_share_cleanup(share);
    loop.cancel(flushTimer);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  RequestId send(UpstreamRequest request, Done done) {
    counters.requests.fetch_add(1, std::memory_order_relaxed);
    const std::uint32_t slot = takeSlot();
    Call& call = *calls[slot];
    call.request = std::move(request);
    call.done = std::move(done);
    const RequestId id = (static_cast<RequestId>(call.generation) << 32) | slot;
    std::string refusal = admit(call);
    if (!refusal.empty()) {
      endUnsent(slot, std::move(refusal));
      return id;
    }
    call.phase = Phase::waiting;
    call.deadline =
        loop.after(call.request.timeoutMs, [this, id] { cancel(id, "no answer in time"); });
    if (mayStart(*call.host)) {
      start(slot);
    } else {
      enqueue(*call.host, id);
    }
    return id;
  }

  // Finds the call's host. The reason when it may not be sent at all.
  std::string admit(Call& call) {
    if (shuttingDown) return "the gateway is shutting down";
    if (open >= settings.queueMax) return "too many requests to providers are in flight";
    std::string refusal = whyUnsendable(call.request);
    if (!refusal.empty()) return refusal;
    const std::string origin(originOf(call.request.url));
    auto known = hosts.find(origin);
    if (known == hosts.end()) {
      const auto judged = judgeOrigin(origin, settings);
      if (!judged) return judged.error();
      forgetIdleHosts();
      if (hosts.size() >= kOriginsMax) return "too many different hosts are being called";
      known = hosts.emplace(origin, std::make_unique<Host>()).first;
      known->second->origin = *judged;
      known->second->runningIn.resize(reactors.size());
    }
    call.host = known->second.get();
    ++open;
    counters.inFlight.fetch_add(1, std::memory_order_relaxed);
    return {};
  }

  void forgetIdleHosts() {
    if (hosts.size() < kOriginsMax) return;
    std::erase_if(hosts, [](const auto& entry) {
      return entry.second->running == 0 && entry.second->queue.empty() && !entry.second->listed;
    });
  }

  std::uint32_t takeSlot() {
    if (freeSlots.empty()) {
      calls.push_back(std::make_unique<Call>());
      return static_cast<std::uint32_t>(calls.size() - 1);
    }
    const std::uint32_t slot = freeSlots.back();
    freeSlots.pop_back();
    return slot;
  }

  bool mayStart(const Host& host) const {
    return host.running < settings.connectionsPerHostMax &&
           running < settings.connectionsTotalMax && host.waiting == 0;
  }

  void enqueue(Host& host, RequestId id) {
    host.queue.push_back(id);
    ++host.waiting;
    if (!host.listed) {
      host.listed = true;
      waitingHosts.push_back(&host);
    }
  }

  // The first reactor with room, so that the kept connections of the first ones are used again
  // before new ones are opened in the last.
  std::size_t reactorFor(const Host& host) const {
    std::size_t best = 0;
    for (std::size_t i = 0; i < reactors.size(); ++i) {
      if (reactors[i]->running() >= reactorConnectionsMax) continue;
      if (host.runningIn[i] < kConnectionsPerReactor) return i;
      if (reactors[best]->running() >= reactorConnectionsMax ||
          host.runningIn[i] < host.runningIn[best])
        best = i;
    }
    return best;
  }

  void start(std::uint32_t slot) {
    Call& call = *calls[slot];
    call.reactor = reactorFor(*call.host);
    UpstreamReactor& reactor = *reactors[call.reactor];
    call.transfer = reactor.takeTransfer();
    if (call.transfer == nullptr) {
      endUnsent(slot, "out of memory");
      return;
    }
    call.phase = Phase::running;
    ++call.host->running;
    ++call.host->runningIn[call.reactor];
    ++running;
    call.transfer->begin(call.request, call.host->origin, slot);
    if (!reactor.start(*call.transfer)) endFromOutside(slot, "libcurl refused the request");
  }

  // Starts what waits, one request of each host in turn, as far as the caps allow.
  void startWaiting() {
    bool any = true;
    while (any && running < settings.connectionsTotalMax) {
      any = false;
      for (std::size_t left = waitingHosts.size();
           left > 0 && running < settings.connectionsTotalMax; --left) {
        Host& host = *waitingHosts.front();
        waitingHosts.pop_front();
        any = startOne(host) || any;
        host.listed = !host.queue.empty();
        if (host.listed) waitingHosts.push_back(&host);
      }
    }
  }

  bool startOne(Host& host) {
    while (!host.queue.empty() && !isWaiting(host.queue.front())) host.queue.pop_front();
    if (host.queue.empty() || host.running >= settings.connectionsPerHostMax) return false;
    const auto slot = slotOf(host.queue.front());
    host.queue.pop_front();
    --host.waiting;
    start(slot);
    return true;
  }

  static std::uint32_t slotOf(RequestId id) {
    return static_cast<std::uint32_t>(id & 0xFFFF'FFFFU);
  }

  bool isCurrent(RequestId id) const {
    return slotOf(id) < calls.size() && calls[slotOf(id)]->generation == (id >> 32);
  }

  bool isWaiting(RequestId id) const {
    return isCurrent(id) && calls[slotOf(id)]->phase == Phase::waiting;
  }

  void cancel(RequestId id, const char* reason) {
    if (isCurrent(id)) endFromOutside(slotOf(id), reason);
  }

  void endFromOutside(std::uint32_t slot, const std::string& reason) {
    Call& call = *calls[slot];
    if (call.phase == Phase::waiting) {
      --call.host->waiting;
      endUnsent(slot, reason);
    } else if (call.phase == Phase::running) {
      auto transfer = takeBack(call);
      UpstreamResult result = transfer->abandon(reason);
      reactors[call.reactor]->keepTransfer(std::move(transfer));
      end(slot, std::move(result));
    }
  }

  std::unique_ptr<UpstreamTransfer> takeBack(Call& call) {
    reactors[call.reactor]->stop(*call.transfer);
    --call.host->running;
    --call.host->runningIn[call.reactor];
    --running;
    return std::move(call.transfer);
  }

  void endUnsent(std::uint32_t slot, std::string reason) {
    UpstreamResult result;
    result.error = std::move(reason);
    end(slot, std::move(result));
  }

  // The result is known; `done` follows from the loop.
  void end(std::uint32_t slot, UpstreamResult result) {
    Call& call = *calls[slot];
    loop.cancel(call.deadline);
    call.deadline = 0;
    if (call.host != nullptr) {
      --open;
      counters.inFlight.fetch_sub(1, std::memory_order_relaxed);
    }
    call.phase = Phase::ended;
    call.result = std::move(result);
    ended.push_back(slot);
    if (!collecting && !shuttingDown) flushSoon();
  }

  void flushSoon() {
    if (flushTimer != 0) return;
    flushTimer = loop.after(0, [this] {
      flushTimer = 0;
      collect();
    });
  }

  // Takes what libcurl has finished, starts what waited for a place and tells the callers.
  void collect() {
    if (collecting) return;
    collecting = true;
    for (const auto& reactor : reactors) {
      reactor->collect([this](std::uint64_t tag, CURLcode code) {
        const auto slot = static_cast<std::uint32_t>(tag);
        Call& call = *calls[slot];
        auto transfer = takeBack(call);
        UpstreamResult result = transfer->finish(code);
        reactors[call.reactor]->keepTransfer(std::move(transfer));
        end(slot, std::move(result));
      });
    }
    if (!waitingHosts.empty()) startWaiting();
    deliver();
    collecting = false;
    // What was sent by a `done` and failed at once waits a turn: others come first.
    if (!ended.empty()) flushSoon();
  }

  void deliver() {
    std::vector<std::uint32_t> batch;
    batch.swap(ended);
    for (const std::uint32_t slot : batch) {
      Call& call = *calls[slot];
      const Done done = std::move(call.done);
      UpstreamResult result = std::move(call.result);
      call.request = {};
      call.done = nullptr;
      call.host = nullptr;
      call.result = {};
      call.phase = Phase::unused;
      if (++call.generation == 0) call.generation = 1;
      freeSlots.push_back(slot);
      if (result.outcome == UpstreamOutcome::notSent)
        counters.notSent.fetch_add(1, std::memory_order_relaxed);
      if (result.outcome == UpstreamOutcome::noAnswer)
        counters.noAnswer.fetch_add(1, std::memory_order_relaxed);
      done(std::move(result));
    }
  }

  EventLoop& loop;
  const UpstreamSettings settings;
  UpstreamCounters counters;
  CURLSH* share = nullptr;

  std::vector<std::unique_ptr<Call>> calls;  // by slot
  std::vector<std::uint32_t> freeSlots;
  std::vector<std::uint32_t> ended;  // slots whose `done` is due
  std::vector<std::unique_ptr<UpstreamReactor>> reactors;
  long reactorConnectionsMax = 0;
  std::unordered_map<std::string, std::unique_ptr<Host>> hosts;  // by origin
  std::deque<Host*> waitingHosts;
  std::size_t open = 0;  // waiting and running
  long running = 0;

  EventLoop::TimerId flushTimer = 0;
  bool collecting = false;
  bool shuttingDown = false;
};

UpstreamClient::UpstreamClient(EventLoop& loop, UpstreamSettings settings)
    : impl_(std::make_unique<Impl>(loop, std::move(settings))) {}

UpstreamClient::~UpstreamClient() = default;

UpstreamClient::RequestId UpstreamClient::send(UpstreamRequest request, Done done) {
  return impl_->send(std::move(request), std::move(done));
}

void UpstreamClient::cancel(RequestId id) {
  impl_->cancel(id, "cancelled");
}

const UpstreamCounters& UpstreamClient::counters() const {
  return impl_->counters;
}

}  // namespace unigate::net
