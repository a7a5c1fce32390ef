#include "webhooks/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>
#include <memory>

#include "base/text.hpp"

namespace unigate::webhooks {
namespace {

constexpr std::int64_t kNowMs = 1'800'000'000'000;
constexpr std::int64_t kYearS = 365LL * 24 * 3600;

using Key = std::shared_ptr<EVP_PKEY>;

Key rsaKey(unsigned bits = 2048) {
  return {EVP_RSA_gen(bits), EVP_PKEY_free};
}

struct Made {
  std::string pem;
  Key key;
  std::shared_ptr<X509> certificate;
};

// What a certificate is like; the defaults make a sound leaf.
struct Wish {
  std::string commonName = "signer.acme.example";
  std::string alternativeNames = "DNS:signer.acme.example";
  std::int64_t fromS = kNowMs / 1000 - kYearS;
  std::int64_t untilS = kNowMs / 1000 + kYearS;
  bool authority = false;
  std::string keyUsage = "digitalSignature";
  const EVP_MD* digest = EVP_sha256();
};

void addExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Made make(const Wish& wish, const Key& key, const Made* issuer) {
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  static long serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), wish.fromS);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), wish.untilS);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.commonName.data()),
                             static_cast<int>(wish.commonName.size()), -1, 0);
  X509* const by = issuer != nullptr ? issuer->certificate.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(by));
  addExtension(certificate.get(), by, NID_basic_constraints,
               wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
  addExtension(certificate.get(), by, NID_key_usage, wish.keyUsage);
  addExtension(certificate.get(), by, NID_subject_alt_name, wish.alternativeNames);
  REQUIRE(X509_sign(certificate.get(), (issuer != nullptr ? issuer->key : key).get(), wish.digest) >
          0);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate.get());
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  Made made{std::string(text, static_cast<std::size_t>(length)), key, certificate};
  BIO_free(bio);
  return made;
}

Wish authority(const std::string& name) {
  Wish wish;
  wish.commonName = name;
  wish.alternativeNames.clear();
  wish.authority = true;
  wish.keyUsage = "keyCertSign";
  return wish;
}

std::string sign(const Key& key, const EVP_MD* digest, const std::string& message) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, digest, nullptr, key.get());
  std::string signature(1024, '\0');
  std::size_t length = signature.size();
  REQUIRE(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length,
                         reinterpret_cast<const unsigned char*>(message.data()),
                         message.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(length);
  return base::toBase64(signature);
}

// A root with a signer below it, made once: keys take time.
struct World {
  Made root = make(authority("Root"), rsaKey(), nullptr);
  Key key = rsaKey();
  Made leaf = make({}, key, &root);
};

const World& world() {
  static const World made;
  return made;
}

Recipe recipeFor(const Key& key, const EVP_MD* digest = EVP_sha256()) {
  Recipe recipe;
  recipe.kind = RecipeKind::certificate;
  recipe.digest = Digest::sha256;
  recipe.encoding = Encoding::base64;
  recipe.messages = {"signed text"};
  recipe.expected = {sign(key, digest, "signed text")};
  recipe.certificateHostSuffix = "acme.example";
  return recipe;
}

TrustRoots rootsOf(const Made& root) {
  TrustRoots roots;
  roots.pem = root.pem;
  return roots;
}

// Empty when all holds.
std::string refusalOf(const Recipe& recipe, const std::string& pem, const TrustRoots& roots,
                      std::int64_t nowMs = kNowMs) {
  return findCertificateRefusal(recipe, pem, roots, nowMs).value_or("");
}

std::string refusalOfLeaf(const Wish& wish) {
  return refusalOf(recipeFor(world().key), make(wish, world().key, &world().root).pem,
                   rootsOf(world().root));
}

}  // namespace

TEST_CASE("A signature of a certificate that leads to the root holds") {
  CHECK(refusalOf(recipeFor(world().key), world().leaf.pem, rootsOf(world().root)).empty());
  Recipe recipe = recipeFor(world().key);
  recipe.expected.insert(recipe.expected.begin(), "no base64");
  recipe.messages.insert(recipe.messages.begin(), "another text");
  CHECK(refusalOf(recipe, world().leaf.pem, rootsOf(world().root)).empty());
}

TEST_CASE("A signature of another text, key or algorithm does not hold") {
  const auto refused = [](const Recipe& recipe) {
    return refusalOf(recipe, world().leaf.pem, rootsOf(world().root));
  };
  Recipe recipe = recipeFor(world().key);
  recipe.messages = {"signed texT"};
  CHECK(refused(recipe).find("signature does not match") != std::string::npos);
  CHECK_FALSE(refused(recipeFor(rsaKey())).empty());
  CHECK_FALSE(refused(recipeFor(world().key, EVP_sha1())).empty());
  recipe = recipeFor(world().key);
  recipe.expected[0].resize(recipe.expected[0].size() - 8);
  CHECK_FALSE(refused(recipe).empty());
  recipe.expected = {""};
  CHECK_FALSE(refused(recipe).empty());
  recipe.expected.clear();
  CHECK_FALSE(refused(recipe).empty());
  recipe = recipeFor(world().key);
  recipe.digest = Digest::unknown;
  CHECK_FALSE(refused(recipe).empty());
}

TEST_CASE("A certificate of another authority is not trusted") {
  const Made other = make(authority("Root"), rsaKey(), nullptr);
  CHECK(refusalOf(recipeFor(world().key), world().leaf.pem, rootsOf(other))
            .find("not to be trusted") != std::string::npos);
  CHECK_FALSE(refusalOf(recipeFor(world().key), world().leaf.pem, {}).empty());
  TrustRoots system;
  system.system = true;
  CHECK_FALSE(refusalOf(recipeFor(world().key), world().leaf.pem, system).empty());
  // One that brings its own root along is no better.
  CHECK_FALSE(refusalOf(recipeFor(world().key), world().leaf.pem + world().root.pem, rootsOf(other))
                  .empty());
}

TEST_CASE("A chain over an intermediate authority holds, over a plain leaf it does not") {
  const Made between = make(authority("Between"), rsaKey(), &world().root);
  const Key key = rsaKey();
  const Made leaf = make({}, key, &between);
  CHECK(refusalOf(recipeFor(key), leaf.pem + between.pem, rootsOf(world().root)).empty());
  CHECK_FALSE(refusalOf(recipeFor(key), leaf.pem, rootsOf(world().root)).empty());
  const Made forged = make({}, key, &world().leaf);
  CHECK_FALSE(
      refusalOf(recipeFor(key), forged.pem + world().leaf.pem, rootsOf(world().root)).empty());
}

TEST_CASE("Validity is that of the moment of the webhook") {
  const std::int64_t yearMs = kYearS * 1000;
  const Recipe recipe = recipeFor(world().key);
  const auto roots = rootsOf(world().root);
  CHECK_FALSE(refusalOf(recipe, world().leaf.pem, roots, kNowMs + yearMs + 1000).empty());
  CHECK_FALSE(refusalOf(recipe, world().leaf.pem, roots, kNowMs - yearMs - 1000).empty());
  Wish expired;
  expired.untilS = kNowMs / 1000 - 1;
  CHECK_FALSE(refusalOfLeaf(expired).empty());
}

TEST_CASE("The certificate's name must be the provider's") {
  const auto named = [](const std::string& common, const std::string& alternative) {
    Wish wish;
    wish.commonName = common;
    wish.alternativeNames = alternative;
    return refusalOfLeaf(wish).empty();
  };
  CHECK(named("x", "DNS:acme.example"));
  CHECK(named("x", "DNS:elsewhere.example,DNS:SIGNER.Acme.Example"));
  CHECK(named("signer.acme.example", ""));
  CHECK(named("signer.acme.example", "email:a@acme.example"));
  CHECK_FALSE(named("signer.acme.example", "DNS:elsewhere.example"));
  CHECK_FALSE(named("x", "DNS:signer.acme.example.evil.example"));
  CHECK_FALSE(named("x", "DNS:evilacme.example"));
  CHECK_FALSE(named("x", "DNS:*.acme.example"));
  CHECK_FALSE(named("acme.example evil", ""));
  CHECK_FALSE(named(std::string("evil.example\0.acme.example", 26), ""));
  Recipe exact = recipeFor(world().key);
  exact.certificateName = "signer.acme.example";
  CHECK(refusalOf(exact, world().leaf.pem, rootsOf(world().root)).empty());
  exact.certificateName = "other.acme.example";
  CHECK_FALSE(refusalOf(exact, world().leaf.pem, rootsOf(world().root)).empty());
  exact.certificateName = "signer.acme.example";
  exact.certificateHostSuffix = "other.example";
  CHECK_FALSE(refusalOf(exact, world().leaf.pem, rootsOf(world().root)).empty());
  exact.certificateHostSuffix = "";
  CHECK_FALSE(refusalOf(exact, world().leaf.pem, rootsOf(world().root)).empty());
}

TEST_CASE("Only a strong RSA key that may sign counts") {
  const Key curve{EVP_EC_gen("P-256"), EVP_PKEY_free};
  CHECK(refusalOf(recipeFor(curve), make({}, curve, &world().root).pem, rootsOf(world().root))
            .find("not RSA") != std::string::npos);
  const Key weak = rsaKey(1024);
  CHECK(refusalOf(recipeFor(weak), make({}, weak, &world().root).pem, rootsOf(world().root))
            .find("too short") != std::string::npos);
  Wish other;
  other.keyUsage = "keyEncipherment";
  CHECK(refusalOfLeaf(other).find("not meant for signatures") != std::string::npos);
  other.keyUsage.clear();
  CHECK(refusalOfLeaf(other).empty());
  other.digest = EVP_sha1();
  CHECK_FALSE(refusalOfLeaf(other).empty());
}

TEST_CASE("A pinned certificate is its own root, still with name and validity") {
  TrustRoots pinned;
  pinned.pem = world().leaf.pem;
  const Recipe recipe = recipeFor(world().key);
  CHECK_FALSE(refusalOf(recipe, world().leaf.pem, pinned).empty());
  pinned.pinned = true;
  CHECK(refusalOf(recipe, world().leaf.pem, pinned).empty());
  CHECK_FALSE(refusalOf(recipe, world().leaf.pem, pinned, kNowMs + 2 * kYearS * 1000).empty());
}

TEST_CASE("What is no certificate is refused") {
  const Recipe recipe = recipeFor(world().key);
  const auto roots = rootsOf(world().root);
  for (const std::string& text : std::vector<std::string>{
           "", "no pem", world().leaf.pem.substr(0, 300), std::string(300'000, 'x'),
           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    CHECK_FALSE(refusalOf(recipe, text, roots).empty());
  }
  std::string many;
  for (int i = 0; i < 9; ++i) many += world().leaf.pem;
  CHECK_FALSE(refusalOf(recipe, many, roots).empty());
  TrustRoots broken;
  broken.pem = "no pem";
  CHECK_FALSE(refusalOf(recipe, world().leaf.pem, broken).empty());
  CHECK(findRootsRefusal("no pem").has_value());
  CHECK_FALSE(findRootsRefusal(world().root.pem).has_value());
}

TEST_CASE("A certificate is fetched from the provider's own https hosts alone") {
  const auto allowed = [](const std::string& url) {
    return !findUrlRefusal(url, "acme.example").has_value();
  };
  for (const char* url : {"https://api.acme.example/certs/1", "https://acme.example",
                          "https://API.ACME.EXAMPLE/c", "https://api.acme.example:443/c?x=1"}) {
    INFO(url);
    CHECK(allowed(url));
  }
  for (const char* url :
       {"http://api.acme.example/c", "https://evilacme.example/c",
        "https://api.acme.example.evil.example/c", "https://api.acme.example@evil.example/c",
        "https://evil.example/https://api.acme.example/c", "file:///etc/passwd",
        "https://api.acme.example:8443/c", "https://evil.example\\.acme.example/c",
        "https://evil.example#.acme.example", "https://evil.example?.acme.example", "https:///c",
        "https://", "", "HTTPS://api.acme.example/c", "https://api.acme.example /c",
        "https://api.acme.example\n/c", "https://:443/", "https://api.acme%2eexample/c",
        "https://[::1].acme.example/c"}) {
    INFO(url);
    CHECK_FALSE(allowed(url));
  }
  CHECK(findUrlRefusal("https://api.acme.example/c", "").has_value());
}

}  // namespace unigate::webhooks
