// One HTTP exchange as the simulated providers see it. The server fills the request; a provider
// answers through the Responder.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace simulators {

// Every view is valid until the Responder has been called.
struct HttpRequest {
  std::string_view method;
  std::string_view path;   // without the query, still percent-encoded
  std::string_view query;  // without the question mark
  std::string_view body;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::uint64_t connection = 0;

  // Value of the first header of that name (case-insensitive), or an empty view.
  std::string_view header(std::string_view name) const;
};

// How the bytes of an answer reach the caller; anything but kWhole is a fault.
struct Delivery {
  enum class Kind : std::uint8_t { kWhole, kCloseUnanswered, kResetUnanswered, kTruncated, kSlow };
  Kind kind = Kind::kWhole;
  std::chrono::milliseconds pace{0};  // kSlow: pause between two bytes of the header
};

struct HttpResponse {
  unsigned status = 200;
  std::string headerLines;  // each ends in CRLF; Content-Length and Connection are the server's
  std::string body;
  Delivery delivery;

  void addHeader(std::string_view name, std::string_view value) {
    headerLines.append(name).append(": ").append(value).append("\r\n");
  }
};

using Responder = std::function<void(HttpResponse)>;
using HttpHandler = std::function<void(const HttpRequest&, Responder)>;

HttpResponse jsonResponse(unsigned status, std::string body);

}  // namespace simulators
