// The event loop and the HTTP/1.1 listeners of the process. main() owns one; providers use it for
// timers and for the faults that concern connections. Everything runs on the thread that calls
// run().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/http_message.hpp"

namespace simulators {

class HttpServer {
 public:
  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Opens a listener and returns its port (the free one that was picked, for port 0). Throws
  // std::system_error.
  std::uint16_t listen(const std::string& name, const std::string& address, std::uint16_t port,
                       HttpHandler handler);

  // Calls back once, after the delay; at once in this turn if the delay is zero or less.
  void after(std::chrono::milliseconds delay, std::function<void()> callback);

  // Closes the named listener and every connection to it except `keptConnection`, and opens the
  // same port again after the delay: new connections meet ECONNREFUSED meanwhile.
  void closeListener(const std::string& name, std::chrono::milliseconds delay,
                     std::uint64_t keptConnection);

  // Resets the next `count` connections to the named listener as soon as they are accepted.
  void resetNextConnections(const std::string& name, std::int64_t count);

  // Serves until SIGTERM, SIGINT or stop(). An exception of a handler ends it and passes through.
  void run();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace simulators
