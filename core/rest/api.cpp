#include "rest/api.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/card_guard.hpp"
#include "base/ids.hpp"
#include "base/limits.hpp"
#include "rest/access.hpp"
#include "rest/call.hpp"
#include "rest/limits.hpp"
#include "rest/management.hpp"
#include "rest/problem_json.hpp"
#include "rest/route_table.hpp"
#include "telemetry/trace_context.hpp"

namespace unigate::rest {

namespace {

using telemetry::Field;

constexpr std::size_t kJsonFaultCharsMax = 200;

bool isSafeRequestId(std::string_view text) {
  if (text.empty() || text.size() > 64 || base::looksLikeCardNumber(text)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

// "/metadata/card" as a client names fields: "metadata.card". A name that is itself a card number
// is masked.
std::string dotted(const std::string& pointer) {
  std::string text = base::maskCardNumbers(base::printable(pointer));
  std::replace(text.begin(), text.end(), '/', '.');
  return text.empty() ? text : text.substr(1);
}

bool isJsonType(std::string_view contentType) {
  std::string type(contentType.substr(0, contentType.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type == "application/json";
}

std::vector<Route> allRoutes() {
  std::vector<Route> routes;
  addPaymentRoutes(routes);
  addRefundRoutes(routes);
  addCustomerRoutes(routes);
  addProviderRoutes(routes);
  addTransactionRoutes(routes);
  addReconciliationRoutes(routes);
  addServiceRoutes(routes);
  addPaymentMethodRoutes(routes);
  addSetupIntentRoutes(routes);
  addProductRoutes(routes);
  addSubscriptionRoutes(routes);
  addInvoiceRoutes(routes);
  addPaymentLinkRoutes(routes);
  addPayoutRoutes(routes);
  addDisputeRoutes(routes);
  addAccountRoutes(routes);
  addMessageRoutes(routes);
  addPhoneCallRoutes(routes);
  addVerificationRoutes(routes);
  addSearchRoutes(routes);
  addPassthroughRoutes(routes);
  addProviderWebhookRoutes(routes);
  addAuditRoutes(routes);
  addConnectRoutes(routes);
  addAuthRoutes(routes);
  addProfileRoutes(routes);
  addMemberRoutes(routes);
  addOrganisationRoutes(routes);
  addKeyRoutes(routes);
  addServiceManagementRoutes(routes);
  addOnboardingRoutes(routes);
  addUsageRoutes(routes);
  return routes;
}

base::Status refuseCard(std::string_view text, const std::string& where) {
  if (!base::looksLikeCardNumber(text)) return {};
  return base::fail(422, "card_number_refused",
                    "A card number must never be sent here. Use the provider's tokens instead.",
                    where);
}

// Keys and traces are long random texts; a request id that holds a card number is replaced by ours.
bool isExempt(std::string_view header) {
  constexpr std::array<std::string_view, 5> kExempt = {"authorization", "x-platform-key",
                                                       "traceparent", "tracestate", "x-request-id"};
  return std::any_of(kExempt.begin(), kExempt.end(), [header](std::string_view each) {
    return each.size() == header.size() &&
           std::equal(each.begin(), each.end(), header.begin(), [](char lower, char c) {
             return lower == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
           });
  });
}

// Path and headers; query and body are looked at where they are read.
base::Status refuseCards(const net::Request& request) {
  if (auto status = refuseCard(request.path, "path"); !status) return status;
  for (const auto& [name, value] : request.headers) {
    if (isExempt(name)) continue;
    if (auto status = refuseCard(value, base::maskCardNumbers(base::printable(name))); !status)
      return status;
  }
  return {};
}

}  // namespace

std::vector<std::string> routeNames() {
  std::vector<std::string> names;
  for (const Route& route : allRoutes())
    names.push_back(std::string(route.method) + " " + route.pattern);
  return names;
}

const std::vector<std::string>& unifiedResources() {
  static const std::vector<std::string> resources = [] {
    std::set<std::string> found;
    for (const Route& route : allRoutes()) {
      if (route.pattern.starts_with("/v1/") && !route.resource.empty())
        found.emplace(route.resource);
    }
    return std::vector<std::string>(found.begin(), found.end());
  }();
  return resources;
}

struct Api::Impl {
  Impl(ApiShared& sharedParts, gateway::Gateway& loopGateway)
      : shared(sharedParts),
        gateway(loopGateway),
        keys(sharedParts.directory, loopGateway.reader(), keySettings(sharedParts)) {
    routes = allRoutes();
    for (const Route& route : routes) {
      table.add(route.method, route.pattern);
      routeMetrics.push_back(&shared.metrics.route(route.method, route.pattern));
    }
    unmatched = &shared.metrics.route("ANY", "unmatched");
  }

  static identity::KeyCacheSettings keySettings(const ApiShared& shared) {
    identity::KeyCacheSettings settings;
    settings.defaultRatePerMinute = shared.defaultPerMinute;
    return settings;
  }

  // Everything from the raw request to the handler. A Problem is sent by the caller; what is found
  // out later is sent by whoever finds it.
  base::Status dispatch(const Call::Ptr& call) {
    shared.limits.findClient(call->request);
    if (auto status = refuseCards(call->request); !status) return status;
    RouteMiss miss;
    // HEAD is GET without the body, which the edge leaves out (RFC 9110, 9.3.2).
    const bool head = call->request.method == "HEAD";
    auto match = table.match(head ? "GET" : call->request.method, call->request.path, miss);
    if (!match) {
      shared.limits.beforeKey(
          call, nullptr, [this, call, miss]() mutable { call->fail(missed(*call, miss).error()); });
      return {};
    }
    const Route& route = routes[match->index];
    metricsOf(call, *routeMetrics[match->index]);
    call->params = std::move(match->parameters);
    call->routeName = std::string(route.method) + " " + route.pattern;
    shared.limits.beforeKey(call, &route, [this, call, &route] {
      if (auto status = recogniseThenHandle(call, route); !status) call->fail(status.error());
    });
    return {};
  }

  base::Status recogniseThenHandle(const Call::Ptr& call, const Route& route) {
    if (route.resource.empty()) return handleRoute(call, route);
    if (auto status = authorize(*call, route); !status) return status;
    shared.limits.afterKey(call, [this, call, &route] {
      base::Status status;
      // Users are recognised, and admitted, by the management pool.
      if (call->principal) status = admit(*call, route.resource, route.access);
      if (status) status = shared.limits.countUse(*call, route);
      if (status) status = handleRoute(call, route);
      if (!status) call->fail(status.error());
    });
    return {};
  }

  base::Status handleRoute(const Call::Ptr& call, const Route& route) {
    if (route.body != Route::Body::raw) {
      auto status = readQuery(*call, route);
      if (status) status = readBody(*call, route);
      if (!status) {
        if (call->userToken.empty()) return status;
        // Told once it is known who asks.
        call->badRequest = status.error();
      }
    }
    if (!call->userToken.empty() && !route.blocking) {
      admitUser(call, route.resource, route.access, [call, &route] { route.handler(call); });
    } else {
      route.handler(call);
    }
    return {};
  }

  base::Status missed(Call& call, RouteMiss& miss) {
    if (!miss.allow.empty()) {
      // HEAD goes wherever GET does.
      if (miss.allow.find("GET") != std::string::npos) miss.allow += ", HEAD";
      call.extraHeaders.emplace_back("Allow", miss.allow);
      return base::fail(
          405, "method_not_allowed",
          call.request.method + " is not possible here; this path knows " + miss.allow + ".");
    }
    return base::fail(404, "no_such_route",
                      "There is nothing at this path. GET /docs describes what there is.");
  }

  void metricsOf(const Call::Ptr& call, telemetry::Metrics::Route& metric) {
    call->finished = [this, &metric](const Call& done, int status, std::int64_t providerUs) {
      const std::int64_t total = shared.clock.monotonicUs() - done.request.receivedUs;
      metric.finished(status, std::max<std::int64_t>(0, total - providerUs), providerUs);
      shared.metrics.requestEnded();
      if (shared.log.enabled(telemetry::Level::info)) {
        shared.log.log(
            status >= 500 ? telemetry::Level::warn : telemetry::Level::info, "request",
            done.requestId,
            {Field::name("method", done.request.method), Field::text("route", done.routeName),
             Field::integer("status", status), Field::microseconds("total_us", total),
             Field::microseconds("provider_us", providerUs), Field::id("org", done.tenant.orgId),
             Field::id("trace", std::string_view(done.traceparent).substr(0, 35))});
      }
    };
  }

  // Who calls; whether he may is seen when his rate is taken.
  base::Status authorize(Call& call, const Route& route) {
    const auto credential = credentialOf(call.request);
    if (!credential) return base::fail(credential.error());
    if (looksLikeToken(*credential)) return keepToken(call, route, *credential);
    auto principal = keys.authenticate(*credential);
    if (!principal) return base::fail(principal.error());
    call.principal = std::move(*principal);
    call.tenant = {call.principal->orgId,
                   std::string(identity::toText(call.principal->environment))};
    if (!call.principal->allowList.allows(call.request.remoteAddress)) {
      return base::fail(403, "address_not_allowed",
                        "This key may not be used from " +
                            base::printable(call.request.remoteAddress) +
                            "; its allow_list says from where.");
    }
    return {};
  }

  base::Status readQuery(Call& call, const Route& route) {
    if (call.request.query.empty()) return {};
    auto pairs = base::parseQuery(call.request.query);
    if (!pairs) {
      return base::fail(400, "invalid_request", "The query string holds a bad percent escape.",
                        "query");
    }
    for (std::size_t i = 0; i < pairs->size(); ++i) {
      const auto& [name, value] = (*pairs)[i];
      if (base::looksLikeCardNumber(name) || base::looksLikeCardNumber(value)) {
        return base::fail(422, "card_number_refused", "A card number must never be sent here.",
                          base::maskCardNumbers(base::printable(name)));
      }
      const bool known =
          std::any_of(route.queryNames.begin(), route.queryNames.end(), [&](std::string_view each) {
            return each.back() == '[' && each.size() > 1
                       ? name.rfind(each, 0) == 0 && name.back() == ']'
                       : name == each;
          });
      if (!known) {
        auto nearest = base::nearestOf(name, route.queryNames);
        if (nearest && nearest->back() == '[') *nearest += "key]";
        return base::fail(400, "invalid_request",
                          "There is no query parameter \"" + base::printable(name) + "\" here." +
                              (nearest ? " Did you mean \"" + *nearest + "\"?" : ""),
                          base::printable(name));
      }
      for (std::size_t j = 0; j < i; ++j) {
        if ((*pairs)[j].first == name) {
          return base::fail(400, "invalid_request",
                            "The query parameter " + base::printable(name) + " is given twice.",
                            base::printable(name));
        }
      }
      if (value.empty() || value.size() > 500 || !base::isUtf8(value) ||
          value.find('\0') != std::string::npos) {
        return base::fail(400, "invalid_request",
                          "The query parameter " + base::printable(name) +
                              " must have 1 to 500 characters of UTF-8.",
                          base::printable(name));
      }
      if (name == "include" && value != "raw") {
        return base::fail(400, "invalid_request", "include knows one value: raw.", "include");
      }
    }
    call.query = std::move(*pairs);
    return {};
  }

  base::Status readBody(Call& call, const Route& route) {
    const std::string& text = call.request.body;
    if (route.body == Route::Body::none) {
      if (!text.empty() && call.request.method != "DELETE") {
        return base::fail(400, "invalid_request", "This request takes no body.");
      }
      return {};
    }
    if (text.empty()) {
      if (route.body == Route::Body::optional) return {};
      return base::fail(400, "invalid_request", "The body is missing: send a JSON object.");
    }
    const std::string* type = call.request.header("Content-Type");
    if (type == nullptr || !isJsonType(*type) || headerCount(call.request, "Content-Type") > 1) {
      return base::fail(415, "unsupported_media_type",
                        "Send the body as Content-Type: application/json.", "Content-Type");
    }
    if (call.request.header("Content-Encoding") != nullptr) {
      return base::fail(415, "unsupported_media_type",
                        "Send the body as it is, without Content-Encoding.", "Content-Encoding");
    }
    json::ReadError error;
    if (!call.body.parse(text, error, {base::limits::kJsonDepthMax, base::limits::kBodyBytesMax})) {
      return base::fail(
          400, "invalid_json",
          "The body is not JSON that can be accepted: " +
              base::printable(error.message, kJsonFaultCharsMax) +
              // A duplicate key is found when all is read, so it has no place.
              (error.offset > 0 ? " (at byte " + std::to_string(error.offset) + ")." : "."));
    }
    call.hasBody = true;
    if (const auto where = base::findCardNumber(call.body.root())) {
      return base::fail(422, "card_number_refused",
                        "A card number must never be sent here. Use the provider's tokens instead.",
                        dotted(*where));
    }
    return {};
  }

  ApiShared& shared;
  gateway::Gateway& gateway;
  identity::KeyCache keys;
  std::vector<Route> routes;
  RouteTable table;
  std::vector<telemetry::Metrics::Route*> routeMetrics;
  telemetry::Metrics::Route* unmatched = nullptr;
};

Api::Api(ApiShared& shared, gateway::Gateway& gateway)
    : impl_(std::make_unique<Impl>(shared, gateway)) {}
Api::~Api() = default;

void Api::handle(net::Request&& request, net::Responder responder) {
  Impl& impl = *impl_;
  impl.shared.metrics.requestStarted();
  auto call =
      std::make_shared<Call>(impl.shared, impl.gateway, std::move(request), std::move(responder));
  const std::string* wanted = call->request.header("X-Request-Id");
  call->requestId = wanted != nullptr && isSafeRequestId(*wanted) &&
                            headerCount(call->request, "X-Request-Id") == 1
                        ? *wanted
                        : base::makeId("req_", impl.shared.clock, impl.shared.random);
  std::optional<telemetry::TraceContext> incoming;
  if (const std::string* header = call->request.header("traceparent"))
    incoming = telemetry::parseTraceparent(*header);
  call->traceparent = telemetry::toTraceparent(telemetry::startSpan(incoming, impl.shared.random));
  call->routeName = "unmatched";
  impl.metricsOf(call, *impl.unmatched);
  if (const base::Status status = impl.dispatch(call); !status) call->fail(status.error());
}

}  // namespace unigate::rest
