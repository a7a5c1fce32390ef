// Adapter of "Example Pay" with the C++ SDK where one operation takes two requests: it makes a
// customer and then charges it. The requests are described in README.md.
#include "charge.hpp"

namespace {

using namespace unigate::sdk;
using namespace example_pay;
namespace json = unigate::json;

// [guide:state]
// All that `next` has to know of the past. The SDK keeps one for each call.
struct Checkout {
  enum class Waiting { ForCustomer, ForCharge };
  Waiting waiting = Waiting::ForCustomer;
  PaymentCreate input;
};
// [guide:end]

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
      .member("operation", state.input.operationId)
      .member("customer", answer["id"].stringOr(""))
      .endObject();
  state.waiting = Checkout::Waiting::ForCharge;
  return post("/v1/charges", call.idempotencyKey, body, "charges.create");
}
// [guide:end]

// The payment that a charge is, or why there is none.
Step settle(Result<Payment> payment, const PaymentCreate& input) {
  if (!payment) return std::move(payment).error();
  if (payment->amount != input.amount || payment->currency != input.currency) {
    return Error::badResponse("the answer tells of another amount");
  }
  if (payment->status == PaymentStatus::Failed) {
    return Error::declined(Category::CardDeclined, "Example Pay refused the charge")
        .withProviderCode("refused")
        .withResource(toJson(*payment))
        .proven();
  }
  return payment;
}

Step onCharge(const Checkout& state, const HttpResponse& response, const Call& call) {
  json::Document body;
  if (!response.is2xx()) return refusal(response);
  if (!response.json(body)) return Error::badResponse("the answer is no JSON");
  return settle(chargeOf(body.root(), call.live), state.input);
}

// [guide:next]
Step next(Checkout& state, const HttpResponse& response, const Call& call) {
  if (state.waiting == Checkout::Waiting::ForCustomer) return onCustomer(state, response, call);
  return onCharge(state, response, call);
}
// [guide:end]

HttpRequest get(std::string path, std::string query, std::string label) {
  HttpRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  request.auth = "api_key";
  request.mayRetry = true;
  request.traceLabel = std::move(label);
  return request;
}

// [guide:query]
// What became of a payment whose answer was lost? Asks, and moves nothing.
HttpRequest ask(const PaymentCreate& input) {
  FormEncoder query;
  query.add("operation", input.operationId);
  return get("/v1/charges", query.take(), "charges.list");
}

Step judge(const HttpResponse& response, const PaymentCreate& input, const Call& call) {
  json::Document body;
  if (!response.is2xx()) return refusal(response);
  if (!response.json(body) || !body["data"].isArray()) {
    return Error::badResponse("the answer is no list of charges");
  }
  // Example Pay promises that a charge is in this list as soon as its request was answered.
  if (body["data"].size() == 0) return Error::neverHappened("there is no such charge");
  if (body["data"].size() > 1) return Error::badResponse("one operation has several charges");
  return settle(chargeOf(body["data"][std::size_t{0}], call.live), input);
}
// [guide:end]

Result<HttpRequest> buildGet(const ProviderRef& input) {
  if (!isId(input.providerId)) {
    return Error::invalidRequest("provider_id", "'provider_id' is no id of Example Pay");
  }
  return get("/v1/charges/" + input.providerId, {}, "charges.get");
}

Result<Payment> parseGet(const HttpResponse& response, const ProviderRef& input, const Call& call) {
  json::Document body;
  if (!response.is2xx()) return refusal(response);
  if (!response.json(body)) return Error::badResponse("the answer is no JSON");
  Result<Payment> payment = chargeOf(body.root(), call.live);
  if (payment && payment->providerId != input.providerId) {
    return Error::badResponse("the answer tells of another charge");
  }
  return payment;
}

// [guide:table]
constexpr Operation kOperations[] = {
    {.name = "payments.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = 86400,
     .flags = UG_OPERATION_MOVES_MONEY,
     .execute = severalRequests<first, next>,
     .query = oneRequest<ask, judge>},
    {.name = "payments.get",
     .flags = UG_OPERATION_READ_ONLY,
     .execute = oneRequest<buildGet, parseGet>},
};

constexpr WebhookHandler kWebhook = {.recipe = webhookRecipe, .translate = translateWebhook};

}  // namespace

UNIGATE_PLUGIN({.id = "several_requests", .version = "1.0.0", .webhook = &kWebhook}, kOperations);
// [guide:end]
