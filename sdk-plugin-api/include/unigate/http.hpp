// The HTTP request that an adapter asks for and the answer that it gets, as C++ values. The host
// adds Host, Content-Length, authentication and tracing.
#pragma once

#include <unigate/plugin.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/abi.hpp>
#include <unigate/json.hpp>
#include <utility>
#include <vector>

namespace unigate::sdk {

enum class Method : std::uint32_t {
  Get = UG_METHOD_GET,
  Post = UG_METHOD_POST,
  Put = UG_METHOD_PUT,
  Patch = UG_METHOD_PATCH,
  Delete = UG_METHOD_DELETE,
};

// A header field that the adapter sends.
struct Header {
  std::string name;
  std::string value;
};

// Owned by the SDK's call object once it is returned.
struct HttpRequest {
  Method method = Method::Get;
  std::string endpoint = "api";  // name of an endpoint of the manifest
  std::string path;              // starts with '/', percent-encoded: see percentEncode
  std::string query;             // encoded, without '?': see FormEncoder
  std::vector<Header> headers;
  std::string body;
  std::string auth;                 // name of an auth scheme of the manifest; empty: none
  std::uint32_t timeoutMs = 0;      // 0: the host's default
  bool mayRetry = false;            // the host may repeat it by itself when nothing was answered
  std::vector<std::string> redact;  // JSON pointers or form keys that never reach a log
  std::string traceLabel;           // e.g. "payment_intents.create"
};

// True if both are equal without regard to the case of ASCII letters.
inline bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return fold(x) == fold(y); });
}

// Header fields as they came in; borrows the host's memory.
class HeaderView {
 public:
  HeaderView() = default;
  HeaderView(const ug_header* headers, std::uint32_t count)
      : headers_(headers), count_(headers == nullptr ? 0 : count) {}

  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (equalsIgnoringCase(abi::view(headers_[i].name), name))
        return abi::view(headers_[i].value);
    }
    return std::nullopt;
  }
  // How many fields have that name.
  std::size_t count(std::string_view name) const {
    std::size_t found = 0;
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (equalsIgnoringCase(abi::view(headers_[i].name), name)) ++found;
    }
    return found;
  }

 private:
  const ug_header* headers_ = nullptr;
  std::uint32_t count_ = 0;
};

// An HTTP answer. Borrows the host's memory: valid only inside the function that gets it.
class HttpResponse {
 public:
  HttpResponse(std::uint32_t status, HeaderView headers, std::string_view body)
      : status_(status), headers_(headers), body_(body) {}

  std::uint32_t status() const { return status_; }
  bool is2xx() const { return status_ >= 200 && status_ < 300; }
  std::string_view body() const { return body_; }
  std::optional<std::string_view> header(std::string_view name) const {
    return headers_.find(name);
  }
  // Reads the body as strict JSON; false if it is none.
  bool json(json::Document& document) const {
    json::ReadError error;
    return document.parse(body_, error);
  }
  // Retry-After in milliseconds where it is given in seconds; 0: none. The form with a date is not
  // read, because an adapter has no calendar.
  std::uint32_t retryAfterMs() const {
    const std::string_view text = header("Retry-After").value_or("");
    std::uint32_t seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem != std::errc() || end != text.data() + text.size()) return 0;
    constexpr std::uint32_t kSecondsMax = 24 * 3600;
    return std::min(seconds, kSecondsMax) * 1000;
  }

 private:
  std::uint32_t status_;
  HeaderView headers_;
  std::string_view body_;
};

}  // namespace unigate::sdk
