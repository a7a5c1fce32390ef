#include "twilio/call.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace simulators::twilio {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kPageSizeMax = 1000;

std::string timeText(std::int64_t ms, const char* format) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, format, &parts);
  return text;
}

std::optional<std::string> find(const std::vector<FormPair>& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return value;
  }
  return std::nullopt;
}

struct Page {
  std::int64_t number = 0;
  std::int64_t size = 50;
  std::vector<Json*> objects;
  bool more = false;
};

std::int64_t queryNumber(const Call& call, std::string_view name, std::int64_t otherwise,
                         std::int64_t min, std::int64_t max) {
  const auto text = call.queryText(name);
  if (text.empty()) return otherwise;
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || value < min || value > max) {
    throw problem(400, 20001,
                  std::string(name) + " must be a number from " + std::to_string(min) + " to " +
                      std::to_string(max));
  }
  return value;
}

// The part of the list that the query asks for. Later pages begin after the object that the token
// names, so that new objects shift nothing.
Page cut(const Call& call, const std::vector<Json*>& objects) {
  Page page;
  page.size = queryNumber(call, "PageSize", 50, 1, kPageSizeMax);
  page.number = queryNumber(call, "Page", 0, 0, 1'000'000);
  auto from = std::min(objects.size(), static_cast<std::size_t>(page.number * page.size));
  if (auto token = call.queryText("PageToken"); token.starts_with("PA")) {
    token.erase(0, 2);
    const auto last = std::find_if(objects.begin(), objects.end(),
                                   [&](const Json* o) { return textOf(*o, "sid") == token; });
    if (last != objects.end()) from = static_cast<std::size_t>(last - objects.begin()) + 1;
  }
  const auto to = std::min(objects.size(), from + static_cast<std::size_t>(page.size));
  page.objects.assign(objects.begin() + static_cast<std::ptrdiff_t>(from),
                      objects.begin() + static_cast<std::ptrdiff_t>(to));
  page.more = to < objects.size();
  return page;
}

std::string pageUri(const Call& call, const Page& page, std::int64_t number,
                    const std::string& token) {
  auto uri = call.request.path + "?";
  for (const auto& [key, value] : call.query) {
    if (key == "Page" || key == "PageSize" || key == "PageToken") continue;
    uri += encodeUrl(key) + "=" + encodeUrl(value) + "&";
  }
  uri += "PageSize=" + std::to_string(page.size) + "&Page=" + std::to_string(number);
  return token.empty() ? uri : uri + "&PageToken=" + token;
}

struct PageUris {
  std::string self, first, next, previous;
};

PageUris urisOf(const Call& call, const Page& page) {
  PageUris uris;
  uris.first = pageUri(call, page, 0, {});
  uris.self = pageUri(call, page, page.number, call.queryText("PageToken"));
  if (page.more) {
    uris.next = pageUri(call, page, page.number + 1, "PA" + textOf(*page.objects.back(), "sid"));
  }
  if (page.number > 0) uris.previous = pageUri(call, page, page.number - 1, {});
  return uris;
}

Json listOf(const std::vector<Json*>& objects) {
  Json list = Json::array();
  for (const auto* object : objects) list.push_back(*object);
  return list;
}

}  // namespace

std::optional<std::string> Call::given(std::string_view name) const {
  return find(form, name);
}

std::vector<std::string> Call::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : form) {
    if (key == name) values.push_back(value);
  }
  return values;
}

std::int64_t Call::number(std::string_view name, std::int64_t otherwise) const {
  const auto value = given(name);
  if (!value) return otherwise;
  std::int64_t out = 0;
  const auto read = std::from_chars(value->data(), value->data() + value->size(), out);
  if (read.ec != std::errc() || read.ptr != value->data() + value->size()) {
    throw problem(400, 20001, "Invalid parameter `" + std::string(name) + "`");
  }
  return out;
}

std::string Call::queryText(std::string_view name) const {
  return find(query, name).value_or(std::string());
}

ApiAnswer errorAnswer(unsigned status, int code, std::string_view message) {
  Json body = Json::object();
  body["code"] = code;
  body["message"] = message;
  body["more_info"] = "https://www.twilio.com/docs/errors/" + std::to_string(code);
  body["status"] = status;
  ApiAnswer answer;
  answer.status = status;
  answer.body = body.dump();
  return answer;
}

ApiProblem problem(unsigned status, int code, std::string_view message) {
  return ApiProblem(errorAnswer(status, code, message));
}

ApiProblem notFound(std::string_view path) {
  return problem(404, 20404, "The requested resource " + std::string(path) + " was not found");
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

std::string rfc2822(std::int64_t ms) {
  return timeText(ms, "%a, %d %b %Y %H:%M:%S +0000");
}

std::string isoTime(std::int64_t ms) {
  return timeText(ms, "%Y-%m-%dT%H:%M:%SZ");
}

std::optional<std::int64_t> readTime(std::string_view text) {
  const std::string copy(text);
  std::tm parts{};
  int used = 0;
  const int fields =
      std::sscanf(copy.c_str(), "%4d-%2d-%2d%nT%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &used, &parts.tm_hour, &parts.tm_min, &parts.tm_sec);
  if (fields < 3 || (fields < 6 && copy.size() > static_cast<std::size_t>(used))) {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  auto seconds = static_cast<std::int64_t>(timegm(&parts));
  if (const auto sign = copy.find_first_of("+-", 19);
      copy.size() > 19 && sign != std::string::npos) {
    int hours = 0;
    int minutes = 0;
    if (std::sscanf(copy.c_str() + sign + 1, "%2d:%2d", &hours, &minutes) < 1) return std::nullopt;
    const auto offset = hours * 3600 + minutes * 60;
    seconds -= copy[sign] == '+' ? offset : -offset;
  }
  return seconds * 1000;
}

std::string priceText(std::int64_t units) {
  const bool negative = units < 0;
  const auto size = negative ? -units : units;
  auto fraction = std::to_string(size % kPriceUnits);
  fraction.insert(0, 5 - fraction.size(), '0');
  return (negative ? "-" : "") + std::to_string(size / kPriceUnits) + "." + fraction;
}

Json& named(Call& call, const std::string& kind, std::size_t place) {
  auto* found = call.account.of(kind).find(call.ids.at(place));
  if (!found) throw notFound(call.request.path);
  return *found;
}

void charge(World& world, Account& account, std::string_view type, const std::string& sid,
            std::int64_t price, Metadata metadata) {
  account.balance += price;
  constexpr std::int64_t kUnitsOfCent = kPriceUnits / 100;
  Movement movement;
  movement.provider = "twilio";
  movement.type = type;
  movement.id = sid;
  movement.payment = sid;
  movement.amount = (-price + kUnitsOfCent / 2) / kUnitsOfCent;
  movement.currency = "USD";
  movement.account = account.sid;
  movement.keyLast4 = account.keyLast4;
  movement.metadata = std::move(metadata);
  movement.metadata.emplace_back("price", priceText(price));
  movement.atMs = world.timeMs();
  world.record(std::move(movement));
}

ApiAnswer pageAnswer(const Call& call, const std::vector<Json*>& objects, const char* name) {
  const auto page = cut(call, objects);
  const auto uris = urisOf(call, page);
  const auto start = page.number * page.size;
  Json body = Json::object();
  body["first_page_uri"] = uris.first;
  body["end"] =
      start + std::max<std::int64_t>(static_cast<std::int64_t>(page.objects.size()) - 1, 0);
  body["previous_page_uri"] = textOrNull(uris.previous);
  body[name] = listOf(page.objects);
  body["uri"] = uris.self;
  body["page_size"] = page.size;
  body["start"] = start;
  body["next_page_uri"] = textOrNull(uris.next);
  body["page"] = page.number;
  return jsonAnswer(200, body);
}

ApiAnswer metaPageAnswer(const Call& call, const std::vector<Json*>& objects, const char* name) {
  const auto page = cut(call, objects);
  const auto uris = urisOf(call, page);
  const auto whole = [&](const std::string& uri) {
    return textOrNull(uri.empty() ? uri : call.request.origin + uri);
  };
  Json body = Json::object();
  body["meta"] = Json::object();
  body["meta"]["page"] = page.number;
  body["meta"]["page_size"] = page.size;
  body["meta"]["first_page_url"] = whole(uris.first);
  body["meta"]["previous_page_url"] = whole(uris.previous);
  body["meta"]["next_page_url"] = whole(uris.next);
  body["meta"]["key"] = name;
  body["meta"]["url"] = whole(uris.self);
  body[name] = listOf(page.objects);
  return jsonAnswer(200, body);
}

bool meetsTime(const Call& call, const std::string& name, std::int64_t ms) {
  const auto bound = [&](const std::string& parameter) -> std::optional<std::int64_t> {
    const auto text = call.queryText(parameter);
    if (text.empty()) return std::nullopt;
    const auto time = readTime(text);
    if (!time) throw problem(400, 20001, "Invalid date in " + parameter);
    return time;
  };
  const auto wholeDay = [&](const std::string& parameter) {
    return call.queryText(parameter).size() == 10;
  };
  if (const auto day = bound(name)) {
    const auto length = wholeDay(name) ? kDayMs : 1000;
    if (ms < *day || ms >= *day + length) return false;
  }
  if (const auto before = bound(name + "<")) {
    const auto end = *before + (wholeDay(name + "<") ? kDayMs : 1000);
    if (ms >= end) return false;
  }
  const auto after = bound(name + ">");
  return !after || ms >= *after;
}

}  // namespace simulators::twilio
