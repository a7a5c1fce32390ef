// Adapter of "Example Pay" with the C++ SDK: each operation is one request, so the author writes
// how it is built and how its answer is read, and nothing else. The requests are described in
// README.md.
#include <unigate/sdk.hpp>

namespace {

using namespace unigate::sdk;
namespace json = unigate::json;

// [guide:statuses]
constexpr std::array kStatuses = {
    StatusName<PaymentStatus>{"paid", PaymentStatus::Succeeded},
    StatusName<PaymentStatus>{"pending", PaymentStatus::Processing},
    StatusName<PaymentStatus>{"refused", PaymentStatus::Failed},
};
// [guide:end]

// [guide:errors]
// What a status says about the money. When in doubt the outcome is unknown and the gateway finds
// out.
Error refusal(const HttpResponse& response) {
  switch (response.status()) {
    case 400:
    case 422:
      return Error::declined(Category::InvalidRequest, "Example Pay refused the request");
    case 401:
    case 403:
      return Error::declined(Category::Unauthorized, "the API key is refused");
    case 404:
      return Error::declined(Category::NotFound, "no such charge");
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
// [guide:end]

// True for an id that may stand in a path as it is.
bool isId(std::string_view id) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !id.empty() && id.size() <= 64 && id.find_first_not_of(kPlain) == std::string_view::npos;
}

// {"id", "status": "paid|pending|refused", "amount", "currency"}
Result<Payment> readCharge(const HttpResponse& response) {
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
  if (payment.status == PaymentStatus::Succeeded) payment.amountCaptured = *amount;
  if (payment.status == PaymentStatus::Failed) {
    payment.failure = Failure{Category::CardDeclined, "refused", {}, "refused"};
  }
  return payment;
}

// [guide:build]
Result<HttpRequest> buildCreate(const PaymentCreate& input, const Call& call) {
  if (input.captureMethod == CaptureMethod::Manual) {
    return Error::notSupported("capture_method",
                               "Example Pay takes the money at once; use 'automatic'");
  }
  json::Writer body;
  body.beginObject()
      .member("amount", input.amount)
      .member("currency", input.currency)
      .member("reference", input.reference)
      .endObject();
  HttpRequest request;
  request.method = Method::Post;
  request.path = "/v1/charges";
  request.auth = "api_key";
  request.headers = {{"Content-Type", "application/json"},
                     {"Idempotency-Key", call.idempotencyKey}};
  request.body = body.take();
  request.traceLabel = "charges.create";
  return request;
}
// [guide:end]

// [guide:parse]
Result<Payment> parseCreate(const HttpResponse& response, const PaymentCreate& input,
                            const Call& call) {
  if (!response.is2xx()) return refusal(response);
  Result<Payment> payment = readCharge(response);
  if (!payment) return payment;
  if (payment->amount != input.amount || payment->currency != input.currency) {
    return Error::badResponse("the answer tells of another amount");
  }
  payment->livemode = call.live;
  payment->createdUnixS = call.nowUnixMs / 1000;
  if (payment->status == PaymentStatus::Failed) {
    return Error::declined(Category::CardDeclined, "Example Pay refused the charge")
        .withProviderCode("refused")
        .withResource(toJson(*payment));
  }
  return payment;
}
// [guide:end]

Result<HttpRequest> buildGet(const ProviderRef& input) {
  if (!isId(input.providerId)) {
    return Error::invalidRequest("provider_id", "is no id of Example Pay");
  }
  HttpRequest request;
  request.path = "/v1/charges/" + input.providerId;
  request.auth = "api_key";
  request.mayRetry = true;
  request.traceLabel = "charges.get";
  return request;
}

Result<Payment> parseGet(const HttpResponse& response, const ProviderRef&, const Call& call) {
  if (!response.is2xx()) return refusal(response);
  Result<Payment> payment = readCharge(response);
  if (payment) payment->livemode = call.live;
  return payment;
}

// [guide:table]
constexpr Operation kOperations[] = {
    {.name = "payments.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = 86400,
     .flags = UG_OPERATION_MOVES_MONEY,
     .execute = oneRequest<buildCreate, parseCreate>},
    {.name = "payments.get",
     .flags = UG_OPERATION_READ_ONLY,
     .execute = oneRequest<buildGet, parseGet>},
};

}  // namespace

UNIGATE_PLUGIN({.id = "one_request", .version = "1.0.0"}, kOperations);
// [guide:end]
