#include "wire.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "errors.hpp"

namespace paypal {

namespace {

bool isPaypalId(std::string_view id) {
  constexpr std::size_t kCharsMax = 255;
  return !id.empty() && id.size() <= kCharsMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '=';
  });
}

sdk::HttpRequest request(sdk::Method method, std::string path, std::string label) {
  sdk::HttpRequest request;
  request.method = method;
  request.endpoint = "api";
  request.path = std::move(path);
  request.auth = "oauth";
  request.headers.push_back({"Accept", "application/json"});
  request.redact = {"/payer", "/payment_source", "/subscriber", "/purchase_units/0/shipping",
                    "/email", "/customer"};
  request.traceLabel = std::move(label);
  return request;
}

}  // namespace

sdk::HttpRequest get(std::string path, std::string query, std::string label) {
  sdk::HttpRequest made = request(sdk::Method::Get, std::move(path), std::move(label));
  made.query = std::move(query);
  made.mayRetry = true;
  return made;
}

sdk::HttpRequest post(std::string path, std::string body, std::string key, std::string label) {
  sdk::HttpRequest made = request(sdk::Method::Post, std::move(path), std::move(label));
  made.headers.push_back({"Content-Type", "application/json"});
  // Without it the answer holds no amounts.
  made.headers.push_back({"Prefer", "return=representation"});
  if (!key.empty()) made.headers.push_back({"PayPal-Request-Id", std::move(key)});
  made.body = std::move(body);
  return made;
}

sdk::HttpRequest remove(std::string path, std::string label) {
  return request(sdk::Method::Delete, std::move(path), std::move(label));
}

sdk::Result<std::string> objectPath(std::string_view collection, std::string_view id,
                                    std::string_view field, std::string_view tail) {
  if (!isPaypalId(id)) {
    return sdk::Error::invalidRequest(std::string(field),
                                      "'" + std::string(field) + "' is no id of PayPal");
  }
  std::string path(collection);
  path.append("/").append(sdk::percentEncode(id)).append(tail);
  return path;
}

std::optional<sdk::Error> tooLong(std::string_view field, std::string_view text,
                                  std::size_t charsMax) {
  // Continuation bytes of UTF-8 are no characters of their own.
  const auto chars = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  if (static_cast<std::size_t>(chars) <= charsMax) return std::nullopt;
  return sdk::Error::invalidRequest(
      std::string(field), "PayPal takes at most " + std::to_string(charsMax) + " characters in '" +
                              std::string(field) + "'");
}

std::optional<sdk::Error> readAnswer(const sdk::HttpResponse& response, const sdk::Call& call,
                                     json::Document& document) {
  if (!response.is2xx()) return errorOf(response, call);
  if (!response.json(document)) return sdk::Error::badResponse("PayPal's answer is no JSON");
  if (!document.root().isObject()) {
    return sdk::Error::badResponse("PayPal's answer is no JSON object");
  }
  return std::nullopt;
}

std::optional<std::string> textOf(json::View field) {
  const auto text = field.string();
  if (!text || text->empty()) return std::nullopt;
  return std::string(*text);
}

std::optional<std::int64_t> timeOf(json::View field) {
  const auto seconds = timestamp::fromIso8601(field.stringOr(""));
  if (!seconds || *seconds < 0) return std::nullopt;
  return seconds;
}

std::int64_t timeOrZero(json::View field) {
  return timeOf(field).value_or(0);
}

std::optional<std::string> linkOf(json::View object,
                                  std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const json::View link : object["links"].items()) {
      if (link["rel"].stringOr("") != name) continue;
      if (auto address = textOf(link["href"])) return address;
    }
  }
  return std::nullopt;
}

std::string idInLink(json::View object, std::initializer_list<std::string_view> names) {
  std::string_view address;
  const auto link = linkOf(object, names);
  if (!link) return {};
  address = *link;
  address = address.substr(0, address.find_first_of("?#"));
  return std::string(address.substr(address.rfind('/') + 1));
}

std::optional<sdk::NextAction> approvalOf(json::View object) {
  auto link = linkOf(object, {"payer-action", "approve"});
  if (!link) return std::nullopt;
  sdk::NextAction action;
  action.type = sdk::NextAction::Type::Redirect;
  action.url = std::move(link);
  action.providerType = linkOf(object, {"payer-action"}) ? "payer-action" : "approve";
  return action;
}

sdk::Result<std::int64_t> pageOf(const std::optional<std::string>& cursor) {
  if (!cursor) return std::int64_t{1};
  std::int64_t page = 0;
  const char* end = cursor->data() + cursor->size();
  const auto [stop, problem] = std::from_chars(cursor->data(), end, page);
  constexpr std::int64_t kPagesMax = 100'000;
  if (problem != std::errc() || stop != end || page < 1 || page > kPagesMax) {
    return sdk::Error::invalidRequest("starting_after",
                                      "'starting_after' must be a next_cursor of an earlier page");
  }
  return page;
}

}  // namespace paypal
