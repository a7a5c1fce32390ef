#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net/edge_test_support.hpp"

using namespace unigate::net;
using namespace unigate::net::testing;

namespace {

// A folder with a key and a self-signed certificate of its own, made new for each test.
class Certificate {
 public:
  Certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "edge_tls_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    REQUIRE(X509_sign(certificate, key, EVP_sha256()) > 0);
    writePem(keyFile(), [&](FILE* file) {
      return PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    writePem(certificateFile(), [&](FILE* file) { return PEM_write_X509(file, certificate); });
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::string keyFile() const { return folder_ + "/key.pem"; }
  std::string certificateFile() const { return folder_ + "/certificate.pem"; }
  EdgeSettings settings() const {
    EdgeSettings settings = testSettings();
    settings.tlsCertificateFile = certificateFile();
    settings.tlsKeyFile = keyFile();
    return settings;
  }

 private:
  template <typename Write>
  static void writePem(const std::string& path, Write write) {
    FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    CHECK(write(file) == 1);
    std::fclose(file);
  }
  std::string folder_;
};

// OpenSSL's client on a blocking socket.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int versionMax, const std::vector<unsigned char>& alpn = {})
      : client_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_, 0);  // or the client itself would refuse old versions
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, versionMax);
    ssl_ = SSL_new(context_);
    if (!alpn.empty()) SSL_set_alpn_protos(ssl_, alpn.data(), static_cast<unsigned>(alpn.size()));
    SSL_set_fd(ssl_, client_.fd);
    connected = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  void send(std::string_view bytes) {
    REQUIRE(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) ==
            static_cast<int>(bytes.size()));
  }
  std::string readToEnd() {
    std::string all;
    std::array<char, 16384> buffer{};
    int got = 0;
    while ((got = SSL_read(ssl_, buffer.data(), buffer.size())) > 0) {
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    saidGoodbye = SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN;
    return all;
  }
  std::string version() const { return SSL_get_version(ssl_); }
  int fd() const { return client_.fd; }
  bool connected = false;
  bool saidGoodbye = false;

 private:
  Client client_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

}  // namespace

TEST_CASE("Serves TLS 1.3 and 1.2, and says goodbye at the end") {
  const Certificate certificate;
  bool sawTls = false;
  TestServer server(certificate.settings(), [&](Request&& request, const Responder& responder) {
    sawTls = request.tls;
    echo(std::move(request), responder);
  });
  for (const auto& [version, name] :
       {std::pair(TLS1_3_VERSION, "TLSv1.3"), std::pair(TLS1_2_VERSION, "TLSv1.2")}) {
    TlsClient client(server.port, version);
    REQUIRE(client.connected);
    CHECK(client.version() == name);
    client.send(get("/1") + get("/2", "Connection: close\r\n"));
    const std::string all = client.readToEnd();
    CHECK(contains(all, "GET /1 "));
    CHECK(contains(all, "GET /2 "));
    CHECK(client.saidGoodbye);
  }
  server.onLoop([&] { CHECK(sawTls); });
}

TEST_CASE("Refuses TLS 1.1 and older") {
  const Certificate certificate;
  TestServer server(certificate.settings());
  CHECK_FALSE(TlsClient(server.port, TLS1_1_VERSION).connected);
  CHECK_FALSE(TlsClient(server.port, TLS1_VERSION).connected);
  CHECK(TlsClient(server.port, TLS1_3_VERSION).connected);
}

TEST_CASE("Speaks HTTP/1.1 alone when the client offers protocols") {
  const Certificate certificate;
  TestServer server(certificate.settings());
  CHECK(TlsClient(server.port, TLS1_3_VERSION,
                  {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'})
            .connected);
  CHECK_FALSE(TlsClient(server.port, TLS1_3_VERSION, {2, 'h', '2'}).connected);
}

TEST_CASE("Carries large bodies both ways over TLS") {
  const Certificate certificate;
  TestServer server(certificate.settings());
  TlsClient client(server.port, TLS1_3_VERSION);
  REQUIRE(client.connected);
  std::string body(unigate::base::limits::kBodyBytesMax, 'b');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  client.send(post("/big", body, "Connection: close\r\n"));
  CHECK(bodyOf(client.readToEnd()) == "POST /big " + body);
}

TEST_CASE("Answers more pipelined requests than fit at once over TLS") {
  const Certificate certificate;
  EventLoop* loop = nullptr;
  TestServer server(certificate.settings(), [&](Request&& request, const Responder& responder) {
    loop->after(1, [responder, path = request.path] {
      Response response;
      response.body = path + ";";
      responder.send(std::move(response));
    });
  });
  loop = &server.loop;
  TlsClient client(server.port, TLS1_3_VERSION);
  std::string requests;
  for (int i = 0; i < 99; ++i) requests += get("/" + std::to_string(i));
  client.send(requests + get("/99", "Connection: close\r\n"));
  const std::string all = client.readToEnd();
  std::size_t at = 0;
  for (int i = 0; i < 100; ++i) {
    at = all.find("\r\n\r\n/" + std::to_string(i) + ";", at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("A handshake that is not finished in time is closed") {
  const Certificate certificate;
  EdgeSettings settings = certificate.settings();
  settings.headerDeadlineMs = 100;
  TestServer server(settings);
  Client silent(server.port);
  CHECK(silent.readToEnd().empty());
  Client half(server.port);
  half.send(std::string("\x16\x03\x01\x00\xf0\x01", 6));
  CHECK(half.readToEnd().empty());
  CHECK(server.server->counters().timeouts == 2);
}

TEST_CASE("Plain HTTP at a TLS port gets no answer and does no harm") {
  const Certificate certificate;
  TestServer server(certificate.settings());
  Client plain(server.port);
  plain.send(get("/"));
  CHECK_FALSE(contains(plain.readToEnd(), "HTTP/1.1"));
  CHECK(TlsClient(server.port, TLS1_3_VERSION).connected);
}

TEST_CASE("Certificate and key that cannot serve are named with their remedy") {
  const Certificate one;
  const Certificate other;
  const unigate::base::SystemClock clock;
  EventLoop loop(clock);
  const auto problem = [&](const std::string& certificateFile, const std::string& keyFile) {
    EdgeSettings settings = testSettings();
    settings.tlsCertificateFile = certificateFile;
    settings.tlsKeyFile = keyFile;
    EdgeServer server(loop, settings, ledgerOf(settings), echo, {});
    const auto listening = server.listen();
    return listening ? std::string("fine")
                     : listening.error().code + ": " + listening.error().detail;
  };
  CHECK(problem(one.certificateFile(), one.keyFile()) == "fine");
  const std::string missing = problem("/nowhere/c.pem", one.keyFile());
  CHECK(missing.rfind("tls_certificate: ", 0) == 0);
  CHECK(contains(missing, "/nowhere/c.pem"));
  CHECK(contains(missing, "No such file"));
  CHECK(problem(one.keyFile(), one.keyFile()).rfind("tls_certificate: ", 0) == 0);
  CHECK(contains(problem(one.certificateFile(), "/nowhere/k.pem"), "/nowhere/k.pem"));
  CHECK(problem(one.certificateFile(), one.certificateFile()).rfind("tls_key: ", 0) == 0);
  CHECK(contains(problem(one.certificateFile(), other.keyFile()), "does not belong"));
  CHECK(problem(one.certificateFile(), "").rfind("tls_incomplete: ", 0) == 0);
}
