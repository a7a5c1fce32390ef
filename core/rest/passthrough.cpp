// ANY /v1/passthrough/{provider}/{path}: a provider's own API with the credentials of the vault.
// Path, query and body go through byte for byte; what may change something is an operation.
#include <algorithm>

#include "base/card_guard.hpp"
#include "base/text.hpp"
#include "engine/idempotency.hpp"
#include "rest/operations.hpp"

namespace unigate::rest {

namespace {

// Headers of an answer that this gateway writes itself, or that speak of its own origin.
constexpr std::string_view kOurs[] = {"x-request-id",
                                      "ratelimit",
                                      "ratelimit-policy",
                                      "idempotent-replayed",
                                      "strict-transport-security",
                                      "content-security-policy"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool isOurs(const std::string& header) {
  const std::string name = lower(header);
  return name.rfind("x-unigate-", 0) == 0 || name.rfind("access-control-", 0) == 0 ||
         std::find(std::begin(kOurs), std::end(kOurs), name) != std::end(kOurs);
}

// Looked for in what was sent and in what it means to the provider: a form writes spaces as '+',
// and the names of its fields tell card numbers from others.
bool holdsCard(const std::string& text) {
  if (base::looksLikeCardNumber(text)) return true;
  if (text.find('=') == std::string::npos) {
    const auto decoded = base::percentDecode(text, true);
    return decoded && base::looksLikeCardNumber(*decoded);
  }
  const auto pairs = base::parseQuery(text);
  return pairs && base::findCardNumber(*pairs);
}

base::Status refuseCards(const net::Request& request) {
  const auto refuse = [](const char* where) {
    return base::fail(422, "card_number_refused",
                      "A card number must never be sent here. Use the provider's tokens instead.",
                      where);
  };
  if (holdsCard(request.query)) return refuse("query");
  json::Document body;
  json::ReadError error;
  // In JSON the names of members tell amounts and times from card numbers.
  if (body.parse(request.body, error)) {
    if (base::findCardNumber(body.root())) return refuse("body");
  } else if (holdsCard(request.body)) {
    return refuse("body");
  }
  return {};
}

gateway::RawRequest rawOf(const Call& call) {
  gateway::RawRequest raw;
  raw.method = call.request.method == "HEAD" ? "GET" : call.request.method;
  raw.path = "/" + call.param(1);
  raw.query = call.request.query;
  raw.headers = call.request.headers;
  raw.body = call.request.body;
  raw.traceparent = call.traceparent;
  return raw;
}

void sendAnswer(const Call::Ptr& call, gateway::PassthroughReply&& reply,
                const std::string& provider) {
  net::Response response;
  response.status = reply.status;
  response.body = std::move(reply.body);
  if (reply.fromProvider) {
    for (auto& header : reply.headers) {
      if (!isOurs(header.first)) response.headers.push_back(std::move(header));
    }
    response.headers.emplace_back("X-Unigate-Provider", provider);
  } else {
    response.headers.emplace_back("Content-Type", "application/problem+json");
    if (reply.retryAfterSeconds > 0)
      response.headers.emplace_back("Retry-After", std::to_string(reply.retryAfterSeconds));
  }
  if (!reply.transactionId.empty())
    response.headers.emplace_back("X-Unigate-Transaction-Id", reply.transactionId);
  if (reply.replayed) response.headers.emplace_back("Idempotent-Replayed", "true");
  call->send(std::move(response), reply.providerUs);
}

void read(const Call::Ptr& call) {
  if (auto status = refuseCards(call->request); !status) return call->fail(status.error());
  const std::string provider = call->param(0);
  call->gateway.passThrough(call->tenant, provider, rawOf(*call),
                            [call, provider](base::Result<gateway::RawAnswer> answer) {
                              if (!answer) return call->fail(answer.error());
                              gateway::PassthroughReply reply;
                              reply.status = answer->status;
                              reply.headers = std::move(answer->headers);
                              reply.body = std::move(answer->body);
                              reply.fromProvider = true;
                              reply.providerUs = answer->providerUs;
                              sendAnswer(call, std::move(reply), provider);
                            });
}

void write(const Call::Ptr& call) {
  if (auto status = refuseCards(call->request); !status) return call->fail(status.error());
  // Checks the idempotency key and fills in who asks.
  auto operation = call->operation("passthrough", "");
  if (!operation) return call->fail(operation.error());
  gateway::PassthroughRequest request;
  request.tenant = call->tenant;
  request.requestId = call->requestId;
  request.route = call->routeName;
  request.clientKey = operation->clientKey;
  const std::string* type = call->request.header("Content-Type");
  request.fingerprint = base::sha256Hex(call->request.method + "\n" + call->request.target + "\n" +
                                        (type == nullptr ? "" : *type) + "\n" + call->request.body);
  request.provider = call->param(0);
  request.raw = rawOf(*call);
  request.startedUs = call->request.receivedUs;
  call->gateway.runPassthrough(std::move(request),
                               [call](base::Result<gateway::PassthroughReply> reply) {
                                 if (!reply) return call->fail(reply.error());
                                 sendAnswer(call, std::move(*reply), call->param(0));
                               });
}

// A provider that is not there is said to be unknown before anything else.
void passOn(const Call::Ptr& call, void (*send)(const Call::Ptr&)) {
  const std::string& provider = call->param(0);
  if (call->shared.gateway.plugins.find(provider) == nullptr) {
    return call->fail({404,
                       "not_found",
                       "There is no provider of this name; GET /v1/providers lists them.",
                       "provider",
                       false,
                       0,
                       {}});
  }
  if (!call->gateway.configured(call->tenant, provider)) {
    return call->fail({422,
                       "provider_not_configured",
                       "No " + call->tenant.environment + " credentials are stored for " +
                           provider + ". Store them with `unigate service set --provider " +
                           provider + " --environment " + call->tenant.environment + "`.",
                       "provider",
                       false,
                       0,
                       {}});
  }
  send(call);
}

}  // namespace

void addPassthroughRoutes(std::vector<Route>& routes) {
  constexpr const char* kPath = "/v1/passthrough/{provider}/{path}";
  constexpr auto kRaw = Route::Body::raw;
  routes.push_back({"GET", kPath, "passthrough", "read", kRaw, {}, [](const Call::Ptr& call) {
                      passOn(call, read);
                    }});
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    routes.push_back({method, kPath, "passthrough", "write", kRaw, {}, [](const Call::Ptr& call) {
                        passOn(call, write);
                      }});
  }
}

}  // namespace unigate::rest
