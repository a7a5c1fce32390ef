#include "net/http_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "net/http_text.hpp"

namespace unigate::net {

std::string_view reasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

namespace {

// The fields that the server itself writes.
bool isOwnField(std::string_view name) {
  switch (name.size()) {
    case 4:
      return text::sameName(name, "date");
    case 10:
      return text::sameName(name, "connection");
    case 14:
      return text::sameName(name, "content-length");
    case 17:
      return text::sameName(name, "transfer-encoding");
    default:
      return false;
  }
}

void appendNumber(std::string& out, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

std::string_view HttpDate::at(std::int64_t unixMs) {
  const std::int64_t second = unixMs / 1000;
  if (second != second_) {
    static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                         "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> kMonths = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto time = static_cast<std::time_t>(second);
    std::tm parts{};
    gmtime_r(&time, &parts);
    // Names by hand: strftime would follow the locale.
    const int length =
        std::snprintf(text_.data(), text_.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                      kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                      kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                      parts.tm_hour, parts.tm_min, parts.tm_sec);
    length_ = std::min(static_cast<std::size_t>(std::max(length, 0)), text_.size() - 1);
    second_ = second;
  }
  return {text_.data(), length_};
}

bool isSendable(const Response& response) {
  if (response.status < 200 || response.status > 599) return false;
  return std::all_of(response.headers.begin(), response.headers.end(), [](const auto& field) {
    return !field.first.empty() && text::all(field.first, text::kToken) &&
           text::all(field.second, text::kValue);
  });
}

void appendAnswer(std::string& out, const Response& response, const AnswerFrame& frame) {
  std::size_t size = 160 + response.body.size();
  for (const auto& [name, value] : response.headers) size += name.size() + value.size() + 4;
  // At least doubled, or many pipelined answers would be copied again for each.
  if (out.capacity() - out.size() < size) out.reserve(std::max(out.size() + size, 2 * out.size()));
  out.append("HTTP/1.1 ");
  appendNumber(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reasonPhrase(response.status)).append("\r\nDate: ").append(frame.date);
  for (const auto& [name, value] : response.headers) {
    if (!isOwnField(name)) out.append("\r\n").append(name).append(": ").append(value);
  }
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    out.append("\r\nContent-Length: ");
    appendNumber(out, response.body.size());
  }
  if (!frame.keepAlive) {
    out.append("\r\nConnection: close");
  } else if (frame.http10) {
    out.append("\r\nConnection: keep-alive");
  }
  out.append("\r\n\r\n");
  if (!bodiless && !frame.head) out.append(response.body);
}

}  // namespace unigate::net
