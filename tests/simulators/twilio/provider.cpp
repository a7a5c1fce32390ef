// The simulated Twilio behind its port. Whatever is no operation of it is answered as Twilio
// answers an unknown URL.
#include "common/api_provider.hpp"
#include "common/authorization.hpp"
#include "common/hashing.hpp"
#include "common/providers.hpp"

namespace simulators::twilio {
namespace {

ApiAnswer jsonAnswer(unsigned status, std::string body) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

class TwilioProvider : public ApiProvider {
 public:
  TwilioProvider(Services services, std::vector<std::string> acceptedKeys)
      : ApiProvider(services), acceptedKeys_(std::move(acceptedKeys)) {}
  std::string_view name() const override { return "twilio"; }

 protected:
  void prepare(const HttpRequest& request, ApiRequest& prepared) override {
    const auto basic = readBasic(request);
    if (!basic || !accepted(basic->user + ":" + basic->password)) {
      throw ApiProblem(jsonAnswer(
          401,
          R"({"code":20003,"message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401})"));
    }
    prepared.account = "acc_" + base62(hashText(basic->user), 11);
  }
  ApiAnswer execute(const ApiRequest&) override {
    return jsonAnswer(
        404,
        R"({"code":20404,"message":"The requested resource was not found","more_info":"https://www.twilio.com/docs/errors/20404","status":404})");
  }
  ApiAnswer refusal(Refusal why, const ApiRequest&) override {
    return why == Refusal::kRateLimited
               ? jsonAnswer(
                     429,
                     R"({"code":20429,"message":"Too Many Requests","more_info":"https://www.twilio.com/docs/errors/20429","status":429})")
               : jsonAnswer(
                     500,
                     R"({"code":20500,"message":"An internal server error has occurred","more_info":"https://www.twilio.com/docs/errors/20500","status":500})");
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
}  // namespace simulators::twilio

namespace simulators {

std::unique_ptr<Provider> makeTwilio(Services services, std::vector<std::string> acceptedKeys) {
  return std::make_unique<twilio::TwilioProvider>(services, std::move(acceptedKeys));
}

}  // namespace simulators
