// One operation that is being carried out, what the operations share, and Razorpay's words for what
// is wrong with a request.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api_provider.hpp"
#include "common/json_value.hpp"
#include "common/specification.hpp"
#include "razorpay/book.hpp"

namespace simulators::razorpay {

using Entities = std::vector<std::pair<std::string, const Json*>>;

// What the provider does for its operations.
class Host {
 public:
  virtual ~Host() = default;
  virtual std::int64_t now() const = 0;                 // seconds
  virtual std::string id(std::string_view prefix) = 0;  // with 14 characters after it
  virtual Book& book(const std::string& account) = 0;   // opened if it is new
  // The account that has the object; null if none has.
  virtual Book* owner(std::string_view kind, const std::string& id) = 0;
  // The key secret of the account, for signatures of Checkout. Throws if no request has shown it
  // since the start.
  virtual std::string secret(const Book& book) const = 0;
  virtual void move(const Book& book, std::string_view type, const std::string& id,
                    const std::string& payment, std::int64_t amount, const std::string& currency,
                    const Json& notes, const std::string& reference = {}) = 0;
  virtual void event(const Book& book, const std::string& type, const Entities& entities) = 0;
  virtual void later(std::int64_t delayMs, std::function<void()> action) = 0;
  virtual void at(std::int64_t seconds, std::function<void()> action) = 0;
  virtual WebhookSender& webhooks() = 0;
};

struct Call {
  Host& host;
  Book& book;
  const ApiRequest& request;
  Json params;                   // body or query, checked
  std::vector<std::string> ids;  // from the path

  std::string text(const char* name) const { return textOf(params, name); }
  std::int64_t integer(const char* name, std::int64_t otherwise = 0) const {
    return integerOf(params, name, otherwise);
  }
  bool flag(const char* name) const { return flagOf(params, name); }
  bool has(const char* name) const { return simulators::has(params, name); }
};

using Operation = Json (*)(Call&);

ApiAnswer errorAnswer(unsigned status, std::string_view code, std::string_view description,
                      std::string_view field = {},
                      std::string_view reason = "input_validation_failed",
                      std::string_view source = "business",
                      std::string_view step = "payment_initiation");

// 400 BAD_REQUEST_ERROR.
[[noreturn]] void refuse(std::string_view description, std::string_view field = {});

// Checks and coerces the parameters in Razorpay's words.
void checkParams(const std::vector<Field>& fields, Json& params);

// The object of this account that the id names, or a refusal: 400 as at Razorpay, not 404.
Json& object(Call& call, std::string_view kind, const std::string& id);

// `notes` as they are shown: [] when there are none.
Json notesOf(const Json& params);

// Amounts are at least one rupee; others at least the currency's own 1.
void checkAmount(std::int64_t amount, const std::string& currency,
                 std::string_view field = "amount");
std::string currencyOf(const Call& call);

// {"entity":"collection",...}, newest first, by count, skip, from and to. `keep` may be empty.
using Keep = std::function<bool(const Json&)>;
Json collection(Call& call, std::string_view kind, const Keep& keep = {});
// Such a page of objects that are already in their order.
Json pageOf(Call& call, const std::vector<const Json*>& newestFirst);

// The payment's fee and the tax in it, two per cent and eighteen of these.
std::int64_t feeOf(std::int64_t amount);
std::int64_t taxOf(std::int64_t fee);

}  // namespace simulators::razorpay
