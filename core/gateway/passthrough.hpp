// A caller's raw request to a provider's own API: the stored credentials and the manifest's
// pass-through rules, nothing of the unified model. Used by Gateway::passThrough for
// `ANY /v1/passthrough/{provider}/{path}`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "gateway/provider_request.hpp"

namespace unigate::gateway {

struct RawRequest {
  std::string method;  // GET, POST, PUT, PATCH or DELETE
  std::string path;    // at the provider, percent-encoded as it came, starts with '/'
  std::string query;   // without '?', may be empty
  // The caller's; passed on are Content-Type, Accept and those that the manifest names.
  net::HeaderList headers;
  std::string body;
  std::string traceparent;  // may be empty
};

// The provider's answer as it came, whatever its status; a redirect is not followed.
struct RawAnswer {
  int status = 0;
  net::HeaderList headers;  // without those of the connection, cookies and Content-Length
  std::string body;
  std::int64_t providerUs = 0;
};

// What can be said before anything is sent: 501, 404, 405, 400 or 413 as below, nothing when it may
// go.
base::Status checkPassThrough(const Account& account, const RawRequest& request);

// Problems: 501 not_supported (the plugin has no pass-through), 404 unknown_path, 400
// invalid_request, 413 body_too_large, 502, 503 and 504 as for operations. 504 after a request
// that may change something says `"outcome": "unknown"`. `done` is called exactly once, on the
// loop's thread, maybe before this returns.
void passThrough(const CallServices& services, std::shared_ptr<const Account> account,
                 RawRequest request, SendGuard guard,
                 std::function<void(base::Result<RawAnswer>)> done);

}  // namespace unigate::gateway
