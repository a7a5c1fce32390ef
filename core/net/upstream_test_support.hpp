// A scripted server and a loop fixture for the tests of the upstream client: real sockets on a free
// port, one thread for each connection, TLS with certificates made on the spot.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/upstream_client.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace unigate::net::test {

// A certificate authority of its own and a server certificate made by it.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  // PEM file of the authority, for UpstreamSettings::caFile.
  const std::string& caFile() const;
  // A server context with a certificate for `name` ("127.0.0.1" or a host name) that ends in
  // `lifeSeconds` from now, negative for an expired one.
  std::shared_ptr<ssl_ctx_st> serverContext(const std::string& name, long lifeSeconds) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One accepted connection, as the script sees it. Blocking; used by its own thread alone.
class Connection {
 public:
  Connection(int fd, int number) : fd_(fd), number_(number) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool startTls(ssl_ctx_st* context);
  // The next request, head and body; empty when the client has closed.
  std::optional<std::string> readRequest();
  void write(const std::string& bytes);
  // Waits until the client closes.
  void waitForClose();
  // Makes the close a reset.
  void resetOnClose();
  int number() const { return number_; }  // from 0, in the order of accepting

 private:
  bool readMore();

  int fd_;
  int number_;
  ssl_st* ssl_ = nullptr;
  std::string buffer_;
};

class TestServer {
 public:
  using Script = std::function<void(Connection&)>;

  explicit TestServer(Script script, std::shared_ptr<ssl_ctx_st> tls = nullptr);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path) const;
  // Requests that any connection has read in whole.
  std::vector<std::string> requests() const;
  void record(const std::string& request);
  int connections() const { return accepted_.load(); }
  int closedConnections() const { return closed_.load(); }

 private:
  void accept();

  Script script_;
  std::shared_ptr<ssl_ctx_st> tls_;  // shared with the test that made it
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_{0};
  std::atomic<int> closed_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> open_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

// An answer with a Content-Length.
std::string answer(const std::string& body, const std::string& status = "200 OK");
// Answers every request of a connection with "ok".
void answerAll(Connection& connection);

// A client on a loop that runs on the test's thread.
class ClientFixture {
 public:
  explicit ClientFixture(UpstreamSettings settings = loopbackSettings());

  static UpstreamSettings loopbackSettings();
  // Sends and runs the loop until the answer is there. Fails the test after 20 s.
  UpstreamResult call(UpstreamRequest request);
  // Runs the loop until `ready` says so. Fails the test after 20 s.
  void runUntil(const std::function<bool()>& ready);

  base::SystemClock clock;
  EventLoop loop{clock};
  std::unique_ptr<UpstreamClient> client;
};

UpstreamRequest get(const std::string& url);
UpstreamRequest post(const std::string& url, const std::string& body);

}  // namespace unigate::net::test
