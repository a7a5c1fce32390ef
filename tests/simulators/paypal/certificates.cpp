#include "paypal/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "common/crypto.hpp"

namespace simulators::paypal {
namespace {

constexpr unsigned kKeyBits = 2048;
constexpr long kValidSeconds = 20L * 366 * 24 * 60 * 60;  // simulated time may run far ahead
constexpr long kEarlierSeconds = 24L * 60 * 60;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

void must(bool good) {
  if (!good) throw std::runtime_error("OpenSSL could not make the webhook certificate");
}

void extend(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  must(extension != nullptr);
  must(X509_add_ext(certificate, extension.get(), -1) == 1);
}

void addName(X509_NAME* name, const char* field, const char* value) {
  must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                  reinterpret_cast<const unsigned char*>(value), -1, -1, 0) == 1);
}

// A certificate for the key; without an issuer it is its own.
Certificate certify(EVP_PKEY* key, const char* commonName, X509* issuer, EVP_PKEY* issuerKey) {
  Certificate made(X509_new());
  must(made != nullptr);
  must(X509_set_version(made.get(), 2) == 1);
  std::array<unsigned char, 8> serial{};
  must(RAND_bytes(serial.data(), static_cast<int>(serial.size())) == 1);
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40);
  std::uint64_t number = 0;
  for (const auto byte : serial) number = number << 8 | byte;
  must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), number) == 1);
  must(X509_gmtime_adj(X509_getm_notBefore(made.get()), -kEarlierSeconds) != nullptr);
  must(X509_gmtime_adj(X509_getm_notAfter(made.get()), kValidSeconds) != nullptr);
  must(X509_set_pubkey(made.get(), key) == 1);
  auto* subject = X509_get_subject_name(made.get());
  addName(subject, "O", "unigate simulators, not PayPal");
  addName(subject, "CN", commonName);
  must(X509_set_issuer_name(made.get(), issuer ? X509_get_subject_name(issuer) : subject) == 1);
  auto* signer = issuer ? issuer : made.get();
  extend(made.get(), signer, NID_basic_constraints,
         issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
  extend(made.get(), signer, NID_key_usage,
         issuer ? "critical,digitalSignature" : "critical,keyCertSign,cRLSign");
  extend(made.get(), signer, NID_subject_key_identifier, "hash");
  if (issuer) {
    extend(made.get(), signer, NID_authority_key_identifier, "keyid");
    extend(made.get(), signer, NID_ext_key_usage, "serverAuth,clientAuth");
    extend(made.get(), signer, NID_subject_alt_name, ("DNS:" + std::string(commonName)).c_str());
  }
  must(X509_sign(made.get(), issuer ? issuerKey : key, EVP_sha256()) > 0);
  return made;
}

std::string pemOf(X509* certificate) {
  const std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  must(out && PEM_write_bio_X509(out.get(), certificate) == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1U)));
  }
  return crc ^ 0xffffffffU;
}

}  // namespace

struct Certificates::Keys {
  Key rootKey, leafKey;
  Certificate root, leaf;
  std::string rootPem, leafPem, name;
};

Certificates::Certificates() : keys_(std::make_unique<Keys>()) {
  auto& keys = *keys_;
  keys.rootKey.reset(EVP_RSA_gen(kKeyBits));
  keys.leafKey.reset(EVP_RSA_gen(kKeyBits));
  must(keys.rootKey && keys.leafKey);
  keys.root = certify(keys.rootKey.get(), "unigate simulators root", nullptr, nullptr);
  keys.leaf = certify(keys.leafKey.get(), "messageverificationcerts.sandbox.paypal.com",
                      keys.root.get(), keys.rootKey.get());
  keys.rootPem = pemOf(keys.root.get());
  keys.leafPem = pemOf(keys.leaf.get());
  const auto digest = hexText(sha256(keys.leafPem));
  keys.name =
      "CERT-" + digest.substr(0, 8) + "-" + digest.substr(8, 8) + "-" + digest.substr(16, 8);
}

Certificates::~Certificates() = default;

const std::string& Certificates::name() const {
  return keys_->name;
}

const std::string& Certificates::rootPem() const {
  return keys_->rootPem;
}

const std::string& Certificates::leafPem() const {
  return keys_->leafPem;
}

std::string Certificates::sign(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  must(context != nullptr);
  must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, keys_->leafKey.get()) ==
       1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  must(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1);
  std::vector<unsigned char> signature(size);
  must(EVP_DigestSign(context.get(), signature.data(), &size, bytes, text.size()) == 1);
  return base64({reinterpret_cast<const char*>(signature.data()), size});
}

bool Certificates::verifies(std::string_view text, std::string_view signature) const {
  const auto raw = decodeBase64(signature);
  if (!raw) return false;
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  must(context != nullptr);
  must(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, keys_->leafKey.get()) ==
       1);
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(raw->data()),
                          raw->size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

std::string signedText(std::string_view transmissionId, std::string_view time,
                       std::string_view webhookId, std::string_view body) {
  std::string text(transmissionId);
  text.append("|").append(time).append("|").append(webhookId).append("|");
  return text + std::to_string(crc32(body));
}

}  // namespace simulators::paypal
