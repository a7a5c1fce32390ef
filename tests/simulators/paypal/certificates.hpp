// The certificate with which the simulated PayPal signs its webhooks: a root and a leaf of its own,
// made at each start. The signer may be called from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace simulators::paypal {

class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  // "CERT-..." as it stands in a cert_url.
  const std::string& name() const;
  const std::string& rootPem() const;
  const std::string& leafPem() const;
  // Base64 of RSA-SHA256 (PKCS #1 v1.5).
  std::string sign(std::string_view text) const;
  bool verifies(std::string_view text, std::string_view signature) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

// "<transmission id>|<time>|<webhook id>|<CRC32 of the body, unsigned decimal>"
std::string signedText(std::string_view transmissionId, std::string_view time,
                       std::string_view webhookId, std::string_view body);

}  // namespace simulators::paypal
