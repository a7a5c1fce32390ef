// What the copies of one Responder share: which request of which connection it answers. Made by
// connections.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "net/edge_server.hpp"

namespace unigate::net {

struct ConnectionHandle;

struct Responder::State {
  State(std::shared_ptr<ConnectionHandle> ownHandle, std::uint32_t ownSequence)
      : handle(std::move(ownHandle)), sequence(ownSequence) {}
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::shared_ptr<ConnectionHandle> handle;  // shared with the connection, which empties it
  std::uint32_t sequence;
  bool answered = false;
};

}  // namespace unigate::net
