// The simulated PayPal behind its port: who asks, which operation is meant, and the world in which
// it is carried out.
#include <algorithm>

#include "common/authorization.hpp"
#include "common/hashing.hpp"
#include "common/providers.hpp"
#include "paypal/certificates.hpp"
#include "paypal/operations.hpp"
#include "paypal/pages.hpp"

namespace simulators::paypal {
namespace {

constexpr std::string_view kIdAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kPayerAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
constexpr std::string_view kTokenPath = "/v1/oauth2/token";
constexpr std::int64_t kFirstBalance = 1'000'000'00;  // something to pay out of
constexpr std::int64_t kHourMs = 60LL * 60 * 1000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

struct KeyRule {
  std::string_view prefix;
  std::int64_t lifetimeMs;
  std::size_t lengthMax;
  bool repeatIs200;  // PayPal answers a repetition with 200 where the first was 201
};
// As each API's page says; PATCH, void, suspend, cancel and activate have no key.
constexpr KeyRule kKeyRules[] = {
    {"/v2/checkout/orders", 6 * kHourMs, 108, true},    {"/v2/payments/", 45 * kDayMs, 108, false},
    {"/v1/payments/payouts", 30 * kDayMs, 1000, false}, {"/v1/billing/", 72 * kHourMs, 255, true},
    {"/v1/catalogs/", 72 * kHourMs, 255, true},         {"/v3/vault/", 3 * kHourMs, 255, true}};
constexpr std::string_view kUnkeyed[] = {
    "/void",   "/confirm-payment-source", "/suspend", "/activate", "/cancel", "/deactivate",
    "/revise", "/update-pricing-schemes"};

const KeyRule* keyRuleOf(const ApiRequest& request) {
  if (request.method != "POST" || request.idempotencyKey.empty()) return nullptr;
  for (const auto suffix : kUnkeyed) {
    if (request.path.ends_with(suffix)) return nullptr;
  }
  for (const auto& rule : kKeyRules) {
    if (request.path.starts_with(rule.prefix)) return &rule;
  }
  return nullptr;
}

ApiProblem clientRefused() {
  ApiAnswer answer;
  answer.status = 401;
  answer.body = R"({"error":"invalid_client","error_description":"Client Authentication failed"})";
  answer.headers.emplace_back("WWW-Authenticate", "Basic realm=\"PayPal\"");
  return ApiProblem(std::move(answer));
}

ApiProblem notAuthenticated() {
  return ApiProblem(
      errorAnswer(401, "AUTHENTICATION_FAILURE",
                  "Authentication failed due to invalid authentication credentials or a missing "
                  "Authorization header."));
}

class PaypalProvider : public ApiProvider, private World {
 public:
  PaypalProvider(Services services, std::vector<std::string> acceptedKeys)
      : ApiProvider(services), acceptedKeys_(std::move(acceptedKeys)) {
    services.webhooks.setSigner("paypal", [certificates = certificates_](
                                              const WebhookEndpoint& endpoint, const std::string&,
                                              const std::string& body, std::int64_t nowSeconds) {
      return signedHeaders(*certificates, endpoint, body, nowSeconds);
    });
  }
  std::string_view name() const override { return "paypal"; }

 protected:
  void prepare(const HttpRequest& http, ApiRequest& request) override;
  ApiAnswer execute(const ApiRequest& request) override;
  ApiAnswer refusal(Refusal why, const ApiRequest& request) override;
  std::string idempotencyScope(const ApiRequest& request) const override {
    if (!keyRuleOf(request)) return {};
    return request.account + '\n' + request.path + '\n' + request.idempotencyKey;
  }
  std::int64_t idempotencyLifetimeMs(const ApiRequest& request) const override {
    const auto* rule = keyRuleOf(request);
    return rule ? rule->lifetimeMs : 0;
  }
  // PayPal gives the first answer whatever the repetition holds.
  std::uint64_t fingerprint(const ApiRequest&) const override { return 0; }
  bool keepsErrors() const override { return false; }
  bool changes(const ApiRequest& request) const override {
    return request.method != "GET" || (isPage(request.path) && !request.query.empty());
  }
  void decorate(const ApiRequest& request, ApiAnswer& answer, bool replayed) const override;
  void forgetState() override { state_ = State(); }

 private:
  static WebhookMessage::Headers signedHeaders(const Certificates& certificates,
                                               const WebhookEndpoint& endpoint,
                                               const std::string& body, std::int64_t nowSeconds);

  void authenticateClient(const HttpRequest& http, ApiRequest& request) const;
  Account& accountOf(const ApiRequest& request);
  ApiAnswer issueToken(const ApiRequest& request);
  ApiAnswer operate(const ApiRequest& request);

  // World
  std::int64_t timeMs() const override { return nowMs(); }
  std::string mint(std::string_view prefix, std::size_t length) override {
    return newId(prefix, length, kIdAlphabet);
  }
  std::string mintPayer() override { return newId({}, 13, kPayerAlphabet); }
  std::string mintHex(std::size_t length) override { return newId({}, length, "0123456789abcdef"); }
  std::string mintToken() override { return newId("A21AA", 92, kBase62); }
  void after(std::int64_t delayMs, std::function<void()> action) override {
    later(delayMs, std::move(action));
  }
  void at(std::int64_t dueMs, std::function<void()> action) override {
    ApiProvider::at(dueMs, std::move(action));
  }
  void record(Movement movement) override { move(std::move(movement)); }
  void publish(const Account& account, const std::string& type, const std::string& eventId,
               const std::string& body) override {
    emit(account.id, type, eventId, body);
  }
  void putWebhook(const Account& account, const Json& webhook) override;
  void removeWebhook(const std::string& id) override { services().webhooks.remove("paypal", id); }
  bool verifies(std::string_view text, std::string_view signature) const override {
    return certificates_->verifies(text, signature);
  }

  std::vector<std::string> acceptedKeys_;
  // Shared with the sender's thread, which may outlive this object.
  std::shared_ptr<const Certificates> certificates_ = std::make_shared<const Certificates>();
  State state_;
};

void PaypalProvider::authenticateClient(const HttpRequest& http, ApiRequest& request) const {
  const auto basic = readBasic(http);
  if (!basic || basic->user.empty() || basic->password.empty()) throw clientRefused();
  const bool refused = acceptedKeys_.empty()
                           ? basic->password.starts_with("wrong")
                           : std::find(acceptedKeys_.begin(), acceptedKeys_.end(),
                                       basic->user + ":" + basic->password) == acceptedKeys_.end();
  if (refused) throw clientRefused();
  request.account = "client_" + base62(hashText(basic->user), 11);
  const auto tail = std::min<std::size_t>(basic->user.size(), 4);
  request.keyLast4 = basic->user.substr(basic->user.size() - tail);
}

void PaypalProvider::prepare(const HttpRequest& http, ApiRequest& request) {
  if (isPage(request.path)) return;
  request.idempotencyKey = http.header("PayPal-Request-Id");
  if (const auto prefer = http.header("Prefer"); !prefer.empty()) request.extra["prefer"] = prefer;
  if (const auto mock = http.header("PayPal-Mock-Response"); !mock.empty()) {
    request.extra["mock"] = mock;
  }
  if (request.path == kTokenPath) {
    request.idempotencyKey.clear();
    return authenticateClient(http, request);
  }
  const auto bearer = readBearer(http);
  if (bearer.empty()) {
    if (!readBasic(http)) throw notAuthenticated();
    return authenticateClient(http, request);  // PayPal takes the client's own name too
  }
  const auto token = state_.tokens.find(bearer);
  if (token == state_.tokens.end() || token->second.untilMs <= request.atMs) throw unknownToken();
  request.account = token->second.account;
  request.keyLast4 = state_.accounts[request.account].keyLast4;
  const auto* rule = keyRuleOf(request);
  if (rule && request.idempotencyKey.size() > rule->lengthMax) {
    throw invalidRequest("INVALID_STRING_MAX_LENGTH", "The value of a field is too long.",
                         "PayPal-Request-Id");
  }
}

Account& PaypalProvider::accountOf(const ApiRequest& request) {
  auto& account = state_.accounts[request.account];
  if (account.id.empty()) {
    account.id = request.account;
    account.keyLast4 = request.keyLast4;
    account.merchantId = drawnText(kPayerAlphabet, hashText(request.account), 1, 13);
    account.balances = {{"USD", kFirstBalance}, {"EUR", kFirstBalance}, {"GBP", kFirstBalance}};
  }
  return account;
}

ApiAnswer PaypalProvider::issueToken(const ApiRequest& request) {
  if (request.method != "POST") throw notFound();
  auto& account = accountOf(request);
  std::string grant;
  for (const auto& [name, value] : parseFormPairs(request.body)) {
    if (name == "grant_type") grant = value;
  }
  if (grant != "client_credentials") {
    ApiAnswer refused;
    refused.status = 400;
    refused.body =
        grant.empty()
            ? R"({"error":"invalid_request","error_description":"grant_type is missing"})"
            : R"({"error":"unsupported_grant_type","error_description":"Grant Type is not supported"})";
    throw ApiProblem(std::move(refused));
  }
  const auto token = mintToken();
  state_.tokens[token] = {account.id, nowMs() + state_.tokenLifetimeSeconds * 1000};
  Json body = Json::object();
  body["scope"] =
      "https://uri.paypal.com/services/invoicing "
      "https://uri.paypal.com/services/disputes/read-seller "
      "https://uri.paypal.com/services/payments/realtimepayment https://uri.paypal.com/services/"
      "payments/refund https://uri.paypal.com/services/subscriptions "
      "https://uri.paypal.com/services/applications/webhooks openid";
  body["access_token"] = token;
  body["token_type"] = "Bearer";
  body["app_id"] = "APP-" + drawnText(kIdAlphabet, hashText(account.id), 2, 17);
  body["expires_in"] = state_.tokenLifetimeSeconds;
  body["nonce"] = isoTime(nowMs()) + mint("", 24);
  ApiAnswer answer = jsonAnswer(200, body);
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

ApiAnswer PaypalProvider::operate(const ApiRequest& request) {
  auto found = findRoute(operations(), request.method, request.path);
  if (!found.route) {
    if (found.pathKnown) {
      throw ApiProblem(errorAnswer(405, "METHOD_NOT_SUPPORTED",
                                   "The server does not implement the requested HTTP method."));
    }
    throw notFound();
  }
  Call call{*this, state_, accountOf(request), request, std::move(found.segments), Json()};
  if (request.contentType.starts_with("multipart/") || request.method == "GET") {
    return found.route->handler(call);
  }
  if (request.body.find_first_not_of(" \r\n\t") != std::string::npos) {
    if (!request.contentType.starts_with("application/json")) {
      throw ApiProblem(errorAnswer(415, "UNSUPPORTED_MEDIA_TYPE",
                                   "The server does not support the request payload's media "
                                   "type."));
    }
    call.body = Json::parse(request.body, nullptr, false);
    if (call.body.is_discarded()) {
      throw invalidRequest("MALFORMED_REQUEST_JSON", "The request JSON is not well formed.", {});
    }
  }
  return found.route->handler(call);
}

ApiAnswer PaypalProvider::execute(const ApiRequest& request) {
  try {
    if (request.isControl()) return steer(*this, state_, *certificates_, request);
    if (isPage(request.path)) return showPage(*this, state_, *certificates_, request);
    return request.path == kTokenPath ? issueToken(request) : operate(request);
  } catch (const Json::exception& error) {  // a member of another type than PayPal's
    throw invalidRequest("INVALID_PARAMETER_SYNTAX",
                         "The value of a field does not conform to the expected format.", "/",
                         error.what());
  }
}

ApiAnswer PaypalProvider::refusal(Refusal why, const ApiRequest&) {
  switch (why) {
    case Refusal::kRateLimited:
      return errorAnswer(429, "RATE_LIMIT_REACHED",
                         "Too many requests. Blocked due to rate limiting.");
    case Refusal::kKeyInUse:
    case Refusal::kKeyReused:
      return errorAnswer(409, "RESOURCE_CONFLICT",
                         "The server has detected a conflict while processing this request.",
                         "PREVIOUS_REQUEST_IN_PROGRESS",
                         "A previous request on this resource is currently in progress. Please "
                         "wait for some time and try again. It is best to space out the initial "
                         "and the subsequent request(s) to avoid receiving this error.");
    case Refusal::kInternal:
      break;
  }
  return errorAnswer(500, "INTERNAL_SERVER_ERROR", "An internal server error occurred.",
                     "INTERNAL_SERVICE_ERROR", "An internal service error has occurred.");
}

void PaypalProvider::decorate(const ApiRequest& request, ApiAnswer& answer, bool replayed) const {
  const auto debugId =
      drawnText("0123456789abcdef", seed() ^ hashText("debug"), request.number, 13);
  if (const auto mark = answer.body.find(kDebugIdMark); mark != std::string::npos) {
    answer.body.replace(mark, kDebugIdMark.size(), debugId);
  }
  const auto* rule = keyRuleOf(request);
  if (replayed && answer.status == 201 && rule && rule->repeatIs200) answer.status = 200;
  answer.headers.emplace_back("PayPal-Debug-Id", debugId);
}

void PaypalProvider::putWebhook(const Account& account, const Json& webhook) {
  WebhookEndpoint endpoint;
  endpoint.id = textOf(webhook, "id");
  endpoint.provider = "paypal";
  endpoint.account = account.id;
  endpoint.url = textOf(webhook, "url");
  // Not secret: where the receiver finds the certificate.
  const auto base =
      state_.certificateBase.empty() ? textOf(webhook, "_origin") : state_.certificateBase;
  endpoint.secret = base + "/v1/notifications/certs/" + certificates_->name();
  for (const auto& type : webhook["event_types"]) endpoint.events.push_back(textOf(type, "name"));
  services().webhooks.put(std::move(endpoint));
}

WebhookMessage::Headers PaypalProvider::signedHeaders(const Certificates& certificates,
                                                      const WebhookEndpoint& endpoint,
                                                      const std::string& body,
                                                      std::int64_t nowSeconds) {
  auto digits = drawnText("0123456789abcdef", hashText(body), hashText(endpoint.id), 32);
  for (const std::size_t place : {8U, 13U, 18U, 23U}) digits.insert(place, "-");
  const auto time = isoTime(nowSeconds * 1000);
  return {
      {"PAYPAL-TRANSMISSION-ID", digits},
      {"PAYPAL-TRANSMISSION-TIME", time},
      {"PAYPAL-TRANSMISSION-SIG", certificates.sign(signedText(digits, time, endpoint.id, body))},
      {"PAYPAL-CERT-URL", endpoint.secret},
      {"PAYPAL-AUTH-ALGO", "SHA256withRSA"},
      {"PAYPAL-AUTH-VERSION", "v2"},
      {"Correlation-Id", digits.substr(0, 13)},
      {"User-Agent", "PayPal/AUHD-1.0-1"}};
}

}  // namespace

const Routes& operations() {
  static const Routes kRoutes = [] {
    Routes routes;
    addOrders(routes);
    addOrderPayments(routes);
    addAuthorizations(routes);
    addCaptures(routes);
    addVault(routes);
    addCatalog(routes);
    addPlans(routes);
    addSubscriptions(routes);
    addInvoices(routes);
    addPayouts(routes);
    addDisputes(routes);
    addReporting(routes);
    addPartners(routes);
    addNotifications(routes);
    return routes;
  }();
  return kRoutes;
}

}  // namespace simulators::paypal

namespace simulators {

std::unique_ptr<Provider> makePaypal(Services services, std::vector<std::string> acceptedKeys) {
  return std::make_unique<paypal::PaypalProvider>(services, std::move(acceptedKeys));
}

}  // namespace simulators
