#include "simulation/world.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace unigate::simulation {

std::int64_t World::between(std::int64_t lowest, std::int64_t highest) {
  return lowest +
         static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(highest - lowest + 1)));
}

void World::after(std::int64_t us, std::function<void()> event) {
  events_.push_back({nowUs_ + std::max<std::int64_t>(us, 0), sequence_++, std::move(event)});
  std::push_heap(events_.begin(), events_.end(), later);
}

void World::runUntil(std::int64_t us) {
  while (!events_.empty() && events_.front().atUs <= us) {
    std::pop_heap(events_.begin(), events_.end(), later);
    const Event event = std::move(events_.back());
    events_.pop_back();
    nowUs_ = event.atUs;
    event.run();
  }
  nowUs_ = std::max(nowUs_, us);
}

void World::note(std::string_view what, std::string_view subject, std::int64_t first,
                 std::int64_t second) {
  mix(nowUs_);
  mix(what);
  mix(subject);
  mix(first);
  mix(second);
  if (!verbose_) return;
  std::printf("%12.6f  %-28.*s %-24.*s %lld %lld\n", static_cast<double>(nowUs_) / 1e6,
              static_cast<int>(what.size()), what.data(), static_cast<int>(subject.size()),
              subject.data(), static_cast<long long>(first), static_cast<long long>(second));
}

void World::mix(std::string_view bytes) {
  for (const char byte : bytes) {
    hash_ ^= static_cast<unsigned char>(byte);
    hash_ *= 0x100000001b3ULL;
  }
}

void World::mix(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (unsigned shift = 0; shift < 64; shift += 8) {
    hash_ ^= (bits >> shift) & 0xff;
    hash_ *= 0x100000001b3ULL;
  }
}

}  // namespace unigate::simulation
