#include "listing.hpp"

namespace twilio {

namespace {

bool isHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

// Visible ASCII that a query may hold, with well-formed escapes.
bool isQuery(std::string_view text) {
  constexpr std::size_t kCharsMax = 4000;
  if (text.empty() || text.size() > kCharsMax) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= 0x20 || c >= 0x7F || std::string_view("#?\\\"<>^`{|}").find(c) != text.npos) {
      return false;
    }
    if (c == '%' && (i + 2 >= text.size() || !isHexDigit(text[i + 1]) || !isHexDigit(text[i + 2])))
      return false;
  }
  return true;
}

}  // namespace

sdk::Result<std::optional<std::string>> nextCursorOf(json::View page, std::string_view path) {
  using Cursor = std::optional<std::string>;
  const json::View next = page["next_page_uri"];
  if (next.isNothing()) return Cursor();
  const std::string_view uri = next.stringOr("");
  const bool ours =
      uri.size() > path.size() + 1 && uri.substr(0, path.size()) == path && uri[path.size()] == '?';
  if (!ours || !isQuery(uri.substr(path.size() + 1))) {
    return sdk::Error::badResponse("Twilio's list goes on somewhere else");
  }
  return Cursor(std::string(uri.substr(path.size() + 1)));
}

std::optional<sdk::Error> checkCursor(std::string_view cursor) {
  if (isQuery(cursor) && cursor.find('=') != std::string_view::npos) return std::nullopt;
  return sdk::Error::invalidRequest("starting_after",
                                    "'starting_after' must be the 'next_cursor' of a page before");
}

}  // namespace twilio
