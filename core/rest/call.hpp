// One API request on its way: what handlers read, and the few ways to answer. Lives until it is
// answered.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>
#include <vector>

#include "base/result.hpp"
#include "base/text.hpp"
#include "gateway/gateway.hpp"
#include "identity/api_keys.hpp"
#include "net/edge_server.hpp"
#include "rest/api.hpp"
#include "store/records.hpp"

namespace unigate::rest {

class Call : public std::enable_shared_from_this<Call> {
 public:
  using Ptr = std::shared_ptr<Call>;
  // Told how a request ended: status, time spent at providers.
  using Finished = std::function<void(const Call&, int status, std::int64_t providerUs)>;

  Call(ApiShared& sharedParts, gateway::Gateway& loopGateway, net::Request&& incoming,
       net::Responder outgoing)
      : shared(sharedParts),
        gateway(loopGateway),
        request(std::move(incoming)),
        responder_(std::move(outgoing)) {}

  // ---- answers: exactly one of them, once ----
  void send(int status, std::string body, std::string_view contentType = "application/json");
  void send(net::Response response, std::int64_t providerUs = 0);
  void fail(const base::Problem& problem);
  // What the gateway answered to an operation. `location` is the path of the collection, for 201.
  void sendReply(const base::Result<gateway::Reply>& reply);

  // ---- what handlers ask ----
  const std::string& param(std::size_t index) const { return params.at(index); }
  // A query parameter by name; empty when absent.
  std::optional<std::string_view> queryValue(std::string_view name) const;
  bool includeRaw() const {
    return queryValue("include") == std::optional<std::string_view>("raw");
  }
  // The tenant's row of that kind by the id in the path, or a 404 that says the same for unknown
  // and foreign ids. An empty optional: the 404 has been sent.
  std::optional<store::ResourceRecord> findResource(const std::string& kind, const std::string& id);
  // Fills what every operation has: tenant, ids, key, fingerprint, times.
  base::Result<gateway::OperationRequest> operation(std::string_view name, std::string_view kind);

  ApiShared& shared;
  gateway::Gateway& gateway;
  net::Request request;
  std::vector<std::string> params;
  std::string requestId;
  std::string traceparent;
  std::string routeName;  // "POST /v1/payments/orders"
  base::QueryPairs query;
  json::Document body;
  bool hasBody = false;
  std::string userToken;  // of a user, yet to be looked at; empty: it came with a key, or with none
  std::optional<base::Problem> badRequest;  // to be told once the user is known
  std::shared_ptr<const identity::Principal> principal;
  gateway::Tenant tenant;
  net::HeaderList extraHeaders;  // RateLimit and the like
  Finished finished;

 private:
  net::Responder responder_;
  bool answered_ = false;
};

// How often a header of that name stands in the request.
std::size_t headerCount(const net::Request& request, std::string_view name);

// A route as the resource files declare them.
struct Route {
  // raw: query and body are the handler's own business, whatever they are.
  enum class Body { none, optional, required, raw };
  std::string_view method;
  std::string pattern;
  std::string_view resource;  // of the scope; empty: no key needed
  std::string_view access;    // "read" or "write"
  Body body = Body::none;
  std::vector<std::string_view>
      queryNames;  // those that are known; "metadata[" stands for metadata[k]
  std::function<void(const Call::Ptr& call)> handler;
  bool blocking = false;  // made by managed(): it recognises users itself
};

void addPaymentRoutes(std::vector<Route>& routes);
void addRefundRoutes(std::vector<Route>& routes);
void addCustomerRoutes(std::vector<Route>& routes);
void addProviderRoutes(std::vector<Route>& routes);  // providers, capabilities, balance
void addTransactionRoutes(std::vector<Route>& routes);
void addReconciliationRoutes(std::vector<Route>& routes);
void addServiceRoutes(std::vector<Route>& routes);  // health, ready, openapi, docs
void addPaymentMethodRoutes(std::vector<Route>& routes);
void addSetupIntentRoutes(std::vector<Route>& routes);
void addProductRoutes(std::vector<Route>& routes);  // products, plans
void addSubscriptionRoutes(std::vector<Route>& routes);
void addInvoiceRoutes(std::vector<Route>& routes);
void addPaymentLinkRoutes(std::vector<Route>& routes);
void addPayoutRoutes(std::vector<Route>& routes);
void addDisputeRoutes(std::vector<Route>& routes);
void addAccountRoutes(std::vector<Route>& routes);
void addMessageRoutes(std::vector<Route>& routes);
void addPhoneCallRoutes(std::vector<Route>& routes);
void addSearchRoutes(std::vector<Route>& routes);
void addPassthroughRoutes(std::vector<Route>& routes);
void addVerificationRoutes(std::vector<Route>& routes);  // verifications, lookups
void addProviderWebhookRoutes(std::vector<Route>& routes);
void addConnectRoutes(std::vector<Route>& routes);
void addAuditRoutes(std::vector<Route>& routes);
void addAuthRoutes(std::vector<Route>& routes);     // register, login, refresh, logout, password
void addProfileRoutes(std::vector<Route>& routes);  // the user's own
void addMemberRoutes(std::vector<Route>& routes);   // members and invitations
void addOrganisationRoutes(std::vector<Route>& routes);
void addKeyRoutes(std::vector<Route>& routes);
void addServiceManagementRoutes(std::vector<Route>& routes);
void addOnboardingRoutes(std::vector<Route>& routes);
void addUsageRoutes(std::vector<Route>& routes);

}  // namespace unigate::rest
