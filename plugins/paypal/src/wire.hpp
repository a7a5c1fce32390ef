// What all requests to PayPal have in common, and how its answers are taken apart. Used by every
// operation of this adapter.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/sdk.hpp>

namespace paypal {

namespace json = unigate::json;
namespace money = unigate::money;
namespace sdk = unigate::sdk;
namespace timestamp = unigate::timestamp;

// A read.
sdk::HttpRequest get(std::string path, std::string query, std::string label);
// A post of JSON under `key` as PayPal-Request-Id; an empty key sends none. `body` may be empty.
sdk::HttpRequest post(std::string path, std::string body, std::string key, std::string label);
sdk::HttpRequest remove(std::string path, std::string label);

// `<collection>/<id><tail>`. Refuses an id that is none of PayPal's, since "..", "?" and the like
// would reach another resource. `field` is the unified name of the id.
sdk::Result<std::string> objectPath(std::string_view collection, std::string_view id,
                                    std::string_view field, std::string_view tail = {});

// Refuses a text of more than `charsMax` characters, naming the field.
std::optional<sdk::Error> tooLong(std::string_view field, std::string_view text,
                                  std::size_t charsMax);

// Reads a 2xx answer that must be a JSON object; else says what the answer means.
std::optional<sdk::Error> readAnswer(const sdk::HttpResponse& response, const sdk::Call& call,
                                     json::Document& document);

// A text that is not empty.
std::optional<std::string> textOf(json::View field);
// Unix seconds of a time; empty where there is none that can be read. Never negative.
std::optional<std::int64_t> timeOf(json::View field);
std::int64_t timeOrZero(json::View field);

// The address of the first link with one of the names, in the order of the names.
std::optional<std::string> linkOf(json::View object, std::initializer_list<std::string_view> names);
// The last segment of the path of such a link: the id of what it leads to.
std::string idInLink(json::View object, std::initializer_list<std::string_view> names);

// The next action that sends the payer to PayPal, where the answer has a link for it.
std::optional<sdk::NextAction> approvalOf(json::View object);

// Writes `name` only where there is a value.
template <typename T>
void memberIf(json::Writer& out, std::string_view name, const std::optional<T>& value) {
  if (value) out.member(name, *value);
}

// The page that a cursor of ours names: "3" is the third page. 1 without a cursor.
sdk::Result<std::int64_t> pageOf(const std::optional<std::string>& cursor);

}  // namespace paypal
