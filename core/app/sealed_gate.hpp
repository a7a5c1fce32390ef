// Answers while the gateway has no key-encryption key that fits its database: it lives, but it is
// not ready, and it says why.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "telemetry/metrics.hpp"

namespace unigate::app {

class SealedGate {
 public:
  // All must outlive it.
  SealedGate(const Config& config, const base::Clock& clock, base::Random& random,
             telemetry::Metrics& metrics);
  // Lets requests under way finish, then closes.
  ~SealedGate();
  SealedGate(const SealedGate&) = delete;
  SealedGate& operator=(const SealedGate&) = delete;

  // Listens where the gateway will, from a thread of its own.
  base::Status open(const std::string& reason);
  // [any thread] What /ready tells.
  void tell(const std::string& reason);
  std::uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::app
