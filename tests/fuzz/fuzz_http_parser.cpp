// The HTTP parser must give the same verdict however its input is cut, and what it accepts must
// keep the promises that the rest of the gateway builds on.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "net/http_parser_test_support.hpp"
#include "net/http_text.hpp"

namespace {

using unigate::net::HttpLimits;
using unigate::net::Request;
using unigate::net::testing::Verdict;
namespace text = unigate::net::text;

void require(bool holds, const char* promise, const Verdict& verdict) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n%s\n", promise, verdict.describe().c_str());
  std::abort();
}

// Small, so that the fuzzer reaches them.
HttpLimits smallLimits() {
  HttpLimits limits;
  limits.headersMax = 12;
  limits.headerBytesMax = 512;
  limits.uriBytesMax = 64;
  limits.bodyBytesMax = 256;
  return limits;
}

void checkRequest(const Request& request, const HttpLimits& limits, const Verdict& verdict) {
  require(text::all(request.method, text::kToken) && !request.method.empty(), "method is a token",
          verdict);
  require(text::all(request.target, text::kTarget), "target is visible ASCII", verdict);
  require(request.target.size() <= limits.uriBytesMax, "target within its limit", verdict);
  require(request.path == "*" || request.path.front() == '/', "path starts with a slash", verdict);
  require(request.headers.size() <= limits.headersMax, "headers within their limit", verdict);
  require(request.body.size() <= limits.bodyBytesMax, "body within its limit", verdict);
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  for (const auto& [name, value] : request.headers) {
    require(!name.empty() && text::all(name, text::kToken), "header name is a token", verdict);
    require(text::all(value, text::kValue), "header value has no control characters", verdict);
    require(text::trim(value) == value, "header value is trimmed", verdict);
    hosts += text::sameName(name, "host") ? 1 : 0;
    lengths += text::sameName(name, "content-length") ? 1 : 0;
    codings += text::sameName(name, "transfer-encoding") ? 1 : 0;
  }
  require(hosts == 1 || (hosts == 0 && request.versionMinor == 0), "one Host", verdict);
  require(lengths + codings <= 1, "one way to tell where the body ends", verdict);
  require(lengths + codings == 1 || request.body.empty(), "no body without framing", verdict);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const HttpLimits limits = smallLimits();
  const Verdict whole = unigate::net::testing::parseWhole(input, limits);
  const std::string expected = whole.describe();
  const std::uint32_t seed = size == 0 ? 0 : data[size - 1] * 2654435761U;
  require(unigate::net::testing::parseBytewise(input, limits).describe() == expected,
          "byte by byte as whole", whole);
  require(unigate::net::testing::parseAtRandom(input, seed, limits).describe() == expected,
          "at random cuts as whole", whole);
  for (const Request& request : whole.requests) checkRequest(request, limits, whole);
  return 0;
}
