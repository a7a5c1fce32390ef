// One epoll loop: file descriptors, timers and work posted from other threads. Each core runs one;
// a loop owns the client side and the provider side of a call, so that no call is handed from
// thread to thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.hpp"

namespace unigate::net {

class EventLoop {
 public:
  using IoHandler = std::function<void(std::uint32_t epollEvents)>;
  using Task = std::function<void()>;
  using TimerId = std::uint64_t;  // 0 is no timer

  explicit EventLoop(const base::Clock& clock);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs on the calling thread until stop(). Tasks already posted are run before it returns.
  void run();
  // Runs what is ready, waiting at most `timeoutMs`. For tests.
  void runOnce(int timeoutMs);
  // [any thread]
  void stop();
  // [any thread] Runs `task` on the loop's thread, soon, in order of posting.
  void post(Task task);
  // True on the thread that runs (or last ran) the loop.
  bool inLoop() const;

  // [loop thread] Watches `fd` for epoll `events` (level-triggered unless EPOLLET is in them). The
  // fd stays the caller's. A handler may unwatch itself or others, at any time.
  void watch(int fd, std::uint32_t events, IoHandler handler);
  void modify(int fd, std::uint32_t events);
  void unwatch(int fd);

  // [loop thread] Calls `task` once, not before `delayMs`. cancel() of a timer that is gone does
  // nothing.
  TimerId after(std::int64_t delayMs, Task task);
  void cancel(TimerId timer);

  // Monotonic milliseconds, read once for each turn of the loop: cheap, at most a turn old.
  std::int64_t nowMs() const;
  // The clock that the loop was made with, for times that must be exact.
  const base::Clock& clock() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::net
