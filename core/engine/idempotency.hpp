// Idempotency keys (money-safety rule 3): what a client may send as a key, and the fingerprint that
// tells a repetition of a request from another request under the same key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

#include "base/result.hpp"

namespace unigate::engine {

// The key inside an `Idempotency-Key` header: 1-255 visible ASCII characters, bare or as a quoted
// string (RFC 8941).
base::Result<std::string> parseIdempotencyKey(std::string_view header);

// JSON with members sorted by name at every depth and no white space: equal for requests that mean
// the same.
std::string canonicalJson(json::View value);

// SHA-256 in hex over method, route and canonical body.
std::string fingerprint(std::string_view method, std::string_view route, json::View body);

}  // namespace unigate::engine
