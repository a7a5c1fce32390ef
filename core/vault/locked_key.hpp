// 32 bytes of key in memory that is not swapped out, not dumped and wiped when they go, where the
// system allows. Included only by the vault and by the program's start.
#pragma once

#include <string_view>

namespace unigate::vault {

class LockedKey {
 public:
  // Copies; the caller wipes his.
  explicit LockedKey(std::string_view bytes);
  ~LockedKey();
  LockedKey(const LockedKey&) = delete;
  LockedKey& operator=(const LockedKey&) = delete;

  std::string_view reveal() const { return {bytes_, size_}; }

 private:
  char* bytes_;
  std::size_t size_;
};

// Sets the memory for such keys aside. Once, before the first key; without it keys lie in ordinary
// memory. False when the system does not allow it to be locked.
bool reserveLockedMemory();

}  // namespace unigate::vault
