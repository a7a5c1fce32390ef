// Adapter of "Example Pay" with the C++ SDK where one operation takes two requests: it makes a
// customer and then charges it. The requests are described in README.md.
#include <unigate/sdk.hpp>

namespace {

using namespace unigate::sdk;
namespace json = unigate::json;

constexpr std::array kStatuses = {
    StatusName<PaymentStatus>{"paid", PaymentStatus::Succeeded},
    StatusName<PaymentStatus>{"pending", PaymentStatus::Processing},
    StatusName<PaymentStatus>{"refused", PaymentStatus::Failed},
};

// [guide:state]
// All that `next` has to know of the past. The SDK keeps one for each call.
struct Checkout {
  enum class Waiting { ForCustomer, ForCharge };
  Waiting waiting = Waiting::ForCustomer;
  PaymentCreate input;
};
// [guide:end]

bool isId(std::string_view id) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !id.empty() && id.size() <= 64 && id.find_first_not_of(kPlain) == std::string_view::npos;
}

// Two requests change something at the provider, so each needs a key of its own; both are made of
// the key that the gateway keeps the same for every attempt.
HttpRequest post(std::string path, std::string key, json::Writer& body, std::string label) {
  HttpRequest request;
  request.method = Method::Post;
  request.path = std::move(path);
  request.auth = "api_key";
  request.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", std::move(key)}};
  request.body = body.take();
  request.traceLabel = std::move(label);
  return request;
}

// [guide:first]
Step first(Checkout& state, const PaymentCreate& input, const Call& call) {
  if (input.captureMethod == CaptureMethod::Manual) {
    return Error::notSupported("capture_method",
                               "Example Pay takes the money at once; use 'automatic'");
  }
  if (!input.customerEmail) {
    return Error::invalidRequest("customer_email", "Example Pay charges customers; give an e-mail");
  }
  state.input = input;
  json::Writer body;
  body.beginObject().member("email", *input.customerEmail);
  if (input.customerName) body.member("name", *input.customerName);
  body.endObject();
  HttpRequest request =
      post("/v1/customers", call.idempotencyKey + "-customer", body, "customers.create");
  request.redact = {"/email", "/name"};
  return request;
}
// [guide:end]

Error refusal(const HttpResponse& response) {
  switch (response.status()) {
    case 400:
    case 422:
      return Error::declined(Category::InvalidRequest, "Example Pay refused the request");
    case 401:
    case 403:
      return Error::declined(Category::Unauthorized, "the API key is refused");
    case 404:
      return Error::declined(Category::NotFound, "no such thing");
    case 409:
      return Error::unknown(Category::IdempotencyConflict, "the key is in use");
    case 429:  // documented as "not carried out"
      return Error::notExecuted(Category::RateLimited, "too many requests")
          .withRetryAfterMs(response.retryAfterMs());
    default:
      if (response.status() >= 500) {
        return Error::unknown(Category::ProviderUnavailable, "Example Pay has a fault");
      }
      return Error::badResponse("an answer that is not documented");
  }
}

// [guide:customer]
Step onCustomer(Checkout& state, const HttpResponse& response, const Call& call) {
  json::Document answer;
  if (!response.is2xx()) return refusal(response);
  if (!response.json(answer) || !isId(answer["id"].stringOr(""))) {
    return Error::badResponse("the answer is no customer");
  }
  json::Writer body;
  body.beginObject()
      .member("amount", state.input.amount)
      .member("currency", state.input.currency)
      .member("reference", state.input.reference)
      .member("customer", answer["id"].stringOr(""))
      .endObject();
  state.waiting = Checkout::Waiting::ForCharge;
  return post("/v1/charges", call.idempotencyKey, body, "charges.create");
}
// [guide:end]

// {"id", "status": "paid|pending|refused", "amount", "currency"}
Result<Payment> readCharge(const HttpResponse& response, const Call& call) {
  if (!response.is2xx()) return refusal(response);
  json::Document body;
  if (!response.json(body)) return Error::badResponse("the answer is no JSON");
  const auto amount = body["amount"].int64();
  const auto currency = unigate::money::findCurrency(body["currency"].stringOr(""));
  const std::string_view id = body["id"].stringOr("");
  if (!isId(id) || !body["status"].isString() || !amount || *amount < 0 || !currency) {
    return Error::badResponse("the answer is no charge");
  }
  Payment payment;
  payment.providerId = id;
  payment.status = mapStatus(kStatuses, body["status"].stringOr(""));
  payment.amount = *amount;
  payment.currency = currency->code;
  payment.livemode = call.live;
  if (payment.status == PaymentStatus::Succeeded) payment.amountCaptured = *amount;
  if (payment.status == PaymentStatus::Failed) {
    payment.failure = Failure{Category::CardDeclined, "refused", {}, "refused"};
  }
  return payment;
}

Step onCharge(const Checkout& state, const HttpResponse& response, const Call& call) {
  Result<Payment> payment = readCharge(response, call);
  if (!payment) return payment;
  if (payment->amount != state.input.amount || payment->currency != state.input.currency) {
    return Error::badResponse("the answer tells of another amount");
  }
  payment->createdUnixS = call.nowUnixMs / 1000;
  if (payment->status == PaymentStatus::Failed) {
    return Error::declined(Category::CardDeclined, "Example Pay refused the charge")
        .withProviderCode("refused")
        .withResource(toJson(*payment));
  }
  return payment;
}

// [guide:next]
Step next(Checkout& state, const HttpResponse& response, const Call& call) {
  if (state.waiting == Checkout::Waiting::ForCustomer) return onCustomer(state, response, call);
  return onCharge(state, response, call);
}
// [guide:end]

// [guide:table]
constexpr Operation kOperations[] = {
    {.name = "payments.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = 86400,
     .flags = UG_OPERATION_MOVES_MONEY,
     .execute = severalRequests<first, next>},
};
// [guide:end]

}  // namespace

UNIGATE_PLUGIN({.id = "several_requests", .version = "1.0.0"}, kOperations);
