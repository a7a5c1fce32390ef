#include "identity/passwords.hpp"

#include <argon2.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>

#include "base/text.hpp"

namespace unigate::identity {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kDifferentBytesMin = 5;

std::string prefixOf(const PasswordCost& cost) {
  return "$argon2id$v=19$m=" + std::to_string(cost.memoryKib) +
         ",t=" + std::to_string(cost.passes) + ",p=" + std::to_string(cost.lanes) + "$";
}

auto tooBusy() {
  return base::fail({503,
                     "login_busy",
                     "Too many log-ins are being checked right now; try again in a moment.",
                     "",
                     true,
                     1,
                     {}});
}

bool equalsIgnoringCase(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

base::Status checkNewPassword(std::string_view password, std::string_view email,
                              std::string_view param) {
  const auto refuse = [&](std::string why) {
    return base::fail(400, "weak_password", std::string(param) + " " + std::move(why),
                      std::string(param));
  };
  if (password.size() > kPasswordBytesMax)
    return refuse("must have at most " + std::to_string(kPasswordBytesMax) + " bytes.");
  if (!base::isUtf8(password)) return refuse("must be UTF-8.");
  if (base::countCharacters(password) < kPasswordCharsMin) {
    return refuse("must have at least " + std::to_string(kPasswordCharsMin) +
                  " characters; a few words in a row are easy to remember.");
  }
  if (std::set<char>(password.begin(), password.end()).size() < kDifferentBytesMin)
    return refuse("must have more different characters.");
  if (equalsIgnoringCase(password, email)) return refuse("must not be the email address.");
  return {};
}

// ---- the gate ----

struct WorkGate::Impl {
  Settings settings;
  std::mutex mutex;
  std::condition_variable freed;
  std::size_t working = 0;
  std::size_t waiting = 0;
};

WorkGate::WorkGate(Settings settings) : impl_(new Impl{settings, {}, {}, 0, 0}) {}
WorkGate::~WorkGate() = default;

WorkGate::Pass WorkGate::enter() {
  std::unique_lock lock(impl_->mutex);
  const auto isFree = [this] { return impl_->working < impl_->settings.atOnce; };
  if (!isFree()) {
    if (impl_->waiting >= impl_->settings.waitingMax) return Pass(nullptr);
    ++impl_->waiting;
    const bool inTime =
        impl_->freed.wait_for(lock, std::chrono::milliseconds(impl_->settings.waitMsMax), isFree);
    --impl_->waiting;
    if (!inTime) return Pass(nullptr);
  }
  ++impl_->working;
  return Pass(this);
}

void WorkGate::leave() {
  {
    const std::lock_guard lock(impl_->mutex);
    --impl_->working;
  }
  impl_->freed.notify_one();
}

WorkGate::Pass::~Pass() {
  if (gate_ != nullptr) gate_->leave();
}

// ---- hashes ----

Passwords::Passwords(base::Random& random, PasswordCost cost, WorkGate::Settings gate)
    : random_(random), cost_(cost), gate_(gate), nobody_(encode({})) {}

std::string Passwords::encode(std::string_view password) {
  std::array<std::uint8_t, kSaltBytes> salt{};
  random_.fill(salt);
  std::string encoded(argon2_encodedlen(cost_.passes, cost_.memoryKib, cost_.lanes, kSaltBytes,
                                        kHashBytes, Argon2_id),
                      '\0');
  const int result = argon2id_hash_encoded(cost_.passes, cost_.memoryKib, cost_.lanes,
                                           password.data(), password.size(), salt.data(),
                                           salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK)
    throw std::runtime_error(std::string("Argon2: ") + argon2_error_message(result));
  encoded.resize(encoded.find('\0'));
  return encoded;
}

base::Result<std::string> Passwords::hash(std::string_view password) {
  const auto pass = gate_.enter();
  if (!pass) return tooBusy();
  return encode(password);
}

base::Result<bool> Passwords::verify(std::string_view encoded, std::string_view password) {
  const auto pass = gate_.enter();
  if (!pass) return tooBusy();
  const bool known = !encoded.empty();
  const std::string text = known ? std::string(encoded) : nobody_;
  const bool fits = argon2id_verify(text.c_str(), password.data(), password.size()) == ARGON2_OK;
  return known && fits;
}

bool Passwords::isOutdated(std::string_view encoded) const {
  return encoded.rfind(prefixOf(cost_), 0) != 0;
}

}  // namespace unigate::identity
