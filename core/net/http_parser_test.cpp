#include "net/http_parser.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "net/http_parser_test_support.hpp"

using namespace unigate::net;
using unigate::net::testing::parseAtRandom;
using unigate::net::testing::parseBytewise;
using unigate::net::testing::parseWhole;
using unigate::net::testing::Verdict;

namespace {

// Parses whole, byte by byte and at random cuts; all must agree.
Verdict parse(std::string_view input, const HttpLimits& limits = {}) {
  const Verdict verdict = parseWhole(input, limits);
  const std::string expected = verdict.describe();
  INFO(input);
  CHECK(parseBytewise(input, limits).describe() == expected);
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    CHECK(parseAtRandom(input, seed, limits).describe() == expected);
  }
  return verdict;
}

void refuses(int status, const std::vector<std::string>& inputs, const HttpLimits& limits = {}) {
  for (const std::string& input : inputs) {
    INFO(input);
    const Verdict verdict = parse(input, limits);
    CHECK(verdict.requests.empty());
    CHECK(verdict.refused == status);
    CHECK_FALSE(verdict.detail.empty());
  }
}

// One request with these header lines and body after them.
std::string with(const std::string& lines, const std::string& body = "") {
  return "POST /p HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}

std::string chunkedBody(const std::string& body) {
  return with("Transfer-Encoding: chunked\r\n", body);
}

}  // namespace

TEST_CASE("Reads a request with everything in it") {
  const Verdict verdict = parse(
      "POST /v1/payments/orders?limit=3&x=?y HTTP/1.1\r\nHost: example.com:8080\r\n"
      "X-Empty:\r\nX-Padded: \t two words \t \r\nContent-Length: 5\r\n\r\nhello");
  REQUIRE(verdict.requests.size() == 1);
  const Request& request = verdict.requests[0];
  CHECK(request.method == "POST");
  CHECK(request.target == "/v1/payments/orders?limit=3&x=?y");
  CHECK(request.path == "/v1/payments/orders");
  CHECK(request.query == "limit=3&x=?y");
  CHECK(request.versionMinor == 1);
  CHECK(request.body == "hello");
  CHECK(*request.header("HOST") == "example.com:8080");
  CHECK(*request.header("x-empty") == "");
  CHECK(*request.header("x-padded") == "two words");
  CHECK(request.header("absent") == nullptr);
  CHECK(verdict.keepAlive[0]);
}

TEST_CASE("Reads pipelined requests one after the other") {
  const Verdict verdict = parse(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n"
      "GET /4 HTTP/1.1\r\nHo");
  REQUIRE(verdict.requests.size() == 3);
  CHECK(verdict.requests[0].path == "/1");
  CHECK(verdict.requests[1].body == "ab");
  CHECK(verdict.requests[2].body == "xyz");
  CHECK(verdict.partial);
}

TEST_CASE("Reads a chunked body with extensions and drops its trailers") {
  const Verdict verdict = parse(chunkedBody(
      "5;a;b=c;d=\"q \\\" ;\"\r\nhello\r\n1\r\n \r\n05\r\nworld\r\n000\r\nX-Sum: 1\r\n\r\n"));
  REQUIRE(verdict.requests.size() == 1);
  CHECK(verdict.requests[0].body == "hello world");
  CHECK(verdict.requests[0].header("x-sum") == nullptr);
}

TEST_CASE("Keeps a 1.1 connection open and a 1.0 connection only when it asks") {
  CHECK(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keepAlive == std::vector<bool>{true});
  CHECK(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keepAlive ==
        std::vector<bool>{false});
  CHECK(parse("GET / HTTP/1.0\r\n\r\n").keepAlive == std::vector<bool>{false});
  CHECK(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepAlive ==
        std::vector<bool>{true});
}

TEST_CASE("Normalises an absolute target to its path and takes its authority for Host") {
  const Verdict verdict = parse("GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(verdict.requests.size() == 1);
  CHECK(verdict.requests[0].path == "/x");
  CHECK(verdict.requests[0].query == "y");
  CHECK(*verdict.requests[0].header("host") == "b:81");
  CHECK(parse("GET HTTPS://b?q HTTP/1.1\r\nHost: a\r\n\r\n").requests.at(0).path == "/");
}

TEST_CASE("Takes * for OPTIONS alone") {
  CHECK(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").requests.at(0).path == "*");
  refuses(400, {"GET * HTTP/1.1\r\nHost: a\r\n\r\n"});
}

TEST_CASE("Skips at most two empty lines before a request") {
  CHECK(parse("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").requests.size() == 1);
  refuses(400, {"\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "\nGET / HTTP/1.1\r\n"});
  CHECK_FALSE(parse("\r\n").partial);
}

TEST_CASE("Refuses Content-Length together with Transfer-Encoding") {
  refuses(400, {with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")});
}

TEST_CASE("Refuses a repeated, signed, listed, non-decimal or overflowing Content-Length") {
  refuses(400, {with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
                with("Content-Length: 3\r\ncontent-length: 4\r\n", "abc"),
                with("Content-Length: +3\r\n", "abc"), with("Content-Length: -3\r\n", "abc"),
                with("Content-Length: 3, 3\r\n", "abc"), with("Content-Length: 0x3\r\n", "abc"),
                with("Content-Length: 3 3\r\n", "abc"), with("Content-Length: 3.0\r\n", "abc"),
                with("Content-Length:\r\n"), with("Content-Length: \r\n"),
                with("Content-Length: 18446744073709551616\r\n"),
                with("Content-Length: 99999999999999999999999999\r\n")});
  CHECK(parse(with("Content-Length: 0003\r\n", "abc")).requests.at(0).body == "abc");
}

TEST_CASE("Refuses any Transfer-Encoding but exactly one chunked") {
  refuses(400,
          {with("Transfer-Encoding: identity\r\n"), with("Transfer-Encoding: gzip, chunked\r\n"),
           with("Transfer-Encoding: chunked, gzip\r\n"), with("Transfer-Encoding:\r\n"),
           with("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n"),
           with("Transfer-Encoding: \"chunked\"\r\n"), with("Transfer-Encoding: chunked;q=1\r\n"),
           with("Transfer-Encoding: xchunked\r\n"),
           with("Transfer-Encoding: \x0b"
                "chunked\r\n")});
  CHECK(parse(with("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n")).requests.size() == 1);
}

TEST_CASE("Refuses chunked on HTTP/1.0") {
  refuses(400, {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"});
}

TEST_CASE("Refuses a bare carriage return or line feed anywhere in the head") {
  refuses(400, {"GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n\n", "GET / HTTP/1.1\rHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\rX",
                "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost\r: a\r\n\r\n",
                "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", with("X: a\nY: b\r\n")});
}

TEST_CASE("Refuses NUL and control characters in the head") {
  using namespace std::string_literals;
  refuses(400, {"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, "G\0T / HTTP/1.1\r\nHost: a\r\n\r\n"s,
                with("X: a\0b\r\n"s), with("X\0: a\r\n"s), with("X: a\x01\r\n"),
                with("X: \x7f\r\n"), "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n"});
}

TEST_CASE("Refuses folded headers and white space where none belongs") {
  refuses(400, {with("X: a\r\n b\r\n"), with("X: a\r\n\tb\r\n"), with("X : a\r\n"),
                with("X\t: a\r\n"), "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
                " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\tGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"});
}

TEST_CASE("Refuses headers without a name or with an illegal name") {
  refuses(400, {with(": a\r\n"), with("X Y: a\r\n"), with("X(: a\r\n"), with("\"X\": a\r\n"),
                with("X\r\n"), with("X\xc3\xa4: a\r\n")});
}

TEST_CASE("Refuses a missing, second, empty or illegal Host") {
  refuses(400, {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "GET / HTTP/1.1\r\nHost: \xc3\xa4\r\n\r\n",
                "GET http://u:p@b/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n"});
  CHECK(parse("GET / HTTP/1.0\r\n\r\n").requests.size() == 1);
  CHECK(parse("GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n").requests.size() == 1);
}

TEST_CASE("Refuses an unknown version") {
  refuses(400, {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
                "GET / HTTP/0.9\r\n\r\n", "GET /\r\n", "GET / http/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.10\r\nHost: a\r\n\r\n", "GET / HTTP/1.\r\n", "GET / ICY/1.1\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"});
}

TEST_CASE("Refuses illegal method characters at the first of them") {
  refuses(400, {"G(T", "\x16\x03\x01\x02", "{\"a\":1}", "G\xc3\x89T / HTTP/1.1\r\n",
                std::string(33, 'A'), "/ HTTP/1.1\r\n"});
}

TEST_CASE("Refuses illegal request targets") {
  refuses(400,
          {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET a HTTP/1.1\r\nHost: a\r\n\r\n", "GET ?a HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
           "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", "GET ** HTTP/1.1\r\nHost: a\r\n\r\n"});
}

TEST_CASE("Refuses bad chunk sizes") {
  refuses(400,
          {chunkedBody("g\r\n"), chunkedBody("\r\n"), chunkedBody("0x5\r\nhello\r\n"),
           chunkedBody("+5\r\nhello\r\n"), chunkedBody("-1\r\n"), chunkedBody(" 5\r\nhello\r\n"),
           chunkedBody("5 \r\nhello\r\n"), chunkedBody("5\nhello\r\n"), chunkedBody("5\rhello\r\n"),
           chunkedBody("00000000000000005\r\nhello\r\n"), chunkedBody("5\r\nhelloX\r\n"),
           chunkedBody("5\r\nhello\n0\r\n\r\n"), chunkedBody("5\r\nhello\rX"),
           chunkedBody("1,\r\n"), chunkedBody("5\r\nhello0\r\n")});
}

TEST_CASE("Refuses bad chunk extensions") {
  refuses(400, {chunkedBody("5;\r\nhello\r\n"), chunkedBody("5;;a\r\n"), chunkedBody("5 ;a\r\n"),
                chunkedBody("5; a\r\n"), chunkedBody("5;a=\r\n"), chunkedBody("5;=a\r\n"),
                chunkedBody("5;a=\"b\r\n"), chunkedBody("5;a=\"b\"c\r\n"),
                chunkedBody("5;a=b\nhello\r\n"), chunkedBody("5;a\x01\r\n"),
                chunkedBody("5;a=\"\\\x01\"\r\n"), chunkedBody("5;a b\r\n")});
}

TEST_CASE("Bounds what chunk extensions and trailers may cost") {
  HttpLimits limits;
  limits.headerBytesMax = 200;
  limits.headersMax = 4;
  std::string extensions;
  for (int i = 0; i < 50; ++i) extensions += "1;name=value\r\nx\r\n";
  refuses(431,
          {chunkedBody("1;a=" + std::string(300, 'x') + "\r\n"), chunkedBody(extensions),
           chunkedBody("0\r\nX: " + std::string(300, 'x')),
           chunkedBody("0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n")},
          limits);
}

TEST_CASE("Refuses trailers that would change how a request is read") {
  for (const char* name : {"Content-Length", "Transfer-Encoding", "Host", "Authorization",
                           "Content-Type", "Connection", "Trailer", "Idempotency-Key"}) {
    refuses(400, {chunkedBody("0\r\n" + std::string(name) + ": 1\r\n\r\n")});
  }
  refuses(400, {chunkedBody("0\r\n X: 1\r\n\r\n"), chunkedBody("0\r\nX : 1\r\n\r\n"),
                chunkedBody("0\r\nX\r\n\r\n"), chunkedBody("0\r\nX: 1\n\r\n")});
}

TEST_CASE("Refuses too many or too large headers with 431") {
  HttpLimits limits;
  limits.headersMax = 3;
  limits.headerBytesMax = 64;
  refuses(431,
          {with("A: 1\r\nB: 2\r\nC: 3\r\n"), with("A: " + std::string(64, 'x') + "\r\n"),
           with(std::string(100, 'x')), with("A:" + std::string(100, ' '))},
          limits);
  CHECK(parse(with("A: 1\r\nB: 2\r\n"), limits).requests.size() == 1);
  // "Host: a", CRLF, the header itself and the empty line fill the 64 bytes exactly.
  const std::string exact = with("A: " + std::string(64 - 9 - 3 - 2 - 2, 'x') + "\r\n");
  CHECK(parse(exact, limits).requests.size() == 1);
  refuses(431, {with("A: " + std::string(64 - 9 - 3 - 2 - 1, 'x') + "\r\n")}, limits);
}

TEST_CASE("Refuses a target that is too long with 414") {
  HttpLimits limits;
  limits.uriBytesMax = 20;
  refuses(414, {"GET /" + std::string(20, 'x') + " HTTP/1.1\r\n", "GET /" + std::string(20, 'x')},
          limits);
  CHECK(parse("GET /" + std::string(19, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits)
            .requests.size() == 1);
}

TEST_CASE("Refuses a body that is too large with 413, an announced one before it comes") {
  HttpLimits limits;
  limits.bodyBytesMax = 10;
  refuses(413,
          {with("Content-Length: 11\r\n"), chunkedBody("b\r\n"),
           chunkedBody("6\r\n123456\r\n5\r\n"), chunkedBody("ffffffffffffffff\r\n")},
          limits);
  CHECK(parse(with("Content-Length: 10\r\n", "1234567890"), limits).requests.size() == 1);
  CHECK(parse(chunkedBody("5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n"), limits).requests.size() == 1);
}

TEST_CASE("Asks for 100 Continue only while the body is missing") {
  const HttpLimits limits;
  HttpParser parser(limits);
  std::size_t consumed = 0;
  const std::string head = with("Expect: 100-Continue\r\nContent-Length: 3\r\n");
  REQUIRE(parser.feed(head.substr(0, 20), consumed) == HttpParser::Status::needMore);
  CHECK_FALSE(parser.wantsContinue());
  REQUIRE(parser.feed(head.substr(20), consumed) == HttpParser::Status::needMore);
  CHECK(parser.wantsContinue());
  CHECK(parser.inBody());
  REQUIRE(parser.feed("a", consumed) == HttpParser::Status::needMore);
  CHECK_FALSE(parser.wantsContinue());
  REQUIRE(parser.feed("bc", consumed) == HttpParser::Status::complete);
  CHECK(parser.take().body == "abc");
  CHECK_FALSE(parser.started());
}

TEST_CASE("Refuses another expectation with 417, and ignores all of a 1.0 client") {
  refuses(417, {with("Expect: 200-ok\r\nContent-Length: 3\r\n"),
                with("Expect: 100-continue, x\r\nContent-Length: 3\r\n")});
  CHECK(parse("POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 1\r\n\r\na").requests.size() == 1);
}

TEST_CASE("Says nothing more after a refusal") {
  const HttpLimits limits;
  HttpParser parser(limits);
  std::size_t consumed = 7;
  REQUIRE(parser.feed("(", consumed) == HttpParser::Status::refused);
  CHECK(parser.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n", consumed) == HttpParser::Status::refused);
  CHECK(consumed == 0);
}
