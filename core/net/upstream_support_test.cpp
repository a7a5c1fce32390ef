// The implementation of upstream_test_support.hpp; named so that it goes into the test binary.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "net/upstream_test_support.hpp"

namespace unigate::net::test {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key makeKey() {
  return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void addExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate makeCertificate(EVP_PKEY* key, const char* name, long from, long until, X509* issuer,
                            EVP_PKEY* issuerKey) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  static std::atomic<long> serial{1};
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* parent = issuer == nullptr ? certificate.get() : issuer;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(parent));
  if (issuer == nullptr) {
    addExtension(certificate.get(), parent, NID_basic_constraints, "critical,CA:TRUE");
    addExtension(certificate.get(), parent, NID_key_usage, "critical,keyCertSign");
  } else {
    const bool isAddress =
        std::string_view(name).find_first_not_of("0123456789.") == std::string_view::npos;
    addExtension(certificate.get(), parent, NID_subject_alt_name,
                 (isAddress ? "IP:" : "DNS:") + std::string(name));
  }
  REQUIRE(X509_sign(certificate.get(), issuerKey, EVP_sha256()) != 0);
  return certificate;
}

}  // namespace

struct TestAuthority::Impl {
  Key key = makeKey();
  Certificate certificate{nullptr, X509_free};
  std::string folder;
  std::string file;
};

TestAuthority::TestAuthority() : impl_(std::make_unique<Impl>()) {
  impl_->certificate =
      makeCertificate(impl_->key.get(), "Test Authority", -3600, 3600, nullptr, impl_->key.get());
  impl_->folder = (std::filesystem::temp_directory_path() / "unigate-ca-XXXXXX").string();
  REQUIRE(mkdtemp(impl_->folder.data()) != nullptr);
  impl_->file = impl_->folder + "/ca.pem";
  std::FILE* out = std::fopen(impl_->file.c_str(), "w");
  REQUIRE(out != nullptr);
  PEM_write_X509(out, impl_->certificate.get());
  std::fclose(out);
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(impl_->folder, ignored);
}

const std::string& TestAuthority::caFile() const {
  return impl_->file;
}

std::shared_ptr<SSL_CTX> TestAuthority::serverContext(const std::string& name,
                                                      long lifeSeconds) const {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const Key key = makeKey();
  const Certificate certificate = makeCertificate(key.get(), name.c_str(), -7200, lifeSeconds,
                                                  impl_->certificate.get(), impl_->key.get());
  REQUIRE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

Connection::~Connection() {
  if (ssl_ != nullptr) {
    SSL_shutdown(ssl_);
    SSL_free(ssl_);
  }
}

bool Connection::startTls(SSL_CTX* context) {
  ssl_ = SSL_new(context);
  SSL_set_fd(ssl_, fd_);
  return SSL_accept(ssl_) == 1;
}

bool Connection::readMore() {
  char bytes[4096];
  const auto got = ssl_ != nullptr ? SSL_read(ssl_, bytes, sizeof bytes)
                                   : static_cast<int>(recv(fd_, bytes, sizeof bytes, 0));
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> Connection::readRequest() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!readMore()) return std::nullopt;
  }
  std::size_t length = end + 4;
  const std::size_t field = buffer_.find("\r\nContent-Length: ");
  if (field < end) length += std::stoul(buffer_.substr(field + 18));
  while (buffer_.size() < length) {
    if (!readMore()) return std::nullopt;
  }
  std::string request = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return request;
}

void Connection::write(const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto left = bytes.size() - at;
    const auto put = ssl_ != nullptr
                         ? SSL_write(ssl_, bytes.data() + at, static_cast<int>(left))
                         : static_cast<int>(send(fd_, bytes.data() + at, left, MSG_NOSIGNAL));
    if (put <= 0) return;  // the client has gone, which is what some tests are about
    at += static_cast<std::size_t>(put);
  }
}

void Connection::waitForClose() {
  while (readMore()) buffer_.clear();
}

void Connection::resetOnClose() {
  const linger hard{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

TestServer::TestServer(Script script, std::shared_ptr<SSL_CTX> tls)
    : script_(std::move(script)), tls_(std::move(tls)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(listener_, 1024) == 0);
  socklen_t length = sizeof address;
  REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept(); });
}

TestServer::~TestServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

void TestServer::accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int number = accepted_++;
    const std::lock_guard<std::mutex> lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd, number] {
      {
        Connection connection(fd, number);
        if (tls_ == nullptr || connection.startTls(tls_.get())) script_(connection);
      }
      const std::lock_guard<std::mutex> inner(mutex_);
      std::erase(open_, fd);
      close(fd);
      ++closed_;
    });
  }
}

std::string TestServer::url(const std::string& path) const {
  return (tls_ == nullptr ? "http" : "https") + ("://127.0.0.1:" + std::to_string(port_)) + path;
}

std::vector<std::string> TestServer::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

void TestServer::record(const std::string& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  requests_.push_back(request);
}

std::string answer(const std::string& body, const std::string& status) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

void answerAll(Connection& connection) {
  while (connection.readRequest()) connection.write(answer("ok"));
}

ClientFixture::ClientFixture(UpstreamSettings settings)
    : client(std::make_unique<UpstreamClient>(loop, std::move(settings))) {}

UpstreamSettings ClientFixture::loopbackSettings() {
  UpstreamSettings settings;
  settings.allowLoopbackHttp = true;
  return settings;
}

UpstreamResult ClientFixture::call(UpstreamRequest request) {
  std::optional<UpstreamResult> result;
  client->send(std::move(request), [&result](UpstreamResult got) {
    REQUIRE_FALSE(result);
    result = std::move(got);
  });
  REQUIRE_FALSE(result);  // never from inside send()
  runUntil([&result] { return result.has_value(); });
  return std::move(*result);
}

void ClientFixture::runUntil(const std::function<bool()>& ready) {
  const auto giveUp = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!ready()) {
    REQUIRE(std::chrono::steady_clock::now() < giveUp);
    loop.runOnce(100);
  }
}

UpstreamRequest get(const std::string& url) {
  UpstreamRequest request;
  request.method = "GET";
  request.url = url;
  request.timeoutMs = 15'000;
  return request;
}

UpstreamRequest post(const std::string& url, const std::string& body) {
  UpstreamRequest request = get(url);
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  return request;
}

}  // namespace unigate::net::test
