// Fetches the certificates that webhooks are signed with, over the upstream client, and keeps the
// last ones. One for each loop; used by Intake.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.hpp"
#include "gateway/endpoint_book.hpp"
#include "net/upstream_client.hpp"
#include "plugin_host/manifest.hpp"

namespace unigate::webhooks {

// Where a certificate is really fetched. The address came with a webhook and fits the recipe's host
// rule; besides, its host must be in the manifest's egress list. Where it is the host of an
// endpoint that the operator's configuration sends elsewhere, the certificate comes from there too.
tl::expected<std::string, std::string> certificateAddress(const plugin_host::Manifest& manifest,
                                                          std::string_view environment,
                                                          const gateway::EndpointBook& endpoints,
                                                          std::string_view url);

class CertificateFetch : public std::enable_shared_from_this<CertificateFetch> {
 public:
  using Pem = tl::expected<std::string, std::string>;
  using Done = std::function<void(const Pem&)>;

  static constexpr std::size_t kKeptMax = 64;
  static constexpr std::int64_t kKeptMs = 3'600'000;

  // On the loop's thread, like everything here. `clock` outlives it.
  explicit CertificateFetch(const base::Clock& clock) : clock_(clock) {}

  // `done` is called exactly once, with a kept certificate before this returns. Calls for one
  // address wait for one fetch; failures are not kept.
  void get(net::UpstreamClient& upstream, const std::string& address, Done done);

 private:
  struct Kept {
    std::string pem;
    std::int64_t untilUs = 0;
  };
  void keep(const std::string& address, const std::string& pem);

  const base::Clock& clock_;
  std::map<std::string, Kept> kept_;
  std::map<std::string, std::vector<Done>> waiting_;
};

}  // namespace unigate::webhooks
