// What all requests to Stripe have in common, and how its answers are taken apart. Used by every
// operation of this adapter.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unigate/sdk.hpp>

namespace stripe {

namespace json = unigate::json;
namespace money = unigate::money;
namespace sdk = unigate::sdk;
namespace timestamp = unigate::timestamp;

// The version whose answers this adapter understands; an account's default may be older.
inline constexpr std::string_view kVersion = "2026-07-29.dahlia";

// Metadata keys of our own at Stripe. Results don't show them.
inline constexpr std::string_view kOurPrefix = "unigate_";
inline constexpr std::string_view kOperationKey = "unigate_operation";
inline constexpr std::string_view kReferenceKey = "unigate_reference";
inline constexpr std::string_view kReasonKey = "unigate_reason";

// Stripe takes this many metadata keys on one object.
inline constexpr std::size_t kMetadataKeysMax = 50;

sdk::HttpRequest get(std::string path, std::string query, std::string label);
// A form post under the call's idempotency key. Where one operation writes several times, all but
// one write have a key of their own, made by `keySuffix`.
sdk::HttpRequest post(std::string path, sdk::FormEncoder form, const sdk::Call& call,
                      std::string label, std::string_view keySuffix = {});
// Stripe takes no key for a DELETE, hence no retry that the gateway doesn't know of.
sdk::HttpRequest deletion(std::string path, std::string query, std::string label);

// `/v1/<collection>/<id><tail>`. Refuses an id that is no Stripe id, since "..", "?" and the like
// would reach another resource. `field` is the unified name of the id.
sdk::Result<std::string> objectPath(std::string_view collection, std::string_view id,
                                    std::string_view field, std::string_view tail = {});

// Adds the client's metadata and then ours (name and value, empty values are left out).
std::optional<sdk::Error> addMetadata(
    sdk::FormEncoder& form, const sdk::Metadata& client,
    std::initializer_list<std::pair<std::string_view, std::string_view>> ours);

// The client's part of an object's metadata.
sdk::Metadata clientMetadata(json::View object);

// Reads a 2xx answer into `document`; else says what the answer means. An answer of 2xx that is no
// object of that kind has an unknown outcome: money may have moved.
std::optional<sdk::Error> readAnswer(const sdk::HttpResponse& response, std::string_view kind,
                                     json::Document& document);

// The id of a field that is an id or an expanded object.
std::optional<std::string> idOf(json::View field);
std::optional<std::string> textOf(json::View field);

}  // namespace stripe
