#include "webhooks/intake.hpp"

#include <utility>

namespace unigate::webhooks {

namespace {

using plugin_host::HttpEvent;

// One delivery on its way; owned by the callbacks that it waits for.
struct Reception {
  Reception(std::shared_ptr<const gateway::Account> forAccount, Delivery delivery,
            VerifySettings settings, std::function<void(Received)> tell)
      : account(std::move(forAccount)),
        webhook(account->instance, std::move(delivery), std::move(settings)),
        done(std::move(tell)) {}

  void finish() {
    Received received;
    received.verdict = webhook.verdict();
    if (received.verdict.accepted) {
      if (auto events = webhook.translate()) {
        received.events = std::move(*events);
      } else {
        received.translateFault = events.error();
      }
    }
    done(std::move(received));
  }

  std::shared_ptr<const gateway::Account> account;
  InboundWebhook webhook;
  std::function<void(Received)> done;
};

HttpEvent eventOf(gateway::ProviderAnswer&& answer, std::int64_t nowUnixMs) {
  HttpEvent event;
  event.nowUnixMs = nowUnixMs;
  event.kind = HttpEvent::Kind::notSent;
  auto* result = std::get_if<net::UpstreamResult>(&answer);
  if (result == nullptr || result->outcome == net::UpstreamOutcome::notSent) return event;
  event.kind = HttpEvent::Kind::noAnswer;
  if (result->outcome == net::UpstreamOutcome::noAnswer) return event;
  event.kind = HttpEvent::Kind::response;
  event.status = static_cast<std::uint32_t>(result->status);
  event.headers = std::move(result->headers);
  event.body = std::move(result->body);
  return event;
}

}  // namespace

void Intake::receive(std::shared_ptr<const gateway::Account> account, Delivery delivery,
                     std::function<void(Received)> done) {
  VerifySettings settings;
  settings.settingsJson = account->settingsJson;
  settings.secret = [borrowed = account.get()](std::string_view name) {
    return borrowed->credential(name);
  };
  settings.roots = roots_.of(account->provider);
  auto reception = std::make_shared<Reception>(std::move(account), std::move(delivery),
                                               std::move(settings), std::move(done));
  InboundWebhook& webhook = reception->webhook;
  const plugin_host::Manifest& manifest = reception->account->instance->plugin().manifest();
  switch (webhook.begin()) {
    case InboundWebhook::Need::nothing:
      return reception->finish();
    case InboundWebhook::Need::certificate: {
      const auto address = certificateAddress(manifest, reception->account->environment,
                                              services_.endpoints, webhook.certificateUrl());
      if (!address) {
        webhook.takeCertificate(tl::unexpected(address.error()));
        return reception->finish();
      }
      return certificates_->get(services_.upstream, *address,
                                [reception](const CertificateFetch::Pem& pem) {
                                  reception->webhook.takeCertificate(pem);
                                  reception->finish();
                                });
    }
    case InboundWebhook::Need::answer: {
      plugin_host::HttpStep step = webhook.request();
      gateway::ProviderRequest request;
      request.account = reception->account;
      request.endpoint = step.endpoint;
      request.auth = step.auth;
      request.request = gateway::outgoingOf(std::move(step));
      return gateway::sendToProvider(
          services_, std::move(request),
          [reception, &clock = services_.clock](gateway::ProviderAnswer answer, std::int32_t) {
            reception->webhook.takeAnswer(eventOf(std::move(answer), clock.unixMs()));
            reception->finish();
          });
    }
  }
}

}  // namespace unigate::webhooks
