// Webhooks that are signed with a certificate's key: where the certificate may come from, whether
// it is to be trusted, and whether it signed. Pure, over OpenSSL X509 and EVP; any thread. Used by
// InboundWebhook.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "webhooks/recipe.hpp"
#include "webhooks/verify.hpp"

namespace unigate::webhooks {

// What a certificate must lead to.
struct TrustRoots {
  bool system = false;  // the operating system's store
  std::string pem;      // bundle of roots, besides or instead
  // The first certificate of `pem` may itself be the signer's: for recorded deliveries whose roots
  // are not at hand.
  bool pinned = false;

  bool empty() const { return !system && pem.empty(); }
};

// Whether the certificate may be fetched at all: https, a plain host that is `hostSuffix` or ends
// in "." + it, the usual port, no user information.
Refusal findUrlRefusal(std::string_view url, std::string_view hostSuffix);

// "a.example.com" fits "example.com" and "a.example.com"; letters in any case. Nothing fits an
// empty suffix.
bool fitsHostSuffix(std::string_view host, std::string_view suffix);

// `pem`: the certificate, with any intermediate ones behind it. Trusted at `nowUnixMs`, named as
// the recipe says, of an RSA key of at least 2048 bits, and the signer of one of the messages
// (PKCS#1 v1.5).
Refusal findCertificateRefusal(const Recipe& recipe, std::string_view pem, const TrustRoots& roots,
                               std::int64_t nowUnixMs);

// Empty when `pem` holds at least one certificate that can be read.
Refusal findRootsRefusal(std::string_view pem);

}  // namespace unigate::webhooks
