#include "net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <cstring>
#include <utility>

namespace unigate::net {

namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using SslPtr = std::unique_ptr<SSL, decltype(&SSL_free)>;

constexpr const char* kTls12Ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// OpenSSL's first word on why something failed, without its numbers.
std::string reason() {
  const unsigned long code = ERR_peek_error();
  const char* text = ERR_reason_error_string(code);
  std::string said = text != nullptr ? text : "unknown reason";
  if (ERR_SYSTEM_ERROR(code)) said = std::strerror(ERR_GET_REASON(code));
  ERR_clear_error();
  return said;
}

int fdOf(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

// A BIO of our own, because OpenSSL's socket BIO write()s and would raise SIGPIPE.
int bioRead(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const IoResult got = socketRead(fdOf(bio), into, static_cast<std::size_t>(size));
  if (got.kind == IoResult::Kind::bytes) return static_cast<int>(got.size);
  if (got.kind == IoResult::Kind::wantRead) BIO_set_retry_read(bio);
  return got.kind == IoResult::Kind::closed ? 0 : -1;
}

int bioWrite(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const IoResult sent = socketWrite(fdOf(bio), from, static_cast<std::size_t>(size));
  if (sent.kind == IoResult::Kind::bytes) return static_cast<int>(sent.size);
  if (sent.kind == IoResult::Kind::wantWrite) BIO_set_retry_write(bio);
  return -1;
}

long bioControl(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* bioMethod() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "unigate socket");
    BIO_meth_set_read(made, bioRead);
    BIO_meth_set_write(made, bioWrite);
    BIO_meth_set_ctrl(made, bioControl);
    return made;
  }();
  return method;
}

// HTTP/1.1 is all that is spoken; a client that insists on something else is told so.
int chooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosenLength,
                   const unsigned char* offered, unsigned int offeredLength, void*) {
  static constexpr std::array<unsigned char, 9> kOurs = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosenLength, kOurs.data(), kOurs.size(), offered,
                            offeredLength) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// Without this OpenSSL asks for a password on the terminal.
int noPassword(char*, int, int, void*) {
  return 0;
}

base::Status loadFiles(SSL_CTX* context, const std::string& certificateFile,
                       const std::string& keyFile) {
  if (SSL_CTX_use_certificate_chain_file(context, certificateFile.c_str()) != 1) {
    return base::fail(500, "tls_certificate",
                      "cannot read the certificate chain " + certificateFile + ": " + reason() +
                          "; it must be a readable PEM file, leaf certificate first");
  }
  SSL_CTX_set_default_passwd_cb(context, noPassword);
  if (SSL_CTX_use_PrivateKey_file(context, keyFile.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long code = ERR_peek_last_error();
    const bool mismatch =
        ERR_GET_LIB(code) == ERR_LIB_X509 && ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH;
    if (!mismatch) {
      return base::fail(500, "tls_key",
                        "cannot read the private key " + keyFile + ": " + reason() +
                            "; it must be a readable PEM file without a password");
    }
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return base::fail(500, "tls_key",
                      "the private key " + keyFile + " does not belong to the certificate " +
                          certificateFile + "; name the pair that was made together");
  }
  return {};
}

}  // namespace

struct TlsContext::Impl {
  ContextPtr context{nullptr, SSL_CTX_free};
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

base::Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificateFile,
                                                           const std::string& keyFile) {
  ERR_clear_error();
  ContextPtr context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), kTls12Ciphers) != 1) {
    return base::fail(500, "tls_setup", "OpenSSL refuses the TLS settings: " + reason());
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // Sessions resume by tickets, which cost no memory here.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), chooseProtocol, nullptr);
  if (auto loaded = loadFiles(context.get(), certificateFile, keyFile); !loaded) {
    return base::fail(loaded.error());
  }
  auto impl = std::make_unique<Impl>();
  impl->context = std::move(context);
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

struct TlsSession::Impl {
  SslPtr ssl{nullptr, SSL_free};
  bool broken = false;  // after a fatal error not even a goodbye may be sent

  IoResult explain(int returned) {
    switch (SSL_get_error(ssl.get(), returned)) {
      case SSL_ERROR_WANT_READ:
        return {IoResult::Kind::wantRead, 0};
      case SSL_ERROR_WANT_WRITE:
        return {IoResult::Kind::wantWrite, 0};
      case SSL_ERROR_ZERO_RETURN:
        return {IoResult::Kind::closed, 0};
      default:
        // The queue belongs to the thread: what is left there would be blamed on another session.
        ERR_clear_error();
        broken = true;
        return {IoResult::Kind::failed, 0};
    }
  }
};

std::unique_ptr<TlsSession> TlsContext::accept(int fd) const {
  auto impl = std::make_unique<TlsSession::Impl>();
  impl->ssl.reset(SSL_new(impl_->context.get()));
  BIO* bio = BIO_new(bioMethod());
  if (impl->ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    ERR_clear_error();
    return nullptr;
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(impl->ssl.get(), bio, bio);
  SSL_set_accept_state(impl->ssl.get());
  return std::make_unique<TlsSession>(std::move(impl));
}

TlsSession::TlsSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsSession::~TlsSession() = default;

IoResult TlsSession::read(char* into, std::size_t size) {
  const int got =
      SSL_read(impl_->ssl.get(), into, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  if (got > 0) return {IoResult::Kind::bytes, static_cast<std::size_t>(got)};
  return impl_->explain(got);
}

IoResult TlsSession::write(const char* from, std::size_t size) {
  const int sent =
      SSL_write(impl_->ssl.get(), from, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  if (sent > 0) return {IoResult::Kind::bytes, static_cast<std::size_t>(sent)};
  return impl_->explain(sent);
}

bool TlsSession::hasBuffered() const {
  return SSL_pending(impl_->ssl.get()) > 0;
}

bool TlsSession::handshakeDone() const {
  return SSL_is_init_finished(impl_->ssl.get()) == 1;
}

void TlsSession::shutDown() {
  if (impl_->broken || !handshakeDone()) return;
  SSL_shutdown(impl_->ssl.get());
  ERR_clear_error();
}

}  // namespace unigate::net
