// The simulated Twilio behind its port: who asks, which operation is meant, and the world in which
// it is carried out. Nothing here is idempotent, as nothing is at Twilio.
#include <algorithm>

#include "common/authorization.hpp"
#include "common/crypto.hpp"
#include "common/hashing.hpp"
#include "common/providers.hpp"
#include "twilio/operations.hpp"
#include "twilio/switches.hpp"

namespace simulators::twilio {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kAccounts = "/2010-04-01/Accounts/";
constexpr std::size_t kSidLength = 34;

bool isSid(std::string_view text, std::string_view prefix) {
  return text.size() == kSidLength && text.starts_with(prefix) &&
         std::all_of(text.begin() + 2, text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

// The account that a path of the v2010 API names; empty for the others.
std::string accountInPath(std::string_view path) {
  if (!path.starts_with(kAccounts)) return {};
  path.remove_prefix(kAccounts.size());
  return std::string(path.substr(0, path.find_first_of("/.")));
}

ApiProblem notAuthenticated() {
  auto answer = errorAnswer(401, 20003, "Authenticate");
  answer.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Twilio API\"");
  return ApiProblem(std::move(answer));
}

std::string signatureOf(const std::string& token, const std::string& url,
                        std::vector<FormPair> parameters) {
  std::stable_sort(parameters.begin(), parameters.end(),
                   [](const auto& a, const auto& b) { return a.key < b.key; });
  auto text = url;
  for (const auto& [name, value] : parameters) text += name + value;
  return base64(hmacSha1(token, text));
}

class TwilioProvider : public ApiProvider, private World {
 public:
  TwilioProvider(Services services, std::vector<std::string> acceptedKeys)
      : ApiProvider(services), acceptedKeys_(std::move(acceptedKeys)) {
    for (const auto& key : acceptedKeys_) {
      const auto colon = key.find(':');
      if (colon != std::string::npos) tokens_[key.substr(0, colon)] = key.substr(colon + 1);
    }
  }
  std::string_view name() const override { return "twilio"; }

 protected:
  void prepare(const HttpRequest& http, ApiRequest& request) override;
  ApiAnswer execute(const ApiRequest& request) override;
  ApiAnswer refusal(Refusal why, const ApiRequest&) override {
    if (why == Refusal::kRateLimited) return errorAnswer(429, 20429, "Too Many Requests");
    return errorAnswer(500, 20500, "An internal server error has occurred");
  }
  std::string idempotencyScope(const ApiRequest&) const override { return {}; }
  // Lookups are paid for.
  bool changes(const ApiRequest& request) const override {
    return request.method != "GET" || request.path.starts_with("/v2/PhoneNumbers/");
  }
  void decorate(const ApiRequest& request, ApiAnswer& answer, bool) const override {
    answer.headers.emplace_back("Twilio-Request-Id",
                                "RQ" + drawnText(kHex, seed() ^ 1, request.number, 32));
    answer.headers.emplace_back("Twilio-Concurrent-Requests", "1");
    if (answer.status == 429) answer.headers.emplace_back("Retry-After", "1");
  }
  void forgetState() override { state_ = State(); }

 private:
  Account& accountOf(const ApiRequest& request);

  // World
  std::int64_t timeMs() const override { return nowMs(); }
  std::string mintSid(std::string_view prefix) override { return newId(prefix, 32, kHex); }
  std::string mintDigits(std::size_t length) override { return newId({}, length, "0123456789"); }
  void after(std::int64_t delayMs, std::function<void()> action) override {
    later(delayMs, std::move(action));
  }
  void at(std::int64_t dueMs, std::function<void()> action) override {
    ApiProvider::at(dueMs, std::move(action));
  }
  void record(Movement movement) override { move(std::move(movement)); }
  void callBack(const Account& account, const std::string& url, const std::string& method,
                const std::vector<FormPair>& parameters) override;
  std::string tokenOf(const Account& account) const override {
    if (!account.subToken.empty()) return account.subToken;
    const auto found = tokens_.find(account.sid);
    return found == tokens_.end() ? std::string() : found->second;
  }

  std::vector<std::string> acceptedKeys_;
  std::map<std::string, std::string> tokens_;     // never in the journal
  std::map<std::string, std::string> keyOwners_;  // API key -> the account it was used for
  State state_;
};

void TwilioProvider::prepare(const HttpRequest& http, ApiRequest& request) {
  const auto basic = readBasic(http);
  if (!basic || basic->password.empty() || basic->password.starts_with("wrong")) {
    throw notAuthenticated();
  }
  const auto& user = basic->user;
  const auto inPath = accountInPath(request.path);
  const auto own = state_.accounts.find(user);
  if (own != state_.accounts.end() && !own->second.subToken.empty()) {
    if (basic->password != own->second.subToken) throw notAuthenticated();
  } else if (!acceptedKeys_.empty() &&
             std::find(acceptedKeys_.begin(), acceptedKeys_.end(), user + ":" + basic->password) ==
                 acceptedKeys_.end()) {
    throw notAuthenticated();
  }
  if (isSid(user, "AC")) {
    request.account = user;
    if (own == state_.accounts.end() || own->second.subToken.empty()) {
      tokens_[user] = basic->password;
    }
  } else if (isSid(user, "SK")) {
    auto& owner = keyOwners_[user];
    if (isSid(inPath, "AC")) owner = inPath;
    if (owner.empty()) owner = "AC" + drawnText(kHex, hashText(user), 1, 32);
    request.account = owner;
  } else {
    throw notAuthenticated();
  }
  request.keyLast4 = user.substr(user.size() - 4);
  if (inPath.empty() || inPath == request.account) return;
  const auto other = state_.accounts.find(inPath);
  if (other == state_.accounts.end() || other->second.ownerSid != request.account) {
    throw notAuthenticated();
  }
}

Account& TwilioProvider::accountOf(const ApiRequest& request) {
  const auto inPath = accountInPath(request.path);
  const auto sid = inPath.empty() ? request.account : inPath;
  auto& account = state_.accounts[sid];
  if (account.sid.empty()) {
    account.sid = sid;
    account.ownerSid = sid;
    account.createdMs = nowMs();
    account.friendlyName = "Simulated account";
    equip(*this, account);
  }
  account.keyLast4 = request.keyLast4;
  return account;
}

ApiAnswer TwilioProvider::execute(const ApiRequest& request) {
  if (request.isControl()) return steer(*this, state_, request);
  auto found = findRoute(operations(), request.method, request.path);
  if (!found.route) {
    throw found.pathKnown ? problem(405, 20004, "Method not allowed") : notFound(request.path);
  }
  Call call{*this,
            state_,
            accountOf(request),
            request,
            std::move(found.segments),
            {},
            parseFormPairs(request.query)};
  if (call.account.status != "active") throw problem(403, 20005, "Account is not active");
  if (!accountInPath(request.path).empty()) call.ids.erase(call.ids.begin());
  if (request.contentType.empty() ||
      request.contentType.starts_with("application/x-www-form-urlencoded")) {
    call.form = parseFormPairs(request.body);
  }
  return found.route->handler(call);
}

// Signed as Twilio signs: the URL and the sorted parameters under the account's token. With GET the
// parameters are part of the URL.
void TwilioProvider::callBack(const Account& account, const std::string& url,
                              const std::string& method, const std::vector<FormPair>& parameters) {
  std::string encoded;
  for (const auto& [name, value] : parameters) {
    encoded += (encoded.empty() ? "" : "&") + encodeUrl(name) + "=" + encodeUrl(value);
  }
  WebhookMessage message;
  message.endpoint = account.sid;
  message.event = "EV" + drawnText(kHex, hashText(url), hashText(encoded), 32);
  message.type = "callback";
  message.method = method;
  message.url = url;
  if (method == "GET") {
    message.url += (url.find('?') == std::string::npos ? "?" : "&") + encoded;
    message.contentType.clear();
  } else {
    message.body = encoded;
    message.contentType = "application/x-www-form-urlencoded; charset=UTF-8";
  }
  const auto token = tokenOf(account);
  WebhookMessage::Headers headers{{"I-Twilio-Idempotency-Token", message.event.substr(2)},
                                  {"User-Agent", "TwilioProxy/1.1"}};
  if (!token.empty()) {
    headers.emplace_back(
        "X-Twilio-Signature",
        signatureOf(token, message.url, method == "GET" ? std::vector<FormPair>() : parameters));
  }
  message.sign = [headers](const std::string&, std::int64_t) { return headers; };
  send(std::move(message));
}

}  // namespace

const Routes& operations() {
  static const Routes kRoutes = [] {
    Routes routes;
    addMessages(routes);
    addCalls(routes);
    addAccounts(routes);
    addNumbers(routes);
    addVerify(routes);
    addLookups(routes);
    addMessagingServices(routes);
    return routes;
  }();
  return kRoutes;
}

}  // namespace simulators::twilio

namespace simulators {

std::unique_ptr<Provider> makeTwilio(Services services, std::vector<std::string> acceptedKeys) {
  return std::make_unique<twilio::TwilioProvider>(services, std::move(acceptedKeys));
}

}  // namespace simulators
