// Whose call it is and in which environment; every row that is read or written names both.
#pragma once

#include <string>

namespace unigate::gateway {

struct Tenant {
  std::string orgId;
  std::string environment;  // "test" or "live"
  bool live() const { return environment == "live"; }
};

}  // namespace unigate::gateway
