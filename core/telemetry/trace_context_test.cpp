#include "telemetry/trace_context.hpp"

#include <catch2/catch.hpp>

using namespace unigate;
using telemetry::parseTraceparent;

namespace {
const std::string kExample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
}

TEST_CASE("Reads and writes a traceparent unchanged") {
  const auto context = parseTraceparent(kExample);
  REQUIRE(context);
  CHECK(context->traceId == "0af7651916cd43dd8448eb211c80319c");
  CHECK(context->parentId == "b7ad6b7169203331");
  CHECK(context->sampled);
  CHECK(telemetry::toTraceparent(*context) == kExample);
  CHECK_FALSE(parseTraceparent(kExample.substr(0, 53) + "00")->sampled);
  CHECK_FALSE(parseTraceparent(kExample.substr(0, 53) + "02")->sampled);
  CHECK(parseTraceparent(kExample.substr(0, 53) + "0b")->sampled);
}

TEST_CASE("Takes a later version's longer header, but not of version 00") {
  CHECK(parseTraceparent("01" + kExample.substr(2)));
  CHECK(parseTraceparent("01" + kExample.substr(2) + "-more"));
  CHECK_FALSE(parseTraceparent("01" + kExample.substr(2) + "more"));
  CHECK_FALSE(parseTraceparent(kExample + "-more"));
}

TEST_CASE("Refuses what is no traceparent") {
  for (const std::string_view bad :
       {"", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseTraceparent(bad));
  }
}

TEST_CASE("Continues the caller's trace under a span of its own, or begins one") {
  base::SeededRandom random(7);
  const auto incoming = parseTraceparent(kExample);
  const auto continued = telemetry::startSpan(incoming, random);
  CHECK(continued.traceId == incoming->traceId);
  CHECK(continued.parentId != incoming->parentId);
  const auto fresh = telemetry::startSpan(std::nullopt, random);
  CHECK(parseTraceparent(telemetry::toTraceparent(fresh)));
  CHECK(fresh.traceId != telemetry::startSpan(std::nullopt, random).traceId);
}
