// Where a provider's requests may go: the manifest's endpoints, overridden by the operator's
// configuration, and nothing else. Built once at start; credentials are only ever attached to
// addresses that this book gives out.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "plugin_host/manifest.hpp"

namespace unigate::gateway {

class EndpointBook {
 public:
  // provider -> environment ("test", "live") -> endpoint name -> base URL.
  using Overrides =
      std::map<std::string, std::map<std::string, std::map<std::string, std::string>>>;

  EndpointBook(Overrides overrides, bool allowLoopbackHttp)
      : overrides_(std::move(overrides)), allowLoopbackHttp_(allowLoopbackHttp) {}

  // The base URL without a slash at its end. Fails when it is neither https to one of the
  // manifest's egress hosts nor an override of the operator (https, or http to a loopback address
  // where the configuration allows that).
  base::Result<std::string> baseUrl(const plugin_host::Manifest& manifest,
                                    std::string_view environment, std::string_view endpoint) const;

  // Checks the overrides against a manifest: names that it does not have, addresses that are not
  // allowed. One line each.
  std::string findFault(const plugin_host::Manifest& manifest) const;
  const Overrides& overrides() const { return overrides_; }

 private:
  const std::string* overrideOf(std::string_view provider, std::string_view environment,
                                std::string_view endpoint) const;

  Overrides overrides_;
  bool allowLoopbackHttp_;
};

}  // namespace unigate::gateway
