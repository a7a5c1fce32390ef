#include "vault/locked_key.hpp"

#include <openssl/crypto.h>

#include <cstring>
#include <new>

namespace unigate::vault {

namespace {

constexpr std::size_t kHeapBytes = 64 * 1024;
constexpr std::size_t kSmallestBytes = 32;

}  // namespace

LockedKey::LockedKey(std::string_view bytes)
    : bytes_(static_cast<char*>(OPENSSL_secure_malloc(bytes.size() + 1))), size_(bytes.size()) {
  if (bytes_ == nullptr) throw std::bad_alloc();
  std::memcpy(bytes_, bytes.data(), bytes.size());
}

LockedKey::~LockedKey() {
  OPENSSL_secure_clear_free(bytes_, size_ + 1);
}

bool reserveLockedMemory() {
  return CRYPTO_secure_malloc_initialized() == 1 ||
         CRYPTO_secure_malloc_init(kHeapBytes, kSmallestBytes) == 1;
}

}  // namespace unigate::vault
