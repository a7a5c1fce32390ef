// How the Store makes ReadSessions. Included only by the store.
#pragma once

#include <memory>

#include "store/database_url.hpp"
#include "store/store.hpp"

namespace unigate::store {

class ReadSessionMaker {
 public:
  // Connects and prepares the statements; throws what the database throws.
  static std::unique_ptr<ReadSession> make(const DatabaseUrl& url);
};

}  // namespace unigate::store
