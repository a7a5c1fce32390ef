// A listening TCP socket, by Poco: address parsing, socket options, and messages that name the
// remedy. The edge server accepts from it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace unigate::net {

// One accepted connection: a non-blocking socket that the taker owns, and the numeric address of
// the peer.
struct Accepted {
  int fd = -1;  // -1: none is waiting, or `error` tells why not
  int error = 0;
  std::string address;
};

class Listener {
 public:
  Listener();
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Binds "address:port" or "[v6]:port". Listeners of this process share an address by
  // SO_REUSEPORT; an address that another process listens on is refused.
  base::Status open(const std::string& address);
  Accepted accept();
  void close();
  int fd() const;  // -1 when closed
  std::uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::net
