#include "gateway/provider_request.hpp"

#include <algorithm>
#include <utility>

#include "gateway/oauth_tokens.hpp"
#include "gateway/redact.hpp"

namespace unigate::gateway {

namespace {

NotSent unauthorized(std::string message) {
  return {"unauthorized", std::move(message), false, 0};
}

void maskAll(const OpenedSecrets& secrets, net::UpstreamResult& answer) {
  maskCredentials(secrets, answer.body);
  for (auto& header : answer.headers) maskCredentials(secrets, header.second);
}

// Owns itself through the callbacks that it waits for.
class Sending : public std::enable_shared_from_this<Sending> {
 public:
  using Done = std::function<void(ProviderAnswer, std::int32_t)>;

  Sending(const CallServices& services, ProviderRequest request, Done done)
      : services_(services), request_(std::move(request)), done_(std::move(done)) {}

  void start() {
    const plugin_host::Manifest& manifest = request_.account->instance->plugin().manifest();
    const auto base =
        services_.endpoints.baseUrl(manifest, request_.account->environment, request_.endpoint);
    if (!base) return finish(unauthorized(base.error().detail));
    bare_ = toUpstream(*base, request_.request, request_.traceparent);
    bare_.responseBytesMax = request_.account->instance->plugin().limits().responseBodyBytesMax;
    if (request_.auth.empty()) return send(net::UpstreamRequest(bare_));
    scheme_ = manifest.findAuthScheme(request_.auth);
    if (scheme_ == nullptr)
      return finish(unauthorized("auth scheme \"" + request_.auth + "\" is not in the manifest"));
    const auto& use = request_.account->use;
    withPrevious_ = use != nullptr && use->beginsWithPrevious(services_.clock.unixMs());
    authenticate();
  }

 private:
  // The credentials of this try.
  const Account& credentials() const {
    return withPrevious_ ? *request_.account->previous : *request_.account;
  }

  void authenticate() {
    if (scheme_->type == "oauth2_client_credentials") return withToken();
    auto header = authHeader(
        *scheme_, [this](std::string_view name) { return credentials().credential(name); });
    if (!header) return finish(unauthorized(header.error()));
    net::UpstreamRequest upstream = bare_;
    upstream.headers.emplace_back(std::move(header->name), std::move(header->value));
    send(std::move(upstream));
  }

  // Where the account has two sets of credentials and the provider refuses one: once more with the
  // other. False: there is none that was not tried.
  bool tryOther() {
    if (scheme_ == nullptr || request_.account->previous == nullptr || triedBoth_) return false;
    triedBoth_ = true;
    request_.account->use->refused(withPrevious_, services_.clock.unixMs());
    withPrevious_ = !withPrevious_;
    renewed_ = false;
    token_ = {};
    authenticate();
    return true;
  }

  void withToken() {
    const plugin_host::Manifest& manifest = request_.account->instance->plugin().manifest();
    const auto base =
        services_.endpoints.baseUrl(manifest, request_.account->environment, scheme_->endpoint);
    if (!base) return finish(unauthorized(base.error().detail));
    tokenUrl_ = *base + scheme_->path;
    request_.account->tokens->get(
        services_.upstream, tokenRequest(),
        [self = shared_from_this()](tl::expected<Token, TokenTrouble> token) {
          if (!token) {
            const TokenTrouble& trouble = token.error();
            if (trouble.category == "unauthorized" && self->tryOther()) return;
            return self->finish(
                NotSent{trouble.category, trouble.message, trouble.mayRetry, trouble.retryAfterMs});
          }
          self->token_ = std::move(*token);
          net::UpstreamRequest upstream = self->bare_;
          upstream.headers.emplace_back("Authorization",
                                        "Bearer " + std::string(self->token_.value->reveal()));
          self->send(std::move(upstream));
        });
  }

  TokenRequest tokenRequest() const {
    const Account& account = credentials();
    return {withPrevious_ ? account.id + "/previous" : account.id,
            scheme_->name,
            tokenUrl_,
            scheme_->clientId,
            scheme_->clientSecret,
            account.credential(scheme_->clientId),
            account.credential(scheme_->clientSecret),
            request_.account->instance->plugin().manifest().limits.timeoutMs};
  }

  void send(net::UpstreamRequest upstream) {
    if (request_.guard.deadlineAtMs != 0) {
      const std::int64_t left = request_.guard.deadlineAtMs - services_.clock.unixMs();
      if (left <= 0)
        return finish(NotSent{"provider_unavailable", "the time for it was over before it was sent",
                              true, 0});
      upstream.timeoutMs = std::min(upstream.timeoutMs, left);
    }
    upstream.mayLeave = request_.guard.maySend;
    services_.upstream.send(std::move(upstream),
                            [self = shared_from_this()](net::UpstreamResult result) {
                              self->answered(std::move(result));
                            });
  }

  void answered(net::UpstreamResult result) {
    if (result.outcome != net::UpstreamOutcome::notSent) ++requests_;
    providerUs_ += result.providerUs;
    const bool refused = result.outcome == net::UpstreamOutcome::response && result.status == 401;
    if (refused && token_.value != nullptr && token_.cached && !renewed_) {
      renewed_ = true;
      request_.account->tokens->drop(tokenRequest(), std::exchange(token_, {}).serial);
      return withToken();
    }
    if (refused && tryOther()) return;
    if (request_.account->use != nullptr && scheme_ != nullptr && !refused &&
        result.outcome == net::UpstreamOutcome::response) {
      request_.account->use->worked(withPrevious_);
    }
    result.providerUs = providerUs_;
    maskAll(request_.account->secrets, result);
    if (request_.account->previous) maskAll(request_.account->previous->secrets, result);
    finish(std::move(result));
  }

  void finish(ProviderAnswer answer) {
    auto done = std::move(done_);
    done(std::move(answer), requests_);
  }

  CallServices services_;
  ProviderRequest request_;
  Done done_;
  net::UpstreamRequest bare_;  // without authentication
  const plugin_host::AuthScheme* scheme_ = nullptr;
  std::string tokenUrl_;
  Token token_;
  bool renewed_ = false;
  bool withPrevious_ = false;  // this try goes with the account's previous credentials
  bool triedBoth_ = false;
  std::int32_t requests_ = 0;
  std::int64_t providerUs_ = 0;
};

}  // namespace

void sendToProvider(const CallServices& services, ProviderRequest request,
                    std::function<void(ProviderAnswer, std::int32_t)> done) {
  std::make_shared<Sending>(services, std::move(request), std::move(done))->start();
}

}  // namespace unigate::gateway
