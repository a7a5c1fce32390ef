// Passwords: what may be one, and their Argon2id hashes in the PHC string form. A hash costs 19 MiB
// and some 30 ms on purpose, so only a few are computed at once. Used by Users alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"

namespace unigate::identity {

inline constexpr std::size_t kPasswordCharsMin = 12;
inline constexpr std::size_t kPasswordBytesMax = 1'000;

// Whether `password` may be set for this email address. The problem names `param`.
base::Status checkNewPassword(std::string_view password, std::string_view email,
                              std::string_view param);

// Lets a few through at once and a few more wait for a moment; everybody else is told to come back.
// Any thread.
class WorkGate {
 public:
  struct Settings {
    std::size_t atOnce = 1;
    std::size_t waitingMax = 1;
    std::int64_t waitMsMax = 1'000;
  };
  explicit WorkGate(Settings settings);
  ~WorkGate();
  WorkGate(const WorkGate&) = delete;
  WorkGate& operator=(const WorkGate&) = delete;

  // The right to work, for as long as it lives. False when there was none to have.
  class Pass {
   public:
    explicit Pass(WorkGate* gate) : gate_(gate) {}
    ~Pass();
    Pass(Pass&& other) noexcept : gate_(other.gate_) { other.gate_ = nullptr; }
    Pass& operator=(Pass&&) = delete;
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    WorkGate* gate_;
  };
  Pass enter();

 private:
  void leave();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct PasswordCost {
  std::uint32_t memoryKib = 19 * 1024;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
};

// Any thread. Each call takes a place at the gate; without one it fails with a 503 that says when
// to try again.
class Passwords {
 public:
  // `random` must outlive it.
  Passwords(base::Random& random, PasswordCost cost, WorkGate::Settings gate);

  // "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>"
  base::Result<std::string> hash(std::string_view password);
  // With an empty `encoded` (nobody of that name, or nobody with a password) it takes the same time
  // and says no.
  base::Result<bool> verify(std::string_view encoded, std::string_view password);
  // True when it was made at another cost than hashes are now.
  bool isOutdated(std::string_view encoded) const;

 private:
  std::string encode(std::string_view password);

  base::Random& random_;
  const PasswordCost cost_;
  WorkGate gate_;
  const std::string nobody_;  // a hash that no password is known for
};

}  // namespace unigate::identity
