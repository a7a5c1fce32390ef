// How one object of Razorpay's becomes a unified resource: what all kinds have in common. Used by
// the files of the resources.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "amounts.hpp"
#include "wire.hpp"

namespace razorpay {

// What a reader of an object knows besides it: Razorpay's objects don't say whether they are live.
struct Context {
  bool live = false;
  std::string_view keyId = {};  // for Checkout in the browser
};

inline Context contextOf(const sdk::Call& call) {
  return {call.live, call.setting("key_id")};
}

inline sdk::Error unusable(std::string_view kind, std::string_view what) {
  return sdk::Error::badResponse("Razorpay's " + std::string(kind) + " has no usable " +
                                 std::string(what));
}

// Id, notes, mode and time of an object that must be a `kind`. Objects inside of webhooks and
// payment links lack the member `entity`; with an empty kind it isn't asked for.
template <typename T>
std::optional<sdk::Error> readCommon(json::View object, std::string_view kind,
                                     const Context& context, T& out) {
  if (!object.isObject()) return unusable(kind, "object");
  if (!kind.empty() && object["entity"].stringOr("") != kind) return unusable(kind, "type");
  out.providerId = std::string(object["id"].stringOr(""));
  if (out.providerId.empty()) return unusable(kind.empty() ? "object" : kind, "id");
  if constexpr (requires { out.metadata; }) out.metadata = clientNotes(object);
  if constexpr (requires { out.livemode; }) out.livemode = context.live;
  if constexpr (requires { out.createdUnixS; }) {
    out.createdUnixS = std::max<std::int64_t>(0, object["created_at"].int64Or(0));
  }
  return std::nullopt;
}

// Amount and currency of an object, both required.
template <typename T>
std::optional<sdk::Error> readMoney(json::View object, std::string_view kind, T& out) {
  auto currency = currencyOf(object["currency"]);
  if (!currency) return unusable(kind, "currency");
  out.currency = std::move(*currency);
  const auto amount = fromRazorpay(object["amount"]);
  if (!amount) return unusable(kind, "amount");
  out.amount = *amount;
  return std::nullopt;
}

// The object in a 2xx answer; it must be the one with `providerId`, if that is not empty.
template <typename T>
sdk::Result<T> readOne(const sdk::HttpResponse& response, const sdk::Call& call,
                       sdk::Result<T> (*read)(json::View, const Context&),
                       std::string_view providerId = {}) {
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  sdk::Result<T> object = read(document.root(), contextOf(call));
  if (object && !providerId.empty() && object->providerId != providerId) {
    return sdk::Error::badResponse("Razorpay answered with another object");
  }
  return object;
}

}  // namespace razorpay
