// One libcurl multi handle on an event loop: sockets, timers and finished transfers. The upstream
// client keeps several, because libcurl looks through all connections of a host for a free one.
// Used by UpstreamClient alone, on its loop's thread.
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "net/upstream_transfer.hpp"

namespace unigate::net {

class UpstreamReactor final : public UpstreamSockets {
 public:
  // Room for `connectionsMax` connections, `perHostMax` of them to one host. `finished` is called
  // from the loop when collect() has something to give. Everything outlives the reactor.
  UpstreamReactor(EventLoop& loop, const UpstreamSettings& settings, CURLSH* share,
                  long connectionsMax, std::atomic<std::uint64_t>& connectionsOpened,
                  std::function<void()> finished);
  // No transfer is running any more.
  ~UpstreamReactor() override;
  UpstreamReactor(const UpstreamReactor&) = delete;
  UpstreamReactor& operator=(const UpstreamReactor&) = delete;

  // A transfer of this reactor; null when memory is short.
  std::unique_ptr<UpstreamTransfer> takeTransfer();
  void keepTransfer(std::unique_ptr<UpstreamTransfer> transfer);

  // Puts the prepared request on the wire, or connects. False when libcurl refuses.
  bool start(UpstreamTransfer& transfer);
  // Takes a transfer out, finished or not; an unfinished one loses its connection.
  void stop(UpstreamTransfer& transfer);
  // Calls `take(tag, code)` for each finished transfer, which it must stop().
  void collect(const std::function<void(std::uint64_t tag, CURLcode code)>& take);
  long running() const { return running_; }

  void opened(int fd) override;
  void closing(int fd) override;

 private:
  struct Socket {
    std::uint32_t wanted = 0;   // by libcurl; 0 for an idle connection
    std::uint32_t watched = 0;  // by the loop
  };

  static int onTimerWish(CURLM* multi, long timeoutMs, void* self);
  static int onSocketWish(CURL* easy, curl_socket_t fd, int what, void* self, void*);

  void act(int fd, int flags);
  void kick(int fd, int flags);
  void reportSoon();
  void armTimer();
  void onTimer();
  void onSocket(int fd, std::uint32_t happened);
  void watch(int fd, Socket& socket, std::uint32_t events);
  void unwatch(int fd, Socket& socket);
  Socket& socketOf(int fd);

  EventLoop& loop_;
  const UpstreamSettings& settings_;
  CURLSH* share_;
  std::atomic<std::uint64_t>& connectionsOpened_;
  std::function<void()> finished_;
  CURLM* multi_;
  std::vector<std::unique_ptr<UpstreamTransfer>> idle_;
  long running_ = 0;
  std::vector<Socket> sockets_;  // by fd

  bool within_ = false;       // within libcurl, called by us
  bool unread_ = false;       // transfers have finished that collect() has not seen
  std::int64_t dueMs_ = -1;   // libcurl's wish, steady clock; -1: it waits for nothing
  std::int64_t timerMs_ = 0;  // when timer_ fires
  EventLoop::TimerId timer_ = 0;
  EventLoop::TimerId report_ = 0;
};

}  // namespace unigate::net
