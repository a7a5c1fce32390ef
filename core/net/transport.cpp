#include "net/transport.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace unigate::net {

IoResult socketRead(int fd, char* into, std::size_t size) {
  for (;;) {
    const ssize_t got = recv(fd, into, size, MSG_DONTWAIT);
    if (got > 0) return {IoResult::Kind::bytes, static_cast<std::size_t>(got)};
    if (got == 0) return {IoResult::Kind::closed, 0};
    if (errno == EAGAIN) return {IoResult::Kind::wantRead, 0};
    if (errno != EINTR) return {IoResult::Kind::failed, 0};
  }
}

IoResult socketWrite(int fd, const char* from, std::size_t size) {
  for (;;) {
    const ssize_t sent = send(fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return {IoResult::Kind::bytes, static_cast<std::size_t>(sent)};
    if (errno == EAGAIN) return {IoResult::Kind::wantWrite, 0};
    if (errno != EINTR) return {IoResult::Kind::failed, 0};
  }
}

}  // namespace unigate::net
