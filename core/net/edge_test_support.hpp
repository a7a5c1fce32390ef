// A server on its own thread and a plain blocking client, for tests of the edge over real sockets.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "net/edge_server.hpp"

namespace unigate::net::testing {

inline EdgeSettings testSettings() {
  EdgeSettings settings;
  settings.listen = "127.0.0.1:0";
  return settings;
}

inline std::shared_ptr<ConnectionLedger> ledgerOf(const EdgeSettings& settings) {
  return std::make_shared<ConnectionLedger>(settings.connectionsMax,
                                            settings.connectionsPerAddressMax);
}

// Answers with method, path and body.
inline void echo(Request&& request, const Responder& responder) {
  Response response;
  response.headers.emplace_back("X-Path", request.path);
  response.body = request.method + " " + request.path + " " + request.body;
  responder.send(std::move(response));
}

class TestServer {
 public:
  explicit TestServer(EdgeSettings settings = testSettings(), Handler handler = echo,
                      ErrorRenderer errors = {})
      : loop(clock_),
        server(std::make_unique<EdgeServer>(loop, settings, ledgerOf(settings), std::move(handler),
                                            std::move(errors))) {
    const base::Status listening = server->listen();
    INFO((listening ? "" : listening.error().detail));
    REQUIRE(listening.has_value());
    port = server->port();
    thread_ = std::thread([this] { loop.run(); });
  }
  ~TestServer() {
    loop.stop();
    thread_.join();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // Runs `task` on the loop's thread and waits for it.
  void onLoop(const std::function<void()>& task) {
    std::promise<void> done;
    loop.post([&] {
      task();
      done.set_value();
    });
    done.get_future().get();
  }
  // Returns when the loop has handled all that had arrived before: the second task runs in a turn
  // that began after the call.
  void catchUp() {
    onLoop([] {});
    onLoop([] {});
  }

 private:
  base::SystemClock clock_;

 public:
  EventLoop loop;
  std::unique_ptr<EdgeServer> server;
  std::uint16_t port = 0;

 private:
  std::thread thread_;
};

// A blocking client; every wait ends after ten seconds.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    REQUIRE(fd >= 0);
    timeval limit{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    connectTo(port);
  }
  ~Client() { reset(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void reset() {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  // False when the server has closed.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Bytes of one read; empty at the end or on a reset.
  std::string readSome() const {
    std::string bytes(64 * 1024, '\0');
    const ssize_t got = recv(fd, bytes.data(), bytes.size(), 0);
    if (got < 0) failed = errno;
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  std::string readToEnd() {
    std::string all = std::exchange(pending, "");
    for (std::string piece; !(piece = readSome()).empty();) all += piece;
    return all;
  }
  // The next `count` bytes, or what there is until the end.
  std::string readBytes(std::size_t count) {
    while (pending.size() < count) {
      const std::string piece = readSome();
      if (piece.empty()) break;
      pending += piece;
    }
    const std::string bytes = pending.substr(0, count);
    pending.erase(0, count);
    return bytes;
  }
  // The next head, with its empty line.
  std::string readHead() {
    std::size_t end = 0;
    while ((end = pending.find("\r\n\r\n")) == std::string::npos) {
      const std::string piece = readSome();
      if (piece.empty()) return std::exchange(pending, "");
      pending += piece;
    }
    return readBytes(end + 4);
  }
  // The next answer: head and as much body as Content-Length says.
  std::string readAnswer() {
    std::string head = readHead();
    const std::size_t length = head.find("Content-Length: ");
    if (length == std::string::npos) return head;
    return head + readBytes(static_cast<std::size_t>(std::atol(head.c_str() + length + 16)));
  }

  int fd;
  std::string pending;
  mutable int failed = 0;

 private:
  void connectTo(std::uint16_t port) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
};

inline std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view fields = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

inline std::string bodyOf(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace unigate::net::testing
