// The endpoints under /__sim/ with which a test steers and observes the simulators. They answer on
// every provider's port.
#pragma once

#include <memory>
#include <vector>

#include "common/provider.hpp"

namespace simulators {

class Control {
 public:
  Control(Services services, const std::vector<std::unique_ptr<Provider>>& providers)
      : services_(services), providers_(providers) {}

  // Whether the path is one of ours rather than a provider's.
  static bool owns(std::string_view path);
  // The provider whose own control endpoints the path belongs to (/__sim/<provider>/...), or an
  // empty view.
  static std::string_view providerOfControl(std::string_view path);
  HttpResponse handle(const HttpRequest& request);

 private:
  HttpResponse faults(const HttpRequest& request);
  HttpResponse addFault(const HttpRequest& request);
  HttpResponse ledger() const;
  HttpResponse movements() const;
  HttpResponse requests(const HttpRequest& request) const;
  HttpResponse clock(const HttpRequest& request);
  HttpResponse webhooks(const HttpRequest& request);
  HttpResponse addWebhook(const HttpRequest& request);
  HttpResponse sendWebhookAgain(const HttpRequest& request);
  HttpResponse reset();

  Services services_;
  const std::vector<std::unique_ptr<Provider>>& providers_;
};

}  // namespace simulators
