// Runs the request cases of llhttp's Markdown corpus through the parser: strict cases must be read
// as the corpus says, cases that only a lenient parser takes must be refused.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "net/http_parser_test_support.hpp"
#include "net/http_text.hpp"

using namespace unigate::net;
using unigate::net::testing::parseAtRandom;
using unigate::net::testing::parseBytewise;
using unigate::net::testing::parseWhole;
using unigate::net::testing::Verdict;

namespace {

struct Case {
  std::string file;
  std::string title;
  std::string type;  // "request", "request-finish" or "request-lenient-..."
  std::string input;
  std::string log;
};

struct Expectation {
  Verdict verdict;
  std::vector<bool> complete;  // by request
  bool fails = false;
};

// Where we differ on purpose.
struct Difference {
  std::string_view title;
  enum { weRefuse, weAccept, weIgnoreUpgrade, weWait } what;
  std::string_view why;
};

constexpr std::string_view kNoUpgrade = "no other protocol is offered, so Upgrade is ignored";

constexpr std::array kDifferences = {
    Difference{"CONNECT request", Difference::weRefuse, "no tunnels through a payment gateway"},
    Difference{"CONNECT request with CAPS", Difference::weRefuse, "no tunnels"},
    Difference{"CONNECT with body", Difference::weRefuse, "no tunnels"},
    Difference{"M-SEARCH request", Difference::weRefuse, "RFC 9112: * is for OPTIONS alone"},
    Difference{"Underscore in hostname", Difference::weRefuse, "the case is a CONNECT"},
    Difference{"Content-Length reset when no body is received", Difference::weWait,
               "the case tells llhttp to skip bodies; ours are always read"},
    Difference{"SOURCE request with ICE", Difference::weRefuse, "HTTP alone is spoken"},
    Difference{"OPTIONS request with RTSP", Difference::weRefuse, "HTTP alone is spoken"},
    Difference{"ANNOUNCE request with RTSP", Difference::weRefuse, "HTTP alone is spoken"},
    Difference{"HTTP protocol and ANNOUNCE method", Difference::weAccept,
               "any token is a method for the parser; the routes answer 405"},
    Difference{"Invalid method", Difference::weAccept, "MKCOLA is a token; the routes answer 405"},
    Difference{"Fragment in URI", Difference::weRefuse, "RFC 9112: a target has no fragment"},
    Difference{"`host:port` and basic auth", Difference::weRefuse,
               "RFC 9110 section 4.2.4: user information in a target is an error"},
    Difference{"Trailing headers", Difference::weRefuse,
               "RFC 9110 section 6.5.1: Content-Type is no trailer"},
    Difference{"No HTTP version", Difference::weRefuse, "HTTP/0.9 is not spoken"},
    Difference{"POST with `chunked` as last transfer-encoding", Difference::weRefuse,
               "exactly one \"chunked\" is understood"},
    Difference{"POST with `chunked` as last transfer-encoding (multiple headers)",
               Difference::weRefuse, "exactly one \"chunked\" is understood"},
    Difference{"Setting a flag and pausing", Difference::weIgnoreUpgrade, kNoUpgrade},
    Difference{"Emitting part of body and pausing", Difference::weIgnoreUpgrade, kNoUpgrade},
    Difference{"Upgrade GET request", Difference::weIgnoreUpgrade, kNoUpgrade},
    Difference{"Upgrade POST request", Difference::weIgnoreUpgrade, kNoUpgrade},
    Difference{"Multiple tokens with folding and LWS", Difference::weIgnoreUpgrade, kNoUpgrade},
};

std::string replaceAll(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The corpus writes \r, \n, \t, \f and \xNN for bytes, a backslash before a line end to join lines,
// and a plain line end for CRLF.
std::string decodeInput(std::string text) {
  text = replaceAll(text, "\\\n", "");
  text = replaceAll(text, "\n", "\r\n");
  text = replaceAll(text, "\\r", "\r");
  text = replaceAll(text, "\\n", "\n");
  text = replaceAll(text, "\\t", "\t");
  text = replaceAll(text, "\\f", "\f");
  const std::regex hex(R"(\\x([0-9a-fA-F]{1,2}))");
  std::smatch found;
  while (std::regex_search(text, found, hex)) {
    const char byte = static_cast<char>(std::stoi(found[1].str(), nullptr, 16));
    text = found.prefix().str() + byte + found.suffix().str();
  }
  return text;
}

std::string readFence(std::istream& in) {
  std::string text;
  std::string line;
  while (std::getline(in, line) && line != "```") text += line + "\n";
  if (!text.empty()) text.pop_back();
  return text;
}

std::vector<Case> readCases(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<Case> cases;
  Case current;
  std::string line;
  const std::regex typePattern(R"rx("type"\s*:\s*"([^"]*)")rx");
  while (std::getline(in, line)) {
    std::smatch found;
    if (line.rfind("##", 0) == 0) {
      current = {};
      current.file = file.filename().string();
      current.title = line.substr(line.find(' ') + 1);
    } else if (std::regex_search(line, found, typePattern)) {
      current.type = found[1];
    } else if (line == "```http") {
      current.input = decodeInput(readFence(in));
    } else if (line == "```log") {
      current.log = readFence(in);
      if (!current.type.empty()) cases.push_back(current);
    }
  }
  return cases;
}

// The corpus leaves Host out of most cases; we demand it. Adds one to each 1.1 request without.
std::string addHosts(const std::string& input) {
  static constexpr std::string_view kVersionEnd = " HTTP/1.1\r\n";
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = 0; (found = input.find(kVersionEnd, at)) != std::string::npos;) {
    const std::size_t lineEnd = found + kVersionEnd.size();
    out.append(input, at, lineEnd - at);
    at = lineEnd;
    std::string head = input.substr(lineEnd - 1, input.find("\r\n\r\n", lineEnd - 2) - lineEnd + 1);
    std::transform(head.begin(), head.end(), head.begin(), text::lower);
    if (head.find("\nhost:") == std::string::npos) out += "Host: corpus\r\n";
  }
  return out + input.substr(at);
}

std::string unescapeSpan(std::string text) {
  text = replaceAll(text, "\\t", "\t");
  return replaceAll(text, "\xc3\xbf", "\xff");  // the log is UTF-8, the bytes are Latin-1
}

Expectation readLog(const std::string& log) {
  Expectation expected;
  std::istringstream in(log);
  std::string line;
  const std::regex span(R"rx(^off=\S+ len=\d+ span\[(\w+)\]="(.*)"$)rx");
  bool inHead = true;
  while (std::getline(in, line)) {
    std::smatch found;
    if (line.find("message begin") != std::string::npos) {
      expected.verdict.requests.emplace_back();
      expected.complete.push_back(false);
      inHead = true;
    } else if (line.find("message complete") != std::string::npos) {
      expected.complete.back() = true;
    } else if (line.find("headers complete") != std::string::npos) {
      inHead = false;
    } else if (line.find(" error code=") != std::string::npos) {
      expected.fails = true;
    } else if (std::regex_match(line, found, span) && !expected.verdict.requests.empty()) {
      Request& request = expected.verdict.requests.back();
      const std::string kind = found[1];
      const std::string value = unescapeSpan(found[2]);
      if (kind == "method") request.method += value;
      if (kind == "url") request.target += value;
      if (kind == "body") request.body += value;
      if (kind == "header_field" && inHead) request.headers.emplace_back(value, "");
      if (kind == "header_value" && inHead) request.headers.back().second += value;
    }
  }
  return expected;
}

void compareRequests(const Expectation& expected, const Verdict& verdict) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < expected.complete.size() && expected.complete[i]; ++i) ++count;
  REQUIRE(verdict.requests.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    const Request& want = expected.verdict.requests[i];
    const Request& got = verdict.requests[i];
    CHECK(got.method == want.method);
    CHECK(got.target == want.target);
    std::string body = replaceAll(got.body, "\r\n", "");
    CHECK(body == want.body);
    HeaderList headers;
    for (const auto& header : got.headers) {
      if (header.second != "corpus" && got.target.find("://") == std::string::npos) {
        headers.push_back(header);
      }
    }
    HeaderList wanted;
    for (const auto& [name, value] : want.headers) {
      if (got.target.find("://") == std::string::npos) {
        wanted.emplace_back(name, std::string(text::trim(value)));
      }
    }
    CHECK(headers == wanted);
  }
}

// Adds the title to `used` when the case is one of kDifferences.
void check(const Case& one, std::set<std::string>& used) {
  INFO(one.file << ": " << one.title << "\n" << one.input << "\n" << one.log);
  const std::string input = addHosts(one.input);
  const Verdict verdict = parseWhole(input);
  INFO("verdict: " << verdict.describe());
  CHECK(parseBytewise(input).describe() == verdict.describe());
  CHECK(parseAtRandom(input, 7).describe() == verdict.describe());
  const auto* difference = std::find_if(kDifferences.begin(), kDifferences.end(),
                                        [&](const auto& d) { return d.title == one.title; });
  if (difference != kDifferences.end()) {
    INFO(difference->why);
    used.insert(one.title);
    switch (difference->what) {
      case Difference::weRefuse:
        CHECK(verdict.refused != 0);
        break;
      case Difference::weWait:
        CHECK(verdict.partial);
        break;
      case Difference::weAccept:
      case Difference::weIgnoreUpgrade:
        CHECK(verdict.requests.size() >= 1);
        break;
    }
    return;
  }
  const Expectation expected = readLog(one.log);
  const bool lenient = one.type.rfind("request-lenient", 0) == 0;
  // What follows "Connection: close" is never read.
  const bool closed = !verdict.keepAlive.empty() && !verdict.keepAlive.back();
  if (lenient || expected.fails) {
    CHECK((verdict.refused != 0 || closed));
    return;
  }
  CHECK(verdict.refused == 0);
  compareRequests(expected, verdict);
}

}  // namespace

TEST_CASE("Reads llhttp's request corpus as it says, but for the differences we chose") {
  const char* corpora = std::getenv("UNIGATE_CORPORA");
  const std::filesystem::path folder =
      std::filesystem::path(corpora != nullptr ? corpora : "../shared/corpora") / "http/llhttp";
  if (!std::filesystem::exists(folder)) {
    std::cout << "skipped: no llhttp corpus at " << folder << "\n";
    return;
  }
  std::size_t count = 0;
  std::set<std::string> used;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".md") continue;
    for (const Case& one : readCases(entry.path())) {
      check(one, used);
      ++count;
    }
  }
  CHECK(count > 100);
  CHECK(used.size() == kDifferences.size());
}
