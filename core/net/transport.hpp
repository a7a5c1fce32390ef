// What one read or write on a non-blocking connection came to, plain or TLS. Used by connections
// and TLS sessions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace unigate::net {

struct IoResult {
  enum class Kind : std::uint8_t {
    bytes,      // `size` bytes were moved
    wantRead,   // again when the socket is readable
    wantWrite,  // again when the socket is writable
    closed,     // the peer has finished sending
    failed,     // the connection is lost
  };
  Kind kind = Kind::failed;
  std::size_t size = 0;
};

// recv() and send() without blocking and without SIGPIPE.
IoResult socketRead(int fd, char* into, std::size_t size);
IoResult socketWrite(int fd, const char* from, std::size_t size);

}  // namespace unigate::net
