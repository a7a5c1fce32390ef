#include "webhooks/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/text.hpp"

namespace unigate::webhooks {

namespace {

constexpr std::size_t kPemBytesMax = 256UL * 1024;
constexpr std::size_t kRootsBytesMax = 4UL * 1024 * 1024;
constexpr std::size_t kChainMax = 8;
constexpr int kKeyBitsMin = 2048;
constexpr int kAuthLevel = 2;  // OpenSSL's: 112 bits, no SHA-1 in the chain

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* what) const {
    Free(what);
  }
};
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Chain = std::vector<Certificate>;

void freeStack(STACK_OF(X509) * stack) {
  sk_X509_free(stack);
}
void freeNames(GENERAL_NAMES* names) {
  GENERAL_NAMES_free(names);
}

// What OpenSSL says of a failure stays with us: its queue is of the thread, which others use too.
struct ErrorsCleared {
  ErrorsCleared() = default;
  ~ErrorsCleared() { ERR_clear_error(); }
  ErrorsCleared(const ErrorsCleared&) = delete;
  ErrorsCleared& operator=(const ErrorsCleared&) = delete;
};

int noPassphrase(char*, int, int, void*) {
  return -1;
}

// All certificates of a PEM text, in order; empty when one can't be read or there are too many.
Chain readPem(std::string_view pem, std::size_t certificatesMax) {
  Chain chain;
  const std::unique_ptr<BIO, Deleter<BIO_free>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return chain;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, noPassphrase, nullptr)) {
    chain.emplace_back(next);
    if (chain.size() > certificatesMax) return {};
  }
  return chain;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

bool isHostText(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

std::string textOf(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, text);
  if (length < 0) return {};
  std::string copy(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  return copy;
}

// The DNS names of the subject's alternative names; the common names where there are none.
std::vector<std::string> namesOf(X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, Deleter<freeNames>> alternative(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternative.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternative.get(), i);
    if (name->type == GEN_DNS) names.push_back(lower(textOf(name->d.dNSName)));
  }
  if (!names.empty()) return names;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    names.push_back(lower(textOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))));
  }
  return names;
}

Refusal findNameRefusal(const Recipe& recipe, X509* leaf) {
  const std::string wanted = lower(recipe.certificateName);
  for (const std::string& name : namesOf(leaf)) {
    const bool named = wanted.empty() || name == wanted;
    if (named && isHostText(name) && fitsHostSuffix(name, recipe.certificateHostSuffix))
      return std::nullopt;
  }
  return "the certificate is of another name";
}

Refusal findChainRefusal(const Chain& chain, const TrustRoots& roots, std::int64_t nowUnixMs) {
  const std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  const std::unique_ptr<STACK_OF(X509), Deleter<freeStack>> others(sk_X509_new_null());
  if (store == nullptr || context == nullptr || others == nullptr) return "out of memory";
  if (roots.system && X509_STORE_set_default_paths(store.get()) != 1)
    return "the system's roots can't be read";
  if (!roots.pem.empty()) {
    const Chain trusted = readPem(roots.pem, 1024);
    if (trusted.empty() || roots.pem.size() > kRootsBytesMax)
      return "the file of trusted roots can't be read";
    for (const Certificate& root : trusted) X509_STORE_add_cert(store.get(), root.get());
  }
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(others.get(), chain[i].get());
  if (X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), others.get()) != 1)
    return "the certificate can't be checked";
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, nowUnixMs / 1000);
  X509_VERIFY_PARAM_set_depth(param, static_cast<int>(kChainMax));
  X509_VERIFY_PARAM_set_auth_level(param, kAuthLevel);
  if (roots.pinned) X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  if (X509_verify_cert(context.get()) == 1) return std::nullopt;
  const int why = X509_STORE_CTX_get_error(context.get());
  return std::string("the certificate is not to be trusted: ") + X509_verify_cert_error_string(why);
}

Refusal findKeyRefusal(X509* leaf) {
  EVP_PKEY* key = X509_get0_pubkey(leaf);
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
    return "the certificate's key is not RSA";
  if (EVP_PKEY_get_bits(key) < kKeyBitsMin) return "the certificate's key is too short";
  if ((X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0)
    return "the certificate's key is not meant for signatures";
  return std::nullopt;
}

bool signedBy(EVP_PKEY* key, const EVP_MD* digest, std::string_view message,
              std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), &padding, digest, nullptr, key) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PADDING) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

Refusal findSignatureRefusal(const Recipe& recipe, X509* leaf) {
  const char* const name = opensslName(recipe.digest);
  const EVP_MD* digest = name == nullptr ? nullptr : EVP_get_digestbyname(name);
  if (digest == nullptr || recipe.encoding == Encoding::unknown)
    return "the plugin asks for a digest or encoding that this gateway does not know";
  for (const std::string& expected : recipe.expected) {
    const auto signature =
        recipe.encoding == Encoding::hex ? base::fromHex(expected) : base::fromBase64(expected);
    if (!signature || signature->empty()) continue;
    for (const std::string& message : recipe.messages) {
      if (signedBy(X509_get0_pubkey(leaf), digest, message, *signature)) return std::nullopt;
    }
  }
  return "the signature does not match (altered on the way, or another certificate)";
}

}  // namespace

bool fitsHostSuffix(std::string_view host, std::string_view suffix) {
  if (suffix.empty()) return false;
  const std::string name = lower(host);
  const std::string end = lower(suffix);
  return name == end || (name.size() > end.size() && name.ends_with(end) &&
                         name[name.size() - end.size() - 1] == '.');
}

Refusal findUrlRefusal(std::string_view url, std::string_view hostSuffix) {
  constexpr std::string_view kScheme = "https://";
  if (url.substr(0, kScheme.size()) != kScheme) return "the certificate's address is not https";
  const bool visible =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!visible || url.find_first_of("\\#") != std::string_view::npos)
    return "the certificate's address has a character that is not allowed";
  const std::string_view rest = url.substr(kScheme.size());
  std::string_view host = rest.substr(0, rest.find_first_of("/?"));
  if (host.size() > 4 && host.ends_with(":443")) host.remove_suffix(4);
  if (!isHostText(host) || !fitsHostSuffix(host, hostSuffix))
    return "the certificate's address is not the provider's";
  return std::nullopt;
}

Refusal findCertificateRefusal(const Recipe& recipe, std::string_view pem, const TrustRoots& roots,
                               std::int64_t nowUnixMs) {
  const ErrorsCleared cleared;
  if (recipe.expected.empty() || recipe.messages.empty()) return "the webhook carries no signature";
  if (roots.empty()) return "no trusted roots are configured for this provider's certificates";
  if (pem.size() > kPemBytesMax) return "the certificate is too large";
  const Chain chain = readPem(pem, kChainMax);
  if (chain.empty()) return "the certificate can't be read";
  X509* const leaf = chain.front().get();
  if (auto refusal = findNameRefusal(recipe, leaf)) return refusal;
  if (auto refusal = findKeyRefusal(leaf)) return refusal;
  if (auto refusal = findChainRefusal(chain, roots, nowUnixMs)) return refusal;
  return findSignatureRefusal(recipe, leaf);
}

Refusal findRootsRefusal(std::string_view pem) {
  const ErrorsCleared cleared;
  if (pem.size() > kRootsBytesMax || readPem(pem, 1024).empty())
    return "holds no PEM certificate that can be read";
  return std::nullopt;
}

}  // namespace unigate::webhooks
