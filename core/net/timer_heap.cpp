#include "net/timer_heap.hpp"

#include <algorithm>
#include <utility>

namespace unigate::net {

namespace {
constexpr std::size_t kArity = 4;
}

std::uint64_t TimerHeap::add(std::int64_t dueMs, Task task) {
  std::uint32_t slot = 0;
  if (freeSlots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = freeSlots_.back();
    freeSlots_.pop_back();
  }
  slots_[slot].used = true;
  slots_[slot].task = std::move(task);
  const Entry entry{dueMs, nextOrder_++, slot};
  heap_.push_back(entry);
  siftUp(heap_.size() - 1, entry);
  return (static_cast<std::uint64_t>(slots_[slot].generation) << 32) | slot;
}

void TimerHeap::cancel(std::uint64_t id) {
  const auto slot = static_cast<std::uint32_t>(id);
  if (slot >= slots_.size() || !slots_[slot].used || slots_[slot].generation != id >> 32) return;
  // Destroyed after the heap is whole again: what the task owned may cancel timers itself.
  const Task gone = remove(slot);
}

std::optional<std::int64_t> TimerHeap::nextDueMs() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().dueMs;
}

void TimerHeap::runDue(std::int64_t nowMs) {
  const std::uint64_t end = nextOrder_;
  while (!heap_.empty() && heap_.front().dueMs <= nowMs && heap_.front().order < end) {
    const Task task = remove(heap_.front().slot);
    task();
  }
}

void TimerHeap::clear() {
  while (!heap_.empty()) const Task gone = remove(heap_.back().slot);
}

void TimerHeap::place(std::size_t position, const Entry& entry) {
  heap_[position] = entry;
  slots_[entry.slot].position = static_cast<std::uint32_t>(position);
}

void TimerHeap::siftUp(std::size_t position, const Entry& entry) {
  while (position > 0) {
    const std::size_t parent = (position - 1) / kArity;
    if (!before(entry, heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, entry);
}

void TimerHeap::siftDown(std::size_t position, const Entry& entry) {
  for (;;) {
    const std::size_t first = position * kArity + 1;
    if (first >= heap_.size()) break;
    const std::size_t last = std::min(first + kArity, heap_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (!before(heap_[least], entry)) break;
    place(position, heap_[least]);
    position = least;
  }
  place(position, entry);
}

TimerHeap::Task TimerHeap::remove(std::uint32_t slot) {
  Slot& gone = slots_[slot];
  const std::size_t position = gone.position;
  Task task = std::move(gone.task);
  gone.task = nullptr;
  gone.used = false;
  if (++gone.generation == 0) gone.generation = 1;
  freeSlots_.push_back(slot);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (position < heap_.size()) {
    if (position > 0 && before(last, heap_[(position - 1) / kArity])) {
      siftUp(position, last);
    } else {
      siftDown(position, last);
    }
  }
  return task;
}

}  // namespace unigate::net
