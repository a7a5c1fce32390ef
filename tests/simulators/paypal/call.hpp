// What an operation of the simulated PayPal works with: the caller's account, the request, and the
// world in which time passes and money moves.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/api_provider.hpp"
#include "common/collection.hpp"
#include "common/json_path.hpp"
#include "paypal/errors.hpp"
#include "paypal/money.hpp"

namespace simulators::paypal {

struct Account {
  std::string id;
  std::string keyLast4;
  std::string merchantId;
  std::map<std::string, Collection> collections;
  std::map<std::string, std::int64_t> balances;  // by currency, in ISO smallest units

  Collection& of(const std::string& kind) { return collections[kind]; }
};

// What the operations and the things that happen by themselves ask of the provider.
class World {
 public:
  virtual ~World() = default;
  virtual std::int64_t timeMs() const = 0;
  virtual std::string mint(std::string_view prefix, std::size_t length) = 0;
  virtual std::string mintPayer() = 0;  // the id of an account: 13 characters, none mistakable
  virtual std::string mintHex(std::size_t length) = 0;
  virtual std::string mintToken() = 0;
  virtual void after(std::int64_t delayMs, std::function<void()> action) = 0;
  virtual void at(std::int64_t dueMs, std::function<void()> action) = 0;
  virtual void record(Movement movement) = 0;
  virtual void publish(const Account& account, const std::string& type, const std::string& eventId,
                       const std::string& body) = 0;
  virtual void putWebhook(const Account& account, const Json& webhook) = 0;
  virtual void removeWebhook(const std::string& id) = 0;
  // Whether the signature of a webhook is ours.
  virtual bool verifies(std::string_view text, std::string_view signature) const = 0;
};

struct Token {
  std::string account;
  std::int64_t untilMs = 0;
};

struct State {
  std::map<std::string, Account> accounts;
  std::unordered_map<std::string, Token> tokens;
  std::int64_t tokenLifetimeSeconds = 32400;
  std::string certificateBase;  // of cert_url; empty: the simulator's own address
};

struct Call {
  World& world;
  State& state;
  Account& account;
  const ApiRequest& request;
  std::vector<std::string> ids;  // from the path
  Json body;

  std::string link(std::string_view path) const { return request.origin + std::string(path); }
  std::string query(std::string_view name) const;
  std::int64_t queryNumber(std::string_view name, std::int64_t otherwise) const;
  bool wantsRepresentation() const;
  std::string now() const;
  // Throws what the header PayPal-Mock-Response asks for.
  void obeyMockHeader() const;
};

std::string isoTime(std::int64_t ms);
// Nothing if it is no RFC 3339 time or date.
std::optional<std::int64_t> readTime(std::string_view text);

Json link(const std::string& href, std::string_view rel, std::string_view method = "GET");
Json moneyJson(const Money& money);

ApiAnswer jsonAnswer(unsigned status, const Json& body);
ApiAnswer noContent();

// The object of that kind that the path names, or 404.
Json& named(Call& call, const std::string& kind, std::size_t place = 0);

// The money at `field` of the object, positive unless `zeroAllowed`; throws 400 or 422 that names
// `path`.
Money requireMoney(const Json& object, const char* field, const std::string& path,
                   bool zeroAllowed = false);
// Money that the simulator wrote itself.
Money moneyOf(const Json& money);

// Writes a movement of money to the ledger and moves the balance of the account.
struct Entry {
  std::string_view type;  // authorization, capture, void, refund, payout, ...
  std::string id;
  std::string payment;
  Money money;
  std::string key;
  Metadata metadata;
  std::int64_t balanceChange = 0;
};
void book(World& world, Account& account, Entry entry);

// An event of PayPal's webhooks: kept for the events API and sent to those who asked for it.
void announce(World& world, Account& account, const std::string& type,
              const std::string& resourceType, const std::string& summary, const Json& resource,
              const std::string& origin);

// A page of a list: `page` and `page_size` from the query.
struct Page {
  std::int64_t number = 1;
  std::int64_t size = 10;
  std::int64_t total = 0;
  std::int64_t pages() const { return (total + size - 1) / size; }
};
std::vector<Json*> pageOf(const Call& call, std::vector<Json*> objects, Page& page,
                          std::int64_t sizeDefault, std::int64_t sizeMax);

}  // namespace simulators::paypal
