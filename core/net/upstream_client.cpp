#include "net/upstream_client.hpp"

#include <curl/curl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <mutex>
#include <new>
#include <unordered_map>

#include "net/upstream_transfer.hpp"

namespace unigate::net {

namespace {

constexpr std::size_t kOriginsMax = 1024;
constexpr std::size_t kIdleTransfersMax = 256;

std::int64_t steadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

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

struct UpstreamClient::Impl final : UpstreamSockets {
  struct Host;

  enum class Phase { unused, waiting, running, ended };

  // One request on its way through the client, in a slot that is used again.
  struct Call {
    std::uint32_t generation = 1;
    Phase phase = Phase::unused;
    UpstreamRequest request;
    Done done;
    Host* host = nullptr;
    std::unique_ptr<UpstreamTransfer> transfer;  // while running
    EventLoop::TimerId deadline = 0;
    UpstreamResult result;  // when ended
  };

  struct Host {
    UpstreamOrigin origin;
    long running = 0;
    std::deque<RequestId> queue;  // those that have ended meanwhile are passed over
    std::size_t waiting = 0;      // of them, still waiting
    bool listed = false;          // in waitingHosts
  };

  struct Socket {
    bool ours = false;          // opened by a transfer, so closing() will tell of its end
    std::uint32_t wanted = 0;   // by libcurl; 0 for an idle connection
    std::uint32_t watched = 0;  // by the loop
  };

  Impl(EventLoop& eventLoop, UpstreamSettings given) : loop(eventLoop), settings(std::move(given)) {
    prepareProcess();
    multi = curl_multi_init();
    share = curl_share_init();
    if (multi == nullptr || share == nullptr) throw std::bad_alloc();
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &onSocketWish);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &onTimerWish);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    // The queues below keep the caps; libcurl's make them hard for idle connections too.
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, settings.connectionsTotalMax);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, settings.connectionsTotalMax);
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, settings.connectionsPerHostMax);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
    // Now, and not with the first payment, is the time to find that libcurl lacks an option.
    idle.push_back(std::make_unique<UpstreamTransfer>(settings, share, *this));
  }

  ~Impl() override {
    shuttingDown = true;
    for (std::size_t slot = 0; slot < calls.size(); ++slot)
      endFromOutside(static_cast<std::uint32_t>(slot), "the gateway is shutting down");
    while (!ended.empty()) deliver();
    idle.clear();
    curl_multi_cleanup(multi);
    curl_share_cleanup(share);
    for (std::size_t fd = 0; fd < sockets.size(); ++fd) {
      if (sockets[fd].watched != 0) loop.unwatch(static_cast<int>(fd));
    }
    loop.cancel(curlTimer);
    loop.cancel(flushTimer);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // --- requests ---

  RequestId send(UpstreamRequest request, Done done) {
    counters.requests.fetch_add(1, std::memory_order_relaxed);
    const std::uint32_t slot = takeSlot();
    Call& call = *calls[slot];
    call.request = std::move(request);
    call.done = std::move(done);
    const RequestId id = (static_cast<RequestId>(call.generation) << 32) | slot;
    const std::string refusal = admit(call);
    if (!refusal.empty()) {
      UpstreamResult result;
      result.error = refusal;
      end(slot, std::move(result));
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

  bool takeTransfer(Call& call) {
    if (!idle.empty()) {
      call.transfer = std::move(idle.back());
      idle.pop_back();
      return true;
    }
    try {
      call.transfer = std::make_unique<UpstreamTransfer>(settings, share, *this);
      return true;
    } catch (const std::exception&) {
      return false;  // out of memory
    }
  }

  void start(std::uint32_t slot) {
    Call& call = *calls[slot];
    if (!takeTransfer(call)) {
      UpstreamResult result;
      result.error = "out of memory";
      end(slot, std::move(result));
      return;
    }
    call.phase = Phase::running;
    ++call.host->running;
    ++running;
    call.transfer->begin(call.request, call.host->origin, slot);
    const bool outer = std::exchange(kicking, true);
    const CURLMcode added = curl_multi_add_handle(multi, call.transfer->handle());
    // The request goes to the wire now, not with the next turn of the loop.
    if (added == CURLM_OK) kick(CURL_SOCKET_TIMEOUT, 0);
    kicking = outer;
    if (added != CURLM_OK) endFromOutside(slot, curl_multi_strerror(added));
    if (collecting) return;
    armCurlTimer();
    if (unread) flushSoon();
  }

  void kick(int fd, int flags) {
    int alive = 0;
    curl_multi_socket_action(multi, fd, flags, &alive);
    if (alive < running) unread = true;
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
      UpstreamResult result;
      result.error = reason;
      end(slot, std::move(result));
    } else if (call.phase == Phase::running) {
      curl_multi_remove_handle(multi, call.transfer->handle());
      release(call);
      UpstreamResult result = call.transfer->abandon(reason);
      keep(std::move(call.transfer));
      end(slot, std::move(result));
    }
  }

  void release(Call& call) {
    --call.host->running;
    --running;
  }

  void keep(std::unique_ptr<UpstreamTransfer> transfer) {
    if (idle.size() < kIdleTransfersMax) idle.push_back(std::move(transfer));
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
    unread = false;
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const auto slot = static_cast<std::uint32_t>(UpstreamTransfer::tagOf(message->easy_handle));
      const CURLcode code = message->data.result;
      Call& call = *calls[slot];
      curl_multi_remove_handle(multi, call.transfer->handle());
      release(call);
      UpstreamResult result = call.transfer->finish(code);
      keep(std::move(call.transfer));
      end(slot, std::move(result));
    }
    if (!waitingHosts.empty()) startWaiting();
    deliver();
    collecting = false;
    armCurlTimer();
    // What was sent by a `done` and failed at once waits a turn: others come first.
    if (unread || !ended.empty()) flushSoon();
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

  // --- libcurl and the loop ---

  void act(int fd, int flags) {
    kicking = true;
    kick(fd, flags);
    kicking = false;
    if (unread || !ended.empty()) {
      collect();
    } else {
      armCurlTimer();
    }
  }

  static int onTimerWish(CURLM*, long timeoutMs, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    impl.curlDueMs = timeoutMs < 0 ? -1 : steadyMs() + timeoutMs;
    if (!impl.kicking && !impl.collecting && !impl.shuttingDown) impl.armCurlTimer();
    return 0;
  }

  // Most wishes of libcurl are later than the last one and are never reached, so a timer that fires
  // too early is moved then, and not with every wish.
  void armCurlTimer() {
    if (curlDueMs < 0 || shuttingDown) return;
    if (curlTimer != 0 && curlTimerMs <= curlDueMs) return;
    loop.cancel(curlTimer);
    curlTimerMs = curlDueMs;
    curlTimer = loop.after(std::max<std::int64_t>(0, curlDueMs - steadyMs()), [this] {
      curlTimer = 0;
      if (curlDueMs < 0) return;
      if (steadyMs() < curlDueMs) {
        armCurlTimer();
        return;
      }
      curlDueMs = -1;
      act(CURL_SOCKET_TIMEOUT, 0);
      // libcurl stays silent when its wish is the same as before.
      long again = -1;
      if (curlDueMs < 0 && curl_multi_timeout(multi, &again) == CURLM_OK && again >= 0) {
        curlDueMs = steadyMs() + again;
        armCurlTimer();
      }
    });
  }

  static int onSocketWish(CURL*, curl_socket_t fd, int what, void* self, void*) {
    auto& impl = *static_cast<Impl*>(self);
    std::uint32_t events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= EPOLLIN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= EPOLLOUT;
    Socket& socket = impl.socketOf(fd);
    socket.wanted = events;
    if (events != 0) {
      impl.watch(fd, socket, events);
    } else if (!socket.ours) {
      impl.unwatch(fd, socket);
    } else if (socket.watched != 0) {
      // An idle connection is most often used again soon: it stays with the loop.
      impl.watch(fd, socket, EPOLLIN);
    }
    return 0;
  }

  void watch(int fd, Socket& socket, std::uint32_t events) {
    if (socket.watched == events) return;
    if (socket.watched == 0) {
      loop.watch(fd, events, [this, fd](std::uint32_t happened) { onSocket(fd, happened); });
    } else {
      loop.modify(fd, events);
    }
    socket.watched = events;
  }

  void unwatch(int fd, Socket& socket) {
    if (socket.watched != 0) loop.unwatch(fd);
    socket.watched = 0;
  }

  void onSocket(int fd, std::uint32_t happened) {
    Socket& socket = socketOf(fd);
    if (socket.wanted == 0) {
      // The peer closed an idle connection, or spoke out of turn: libcurl sees it before it uses
      // the connection again.
      unwatch(fd, socket);
      return;
    }
    int flags = 0;
    if ((happened & (EPOLLIN | EPOLLHUP)) != 0) flags |= CURL_CSELECT_IN;
    if ((happened & EPOLLOUT) != 0) flags |= CURL_CSELECT_OUT;
    if ((happened & EPOLLERR) != 0) flags |= CURL_CSELECT_ERR;
    act(fd, flags);
  }

  Socket& socketOf(int fd) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= sockets.size()) sockets.resize(index + index / 2 + 16);
    return sockets[index];
  }

  void opened(int fd) override {
    socketOf(fd) = {true, 0, 0};
    counters.connectionsOpened.fetch_add(1, std::memory_order_relaxed);
  }

  void closing(int fd) override {
    Socket& socket = socketOf(fd);
    unwatch(fd, socket);
    socket = {};
  }

  EventLoop& loop;
  const UpstreamSettings settings;
  UpstreamCounters counters;
  CURLM* multi = nullptr;
  CURLSH* share = nullptr;

  std::vector<std::unique_ptr<Call>> calls;  // by slot
  std::vector<std::uint32_t> freeSlots;
  std::vector<std::uint32_t> ended;  // slots whose `done` is due
  std::vector<std::unique_ptr<UpstreamTransfer>> idle;
  std::unordered_map<std::string, std::unique_ptr<Host>> hosts;  // by origin
  std::deque<Host*> waitingHosts;
  std::size_t open = 0;  // waiting and running
  long running = 0;

  std::vector<Socket> sockets;  // by fd
  EventLoop::TimerId curlTimer = 0;
  EventLoop::TimerId flushTimer = 0;
  std::int64_t curlDueMs = -1;   // steady clock; -1: libcurl waits for nothing
  std::int64_t curlTimerMs = 0;  // when curlTimer fires
  bool kicking = false;          // within libcurl, called by us
  bool unread = false;           // libcurl has finished requests that collect() will see
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
