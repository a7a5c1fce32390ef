#include "base/random.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace unigate::base {

namespace {

void fillFromSystem(std::uint8_t* out, std::size_t size) {
  // A gateway without entropy can't make safe ids or nonces: there is nothing to go on with.
  if (RAND_bytes(out, static_cast<int>(size)) != 1) std::abort();
}

// Counts the forks above this process; a child must not repeat what its parent has in store.
std::atomic<std::uint64_t>& forks() {
  static std::atomic<std::uint64_t> count{0};
  static const int registered = pthread_atfork(nullptr, nullptr, [] { forks().fetch_add(1); });
  if (registered != 0) std::abort();
  return count;
}

// Random bytes in store for ids and nonces: each call of RAND_bytes costs a microsecond whatever
// its size. What is given out is wiped here.
class SmallStore {
 public:
  static constexpr std::size_t kLargest = 16;

  ~SmallStore() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
  void take(std::span<std::uint8_t> out) {
    const std::uint64_t now = forks().load(std::memory_order_relaxed);
    if (out.size() > left_ || now != forks_) {
      fillFromSystem(bytes_.data(), bytes_.size());
      left_ = bytes_.size();
      forks_ = now;
    }
    left_ -= out.size();
    std::memcpy(out.data(), bytes_.data() + left_, out.size());
    OPENSSL_cleanse(bytes_.data() + left_, out.size());
  }

 private:
  std::array<std::uint8_t, 512> bytes_{};
  std::size_t left_ = 0;
  std::uint64_t forks_ = 0;
};

}  // namespace

std::uint64_t Random::below(std::uint64_t bound) {
  // Rejection keeps the result unbiased.
  const std::uint64_t limit = bound * (UINT64_MAX / bound);
  for (;;) {
    std::array<std::uint8_t, 8> bytes{};
    fill(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    if (value < limit) return value % bound;
  }
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  if (out.empty()) return;
  // Keys are longer and are made on the spot.
  if (out.size() > SmallStore::kLargest) return fillFromSystem(out.data(), out.size());
  thread_local SmallStore store;
  store.take(out);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  for (std::size_t at = 0; at < out.size(); at += 8) {
    // splitmix64 (Steele, Lea, Flood 2014).
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    std::memcpy(out.data() + at, &z, std::min<std::size_t>(8, out.size() - at));
  }
}

}  // namespace unigate::base
