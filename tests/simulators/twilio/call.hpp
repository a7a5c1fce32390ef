// What an operation of the simulated Twilio works with: the account, the request's parameters and
// the world in which time passes, money goes and callbacks are posted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/api_provider.hpp"
#include "common/collection.hpp"
#include "common/form.hpp"
#include "common/json_path.hpp"
#include "common/routes.hpp"

namespace simulators::twilio {

// Prices are kept in hundred-thousandths of a dollar: -0.00750 is -750.
inline constexpr std::int64_t kPriceUnits = 100'000;

struct Account {
  std::string sid;
  std::string keyLast4;
  std::string ownerSid;
  std::string subToken;  // of a sub-account that was made here
  std::string friendlyName;
  std::string status = "active";
  std::int64_t createdMs = 0;
  std::int64_t balance = 100 * kPriceUnits;
  std::map<std::string, Collection> collections;

  Collection& of(const std::string& kind) { return collections[kind]; }
};

struct State {
  std::map<std::string, Account> accounts;
};

class World {
 public:
  virtual ~World() = default;
  virtual std::int64_t timeMs() const = 0;
  // "SM" and 32 hexadecimal digits.
  virtual std::string mintSid(std::string_view prefix) = 0;
  virtual std::string mintDigits(std::size_t length) = 0;
  virtual void after(std::int64_t delayMs, std::function<void()> action) = 0;
  virtual void at(std::int64_t dueMs, std::function<void()> action) = 0;
  virtual void record(Movement movement) = 0;
  // Calls a URL of the account's owner, signed with the account's token.
  virtual void callBack(const Account& account, const std::string& url, const std::string& method,
                        const std::vector<FormPair>& parameters) = 0;
  virtual std::string tokenOf(const Account& account) const = 0;
};

struct Call {
  World& world;
  State& state;
  Account& account;
  const ApiRequest& request;
  std::vector<std::string> ids;  // from the path, without the AccountSid
  std::vector<FormPair> form;    // of the body
  std::vector<FormPair> query;

  // A parameter of the body; nothing if it is absent.
  std::optional<std::string> given(std::string_view name) const;
  std::string text(std::string_view name) const { return given(name).value_or(std::string()); }
  std::vector<std::string> all(std::string_view name) const;
  bool flag(std::string_view name) const { return text(name) == "true"; }
  std::int64_t number(std::string_view name, std::int64_t otherwise) const;
  std::string queryText(std::string_view name) const;
};

ApiAnswer errorAnswer(unsigned status, int code, std::string_view message);
ApiProblem problem(unsigned status, int code, std::string_view message);
ApiProblem notFound(std::string_view path);

ApiAnswer jsonAnswer(unsigned status, const Json& body);
ApiAnswer noContent();

std::string rfc2822(std::int64_t ms);  // "Thu, 24 Aug 2023 05:01:45 +0000"
std::string isoTime(std::int64_t ms);
std::optional<std::int64_t> readTime(std::string_view text);
std::string priceText(std::int64_t units);  // "-0.00750"

// The object of that kind that the path names, or 404.
Json& named(Call& call, const std::string& kind, std::size_t place = 0);

// Takes the price from the balance and writes it to the ledger.
void charge(World& world, Account& account, std::string_view type, const std::string& sid,
            std::int64_t price, Metadata metadata);

// A list as the v2010 API pages it; `name` is the member that holds the objects.
ApiAnswer pageAnswer(const Call& call, const std::vector<Json*>& objects, const char* name);
// A list as the newer APIs do: "meta" and whole URLs.
ApiAnswer metaPageAnswer(const Call& call, const std::vector<Json*>& objects, const char* name);

// Whether the time meets what `Name`, `Name<` and `Name>` of the query ask for.
bool meetsTime(const Call& call, const std::string& name, std::int64_t ms);

}  // namespace simulators::twilio
