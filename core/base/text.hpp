// Small text tools that every folder needs: hex, base64, percent-encoding, query strings, digests,
// comparison in constant time, edit distance. Pure functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unigate::base {

// Lower-case hex of bytes.
std::string toHex(std::string_view bytes);
// Bytes of hex in either case; empty for odd length or another character.
std::optional<std::string> fromHex(std::string_view text);

// RFC 4648 section 4, padded.
std::string toBase64(std::string_view bytes);
// Strict: padded, no white space, unused bits zero; empty otherwise.
std::optional<std::string> fromBase64(std::string_view text);
// RFC 4648 section 5 without padding, as JWS wants it.
std::string toBase64Url(std::string_view bytes);
std::optional<std::string> fromBase64Url(std::string_view text);

// RFC 3986: everything but the unreserved characters as %XX.
std::string percentEncode(std::string_view bytes);
// Empty for a bad escape. `plusIsSpace` is the rule of forms and query strings.
std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace = false);

using QueryPairs = std::vector<std::pair<std::string, std::string>>;
// Names and values of "a=1&b=two+words", decoded, in order; a name without '=' has an empty value.
// Empty optional for a bad percent escape.
std::optional<QueryPairs> parseQuery(std::string_view query);

// True when both are equal; takes the same time wherever they differ. Only the length may leak.
bool constantTimeEquals(std::string_view left, std::string_view right);

std::array<std::uint8_t, 32> sha256(std::string_view bytes);
// Lower-case hex of the digest, 64 characters.
std::string sha256Hex(std::string_view bytes);

// Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool isUtf8(std::string_view text);
// Unicode characters in well-formed UTF-8.
std::size_t countCharacters(std::string_view text);

// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
std::size_t editDistance(std::string_view left, std::string_view right);
// The candidate that a person probably meant (a third of its letters wrong at most); empty if none.
std::optional<std::string> nearestOf(std::string_view text,
                                     const std::vector<std::string_view>& candidates);

// A name from outside, fit for a message or a log line: control characters and bytes beyond ASCII
// become '?', and it is cut at `charsMax`.
std::string printable(std::string_view text, std::size_t charsMax = 64);

}  // namespace unigate::base
