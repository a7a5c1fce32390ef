// The header fields that only the host writes. Asked by the step reader for what a plugin sends, by
// the manifest's checks and by the gateway for raw pass-through calls.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace unigate::plugin_host {

// Headers that the host writes, or that would change how the request is framed or who sends it.
inline constexpr std::array<std::string_view, 15> kHostHeaders = {"host",
                                                                  "content-length",
                                                                  "transfer-encoding",
                                                                  "connection",
                                                                  "keep-alive",
                                                                  "te",
                                                                  "trailer",
                                                                  "upgrade",
                                                                  "expect",
                                                                  "authorization",
                                                                  "cookie",
                                                                  "proxy-authorization",
                                                                  "proxy-connection",
                                                                  "traceparent",
                                                                  "tracestate"};

// In any case of letters.
inline bool isHostHeader(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::find(kHostHeaders.begin(), kHostHeaders.end(), lower) != kHostHeaders.end();
}

}  // namespace unigate::plugin_host
