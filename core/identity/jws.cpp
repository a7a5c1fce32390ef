#include "identity/jws.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace unigate::identity {

namespace {

constexpr std::size_t kKeySetBytesMax = 256UL * 1024;
constexpr std::size_t kKeysMax = 100;
constexpr std::size_t kNameBytesMax = 256;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr std::size_t kSecretBytesMin = 32;
constexpr std::size_t kEd25519Bytes = 32;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Number = std::unique_ptr<BIGNUM, Free>;

enum class Kind { secret, rsa, p256, p384, p521, ed25519 };

struct Named {
  JwsAlgorithm algorithm;
  std::string_view text;
};
constexpr std::array kNames = {
    Named{JwsAlgorithm::hs256, "HS256"}, Named{JwsAlgorithm::hs384, "HS384"},
    Named{JwsAlgorithm::hs512, "HS512"}, Named{JwsAlgorithm::rs256, "RS256"},
    Named{JwsAlgorithm::rs384, "RS384"}, Named{JwsAlgorithm::rs512, "RS512"},
    Named{JwsAlgorithm::ps256, "PS256"}, Named{JwsAlgorithm::ps384, "PS384"},
    Named{JwsAlgorithm::ps512, "PS512"}, Named{JwsAlgorithm::es256, "ES256"},
    Named{JwsAlgorithm::es384, "ES384"}, Named{JwsAlgorithm::es512, "ES512"},
    Named{JwsAlgorithm::eddsa, "EdDSA"},
};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The digest of an algorithm; null for EdDSA, which has its own.
const EVP_MD* digestOf(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::hs256:
    case JwsAlgorithm::rs256:
    case JwsAlgorithm::ps256:
    case JwsAlgorithm::es256:
      return EVP_sha256();
    case JwsAlgorithm::hs384:
    case JwsAlgorithm::rs384:
    case JwsAlgorithm::ps384:
    case JwsAlgorithm::es384:
      return EVP_sha384();
    case JwsAlgorithm::hs512:
    case JwsAlgorithm::rs512:
    case JwsAlgorithm::ps512:
    case JwsAlgorithm::es512:
      return EVP_sha512();
    case JwsAlgorithm::eddsa:
      break;
  }
  return nullptr;
}

bool fits(Kind kind, JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::hs256:
    case JwsAlgorithm::hs384:
    case JwsAlgorithm::hs512:
      return kind == Kind::secret;
    case JwsAlgorithm::rs256:
    case JwsAlgorithm::rs384:
    case JwsAlgorithm::rs512:
    case JwsAlgorithm::ps256:
    case JwsAlgorithm::ps384:
    case JwsAlgorithm::ps512:
      return kind == Kind::rsa;
    case JwsAlgorithm::es256:
      return kind == Kind::p256;
    case JwsAlgorithm::es384:
      return kind == Kind::p384;
    case JwsAlgorithm::es512:
      return kind == Kind::p521;
    case JwsAlgorithm::eddsa:
      return kind == Kind::ed25519;
  }
  return false;
}

bool isPss(JwsAlgorithm algorithm) {
  return algorithm == JwsAlgorithm::ps256 || algorithm == JwsAlgorithm::ps384 ||
         algorithm == JwsAlgorithm::ps512;
}

struct Curve {
  std::string_view name;
  Kind kind;
  const char* group;
  std::size_t coordinateBytes;
};
constexpr std::array kCurves = {Curve{"P-256", Kind::p256, "P-256", 32},
                                Curve{"P-384", Kind::p384, "P-384", 48},
                                Curve{"P-521", Kind::p521, "P-521", 66}};

std::size_t coordinateBytesOf(Kind kind) {
  for (const Curve& each : kCurves) {
    if (each.kind == kind) return each.coordinateBytes;
  }
  return 0;
}

std::optional<std::string> decoded(json::View text) {
  if (!text.string()) return std::nullopt;
  return base::fromBase64Url(*text.string());
}

Key fromParams(const char* type, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, Free> params(OSSL_PARAM_BLD_to_param(builder));
  const std::unique_ptr<EVP_PKEY_CTX, Free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  Key owned(key);
  const std::unique_ptr<EVP_PKEY_CTX, Free> check(
      EVP_PKEY_CTX_new_from_pkey(nullptr, owned.get(), nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? std::move(owned) : nullptr;
}

Key rsaKey(json::View jwk) {
  const auto modulus = decoded(jwk["n"]);
  const auto exponent = decoded(jwk["e"]);
  if (!modulus || !exponent) return nullptr;
  const Number n(BN_bin2bn(bytes(*modulus), static_cast<int>(modulus->size()), nullptr));
  const Number e(BN_bin2bn(bytes(*exponent), static_cast<int>(exponent->size()), nullptr));
  if (!n || !e || BN_num_bits(n.get()) < kRsaBitsMin || BN_num_bits(n.get()) > kRsaBitsMax ||
      BN_is_odd(e.get()) != 1 || BN_num_bits(e.get()) < 2 || BN_num_bits(e.get()) > 64) {
    return nullptr;
  }
  const std::unique_ptr<OSSL_PARAM_BLD, Free> builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return fromParams("RSA", builder.get());
}

Key ecKey(json::View jwk, const Curve& curve) {
  const auto x = decoded(jwk["x"]);
  const auto y = decoded(jwk["y"]);
  if (!x || !y || x->size() != curve.coordinateBytes || y->size() != curve.coordinateBytes)
    return nullptr;
  const std::string point = "\x04" + *x + *y;
  const std::unique_ptr<OSSL_PARAM_BLD, Free> builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return fromParams("EC", builder.get());
}

// r and s of fixed length, one behind the other, as DER. Empty when the length is wrong.
std::string derOf(std::string_view signature, std::size_t coordinateBytes) {
  if (signature.size() != 2 * coordinateBytes) return {};
  const auto half = static_cast<int>(coordinateBytes);
  Number r(BN_bin2bn(bytes(signature), half, nullptr));
  Number s(BN_bin2bn(bytes(signature) + half, half, nullptr));
  const std::unique_ptr<ECDSA_SIG, Free> pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return text;
}

bool verifiesPublic(EVP_PKEY* key, JwsAlgorithm algorithm, std::string_view text,
                    std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  const EVP_MD* digest = digestOf(algorithm);
  if (!context || EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, key) != 1) {
    return false;
  }
  if (isPss(algorithm) &&
      (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_mgf1_md(options, digest) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text),
                          text.size()) == 1;
}

// Whether the JWK says that it is meant for checking signatures, and holds nothing private.
bool isForSignatures(json::View jwk) {
  if (jwk["d"].exists() || jwk["k"].exists()) return false;
  if (const auto use = jwk["use"]; use.exists() && use.stringOr("") != "sig") return false;
  if (const auto operations = jwk["key_ops"]; operations.exists()) {
    const auto items = operations.items();
    return std::any_of(items.begin(), items.end(),
                       [](json::View item) { return item.stringOr("") == "verify"; });
  }
  return true;
}

}  // namespace

std::optional<JwsAlgorithm> jwsAlgorithmFromText(std::string_view text) {
  for (const Named& each : kNames) {
    if (each.text == text) return each.algorithm;
  }
  return std::nullopt;
}

std::string_view toText(JwsAlgorithm algorithm) {
  for (const Named& each : kNames) {
    if (each.algorithm == algorithm) return each.text;
  }
  return {};
}

bool isSymmetric(JwsAlgorithm algorithm) {
  return fits(Kind::secret, algorithm);
}

std::optional<CompactJws> parseCompactJws(std::string_view text) {
  if (text.size() > kTokenBytesMax) return std::nullopt;
  const auto first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  if (text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  const auto header = base::fromBase64Url(text.substr(0, first));
  auto payload = base::fromBase64Url(text.substr(first + 1, second - first - 1));
  auto signature = base::fromBase64Url(text.substr(second + 1));
  if (!header || header->empty() || !payload || !signature || signature->empty())
    return std::nullopt;
  json::Document document;
  json::ReadError error;
  if (!document.parse(*header, error, {8, kTokenBytesMax}) || !document.root().isObject())
    return std::nullopt;
  // Extensions that must be understood: there are none here (RFC 7515, 4.1.11).
  if (document["crit"].exists() || document["b64"].exists()) return std::nullopt;
  const auto algorithm = jwsAlgorithmFromText(document["alg"].stringOr(""));
  if (!algorithm) return std::nullopt;
  CompactJws token;
  for (const auto& [name, target] :
       {std::pair{"kid", &token.keyId}, std::pair{"typ", &token.type}}) {
    const auto value = document[name];
    if (!value.exists()) continue;
    if (!value.isString() || value.stringOr("").size() > kNameBytesMax) return std::nullopt;
    *target = value.stringOr("");
  }
  token.algorithm = *algorithm;
  token.payload = std::move(*payload);
  token.signature = std::move(*signature);
  token.signedText = text.substr(0, second);
  return token;
}

struct JwsKey::Impl {
  std::string id;
  Kind kind = Kind::secret;
  std::string algorithm;  // the only one it is for; empty: any that fits
  Key key;
  vault::SecretString secret;
};

std::optional<JwsKey> JwsKey::fromJwk(json::View jwk) {
  if (!jwk.isObject() || !isForSignatures(jwk)) return std::nullopt;
  auto impl = std::make_shared<Impl>();
  if (jwk["kid"].exists() && !jwk["kid"].isString()) return std::nullopt;
  impl->id = jwk["kid"].stringOr("");
  if (const auto algorithm = jwk["alg"]; algorithm.exists()) {
    impl->algorithm = algorithm.stringOr("");
    if (impl->algorithm.empty()) return std::nullopt;
  }
  const auto type = jwk["kty"].stringOr("");
  if (type == "RSA") {
    impl->kind = Kind::rsa;
    impl->key = rsaKey(jwk);
  } else if (type == "EC") {
    for (const Curve& each : kCurves) {
      if (jwk["crv"].stringOr("") != each.name) continue;
      impl->kind = each.kind;
      impl->key = ecKey(jwk, each);
    }
  } else if (type == "OKP" && jwk["crv"].stringOr("") == "Ed25519") {
    const auto point = decoded(jwk["x"]);
    if (!point || point->size() != kEd25519Bytes) return std::nullopt;
    impl->kind = Kind::ed25519;
    impl->key.reset(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(*point), point->size()));
  }
  if (!impl->key) return std::nullopt;
  return JwsKey(std::move(impl));
}

std::optional<JwsKey> JwsKey::fromSecret(std::string keyId, JwsAlgorithm algorithm,
                                         const vault::SecretString& secret) {
  if (!isSymmetric(algorithm) || secret.size() < kSecretBytesMin) return std::nullopt;
  auto impl = std::make_shared<Impl>();
  impl->id = std::move(keyId);
  impl->kind = Kind::secret;
  impl->algorithm = toText(algorithm);
  impl->secret = secret.clone();
  return JwsKey(std::move(impl));
}

const std::string& JwsKey::id() const {
  return impl_->id;
}

bool JwsKey::takes(JwsAlgorithm algorithm) const {
  return fits(impl_->kind, algorithm) &&
         (impl_->algorithm.empty() || impl_->algorithm == toText(algorithm));
}

bool JwsKey::verifies(const CompactJws& token) const {
  if (!takes(token.algorithm)) return false;
  if (impl_->kind == Kind::secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int length = 0;
    const auto secret = impl_->secret.reveal();
    if (HMAC(digestOf(token.algorithm), secret.data(), static_cast<int>(secret.size()),
             bytes(token.signedText), token.signedText.size(), mac.data(), &length) == nullptr) {
      return false;
    }
    return base::constantTimeEquals({reinterpret_cast<const char*>(mac.data()), length},
                                    token.signature);
  }
  const auto coordinateBytes = coordinateBytesOf(impl_->kind);
  if (coordinateBytes == 0)
    return verifiesPublic(impl_->key.get(), token.algorithm, token.signedText, token.signature);
  const auto der = derOf(token.signature, coordinateBytes);
  return !der.empty() && verifiesPublic(impl_->key.get(), token.algorithm, token.signedText, der);
}

std::optional<std::vector<JwsKey>> parseJwkSet(std::string_view text) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(text, error, {8, kKeySetBytesMax}) || !document["keys"].isArray())
    return std::nullopt;
  std::vector<JwsKey> keys;
  for (const auto jwk : document["keys"].items()) {
    auto key = JwsKey::fromJwk(jwk);
    if (key && keys.size() < kKeysMax) keys.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace unigate::identity
