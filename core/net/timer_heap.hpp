// Timers of an event loop: an indexed 4-ary heap, so that a timer is added and cancelled in a few
// moves and a cancelled one leaves nothing behind. Used by EventLoop alone, on its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace unigate::net {

class TimerHeap {
 public:
  using Task = std::function<void()>;

  // Id of a new timer that is due at `dueMs`; never 0.
  std::uint64_t add(std::int64_t dueMs, Task task);
  // Does nothing for an id that has fired or was cancelled.
  void cancel(std::uint64_t id);
  std::optional<std::int64_t> nextDueMs() const;
  // Calls what is due, in order of time, then of adding. Timers that are added by a task wait for
  // the next call, even when they are due at once.
  void runDue(std::int64_t nowMs);
  // Destroys every timer without calling it.
  void clear();
  std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    std::int64_t dueMs;
    std::uint64_t order;
    std::uint32_t slot;
  };
  struct Slot {
    std::uint32_t generation = 1;
    std::uint32_t position = 0;  // in heap_
    bool used = false;
    Task task;
  };

  static bool before(const Entry& a, const Entry& b) {
    return a.dueMs != b.dueMs ? a.dueMs < b.dueMs : a.order < b.order;
  }
  void place(std::size_t position, const Entry& entry);
  void siftUp(std::size_t position, const Entry& entry);
  void siftDown(std::size_t position, const Entry& entry);
  Task remove(std::uint32_t slot);

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> freeSlots_;
  std::uint64_t nextOrder_ = 0;
};

}  // namespace unigate::net
