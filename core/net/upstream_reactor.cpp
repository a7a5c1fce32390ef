#include "net/upstream_reactor.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <system_error>
#include <utility>

namespace unigate::net {

namespace {

constexpr std::size_t kIdleTransfersMax = 128;

std::int64_t steadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

UpstreamReactor::UpstreamReactor(EventLoop& loop, const UpstreamSettings& settings, CURLSH* share,
                                 long connectionsMax, std::atomic<std::uint64_t>& connectionsOpened,
                                 std::function<void()> finished)
    : loop_(loop),
      settings_(settings),
      share_(share),
      connectionsOpened_(connectionsOpened),
      finished_(std::move(finished)),
      multi_(curl_multi_init()) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &onSocketWish);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &onTimerWish);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  // The client's queues keep the caps; these make them hold for idle connections too.
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connectionsMax);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, connectionsMax);
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, settings.connectionsPerHostMax);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

UpstreamReactor::~UpstreamReactor() {
  idle_.clear();
  curl_multi_cleanup(multi_);
  for (std::size_t fd = 0; fd < sockets_.size(); ++fd) {
    if (sockets_[fd].watched != 0) loop_.unwatch(static_cast<int>(fd));
  }
  loop_.cancel(timer_);
  loop_.cancel(report_);
}

std::unique_ptr<UpstreamTransfer> UpstreamReactor::takeTransfer() {
  if (!idle_.empty()) {
    auto transfer = std::move(idle_.back());
    idle_.pop_back();
    return transfer;
  }
  try {
    return std::make_unique<UpstreamTransfer>(settings_, share_, *this);
  } catch (const std::exception&) {
    return nullptr;
  }
}

void UpstreamReactor::keepTransfer(std::unique_ptr<UpstreamTransfer> transfer) {
  if (idle_.size() < kIdleTransfersMax) idle_.push_back(std::move(transfer));
}

bool UpstreamReactor::start(UpstreamTransfer& transfer) {
  const bool outer = std::exchange(within_, true);
  const bool added = curl_multi_add_handle(multi_, transfer.handle()) == CURLM_OK;
  if (added) {
    ++running_;
    // The request goes to the wire now, not with the next turn of the loop.
    kick(CURL_SOCKET_TIMEOUT, 0);
  }
  within_ = outer;
  armTimer();
  if (unread_) reportSoon();
  return added;
}

void UpstreamReactor::stop(UpstreamTransfer& transfer) {
  if (curl_multi_remove_handle(multi_, transfer.handle()) == CURLM_OK) --running_;
}

void UpstreamReactor::collect(const std::function<void(std::uint64_t tag, CURLcode code)>& take) {
  unread_ = false;
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    take(UpstreamTransfer::tagOf(message->easy_handle), code);
  }
}

void UpstreamReactor::act(int fd, int flags) {
  within_ = true;
  kick(fd, flags);
  within_ = false;
  armTimer();
  if (unread_) finished_();
}

void UpstreamReactor::kick(int fd, int flags) {
  int alive = 0;
  curl_multi_socket_action(multi_, fd, flags, &alive);
  if (alive < running_) unread_ = true;
}

void UpstreamReactor::reportSoon() {
  if (report_ != 0) return;
  report_ = loop_.after(0, [this] {
    report_ = 0;
    if (unread_) finished_();
  });
}

int UpstreamReactor::onTimerWish(CURLM*, long timeoutMs, void* self) {
  auto& reactor = *static_cast<UpstreamReactor*>(self);
  reactor.dueMs_ = timeoutMs < 0 ? -1 : steadyMs() + timeoutMs;
  if (!reactor.within_) reactor.armTimer();
  return 0;
}

// Most wishes of libcurl are later than the last one and are never reached, so a timer that fires
// too early is moved then, and not with every wish.
void UpstreamReactor::armTimer() {
  if (dueMs_ < 0 || (timer_ != 0 && timerMs_ <= dueMs_)) return;
  loop_.cancel(timer_);
  timerMs_ = dueMs_;
  timer_ = loop_.after(std::max<std::int64_t>(0, dueMs_ - steadyMs()), [this] { onTimer(); });
}

void UpstreamReactor::onTimer() {
  timer_ = 0;
  if (dueMs_ < 0) return;
  if (steadyMs() < dueMs_) {
    armTimer();
    return;
  }
  dueMs_ = -1;
  act(CURL_SOCKET_TIMEOUT, 0);
  // libcurl stays silent when its wish is the same as before.
  long again = -1;
  if (dueMs_ < 0 && curl_multi_timeout(multi_, &again) == CURLM_OK && again >= 0) {
    dueMs_ = steadyMs() + again;
    armTimer();
  }
}

int UpstreamReactor::onSocketWish(CURL* easy, curl_socket_t fd, int what, void* self, void*) {
  auto& reactor = *static_cast<UpstreamReactor*>(self);
  std::uint32_t events = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= EPOLLOUT;
  Socket& socket = reactor.socketOf(fd);
  socket.wanted = events;
  if (events != 0) {
    reactor.watch(fd, socket, events);
  } else if (socket.watched != 0 && UpstreamTransfer::isHandedOver(easy)) {
    // An idle connection is most often used again soon: it stays with the loop. closing() will tell
    // of its end; of a socket that never became a connection libcurl doesn't tell.
    reactor.watch(fd, socket, EPOLLIN);
  } else {
    reactor.unwatch(fd, socket);
  }
  return 0;
}

void UpstreamReactor::watch(int fd, Socket& socket, std::uint32_t events) {
  if (socket.watched == events) return;
  try {
    if (socket.watched == 0) {
      loop_.watch(fd, events, [this, fd](std::uint32_t happened) { onSocket(fd, happened); });
    } else {
      loop_.modify(fd, events);
    }
    socket.watched = events;
  } catch (const std::system_error&) {
    // No exception may cross libcurl. The request ends at its deadline.
    unwatch(fd, socket);
  }
}

void UpstreamReactor::unwatch(int fd, Socket& socket) {
  if (socket.watched != 0) loop_.unwatch(fd);
  socket.watched = 0;
}

void UpstreamReactor::onSocket(int fd, std::uint32_t happened) {
  Socket& socket = socketOf(fd);
  if (socket.wanted == 0) {
    // The peer closed an idle connection, or spoke out of turn: libcurl sees it before it uses the
    // connection again.
    unwatch(fd, socket);
    return;
  }
  int flags = 0;
  if ((happened & (EPOLLIN | EPOLLHUP)) != 0) flags |= CURL_CSELECT_IN;
  if ((happened & EPOLLOUT) != 0) flags |= CURL_CSELECT_OUT;
  if ((happened & EPOLLERR) != 0) flags |= CURL_CSELECT_ERR;
  act(fd, flags);
}

UpstreamReactor::Socket& UpstreamReactor::socketOf(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= sockets_.size()) sockets_.resize(index + index / 2 + 16);
  return sockets_[index];
}

void UpstreamReactor::opened(int fd) {
  Socket& socket = socketOf(fd);
  // The number of a socket that libcurl has just closed without a word, perhaps in favour of this
  // one; then it takes its last wish for granted.
  unwatch(fd, socket);
  if (socket.wanted != 0) watch(fd, socket, socket.wanted);
  connectionsOpened_.fetch_add(1, std::memory_order_relaxed);
}

void UpstreamReactor::closing(int fd) {
  Socket& socket = socketOf(fd);
  unwatch(fd, socket);
  socket = {};
}

}  // namespace unigate::net
