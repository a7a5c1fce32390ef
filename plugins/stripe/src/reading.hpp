// How one object of Stripe's becomes a unified resource: what all kinds have in common. Used by the
// files of the resources.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "amounts.hpp"
#include "wire.hpp"

namespace stripe {

inline sdk::Error unusable(std::string_view kind, std::string_view what) {
  return sdk::Error::badResponse("Stripe's " + std::string(kind) + " has no usable " +
                                 std::string(what));
}

// Id, metadata, mode and time of an object that must be a `kind`.
template <typename T>
std::optional<sdk::Error> readCommon(json::View object, std::string_view kind, T& out) {
  if (object["object"].stringOr("") != kind) return unusable(kind, "type");
  out.providerId = std::string(object["id"].stringOr(""));
  if (out.providerId.empty()) return unusable(kind, "id");
  if constexpr (requires { out.metadata; }) out.metadata = clientMetadata(object);
  out.livemode = object["livemode"].booleanOr(false);
  out.createdUnixS = std::max<std::int64_t>(0, object["created"].int64Or(0));
  return std::nullopt;
}

// Unix seconds up to the year 9999; empty for null and for what is no such time.
inline std::optional<std::int64_t> secondsOf(json::View field) {
  constexpr std::int64_t kSecondsMax = 253'402'300'799;
  const auto seconds = field.int64();
  return seconds && *seconds >= 0 && *seconds <= kSecondsMax ? seconds : std::nullopt;
}

// Our minor units; empty for null, for less than 0 and for what is no whole number of them.
inline std::optional<std::int64_t> amountOf(json::View field, std::string_view currency) {
  const auto number = field.int64();
  const auto amount = number ? fromStripe(*number, currency) : std::optional<std::int64_t>();
  return amount && *amount >= 0 ? amount : std::nullopt;
}

// Text that is there and not empty.
inline std::optional<std::string> wordOfField(json::View field) {
  auto text = textOf(field);
  return text && !text->empty() ? text : std::nullopt;
}

// ISO 4217 code in upper case; empty if it is none.
inline std::optional<std::string> currencyOf(json::View field) {
  std::string code = money::upper(field.stringOr(""));
  if (!money::findCurrency(code)) return std::nullopt;
  return code;
}

// The client's reference, else our operation id.
inline std::optional<std::string> referenceOf(json::View object) {
  auto reference = textOf(object["metadata"][kReferenceKey]);
  return reference ? reference : textOf(object["metadata"][kOperationKey]);
}

// The object in a 2xx answer; it must be the one with `providerId`, if that is not empty.
template <typename T>
sdk::Result<T> readOne(const sdk::HttpResponse& response, std::string_view kind,
                       sdk::Result<T> (*read)(json::View), std::string_view providerId = {}) {
  json::Document document;
  if (auto problem = readAnswer(response, kind, document)) return std::move(*problem);
  sdk::Result<T> object = read(document.root());
  if (object && !providerId.empty() && object->providerId != providerId) {
    return sdk::Error::badResponse("Stripe answered with another " + std::string(kind));
  }
  return object;
}

// True if the metadata shows a change that was asked for: empty text removes a key.
inline bool showsMetadata(const sdk::Metadata& is, const sdk::Metadata& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& item) {
    const auto at = std::find_if(is.begin(), is.end(),
                                 [&](const auto& other) { return other.first == item.first; });
    return (at == is.end() ? std::string_view() : std::string_view(at->second)) == item.second;
  });
}

}  // namespace stripe
