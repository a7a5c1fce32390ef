// What a parser made of some bytes, as text that tests and fuzz targets compare: the same input cut
// in different ways must give the same text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_parser.hpp"

namespace unigate::net::testing {

struct Verdict {
  std::vector<Request> requests;
  std::vector<bool> keepAlive;
  int refused = 0;  // status of the refusal
  std::string detail;
  bool partial = false;  // ended inside a request

  std::string describe() const {
    std::string out;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const Request& request = requests[i];
      out += request.method + " " + request.target + " (" + request.path + ")(" + request.query +
             ") 1." + std::to_string(request.versionMinor) + (keepAlive[i] ? " keep" : " close");
      for (const auto& [name, value] : request.headers) out += "\n" + name + "=" + value + ";";
      out += "\n<" + request.body + ">\n";
    }
    if (refused != 0) out += "refused " + std::to_string(refused) + " " + detail;
    if (partial) out += "partial";
    return out;
  }
};

// Feeds pieces of the sizes that `nextSize` gives (at least 1) until the input ends, a request is
// refused or one asks to close the connection.
template <typename NextSize>
Verdict parseInPieces(std::string_view input, const HttpLimits& limits, NextSize nextSize) {
  Verdict verdict;
  HttpParser parser(limits);
  while (!input.empty()) {
    std::size_t size = nextSize();
    size = size < 1 ? 1 : (size > input.size() ? input.size() : size);
    std::string_view piece = input.substr(0, size);
    input.remove_prefix(size);
    while (!piece.empty()) {
      std::size_t consumed = 0;
      const HttpParser::Status status = parser.feed(piece, consumed);
      piece.remove_prefix(consumed);
      if (status == HttpParser::Status::refused) {
        verdict.refused = parser.refusal().status;
        verdict.detail = parser.refusal().detail;
        return verdict;
      }
      if (status == HttpParser::Status::needMore) continue;
      verdict.keepAlive.push_back(parser.keepAlive());
      verdict.requests.push_back(parser.take());
      if (!verdict.keepAlive.back()) return verdict;
    }
  }
  verdict.partial = parser.started();
  return verdict;
}

inline Verdict parseWhole(std::string_view input, const HttpLimits& limits = {}) {
  return parseInPieces(input, limits, [&] { return input.size(); });
}

inline Verdict parseBytewise(std::string_view input, const HttpLimits& limits = {}) {
  return parseInPieces(input, limits, [] { return std::size_t{1}; });
}

inline Verdict parseAtRandom(std::string_view input, std::uint32_t seed,
                             const HttpLimits& limits = {}) {
  return parseInPieces(input, limits, [&seed] {
    seed = seed * 1664525U + 1013904223U;
    return std::size_t{1} + (seed >> 16) % 23;
  });
}

}  // namespace unigate::net::testing
