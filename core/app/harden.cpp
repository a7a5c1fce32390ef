#include "app/harden.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <fstream>

#include "vault/locked_key.hpp"

namespace unigate::app {

void hardenProcess() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // A core_pattern that pipes ignores the limit, so no memory is marked for dumping either.
  std::ofstream("/proc/self/coredump_filter") << "0";
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  vault::reserveLockedMemory();
}

}  // namespace unigate::app
