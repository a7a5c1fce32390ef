#include "net/http_parser.hpp"

#include <algorithm>
#include <utility>

#include "net/http_text.hpp"

namespace unigate::net {

using text::is;
using text::skip;

namespace {

constexpr std::size_t kMethodBytesMax = 32;
constexpr std::uint8_t kEmptyLinesMax = 2;  // some clients send them after a body
constexpr std::uint8_t kChunkDigitsMax = 16;
constexpr std::string_view kVersionStart = "HTTP/1.";

}  // namespace

HttpParser::Status HttpParser::feed(std::string_view bytes, std::size_t& consumed) {
  Cursor at = bytes.data();
  const Cursor end = at + bytes.size();
  while (at != end && state_ < State::complete) {
    if (state_ < State::fieldStart || state_ > State::quotedEnd) {
      at = step(at, end);
      continue;
    }
    const std::size_t room = limits_->headerBytesMax - sectionBytes_;
    if (room == 0) {
      refuse(at, 431, "headers_too_large",
             "The header section is too large; send fewer or shorter headers.");
      break;
    }
    const Cursor next = step(at, at + std::min(room, static_cast<std::size_t>(end - at)));
    sectionBytes_ += static_cast<std::size_t>(next - at);
    at = next;
  }
  consumed = static_cast<std::size_t>(at - bytes.data());
  if (state_ == State::complete) return Status::complete;
  return state_ == State::refused ? Status::refused : Status::needMore;
}

Request HttpParser::take() {
  Request done = std::move(request_);
  *this = HttpParser(*limits_);
  return done;
}

HttpParser::Cursor HttpParser::step(Cursor at, Cursor end) {
  switch (state_) {
    case State::start:
      return onStart(at);
    case State::startLf:
      return expect(at, '\n', State::start, "A carriage return stands alone.");
    case State::method:
      return onMethod(at, end);
    case State::target:
      return onTarget(at, end);
    case State::version:
      return onVersion(at, end);
    case State::lineCr:
      return expect(at, '\r', State::lineLf, "The request line must end with CRLF.");
    case State::lineLf:
      at = expect(at, '\n', State::fieldStart, "A carriage return stands alone.");
      if (state_ == State::fieldStart) requestLineDone();
      return at;
    case State::fieldStart:
      return onFieldStart(at);
    case State::fieldName:
      return onFieldName(at, end);
    case State::valueStart:
      return onValueStart(at, end);
    case State::value:
      return onValue(at, end);
    case State::valueLf:
      at = expect(at, '\n', State::fieldStart, "A carriage return stands alone in a header.");
      if (state_ == State::fieldStart) fieldDone();
      return at;
    case State::sectionLf:
      at = expect(at, '\n', State::complete, "A carriage return stands alone.");
      if (state_ == State::complete) sectionDone();
      return at;
    case State::extensionName:
      return onExtensionName(at, end);
    case State::extensionValueStart:
      return onExtensionValueStart(at);
    case State::extensionValue:
      return onExtensionValue(at, end);
    case State::quoted:
      return onQuoted(at, end);
    case State::quotedEscape:
      return onQuotedEscape(at);
    case State::quotedEnd:
      return afterExtension(at);
    case State::chunkSize:
      return onChunkSize(at, end);
    case State::chunkLf:
      at = expect(at, '\n', State::chunkData, "A carriage return stands alone in a chunk size.");
      if (state_ == State::chunkData) chunkLineDone();
      return at;
    case State::chunkDataCr:
      return expect(at, '\r', State::chunkDataLf, "A chunk is longer than its size says.");
    case State::chunkDataLf:
      return expect(at, '\n', State::chunkSize, "A chunk must end with CRLF.");
    case State::chunkData:
    case State::fixedBody:
      return onBody(at, end);
    case State::complete:
    case State::refused:
      break;
  }
  return at;
}

HttpParser::Cursor HttpParser::expect(Cursor at, char wanted, State next, std::string_view detail) {
  if (*at != wanted) return refuseBad(at, detail);
  state_ = next;
  return at + 1;
}

HttpParser::Cursor HttpParser::onStart(Cursor at) {
  if (*at == '\r') {
    if (emptyLines_++ == kEmptyLinesMax)
      return refuseBad(at, "Too many empty lines before a request.");
    state_ = State::startLf;
    return at + 1;
  }
  if (!is(*at, text::kToken)) return refuseBad(at, "A request must start with a method.");
  state_ = State::method;
  return at;
}

HttpParser::Cursor HttpParser::onMethod(Cursor at, Cursor end) {
  const Cursor stop = skip(at, end, text::kToken);
  const auto length = static_cast<std::size_t>(stop - at);
  if (request_.method.size() + length > kMethodBytesMax)
    return refuseBad(at, "The method is too long.");
  request_.method.append(at, length);
  if (stop == end) return stop;
  if (*stop != ' ') return refuseBad(stop, "The method has an illegal character.");
  state_ = State::target;
  return stop + 1;
}

HttpParser::Cursor HttpParser::onTarget(Cursor at, Cursor end) {
  const Cursor stop = skip(at, end, text::kTarget);
  const auto length = static_cast<std::size_t>(stop - at);
  if (request_.target.size() + length > limits_->uriBytesMax) {
    return refuse(at, 414, "uri_too_long", "The request target is too long.");
  }
  request_.target.append(at, length);
  if (stop == end) return stop;
  if (*stop != ' ' || request_.target.empty()) {
    return refuseBad(stop, "The request target has an illegal character or no version follows it.");
  }
  state_ = State::version;
  return stop + 1;
}

HttpParser::Cursor HttpParser::onVersion(Cursor at, Cursor end) {
  for (; at != end && versionAt_ < kVersionStart.size(); ++at, ++versionAt_) {
    if (*at != kVersionStart[versionAt_])
      return refuseBad(at, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  }
  if (at == end) return at;
  if (*at != '0' && *at != '1') return refuseBad(at, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  request_.versionMinor = *at - '0';
  state_ = State::lineCr;
  return at + 1;
}

void HttpParser::requestLineDone() {
  if (!readTarget()) {
    refuseBad(nullptr,
              "The request target must be a path, an http or https URL, or * with OPTIONS.");
    return;
  }
  request_.headers.reserve(8);
}

bool HttpParser::readTarget() {
  const std::string& target = request_.target;
  if (request_.method == "CONNECT") return false;
  if (target == "*") {
    request_.path = target;
    return request_.method == "OPTIONS";
  }
  if (target.front() != '/') return readAbsoluteTarget();
  const std::size_t mark = target.find('?');
  request_.path.assign(target, 0, mark);
  if (mark != std::string::npos) request_.query.assign(target, mark + 1);
  return true;
}

// "http://host:port/path?query" becomes its path; the authority takes the place of Host.
bool HttpParser::readAbsoluteTarget() {
  const std::string_view target = request_.target;
  const std::size_t schemeEnd = target.find("://");
  if (schemeEnd == std::string_view::npos) return false;
  const std::string_view scheme = target.substr(0, schemeEnd);
  if (!text::sameName(scheme, "http") && !text::sameName(scheme, "https")) return false;
  const std::string_view rest = target.substr(schemeEnd + 3);
  const std::size_t authorityEnd = std::min(rest.find_first_of("/?"), rest.size());
  authority_ = rest.substr(0, authorityEnd);
  const std::string_view local = rest.substr(authorityEnd);
  const std::size_t mark = std::min(local.find('?'), local.size());
  request_.path = mark == 0 ? "/" : std::string(local.substr(0, mark));
  if (mark < local.size()) request_.query = local.substr(mark + 1);
  return true;
}

HttpParser::Cursor HttpParser::onFieldStart(Cursor at) {
  if (*at == '\r') {
    state_ = State::sectionLf;
    return at + 1;
  }
  if (!is(*at, text::kToken)) {
    return refuseBad(
        at,
        "A header starts with white space or an illegal character; folded headers are refused.");
  }
  if (fields_++ == limits_->headersMax) {
    return refuse(at, 431, "headers_too_large", "There are too many headers.");
  }
  request_.headers.emplace_back();
  state_ = State::fieldName;
  return at;
}

HttpParser::Cursor HttpParser::onFieldName(Cursor at, Cursor end) {
  const Cursor stop = skip(at, end, text::kToken);
  request_.headers.back().first.append(at, static_cast<std::size_t>(stop - at));
  if (stop == end) return stop;
  if (*stop != ':')
    return refuseBad(stop, "A header name has an illegal character or no colon follows it.");
  state_ = State::valueStart;
  return stop + 1;
}

HttpParser::Cursor HttpParser::onValueStart(Cursor at, Cursor end) {
  while (at != end && (*at == ' ' || *at == '\t')) ++at;
  if (at != end) state_ = State::value;
  return at;
}

HttpParser::Cursor HttpParser::onValue(Cursor at, Cursor end) {
  const Cursor stop = skip(at, end, text::kValue);
  request_.headers.back().second.append(at, static_cast<std::size_t>(stop - at));
  if (stop == end) return stop;
  if (*stop != '\r') return refuseBad(stop, "A header value has a control character.");
  state_ = State::valueLf;
  return stop + 1;
}

HttpParser::Cursor HttpParser::onChunkSize(Cursor at, Cursor end) {
  for (; at != end && is(*at, text::kHex); ++at) {
    if (chunkDigits_++ == kChunkDigitsMax) return refuseBad(at, "A chunk size is too long.");
    const char c = text::lower(*at);
    bodyLeft_ = bodyLeft_ * 16 + static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  if (at == end) return at;
  if (chunkDigits_ == 0) return refuseBad(at, "A chunk size must be hexadecimal digits.");
  if (bodyLeft_ > limits_->bodyBytesMax - request_.body.size()) {
    return refuse(at, 413, "body_too_large", "The body is too large.");
  }
  return afterExtension(at);
}

// What may follow a chunk size or a whole extension: another extension or the end of the line.
HttpParser::Cursor HttpParser::afterExtension(Cursor at) {
  if (*at == ';') {
    state_ = State::extensionName;
    extensionEmpty_ = true;
    return at + 1;
  }
  return expect(at, '\r', State::chunkLf, "A chunk size or extension has an illegal character.");
}

HttpParser::Cursor HttpParser::onExtensionName(Cursor at, Cursor end) {
  const Cursor stop = skip(at, end, text::kToken);
  if (stop != at) extensionEmpty_ = false;
  if (stop == end) return stop;
  if (extensionEmpty_) return refuseBad(stop, "A chunk extension has no name.");
  if (*stop != '=') return afterExtension(stop);
  state_ = State::extensionValueStart;
  return stop + 1;
}

HttpParser::Cursor HttpParser::onExtensionValueStart(Cursor at) {
  if (*at == '"') {
    state_ = State::quoted;
    return at + 1;
  }
  if (!is(*at, text::kToken)) return refuseBad(at, "A chunk extension has no value.");
  state_ = State::extensionValue;
  return at;
}

HttpParser::Cursor HttpParser::onExtensionValue(Cursor at, Cursor end) {
  const Cursor stop = skip(at, end, text::kToken);
  return stop == end ? stop : afterExtension(stop);
}

HttpParser::Cursor HttpParser::onQuoted(Cursor at, Cursor end) {
  const Cursor stop = skip(at, end, text::kQuoted);
  if (stop == end) return stop;
  if (*stop != '"' && *stop != '\\') return refuseBad(stop, "A chunk extension is not closed.");
  state_ = *stop == '"' ? State::quotedEnd : State::quotedEscape;
  return stop + 1;
}

HttpParser::Cursor HttpParser::onQuotedEscape(Cursor at) {
  if (!is(*at, text::kValue)) return refuseBad(at, "A chunk extension has a control character.");
  state_ = State::quoted;
  return at + 1;
}

void HttpParser::chunkLineDone() {
  chunkDigits_ = 0;
  bodyStarted_ = true;
  if (bodyLeft_ == 0) state_ = State::fieldStart;  // trailers
}

HttpParser::Cursor HttpParser::onBody(Cursor at, Cursor end) {
  const auto available = static_cast<std::uint64_t>(end - at);
  const auto length = static_cast<std::size_t>(std::min(available, bodyLeft_));
  request_.body.append(at, length);
  bodyStarted_ = true;
  bodyLeft_ -= length;
  if (bodyLeft_ == 0) state_ = state_ == State::chunkData ? State::chunkDataCr : State::complete;
  return at + length;
}

HttpParser::Cursor HttpParser::refuse(Cursor at, int status, std::string_view code,
                                      std::string_view detail) {
  state_ = State::refused;
  refusal_ = {status, code, detail};
  return at;
}

}  // namespace unigate::net
