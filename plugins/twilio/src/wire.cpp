#include "wire.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "errors.hpp"

namespace twilio {

namespace {

sdk::HttpRequest request(sdk::Method method, std::string_view endpoint, std::string path,
                         std::string label) {
  sdk::HttpRequest made;
  made.method = method;
  made.endpoint = std::string(endpoint);
  made.path = std::move(path);
  made.auth = "account";
  made.headers.push_back({"Accept", "application/json"});
  // Who talks to whom about what is nobody else's business, and codes are secrets.
  made.redact = {"To",       "From", "Body",  "Code",  "Twiml",         "ContentVariables",
                 "MediaUrl", "/to",  "/from", "/body", "/to_formatted", "/from_formatted"};
  made.traceLabel = std::move(label);
  return made;
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// "0.0075": digits, and at most one point with digits on both sides.
bool isDecimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), isDigit);
  };
  return digits(whole) && (point == std::string_view::npos || digits(text.substr(point + 1)));
}

}  // namespace

sdk::HttpRequest get(std::string_view endpoint, std::string path, std::string query,
                     std::string label) {
  sdk::HttpRequest made = request(sdk::Method::Get, endpoint, std::move(path), std::move(label));
  made.query = std::move(query);
  made.mayRetry = true;
  return made;
}

sdk::HttpRequest post(std::string_view endpoint, std::string path, sdk::FormEncoder form,
                      std::string label) {
  sdk::HttpRequest made = request(sdk::Method::Post, endpoint, std::move(path), std::move(label));
  made.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  made.body = form.take();
  return made;
}

bool isSid(std::string_view id, std::string_view prefix) {
  constexpr std::size_t kCharsMax = 64;
  if (id.size() <= prefix.size() || id.size() > kCharsMax) return false;
  if (id.substr(0, prefix.size()) != prefix) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return isDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

sdk::Result<std::string> sidSetting(const sdk::Call& call, std::string_view name,
                                    std::string_view prefix) {
  const std::string_view sid = call.setting(name);
  if (isSid(sid, prefix)) return std::string(sid);
  std::string message = sid.empty() ? "this account of Twilio has no '" : "the account's '";
  message.append(name).append(sid.empty() ? "'; store one that starts with '"
                                          : "' does not start with '");
  message.append(prefix).append("'");
  return sdk::Error::invalidRequest(std::string(name), std::move(message));
}

sdk::Result<std::string> accountPath(const sdk::Call& call, std::string_view tail) {
  sdk::Result<std::string> account = sidSetting(call, "account_sid", "AC");
  if (!account) return account;
  return "/2010-04-01/Accounts/" + *account + std::string(tail);
}

std::optional<sdk::Error> checkSid(std::string_view id, std::string_view prefix,
                                   std::string_view field, std::string_view kind) {
  if (isSid(id, prefix)) return std::nullopt;
  std::string message = "'" + std::string(field) + "' is no " + std::string(kind) +
                        " of Twilio: it must start with '" + std::string(prefix) + "'";
  return sdk::Error::invalidRequest(std::string(field), std::move(message));
}

std::optional<sdk::Error> readAnswer(const sdk::HttpResponse& response, json::Document& document) {
  if (!response.is2xx()) return errorOf(response);
  if (!response.json(document) || !document.root().isObject()) {
    return sdk::Error::badResponse("Twilio's answer is no JSON object");
  }
  return std::nullopt;
}

std::optional<std::string> textOf(json::View field) {
  const auto text = field.string();
  if (!text || text->empty()) return std::nullopt;
  return std::string(*text);
}

std::optional<std::int64_t> countOf(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return count;
}

std::optional<std::int64_t> timeOf(json::View field) {
  const auto unixS = timestamp::fromRfc2822(field.stringOr(""));
  if (!unixS || *unixS < 0) return std::nullopt;
  return unixS;
}

std::optional<sdk::Cost> costOf(json::View price, json::View unit) {
  const std::string_view text = price.stringOr("");
  const bool paid = text.substr(0, 1) == "-";
  const std::string_view digits = text.substr(paid ? 1 : 0);
  const auto currency = money::findCurrency(unit.stringOr(""));
  if (!isDecimal(digits) || digits.size() > 38 || !currency) return std::nullopt;
  const bool nothing = digits.find_first_not_of("0.") == std::string_view::npos;
  std::string value = paid || nothing ? "" : "-";
  value.append(digits);
  return sdk::Cost{std::move(value), std::string(currency->code)};
}

bool isWhatsapp(std::string_view address) {
  return address.substr(0, kWhatsapp.size()) == kWhatsapp;
}

std::string withoutChannel(std::string_view address) {
  return std::string(isWhatsapp(address) ? address.substr(kWhatsapp.size()) : address);
}

}  // namespace twilio
