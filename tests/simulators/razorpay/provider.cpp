// The simulated Razorpay behind its port: credentials, idempotency headers, webhooks, and the way
// from a request to its operation.
#include "common/api_provider.hpp"
#include "common/authorization.hpp"
#include "common/crypto.hpp"
#include "common/hashing.hpp"
#include "common/json_fields.hpp"
#include "common/providers.hpp"
#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::size_t kIdLength = 14;
constexpr std::int64_t kKeyLifetimeMs = 10LL * 365 * 24 * 60 * 60 * 1000;

struct KeyHeader {
  std::string_view name;
  std::size_t lengthMin, lengthMax;
  bool blanks;
};
constexpr KeyHeader kPayoutKey{"X-Payout-Idempotency", 4, 36, true};
constexpr KeyHeader kRefundKey{"X-Refund-Idempotency", 10, 255, false};
constexpr KeyHeader kTransferKey{"X-Transfer-Idempotency", 4, 36, true};

// The header that an operation takes for its idempotency key; most take none, and one that is sent
// all the same means nothing.
const KeyHeader* keyHeaderOf(std::string_view method, std::string_view path) {
  if (method != "POST") return nullptr;
  if (path == "/v1/payouts") return &kPayoutKey;
  if (path.starts_with("/v1/payments/") && path.ends_with("/refund")) return &kRefundKey;
  if (path == "/v1/transfers") return &kTransferKey;
  return nullptr;
}

[[noreturn]] void refuseKey(const KeyHeader& header, std::string_view description) {
  throw ApiProblem(
      errorAnswer(400, "BAD_REQUEST_ERROR", description, header.name, "null", "business", ""));
}

std::string readKey(const HttpRequest& request, const KeyHeader& header) {
  std::string key(request.header(header.name));
  if (key.empty()) {
    if (&header == &kPayoutKey) {
      refuseKey(header,
                "Idempotency key is missing. Include idempotency header and key in the request.");
    }
    return key;
  }
  if (key.size() < header.lengthMin) {
    refuseKey(header, "The idempotency key must be at least " + std::to_string(header.lengthMin) +
                          " characters long.");
  }
  if (key.size() > header.lengthMax) {
    refuseKey(header, "The idempotency key may not be greater than " +
                          std::to_string(header.lengthMax) + " characters.");
  }
  for (const char c : key) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '_' || c == '-' || (c == ' ' && header.blanks);
    if (!plain) {
      refuseKey(header,
                "The idempotency key must only contain alphanumeric characters, underscores and "
                "hyphens.");
    }
  }
  return key;
}

[[noreturn]] void unauthorized(std::string_view description) {
  throw ApiProblem(errorAnswer(401, "BAD_REQUEST_ERROR", description, {}, "NA", "NA", "NA"));
}

std::string accountOf(std::string_view keyId) {
  return "acc_" + drawnText(kBase62, hashText(keyId), 0, kIdLength);
}

// What a control request is about, by its path: the kind that the account is looked up with.
std::string_view kindOfControl(std::string_view path) {
  constexpr std::string_view kRoot = "/__sim/razorpay/";
  path.remove_prefix(std::min(kRoot.size(), path.size()));
  const auto plural = path.substr(0, path.find('/'));
  return plural.empty() ? plural : plural.substr(0, plural.size() - 1);
}

class RazorpayProvider : public ApiProvider, private Host {
 public:
  RazorpayProvider(Services given, std::vector<std::string> acceptedKeys)
      : ApiProvider(given), acceptedKeys_(std::move(acceptedKeys)) {
    for (const auto& key : acceptedKeys_) {
      const auto colon = key.find(':');
      if (colon != std::string::npos) {
        secrets_[accountOf(key.substr(0, colon))] = key.substr(colon + 1);
      }
    }
    given.webhooks.setSigner("razorpay",
                             [](const WebhookEndpoint& endpoint, const std::string& event,
                                const std::string& body, std::int64_t) -> WebhookMessage::Headers {
                               WebhookMessage::Headers headers{{"x-razorpay-event-id", event}};
                               if (!endpoint.secret.empty()) {
                                 headers.emplace_back("X-Razorpay-Signature",
                                                      hexText(hmacSha256(endpoint.secret, body)));
                               }
                               return headers;
                             });
  }
  std::string_view name() const override { return "razorpay"; }

 protected:
  void prepare(const HttpRequest& request, ApiRequest& prepared) override {
    authenticate(request, prepared);
    if (const auto* header = keyHeaderOf(prepared.method, prepared.path)) {
      prepared.idempotencyKey = readKey(request, *header);
    }
  }

  ApiAnswer execute(const ApiRequest& request) override {
    const auto found = findOperation(request.method, request.path);
    if (!found.operation) {
      throw ApiProblem(errorAnswer(400, "BAD_REQUEST_ERROR",
                                   "The requested URL was not found on the server.", {}, "NA", "NA",
                                   "NA"));
    }
    auto params = paramsOf(request);
    checkParams(found.operation->fields, params);
    auto* ledger = request.isControl() ? owner(kindOfControl(request.path), found.ids.at(0))
                                       : &book(request.account);
    if (!ledger) refuse("The id provided does not exist");
    if (!request.isControl()) {
      ledger->keyLast4 = request.keyLast4;
      ledger->livemode = request.livemode;
    }
    Call call{*this, *ledger, request, std::move(params), found.ids};
    ApiAnswer answer;
    answer.body = found.operation->execute(call).dump();
    return answer;
  }

  ApiAnswer refusal(Refusal why, const ApiRequest&) override {
    switch (why) {
      case Refusal::kRateLimited:
        return errorAnswer(429, "BAD_REQUEST_ERROR", "Throttling Error", {}, "NA", "NA", "NA");
      case Refusal::kKeyReused:
        return errorAnswer(
            409, "BAD_REQUEST_ERROR",
            "Different request with the same idempotency key has already been processed.", {}, "NA",
            "NA", "NA");
      case Refusal::kKeyInUse:
        return errorAnswer(409, "BAD_REQUEST_ERROR",
                           "Another request with the same idempotency key is still in progress.",
                           {}, "NA", "NA", "NA");
      case Refusal::kInternal:
        break;
    }
    return errorAnswer(500, "SERVER_ERROR",
                       "We are facing some trouble completing your request at the moment. Please "
                       "try again shortly.",
                       {}, "NA", "NA", "NA");
  }

  std::string idempotencyScope(const ApiRequest& request) const override {
    if (request.idempotencyKey.empty()) return {};
    return request.account + "\n" + std::string(keyHeaderOf(request.method, request.path)->name) +
           "\n" + request.idempotencyKey;
  }
  std::int64_t idempotencyLifetimeMs(const ApiRequest&) const override { return kKeyLifetimeMs; }
  void forgetState() override { books_.clear(); }

 private:
  void authenticate(const HttpRequest& request, ApiRequest& prepared) {
    const auto basic = readBasic(request, true);  // "basic" and "BASIC" are invalid here
    if (!basic) unauthorized("Please provide your api key for authentication purposes.");
    const auto& id = basic->user;
    const bool wellFormed = (id.starts_with("rzp_test_") || id.starts_with("rzp_live_")) &&
                            id.size() > 12 && !basic->password.empty();
    const auto account = accountOf(id);
    const auto known = secrets_.find(account);
    if (!wellFormed || (!acceptedKeys_.empty() && known == secrets_.end())) {
      unauthorized("The api key provided is invalid");
    }
    // The first secret that a key comes with is its own from then on.
    if (known != secrets_.end() && known->second != basic->password) {
      unauthorized("The api secret provided is invalid");
    }
    secrets_[account] = basic->password;
    prepared.account = account;
    const auto linked = request.header("X-Razorpay-Account");
    if (!linked.empty()) {
      if (!linked.starts_with("acc_")) refuse("The account id provided is invalid");
      prepared.account = linked;
      secrets_[prepared.account] = basic->password;
    }
    prepared.keyLast4 = id.substr(id.size() - 4);
    prepared.livemode = id.starts_with("rzp_live_");
  }

  static Json paramsOf(const ApiRequest& request) {
    if (request.method == "GET" || request.method == "DELETE") {
      Json query = Json::object();
      for (const auto& [name, value] : parseFormPairs(request.query)) query[name] = value;
      return query;
    }
    if (request.body.empty()) return Json::object();
    if (request.contentType.starts_with("application/x-www-form-urlencoded")) {
      const auto tree = buildFormTree(parseFormPairs(request.body));
      return tree ? jsonOfForm(*tree) : Json::object();
    }
    auto body = Json::parse(request.body, nullptr, false);
    if (body.is_array() && body.empty()) return Json::object();
    if (!body.is_object()) refuse("The request body is not a valid JSON");
    return body;
  }

  // Host
  std::int64_t now() const override { return ApiProvider::now(); }
  std::string id(std::string_view prefix) override { return newId(prefix, kIdLength, kBase62); }
  Book& book(const std::string& account) override {
    auto& opened = books_[account];
    opened.account = account;
    return opened;
  }
  Book* owner(std::string_view kind, const std::string& id) override {
    for (auto& [account, opened] : books_) {
      if (opened[kind].find(id)) return &opened;
    }
    return nullptr;
  }
  std::string secret(const Book& owned) const override {
    const auto known = secrets_.find(owned.account);
    if (known == secrets_.end()) {
      if (replaying()) return {};  // secrets are in no journal, and nobody sees this answer
      throw ApiProblem(
          errorAnswer(409, "BAD_REQUEST_ERROR",
                      "no request with this account's key has come since the start, so "
                      "its secret is not known: send one, or use --razorpay-key"));
    }
    return known->second;
  }
  void move(const Book& owned, std::string_view type, const std::string& id,
            const std::string& payment, std::int64_t amount, const std::string& currency,
            const Json& notes, const std::string& reference) override {
    Movement movement;
    movement.type = type;
    movement.id = id;
    movement.payment = payment;
    movement.amount = amount;
    movement.currency = currency;
    movement.account = owned.account;
    movement.keyLast4 = owned.keyLast4;
    movement.livemode = owned.livemode;
    if (notes.is_object()) {
      for (const auto& [key, value] : notes.items()) {
        movement.metadata.emplace_back(key,
                                       value.is_string() ? value.get<std::string>() : value.dump());
      }
    }
    if (!reference.empty()) movement.metadata.emplace_back("reference", reference);
    ApiProvider::move(std::move(movement));
  }
  void event(const Book& owned, const std::string& type, const Entities& entities) override {
    if (!services().webhooks.wanted("razorpay")) {
      id("");  // the ids that follow must not depend on who listens
      return;
    }
    Json contains = Json::array();
    Json payload = Json::object();
    for (const auto& [name, entity] : entities) {
      if (!entity) continue;
      contains.push_back(name);
      payload[name] = {{"entity", shown(*entity)}};
    }
    const Json body = {{"entity", "event"},
                       {"account_id", owned.account},
                       {"event", type},
                       {"contains", std::move(contains)},
                       {"payload", std::move(payload)},
                       {"created_at", now()}};
    emit(owned.account, type, id(""), body.dump());
  }
  void later(std::int64_t delayMs, std::function<void()> action) override {
    ApiProvider::later(delayMs, std::move(action));
  }
  void at(std::int64_t seconds, std::function<void()> action) override {
    ApiProvider::at(seconds * 1000, std::move(action));
  }
  WebhookSender& webhooks() override { return services().webhooks; }

  std::vector<std::string> acceptedKeys_;
  std::map<std::string, std::string, std::less<>> secrets_;  // by account, in memory only
  std::map<std::string, Book, std::less<>> books_;
};

}  // namespace
}  // namespace simulators::razorpay

namespace simulators {

std::unique_ptr<Provider> makeRazorpay(Services services, std::vector<std::string> acceptedKeys) {
  return std::make_unique<razorpay::RazorpayProvider>(services, std::move(acceptedKeys));
}

}  // namespace simulators
