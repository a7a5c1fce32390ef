// The simulated Paypal behind its port. Whatever is no operation of it is answered as Paypal
// answers an unknown URL.
#include "common/api_provider.hpp"
#include "common/authorization.hpp"
#include "common/hashing.hpp"
#include "common/providers.hpp"

namespace simulators::paypal {
namespace {

ApiAnswer jsonAnswer(unsigned status, std::string body) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

class PaypalProvider : public ApiProvider {
 public:
  PaypalProvider(Services services, std::vector<std::string> acceptedKeys)
      : ApiProvider(services), acceptedKeys_(std::move(acceptedKeys)) {}
  std::string_view name() const override { return "paypal"; }

 protected:
  void prepare(const HttpRequest& request, ApiRequest& prepared) override {
    const auto basic = readBasic(request);
    if (!basic || !accepted(basic->user + ":" + basic->password)) {
      throw ApiProblem(jsonAnswer(
          401,
          R"({"name":"AUTHENTICATION_FAILURE","message":"Authentication failed due to invalid authentication credentials or a missing Authorization header."})"));
    }
    prepared.account = "acc_" + base62(hashText(basic->user), 11);
  }
  ApiAnswer execute(const ApiRequest&) override {
    return jsonAnswer(
        404, R"({"name":"RESOURCE_NOT_FOUND","message":"The specified resource does not exist."})");
  }
  ApiAnswer refusal(Refusal why, const ApiRequest&) override {
    return why == Refusal::kRateLimited
               ? jsonAnswer(
                     429,
                     R"({"name":"RATE_LIMIT_REACHED","message":"Too many requests. Blocked due to rate limiting."})")
               : jsonAnswer(
                     500,
                     R"({"name":"INTERNAL_SERVER_ERROR","message":"An internal server error has occurred."})");
  }
  std::string idempotencyScope(const ApiRequest&) const override { return {}; }
  void forgetState() override {}

 private:
  bool accepted(const std::string& key) const {
    return acceptedKeys_.empty() ||
           std::find(acceptedKeys_.begin(), acceptedKeys_.end(), key) != acceptedKeys_.end();
  }

  std::vector<std::string> acceptedKeys_;
};

}  // namespace
}  // namespace simulators::paypal

namespace simulators {

std::unique_ptr<Provider> makePaypal(Services services, std::vector<std::string> acceptedKeys) {
  return std::make_unique<paypal::PaypalProvider>(services, std::move(acceptedKeys));
}

}  // namespace simulators
