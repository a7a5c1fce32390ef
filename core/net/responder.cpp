#include "net/responder.hpp"

#include <utility>

#include "net/connection.hpp"

namespace unigate::net {

Responder::State::~State() {
  if (answered || handle->connection.load() == nullptr) return;
  const auto answer = [handle = handle, sequence = sequence] {
    Connection* connection = handle->connection;
    if (connection != nullptr) connection->answerMissing(sequence);
  };
  // The last copy may die with work that another thread threw away.
  if (handle->loop->inLoop()) {
    answer();
  } else {
    handle->loop->post(answer);
  }
}

void Responder::send(Response response) const {
  if (state_ == nullptr || std::exchange(state_->answered, true)) return;
  if (Connection* connection = state_->handle->connection) {
    connection->answer(state_->sequence, std::move(response));
  }
}

bool Responder::connected() const {
  if (state_ == nullptr) return false;
  const Connection* connection = state_->handle->connection;
  return connection != nullptr && connection->peerConnected();
}

}  // namespace unigate::net
