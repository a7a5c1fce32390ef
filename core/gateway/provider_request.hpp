// Sends one request to a provider: address out of the endpoint book, authentication by the
// manifest's scheme, one more try with a new token where the provider refuses a kept one, and one
// with the other credentials where an account has two sets. Used by provider_call for a plugin's
// steps and for raw pass-through calls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "gateway/account_directory.hpp"
#include "gateway/endpoint_book.hpp"
#include "gateway/request_parts.hpp"
#include "net/upstream_client.hpp"

namespace unigate::gateway {

struct CallServices {
  net::UpstreamClient& upstream;
  const EndpointBook& endpoints;
  const base::Clock& clock;
};

// What holds a request back that is no longer wanted.
struct SendGuard {
  std::int64_t deadlineAtMs = 0;  // unix ms: nothing is sent and nothing awaited past it; 0: none
  // Asked right before the first byte of each request; false: it isn't sent. May be empty.
  std::function<bool()> maySend;
};

// Why a request was not sent: the address is not allowed, a credential is missing or refused, the
// token endpoint is in trouble.
struct NotSent {
  std::string category;  // of ug_error: "unauthorized", "provider_unavailable", "rate_limited"
  std::string message;
  bool mayRetry = false;
  std::uint32_t retryAfterMs = 0;
};

struct ProviderRequest {
  std::shared_ptr<const Account> account;
  std::string endpoint;  // name in the manifest
  std::string auth;      // name of a scheme; empty: none
  OutgoingRequest request;
  std::string traceparent;  // may be empty
  SendGuard guard;
};

using ProviderAnswer = std::variant<net::UpstreamResult, NotSent>;

// `done` is called exactly once, on the loop's thread, maybe before this returns. `requests` counts
// what the provider's API was sent: more than 1 where a kept token or one of two sets of
// credentials was refused with 401 (which proves that nothing was done) and the same request went
// out again with another.
void sendToProvider(const CallServices& services, ProviderRequest request,
                    std::function<void(ProviderAnswer answer, std::int32_t requests)> done);

}  // namespace unigate::gateway
