// How the Store makes ReadSessions. Included only by the store.
#pragma once

#include <memory>

#include "store/store.hpp"

namespace soci {
class session;
}

namespace unigate::store {

class ReadSessionMaker {
 public:
  // Prepares the statements; throws what the database throws.
  static std::unique_ptr<ReadSession> make(std::unique_ptr<soci::session> session);
};

}  // namespace unigate::store
