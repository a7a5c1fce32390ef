#include <mutex>
#include <unordered_map>

#include "net/edge_server.hpp"

namespace unigate::net {

struct ConnectionLedger::Impl {
  std::size_t totalMax;
  std::size_t perAddressMax;
  mutable std::mutex mutex;
  std::size_t total = 0;
  std::unordered_map<std::string, std::size_t> byAddress;
};

ConnectionLedger::ConnectionLedger(std::size_t totalMax, std::size_t perAddressMax)
    : impl_(std::make_unique<Impl>()) {
  impl_->totalMax = totalMax;
  impl_->perAddressMax = perAddressMax;
}

ConnectionLedger::~ConnectionLedger() = default;

bool ConnectionLedger::enter(const std::string& address) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->total >= impl_->totalMax) return false;
  const auto [entry, added] = impl_->byAddress.try_emplace(address, 0);
  if (entry->second >= impl_->perAddressMax) {
    if (added) impl_->byAddress.erase(entry);
    return false;
  }
  ++entry->second;
  ++impl_->total;
  return true;
}

void ConnectionLedger::leave(const std::string& address) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const auto entry = impl_->byAddress.find(address);
  if (entry == impl_->byAddress.end()) return;
  if (--entry->second == 0) impl_->byAddress.erase(entry);
  --impl_->total;
}

std::size_t ConnectionLedger::total() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->total;
}

}  // namespace unigate::net
