// The meaning of header fields for framing: the half of HttpParser that decides where a request
// ends.
#include <algorithm>
#include <array>
#include <charconv>

#include "net/http_parser.hpp"
#include "net/http_text.hpp"

namespace unigate::net {

using text::sameName;

namespace {

// Fields that must not arrive after the body: framing, routing, authentication, and what decides
// how the body is read (RFC 9110 section 6.5.1).
constexpr std::array<std::string_view, 23> kForbiddenTrailers = {
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "host",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "keep-alive",
    "max-forwards",
    "proxy-authorization",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "if-unmodified-since",
    "if-modified-since",
};

// uri-host [ ":" port ] of RFC 9110 section 7.2; an empty host names nobody and is refused.
bool validHost(std::string_view host) {
  std::size_t hostEnd = 0;
  if (!host.empty() && host.front() == '[') {
    hostEnd = host.find(']');
    if (hostEnd == std::string_view::npos || hostEnd == 1) return false;
    const std::string_view address = host.substr(1, hostEnd - 1);
    const auto literal = [](char c) { return text::is(c, text::kHex) || c == ':' || c == '.'; };
    if (!std::all_of(address.begin(), address.end(), literal)) return false;
    ++hostEnd;
  } else {
    hostEnd = std::min(host.find(':'), host.size());
    if (hostEnd == 0 || !text::all(host.substr(0, hostEnd), text::kRegName)) return false;
  }
  if (hostEnd == host.size()) return true;
  if (host[hostEnd] != ':') return false;
  const std::string_view port = host.substr(hostEnd + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return port.size() <= 5 && std::all_of(port.begin(), port.end(), digit);
}

}  // namespace

const std::string* findHeader(const HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (sameName(key, name)) return &value;
  }
  return nullptr;
}

void HttpParser::fieldDone() {
  auto& [name, value] = request_.headers.back();
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
  if (headersDone_) {
    trailerDone();
    return;
  }
  switch (name.size()) {
    case 4:
      if (sameName(name, "host") && hosts_++ != 0)
        refuseBad(nullptr, "There are two Host headers.");
      break;
    case 6:
      if (sameName(name, "expect")) {
        (sameName(value, "100-continue") ? expectsContinue_ : expectsOther_) = true;
      }
      break;
    case 10:
      if (sameName(name, "connection")) readConnection(value);
      break;
    case 14:
      if (sameName(name, "content-length") && (hasLength_ || !readContentLength(value))) {
        refuseBad(nullptr, "Content-Length must be there once and be a decimal number.");
      }
      break;
    case 17:
      if (sameName(name, "transfer-encoding")) {
        if (chunked_ || !sameName(value, "chunked")) {
          refuseBad(nullptr, "Transfer-Encoding must be exactly one \"chunked\".");
        }
        chunked_ = true;
      }
      break;
    default:
      break;
  }
}

// Trailers are checked and dropped: nothing of them may change how the request is read.
void HttpParser::trailerDone() {
  const std::string& name = request_.headers.back().first;
  const auto same = [&](std::string_view forbidden) { return sameName(name, forbidden); };
  if (std::any_of(kForbiddenTrailers.begin(), kForbiddenTrailers.end(), same)) {
    refuseBad(nullptr, "A trailer has a name that is allowed only before the body.");
  }
  request_.headers.pop_back();
}

void HttpParser::readConnection(std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view token = text::trim(value.substr(0, comma));
    if (sameName(token, "close")) sawClose_ = true;
    if (sameName(token, "keep-alive")) sawKeepAlive_ = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

bool HttpParser::readContentLength(std::string_view value) {
  hasLength_ = true;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, bodyLeft_);
  return error == std::errc() && stop == end;
}

void HttpParser::sectionDone() {
  if (headersDone_) return;  // trailers: the request is complete
  headersDone();
}

void HttpParser::headersDone() {
  if (!checkHost() || !checkFraming()) return;
  // A 1.0 client does not know of expectations (RFC 9110 section 10.1.1).
  if (request_.versionMinor == 0) expectsContinue_ = expectsOther_ = false;
  if (expectsOther_) {
    refuse(nullptr, 417, "expectation_failed", "Only \"Expect: 100-continue\" is understood.");
    return;
  }
  headersDone_ = chunked_ || bodyLeft_ > 0;
  if (chunked_) {
    state_ = State::chunkSize;
  } else if (bodyLeft_ > 0) {
    state_ = State::fixedBody;
    constexpr std::uint64_t kReserveMax = 16 * 1024;  // announced is not yet sent
    request_.body.reserve(static_cast<std::size_t>(std::min(bodyLeft_, kReserveMax)));
  }
}

bool HttpParser::checkHost() {
  std::string* host = nullptr;
  for (auto& [name, value] : request_.headers) {
    if (sameName(name, "host")) host = &value;
  }
  if (host == nullptr && request_.versionMinor == 1) {
    refuseBad(nullptr, "The Host header is missing.");
    return false;
  }
  const bool absolute = request_.target.front() != '/' && request_.target != "*";
  if ((host != nullptr && !validHost(*host)) || (absolute && !validHost(authority_))) {
    refuseBad(nullptr, "The host is empty or has an illegal character.");
    return false;
  }
  // The target's authority overrides Host (RFC 9112 section 3.2.2).
  if (absolute && host != nullptr) *host = authority_;
  return true;
}

bool HttpParser::checkFraming() {
  if (chunked_ && hasLength_) {
    refuseBad(nullptr, "Content-Length and Transfer-Encoding exclude each other.");
    return false;
  }
  if (chunked_ && request_.versionMinor == 0) {
    refuseBad(nullptr, "HTTP/1.0 has no Transfer-Encoding.");
    return false;
  }
  if (bodyLeft_ > limits_->bodyBytesMax) {
    refuse(nullptr, 413, "body_too_large", "The body is too large.");
    return false;
  }
  return true;
}

}  // namespace unigate::net
