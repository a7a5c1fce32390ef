// What a request is held against before it is handled: rates by address, key, organisation and
// route, and the organisation's plan. One for all loops; the API asks it twice, before the key is
// looked up and after.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "identity/rate_limiter.hpp"
#include "identity/shared_limiter.hpp"
#include "identity/usage_meter.hpp"
#include "net/client_address.hpp"
#include "rest/call.hpp"
#include "rest/limit_settings.hpp"

namespace unigate::rest {

class Limits {
 public:
  // `local`, `shared` (null: this process alone) and `meter` (null: nothing is counted) must
  // outlive it.
  Limits(LimitSettings settings, net::TrustedProxies proxies, identity::RateLimiter& local,
         identity::SharedLimiter* shared, identity::UsageMeter* meter)
      : settings_(std::move(settings)),
        proxies_(std::move(proxies)),
        local_(local),
        shared_(shared),
        meter_(meter) {}

  // Puts the client's address in the place of its proxy's.
  void findClient(net::Request& request) const {
    if (!proxies_.empty()) request.remoteAddress = net::clientAddress(request, proxies_);
  }

  // [loop thread] Each calls `go`, on this thread, now or later, when the request may go on, and
  // answers it otherwise. `route` is null where there is none.
  template <typename Go>
  void beforeKey(const Call::Ptr& call, const Route* route, Go go) {
    take(call, asksOfAddress(*call, route), std::move(go));
  }
  // Nothing is taken from a call without a principal.
  template <typename Go>
  void afterKey(const Call::Ptr& call, Go go) {
    take(call, asksOfCaller(*call), std::move(go));
  }
  // [management pool] The same for a user, who is recognised there; waits where the limits are
  // shared. A 429 when refused.
  base::Status takeNow(Call& call) const;
  // [loop thread] Counts a call of the API against the plan.
  base::Status countUse(Call& call, const Route& route) const;

 private:
  // An allowance and the name that answers give it.
  struct Ask {
    std::string_view policy;
    identity::RateAsk rate;
  };
  using Asks = std::vector<Ask>;

  Asks asksOfAddress(const Call& call, const Route* route) const;
  Asks asksOfCaller(const Call& call) const;
  // Writes the headers; a 429 when refused.
  static base::Status told(Call& call, const Asks& asks, const identity::RateVerdict& verdict);
  static std::vector<identity::RateAsk> ratesOf(const Asks& asks);

  template <typename Go>
  void take(const Call::Ptr& call, Asks asks, Go go) {
    if (asks.empty()) return go();
    const auto judged = [call](const Asks& theAsks, const identity::RateVerdict& verdict, Go& on) {
      if (auto status = told(*call, theAsks, verdict); !status) return call->fail(status.error());
      on();
    };
    if (shared_ == nullptr) return judged(asks, local_.takeAll(ratesOf(asks)), go);
    auto rates = ratesOf(asks);
    const auto now = shared_->take(std::move(rates), [call, asks, judged,
                                                      go](identity::RateVerdict verdict) mutable {
      // Back to the loop that this request belongs to.
      call->gateway.later([asks = std::move(asks), judged, go = std::move(go),
                           verdict = std::move(verdict)]() mutable { judged(asks, verdict, go); });
    });
    if (now) judged(asks, *now, go);
  }

  LimitSettings settings_;
  net::TrustedProxies proxies_;
  identity::RateLimiter& local_;
  identity::SharedLimiter* shared_;
  identity::UsageMeter* meter_;
};

}  // namespace unigate::rest
