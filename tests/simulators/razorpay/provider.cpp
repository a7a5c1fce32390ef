// The simulated Razorpay behind its port. Whatever is no operation of it is answered as Razorpay
// answers an unknown URL.
#include "common/api_provider.hpp"
#include "common/authorization.hpp"
#include "common/hashing.hpp"
#include "common/providers.hpp"

namespace simulators::razorpay {
namespace {

ApiAnswer jsonAnswer(unsigned status, std::string body) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

class RazorpayProvider : public ApiProvider {
 public:
  RazorpayProvider(Services services, std::vector<std::string> acceptedKeys)
      : ApiProvider(services), acceptedKeys_(std::move(acceptedKeys)) {}
  std::string_view name() const override { return "razorpay"; }

 protected:
  void prepare(const HttpRequest& request, ApiRequest& prepared) override {
    const auto basic = readBasic(request);
    if (!basic || !accepted(basic->user + ":" + basic->password)) {
      throw ApiProblem(jsonAnswer(
          401, R"({"error":{"code":"BAD_REQUEST_ERROR","description":"Authentication failed"}})"));
    }
    prepared.account = "acc_" + base62(hashText(basic->user), 11);
  }
  ApiAnswer execute(const ApiRequest&) override {
    return jsonAnswer(
        404,
        R"({"error":{"code":"BAD_REQUEST_ERROR","description":"The requested URL was not found on the server."}})");
  }
  ApiAnswer refusal(Refusal why, const ApiRequest&) override {
    return why == Refusal::kRateLimited
               ? jsonAnswer(
                     429,
                     R"({"error":{"code":"BAD_REQUEST_ERROR","description":"Request failed"}})")
               : jsonAnswer(
                     500,
                     R"({"error":{"code":"SERVER_ERROR","description":"We are facing some trouble completing your request at the moment. Please try again shortly."}})");
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
}  // namespace simulators::razorpay

namespace simulators {

std::unique_ptr<Provider> makeRazorpay(Services services, std::vector<std::string> acceptedKeys) {
  return std::make_unique<razorpay::RazorpayProvider>(services, std::move(acceptedKeys));
}

}  // namespace simulators
