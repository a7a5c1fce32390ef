#include "paypal/call.hpp"

#include <charconv>
#include <cstdio>
#include <ctime>

#include "common/form.hpp"

namespace simulators::paypal {

std::string Call::query(std::string_view name) const {
  for (const auto& [key, value] : parseFormPairs(request.query)) {
    if (key == name) return value;
  }
  return {};
}

std::int64_t Call::queryNumber(std::string_view name, std::int64_t otherwise) const {
  const auto text = query(name);
  if (text.empty()) return otherwise;
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    throw invalidRequest("INVALID_PARAMETER_SYNTAX",
                         "The value of a field does not conform to the expected format.", name,
                         text);
  }
  return value;
}

bool Call::wantsRepresentation() const {
  const auto found = request.extra.find("prefer");
  return found != request.extra.end() && found->second == "return=representation";
}

std::string Call::now() const {
  return isoTime(world.timeMs());
}

void Call::obeyMockHeader() const {
  const auto found = request.extra.find("mock");
  if (found == request.extra.end()) return;
  const auto wish = Json::parse(found->second, nullptr, false);
  const auto& codes = dig(wish, "mock_application_codes");
  const auto code =
      codes.is_array() ? digText(codes, "0") : digText(wish, "mock_application_codes");
  if (!code.empty()) throw mocked(code);
}

std::string isoTime(std::int64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::optional<std::int64_t> readTime(std::string_view text) {
  const std::string copy(text);
  std::tm parts{};
  int used = 0;
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &used) != 3) {
    return std::nullopt;
  }
  int clock = 0;
  if (copy.size() > static_cast<std::size_t>(used) &&
      std::sscanf(copy.c_str() + used, "T%2d:%2d:%2d%n", &parts.tm_hour, &parts.tm_min,
                  &parts.tm_sec, &clock) != 3) {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  auto seconds = static_cast<std::int64_t>(timegm(&parts));
  std::string_view zone = std::string_view(copy).substr(static_cast<std::size_t>(used + clock));
  if (zone.starts_with('.')) {
    zone.remove_prefix(1);
    while (!zone.empty() && zone[0] >= '0' && zone[0] <= '9') zone.remove_prefix(1);
  }
  int hours = 0;
  int minutes = 0;
  if (zone.size() >= 5 && (zone[0] == '+' || zone[0] == '-') &&
      (std::sscanf(std::string(zone.substr(1)).c_str(), "%2d:%2d", &hours, &minutes) == 2 ||
       std::sscanf(std::string(zone.substr(1)).c_str(), "%2d%2d", &hours, &minutes) == 2)) {
    const auto offset = hours * 3600 + minutes * 60;
    seconds -= zone[0] == '+' ? offset : -offset;
  }
  return seconds * 1000;
}

Json link(const std::string& href, std::string_view rel, std::string_view method) {
  Json entry = Json::object();
  entry["href"] = href;
  entry["rel"] = rel;
  entry["method"] = method;
  return entry;
}

Json moneyJson(const Money& money) {
  Json entry = Json::object();
  entry["currency_code"] = money.code();
  entry["value"] = money.value();
  return entry;
}

ApiAnswer jsonAnswer(unsigned status, const Json& body) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = shown(body).dump();
  return answer;
}

ApiAnswer noContent() {
  ApiAnswer answer;
  answer.status = 204;
  return answer;
}

Json& named(Call& call, const std::string& kind, std::size_t place) {
  auto* found = call.account.of(kind).find(call.ids.at(place));
  if (!found) throw notFound();
  return *found;
}

Money requireMoney(const Json& object, const char* field, const std::string& path,
                   bool zeroAllowed) {
  const auto& amount = dig(object, field);
  if (!amount.is_object()) throw missing(path);
  // Payouts write "currency" where everything else has "currency_code".
  const char* codeName =
      has(amount, "currency_code") || !has(amount, "currency") ? "currency_code" : "currency";
  if (!has(amount, codeName)) throw missing(path + "/" + codeName);
  if (!has(amount, "value")) throw missing(path + "/value");
  const auto code = textOf(amount, codeName);
  const auto& value = amount["value"];
  const auto text = value.is_string() ? value.get<std::string>() : std::string();
  const auto read = readMoney(code, text);
  const auto where = path + "/value";
  switch (read.fault) {
    case MoneyFault::kNone:
      break;
    case MoneyFault::kCurrency:
      throw unprocessable("INVALID_CURRENCY_CODE",
                          "Currency code is invalid or is not currently supported. Please refer "
                          "https://developer.paypal.com/api/rest/reference/currency-codes/ for "
                          "list of supported currency codes.",
                          path + "/" + codeName, code);
    case MoneyFault::kSyntax:
      throw invalidRequest("INVALID_PARAMETER_SYNTAX",
                           "The value of a field does not conform to the expected format.", where,
                           text);
    case MoneyFault::kDecimals:
      throw unprocessable("DECIMALS_NOT_SUPPORTED", "Currency does not support decimals.", where,
                          text);
    case MoneyFault::kPrecision:
      throw unprocessable(
          "DECIMAL_PRECISION",
          "If the currency supports decimals, only two decimal place precision is supported.",
          where, text);
    case MoneyFault::kTooLarge:
      throw unprocessable("MAX_VALUE_EXCEEDED",
                          "Should be less than or equal to 999999999999999.99.", where, text);
  }
  if (read.money.units < 0) {
    throw unprocessable("CANNOT_BE_NEGATIVE",
                        "Must be greater than or equal to 0. If the currency supports decimals, "
                        "only two decimal place precision is supported.",
                        where, text);
  }
  if (read.money.units == 0 && !zeroAllowed) {
    throw unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE",
                        "Must be greater than zero. If the currency supports decimals, only two "
                        "decimal place precision is supported.",
                        where, text);
  }
  return read.money;
}

Money moneyOf(const Json& money) {
  const auto code = textOf(money, has(money, "currency") ? "currency" : "currency_code");
  return readMoney(code, textOf(money, "value")).money;
}

void book(World& world, Account& account, Entry entry) {
  account.balances[entry.money.code()] += entry.balanceChange;
  Movement movement;
  movement.provider = "paypal";
  movement.type = entry.type;
  movement.id = std::move(entry.id);
  movement.payment = std::move(entry.payment);
  movement.amount = entry.money.units;
  movement.currency = entry.money.code();
  movement.idempotencyKey = std::move(entry.key);
  movement.account = account.id;
  movement.keyLast4 = account.keyLast4;
  movement.metadata = std::move(entry.metadata);
  movement.atMs = world.timeMs();
  world.record(std::move(movement));
}

void announce(World& world, Account& account, const std::string& type,
              const std::string& resourceType, const std::string& summary, const Json& resource,
              const std::string& origin) {
  const auto id = "WH-" + world.mint("", 17) + "-" + world.mint("", 17);
  Json event = Json::object();
  event["id"] = id;
  event["event_version"] = "1.0";
  event["create_time"] = isoTime(world.timeMs());
  event["resource_type"] = resourceType;
  event["resource_version"] = "2.0";
  event["event_type"] = type;
  event["summary"] = summary;
  event["resource"] = shown(resource);
  const auto self = origin + "/v1/notifications/webhooks-events/" + id;
  event["links"] = Json::array({link(self, "self"), link(self + "/resend", "resend", "POST")});
  const auto body = event.dump();
  account.of("events").add(id, std::move(event));
  world.publish(account, type, id, body);
}

std::vector<Json*> pageOf(const Call& call, std::vector<Json*> objects, Page& page,
                          std::int64_t sizeDefault, std::int64_t sizeMax) {
  page.number = call.queryNumber("page", 1);
  page.size = call.queryNumber("page_size", sizeDefault);
  page.total = static_cast<std::int64_t>(objects.size());
  if (page.number < 1 || page.size < 1 || page.size > sizeMax) {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "A parameter value is not valid.",
                         page.number < 1 ? "page" : "page_size");
  }
  std::vector<Json*> out;
  const auto from = (page.number - 1) * page.size;
  for (auto i = from; i < std::min(from + page.size, page.total); ++i) {
    out.push_back(objects[static_cast<std::size_t>(i)]);
  }
  return out;
}

}  // namespace simulators::paypal
