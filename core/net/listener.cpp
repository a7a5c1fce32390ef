#include "net/listener.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <map>
#include <mutex>
#include <optional>

namespace unigate::net {

namespace {

using Poco::Net::IPAddress;
using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;

constexpr int kBacklog = 4096;

// How many listeners of this process share an address. SO_REUSEPORT would silently let two gateways
// of one user share a port too, so the first listener of an address checks that nobody has it.
struct Shared {
  std::mutex mutex;
  std::map<std::string, int> listeners;
};

Shared& shared() {
  static Shared instance;
  return instance;
}

// "127.0.0.1:80" or "[::1]:80" as an address; no names, which would need a look-up.
std::optional<SocketAddress> parseAddress(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  IPAddress address;
  if (host == "localhost") host = "127.0.0.1";
  if (!IPAddress::tryParse(host, address)) return std::nullopt;
  if ((address.family() == IPAddress::IPv6) != bracketed) return std::nullopt;
  return SocketAddress(address, port);
}

void bindTo(ServerSocket& socket, const SocketAddress& address, bool reusePort) {
  if (address.family() == SocketAddress::IPv6) {
    socket.bind6(address, true, reusePort, true);
  } else {
    socket.bind(address, true, reusePort);
  }
}

base::Status explain(const std::string& address, int error, const std::string& said) {
  const std::string cannot = "cannot listen on " + address + ": ";
  switch (error) {
    case EADDRINUSE:
      return base::fail(500, "listen_address_in_use",
                        cannot +
                            "the port is in use; stop the process that has it (ss -ltnp names "
                            "it) or configure another port");
    case EACCES:
    case EPERM:
      return base::fail(500, "listen_not_permitted",
                        cannot +
                            "not permitted; use a port above 1023 or grant "
                            "CAP_NET_BIND_SERVICE");
    case EADDRNOTAVAIL:
      return base::fail(500, "listen_address_unknown",
                        cannot +
                            "this machine has no such address; use 127.0.0.1, 0.0.0.0 or one "
                            "that `ip address` shows");
    default:
      return base::fail(500, "listen_failed", cannot + said);
  }
}

// The numeric address of a peer; IPv4 in IPv6 clothes is shown, and counted, as IPv4.
std::string textOf(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(peer);
    inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
  } else if (peer.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(peer);
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
      inet_ntop(AF_INET, &six.sin6_addr.s6_addr[12], text.data(), text.size());
    } else {
      inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    }
  }
  return text.data();
}

}  // namespace

struct Listener::Impl {
  std::optional<ServerSocket> socket;
  std::string key;  // in shared()
  std::uint16_t port = 0;
};

Listener::Listener() : impl_(std::make_unique<Impl>()) {}
Listener::~Listener() {
  close();
}

base::Status Listener::open(const std::string& address) {
  const auto wanted = parseAddress(address);
  if (!wanted) {
    return base::fail(400, "listen_address_invalid",
                      "cannot listen on \"" + address +
                          "\": write address:port, such as 127.0.0.1:8080 or [::1]:8080");
  }
  Shared& others = shared();
  const std::lock_guard<std::mutex> lock(others.mutex);
  try {
    if (wanted->port() != 0 && others.listeners[wanted->toString()] == 0) {
      ServerSocket probe;
      bindTo(probe, *wanted, false);
      probe.listen(1);
    }
    ServerSocket socket;
    bindTo(socket, *wanted, true);
    socket.listen(kBacklog);
    socket.setBlocking(false);
    impl_->port = socket.address().port();
    impl_->key = socket.address().toString();
    impl_->socket = socket;
    ++others.listeners[impl_->key];
    return {};
  } catch (const Poco::Exception& error) {
    // Poco keeps the errno as the code of a network exception.
    return explain(address, error.code() != 0 ? error.code() : errno, error.displayText());
  }
}

Accepted Listener::accept() {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  Accepted accepted;
  accepted.fd =
      ::accept4(fd(), reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted.fd < 0) {
    accepted.error = errno == EAGAIN ? 0 : errno;
    return accepted;
  }
  const int on = 1;
  setsockopt(accepted.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  accepted.address = textOf(peer);
  return accepted;
}

void Listener::close() {
  if (!impl_->socket) return;
  impl_->socket->close();
  impl_->socket.reset();
  Shared& others = shared();
  const std::lock_guard<std::mutex> lock(others.mutex);
  if (--others.listeners[impl_->key] == 0) others.listeners.erase(impl_->key);
}

int Listener::fd() const {
  return impl_->socket ? impl_->socket->impl()->sockfd() : -1;
}

std::uint16_t Listener::port() const {
  return impl_->port;
}

}  // namespace unigate::net
