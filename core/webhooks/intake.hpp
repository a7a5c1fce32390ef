// Verifies and translates a delivery for an account: drives InboundWebhook and performs what it
// needs, the certificate's fetch or the question to the provider. One for each loop; for the
// inbound route.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/provider_request.hpp"
#include "webhooks/certificate_fetch.hpp"
#include "webhooks/inbound_webhook.hpp"
#include "webhooks/roots_book.hpp"

namespace unigate::webhooks {

struct Received {
  Verdict verdict;
  std::vector<Event> events;   // of an accepted one
  std::string translateFault;  // accepted, but the plugin could not translate it: keep it
};

class Intake {
 public:
  // All outlive it and what is under way.
  Intake(const gateway::CallServices& services, const RootsBook& roots)
      : services_(services),
        roots_(roots),
        certificates_(std::make_shared<CertificateFetch>(services.clock)) {}

  // `done` is called exactly once, on the loop's thread, maybe before this returns.
  void receive(std::shared_ptr<const gateway::Account> account, Delivery delivery,
               std::function<void(Received)> done);

 private:
  gateway::CallServices services_;
  const RootsBook& roots_;
  std::shared_ptr<CertificateFetch> certificates_;  // shared with fetches under way
};

}  // namespace unigate::webhooks
