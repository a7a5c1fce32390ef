// What a simulated provider owes to the process around it, and what the process gives to it.
#pragma once

#include <chrono>
#include <string_view>

#include "common/clock.hpp"
#include "common/faults.hpp"
#include "common/http_message.hpp"
#include "common/http_server.hpp"
#include "common/ledger.hpp"
#include "common/request_log.hpp"
#include "common/webhooks.hpp"

namespace simulators {

// The parts that all providers share; main() owns them and they outlive the providers.
struct Services {
  HttpServer& server;
  Ledger& ledger;
  FaultList& faults;
  RequestLog& requests;
  SimClock& clock;
  WebhookSender& webhooks;
  std::chrono::milliseconds delay;  // of every answer
  bool journal;                     // whether state survives a restart
  double pace;                      // what happens by itself happens so many times faster
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;
  // A request of the API, or one of a test to /__sim/<name>/....
  virtual void handle(const HttpRequest& request, Responder respond) = 0;
  // Rebuilds the state from a record that this provider wrote (its "provider" names it) or from a
  // reset mark.
  virtual void replay(const JsonValue& record) = 0;
  // Called once the ledger has been replayed, before the first request.
  virtual void begin() = 0;
  // Carries out what simulated time has made due. Called after the clock was moved.
  virtual void tick() = 0;
  // Forgets everything; ids given out earlier are never given out again.
  virtual void reset() = 0;
};

}  // namespace simulators
