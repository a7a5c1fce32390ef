#include "vault/secret_string.hpp"

#include <openssl/crypto.h>

namespace unigate::vault {

void wipe(std::string& bytes) {
  // Up to the capacity: what was longer once still lies behind the end.
  bytes.resize(bytes.capacity());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

SecretString::SecretString(std::string&& bytes) {
  bytes_.swap(bytes);
  wipe(bytes);  // a short text was copied
}

SecretString::SecretString(std::string_view bytes) : bytes_(bytes) {}

SecretString::~SecretString() {
  wipe(bytes_);
}

SecretString::SecretString(SecretString&& other) noexcept : bytes_(std::move(other.bytes_)) {
  wipe(other.bytes_);  // short texts are copied by a move, not taken over
}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    wipe(other.bytes_);
  }
  return *this;
}

SecretString SecretString::clone() const {
  return SecretString(std::string_view(bytes_));
}

std::string SecretString::last4() const {
  constexpr std::size_t kLongEnough = 12;
  return bytes_.size() < kLongEnough ? std::string() : bytes_.substr(bytes_.size() - 4);
}

}  // namespace unigate::vault
