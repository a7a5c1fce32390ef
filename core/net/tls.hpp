// TLS of the edge by OpenSSL: a context for each listener and a session for each connection, on
// non-blocking sockets. TLS 1.2 and 1.3, forward secrecy and AEAD only, no renegotiation, no
// compression.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/transport.hpp"

namespace unigate::net {

class TlsSession;

class TlsContext {
 public:
  // Reads certificate chain and key (PEM, the key without a password) and checks that they belong
  // together. The problem names the file and the remedy.
  static base::Result<std::shared_ptr<TlsContext>> load(const std::string& certificateFile,
                                                        const std::string& keyFile);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // A server's side on `fd`, which stays the caller's; null when memory is short.
  std::unique_ptr<TlsSession> accept(int fd) const;

 private:
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One thread at a time. The handshake happens within read() and write().
class TlsSession {
 public:
  struct Impl;
  explicit TlsSession(std::unique_ptr<Impl> impl);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  IoResult read(char* into, std::size_t size);
  IoResult write(const char* from, std::size_t size);
  // True when bytes are decrypted that no event of the socket will tell of.
  bool hasBuffered() const;
  bool handshakeDone() const;
  // Says goodbye (close_notify), as far as the socket takes it.
  void shutDown();

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::net
