// What all requests to Razorpay have in common, and how its answers are taken apart. Used by every
// operation of this adapter.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/sdk.hpp>
#include <utility>

namespace razorpay {

namespace json = unigate::json;
namespace money = unigate::money;
namespace sdk = unigate::sdk;

// Notes of our own at Razorpay. Results don't show them.
inline constexpr std::string_view kOurPrefix = "unigate_";
inline constexpr std::string_view kOperationKey = "unigate_operation";
inline constexpr std::string_view kReferenceKey = "unigate_reference";
inline constexpr std::string_view kReasonKey = "unigate_reason";
inline constexpr std::string_view kDescriptionKey = "unigate_description";
inline constexpr std::string_view kCaptureKey = "unigate_capture";
inline constexpr std::string_view kPaymentKey = "unigate_payment";
inline constexpr std::string_view kCustomerKey = "unigate_customer";

// Razorpay keeps this many notes on one object, each text at most this long.
inline constexpr std::size_t kNotesMax = 15;
inline constexpr std::size_t kNoteCharsMax = 256;
// The longest receipt or reference_id.
inline constexpr std::size_t kReferenceCharsMax = 40;

// The requests act for the linked account of the credential `account_id`, where one is set.
sdk::HttpRequest get(std::string path, std::string query, const sdk::Call& call, std::string label);
// A write with a JSON body; an empty body is sent as none.
sdk::HttpRequest send(sdk::Method method, std::string path, std::string body, const sdk::Call& call,
                      std::string label);
inline sdk::HttpRequest post(std::string path, std::string body, const sdk::Call& call,
                             std::string label) {
  return send(sdk::Method::Post, std::move(path), std::move(body), call, std::move(label));
}
// The same under the call's idempotency key, whose header differs by resource.
sdk::HttpRequest postWithKey(std::string_view header, std::string path, std::string body,
                             const sdk::Call& call, std::string label);

// `<base><id><tail>`, e.g. "/v1/orders/" + id. Refuses an id that is no Razorpay id, since "..",
// "?" and the like would reach another resource. `field` is the unified name of the id.
sdk::Result<std::string> objectPath(std::string_view base, std::string_view id,
                                    std::string_view field, std::string_view tail = {});
// True for letters, digits, '_' and '-' alone.
bool isRazorpayId(std::string_view id);

using OurNotes = std::initializer_list<std::pair<std::string_view, std::string_view>>;
// Writes the client's metadata and then ours (empty values are left out) as the member `notes`.
std::optional<sdk::Error> addNotes(json::Writer& out, const sdk::Metadata& client, OurNotes ours);

// One of our notes; empty where there is none.
std::string_view noteOf(json::View object, std::string_view name);
// The client's part of an object's notes.
sdk::Metadata clientNotes(json::View object);
// The client's reference, else our operation id.
std::optional<std::string> referenceOf(json::View object);

// Our operation id as receipt or reference_id.
std::optional<sdk::Error> checkOperationId(std::string_view operationId);

// Reads a 2xx answer into `document`; else says what the answer means. An answer of 2xx that is no
// object of that kind has an unknown outcome: money may have moved. An empty kind takes any object.
std::optional<sdk::Error> readAnswer(const sdk::HttpResponse& response, std::string_view kind,
                                     json::Document& document);

// Text that is there and not empty.
std::optional<std::string> textOf(json::View field);
// Unix seconds; empty for null, for 0 (how payment links write null) and for what is no time.
std::optional<std::int64_t> secondsOf(json::View field);

}  // namespace razorpay
