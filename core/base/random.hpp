// Randomness as a dependency. Secrets, nonces and ids all come from here; only a simulation passes
// another source.
#pragma once

#include <cstdint>
#include <span>

namespace unigate::base {

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with bytes. The system source aborts the process when the operating system has
  // none.
  virtual void fill(std::span<std::uint8_t> out) = 0;

  // A number in [0, bound). `bound` is not 0.
  std::uint64_t below(std::uint64_t bound);
};

// OpenSSL's RAND_bytes; up to 16 bytes come from a store of the thread. Any thread, also after a
// fork.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

// A reproducible source for tests and simulations (xoshiro-like mixing, not for secrets).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::uint64_t state_;
};

}  // namespace unigate::base
