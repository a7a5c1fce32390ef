#include "twiml.hpp"

namespace twilio {

namespace {

void appendEscaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        // XML 1.0 has no other control characters, not even escaped.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n') out += c;
    }
  }
}

void addAttribute(std::string& out, std::string_view name,
                  const std::optional<std::string>& value) {
  if (!value || value->empty()) return;
  out.append(" ").append(name).append("=\"");
  appendEscaped(out, *value);
  out += '"';
}

}  // namespace

std::string sayDocument(std::string_view text, const std::optional<std::string>& voice,
                        const std::optional<std::string>& language) {
  std::string out = "<Response><Say";
  addAttribute(out, "voice", voice);
  addAttribute(out, "language", language);
  out += '>';
  appendEscaped(out, text);
  out += "</Say></Response>";
  return out;
}

}  // namespace twilio
