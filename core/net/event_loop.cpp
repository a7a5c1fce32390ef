#include "net/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/timer_heap.hpp"

namespace unigate::net {

namespace {

constexpr int kEventsPerTurn = 256;
constexpr std::uint64_t kWakeTag = ~std::uint64_t{0};

[[noreturn]] void throwErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// What epoll hands back for an fd: the generation tells a reused fd number from the one that an
// event of the same turn was meant for.
std::uint64_t tagOf(int fd, std::uint32_t generation) {
  return (static_cast<std::uint64_t>(generation) << 32) | static_cast<std::uint32_t>(fd);
}

}  // namespace

struct EventLoop::Impl {
  struct Watcher {
    std::uint32_t generation;
    std::uint32_t events;
    IoHandler handler;
  };

  explicit Impl(const base::Clock& time) : clock(time), owner(std::this_thread::get_id()) {
    epollFd = epoll_create1(EPOLL_CLOEXEC);
    if (epollFd < 0) throwErrno("epoll_create1");
    wakeFd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kWakeTag;
    if (wakeFd < 0 || epoll_ctl(epollFd, EPOLL_CTL_ADD, wakeFd, &event) != 0) {
      const int error = errno;
      if (wakeFd >= 0) close(wakeFd);
      close(epollFd);
      errno = error;
      throwErrno("eventfd");
    }
    nowMs = clock.monotonicUs() / 1000;
  }
  ~Impl() {
    close(wakeFd);
    close(epollFd);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void wake() const {
    const std::uint64_t one = 1;
    // EAGAIN means that the counter is full: the loop is being woken anyway.
    [[maybe_unused]] const auto written = write(wakeFd, &one, sizeof one);
  }

  bool onOwnThread() const { return owner.load() == std::this_thread::get_id(); }

  Watcher* find(int fd) const {
    const auto index = static_cast<std::size_t>(fd);
    return fd >= 0 && index < watchers.size() ? watchers[index].get() : nullptr;
  }

  int waitMs(int timeoutMs) {
    {
      const std::lock_guard<std::mutex> lock(postMutex);
      if (!posted.empty()) return 0;
    }
    if (stopping.load()) return 0;
    const auto due = timers.nextDueMs();
    if (!due) return timeoutMs;
    const std::int64_t waitUs = *due * 1000 - clock.monotonicUs();
    const std::int64_t untilDue =
        waitUs <= 0 ? 0 : std::min<std::int64_t>((waitUs + 999) / 1000, INT_MAX);
    if (timeoutMs >= 0 && timeoutMs < untilDue) return timeoutMs;
    return static_cast<int>(untilDue);
  }

  void dispatch(const epoll_event& event) {
    if (event.data.u64 == kWakeTag) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = read(wakeFd, &count, sizeof count);
      return;
    }
    const int fd = static_cast<int>(event.data.u64 & 0xFFFF'FFFFU);
    Watcher* watcher = find(fd);
    if (watcher == nullptr || watcher->generation != (event.data.u64 >> 32)) return;
    watcher->handler(event.events);
  }

  void runPosted() {
    {
      const std::lock_guard<std::mutex> lock(postMutex);
      running.swap(posted);
    }
    for (Task& task : running) task();
    running.clear();
  }

  void turn(int timeoutMs) {
    owner.store(std::this_thread::get_id());
    std::array<epoll_event, kEventsPerTurn> events;
    const int count = epoll_wait(epollFd, events.data(), kEventsPerTurn, waitMs(timeoutMs));
    if (count < 0 && errno != EINTR) throwErrno("epoll_wait");
    nowMs = clock.monotonicUs() / 1000;
    for (int i = 0; i < count; ++i) dispatch(events[static_cast<std::size_t>(i)]);
    runPosted();
    timers.runDue(nowMs);
    bury();
  }

  // What a dying handler owned may unwatch others, so this goes on until nothing is left.
  void bury() {
    while (!graveyard.empty()) {
      std::vector<std::unique_ptr<Watcher>> dying;
      dying.swap(graveyard);
    }
  }

  // Destroys all handlers and tasks while the loop still answers what they call on their way out.
  void releaseAll() {
    std::vector<Task> tasks;
    {
      const std::lock_guard<std::mutex> lock(postMutex);
      tasks.swap(posted);
    }
    tasks.clear();
    timers.clear();
    for (std::size_t fd = 0; fd < watchers.size(); ++fd) {
      if (watchers[fd] != nullptr) graveyard.push_back(std::move(watchers[fd]));
    }
    bury();
  }

  const base::Clock& clock;
  int epollFd = -1;
  int wakeFd = -1;
  std::int64_t nowMs = 0;
  std::atomic<std::thread::id> owner;
  std::atomic<bool> stopping{false};

  std::vector<std::unique_ptr<Watcher>> watchers;  // by fd
  // Unwatched in this turn: a handler that unwatches itself is still running.
  std::vector<std::unique_ptr<Watcher>> graveyard;
  std::uint32_t nextGeneration = 0;
  TimerHeap timers;

  std::mutex postMutex;
  std::vector<Task> posted;
  std::vector<Task> running;
};

EventLoop::EventLoop(const base::Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
EventLoop::~EventLoop() {
  impl_->releaseAll();
}

void EventLoop::run() {
  while (!impl_->stopping.load()) impl_->turn(-1);
  impl_->owner.store(std::this_thread::get_id());
  impl_->runPosted();
  impl_->bury();
  impl_->stopping.store(false);
}

void EventLoop::runOnce(int timeoutMs) {
  impl_->turn(timeoutMs);
}

void EventLoop::stop() {
  impl_->stopping.store(true);
  impl_->wake();
}

void EventLoop::post(Task task) {
  bool first = false;
  {
    const std::lock_guard<std::mutex> lock(impl_->postMutex);
    first = impl_->posted.empty();
    impl_->posted.push_back(std::move(task));
  }
  // The loop looks at the queue before it waits, so only the first task from elsewhere wakes it.
  if (first && !impl_->onOwnThread()) impl_->wake();
}

bool EventLoop::inLoop() const {
  return impl_->onOwnThread();
}

void EventLoop::watch(int fd, std::uint32_t events, IoHandler handler) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= impl_->watchers.size()) impl_->watchers.resize(index + index / 2 + 16);
  const bool replaces = impl_->watchers[index] != nullptr;
  const std::uint32_t generation = impl_->nextGeneration++ & 0x7FFF'FFFFU;
  epoll_event event{};
  event.events = events;
  event.data.u64 = tagOf(fd, generation);
  int done = epoll_ctl(impl_->epollFd, replaces ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  // The fd was closed and opened anew without unwatch().
  if (done != 0 && replaces && errno == ENOENT) {
    done = epoll_ctl(impl_->epollFd, EPOLL_CTL_ADD, fd, &event);
  }
  if (done != 0) throwErrno("epoll_ctl");
  if (replaces) impl_->graveyard.push_back(std::move(impl_->watchers[index]));
  impl_->watchers[index] =
      std::make_unique<Impl::Watcher>(Impl::Watcher{generation, events, std::move(handler)});
}

void EventLoop::modify(int fd, std::uint32_t events) {
  Impl::Watcher* watcher = impl_->find(fd);
  if (watcher == nullptr || (watcher->events == events && (events & (EPOLLET | EPOLLONESHOT)) == 0))
    return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = tagOf(fd, watcher->generation);
  if (epoll_ctl(impl_->epollFd, EPOLL_CTL_MOD, fd, &event) != 0) throwErrno("epoll_ctl");
  watcher->events = events;
}

void EventLoop::unwatch(int fd) {
  if (impl_->find(fd) == nullptr) return;
  // Fails only when the caller has closed the fd already; then the kernel has forgotten it as well.
  epoll_ctl(impl_->epollFd, EPOLL_CTL_DEL, fd, nullptr);
  impl_->graveyard.push_back(std::move(impl_->watchers[static_cast<std::size_t>(fd)]));
}

EventLoop::TimerId EventLoop::after(std::int64_t delayMs, Task task) {
  // Rounded up from the clock itself: nowMs may be a turn old, and a timer must not be early.
  const std::int64_t startMs = (impl_->clock.monotonicUs() + 999) / 1000;
  return impl_->timers.add(startMs + std::max<std::int64_t>(delayMs, 0), std::move(task));
}

void EventLoop::cancel(TimerId timer) {
  impl_->timers.cancel(timer);
}

std::int64_t EventLoop::nowMs() const {
  return impl_->nowMs;
}

const base::Clock& EventLoop::clock() const {
  return impl_->clock;
}

}  // namespace unigate::net
