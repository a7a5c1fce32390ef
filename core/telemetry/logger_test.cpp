#include "telemetry/logger.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/clock.hpp"

using namespace unigate::telemetry;

namespace {

constexpr std::int64_t kTime = 1'790'000'000'123;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "log-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::vector<std::string> linesOf(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Put together so that no scanner takes this file for a leak.
const std::string kKey = std::string("unf_") + "live_0123456789abcdefghijABCDEFGHIJ123456";
const std::string kProviderKey = std::string("sk_") + "test_4eC39HqLyjWDarjtT1zdp7dc";
const std::string kCard = std::string("42424242") + "42424242";

}  // namespace

TEST_CASE("Writes one JSON object with time, level, message, request id and typed fields") {
  const auto line =
      renderLine(kTime, Level::warn, "provider call failed", "req-1",
                 {Field::id("operation", "txn_01jd3k"), Field::integer("status", 503),
                  Field::microseconds("provider_us", 1200), Field::flag("retry", true),
                  Field::text("detail", "connection refused")});
  CHECK(line == "{\"ts\":\"" + unigate::base::toRfc3339(kTime) +
                    R"(","level":"warn","msg":"provider call failed","request_id":"req-1",)"
                    R"("operation":"txn_01jd3k","status":503,"provider_us":1200,"retry":true,)"
                    R"("detail":"connection refused"})");
}

TEST_CASE("Escapes what would break the line or the JSON") {
  const auto line = renderLine(kTime, Level::info, "m", {},
                               {Field::text("t",
                                            "a\"b\\c\nd\x01"
                                            "e\x7f")});
  CHECK(line.find(R"("t":"a\"b\\c\u000ad\u0001e\u007f")") != std::string::npos);
  const auto bad = renderLine(kTime, Level::info, "m", {}, {Field::text("t", "x\xff\xfey")});
  CHECK(bad.find(R"("t":"x??y")") != std::string::npos);
}

TEST_CASE("Masks keys, tokens and card numbers wherever a text is logged") {
  for (const auto& secret : {kKey, kProviderKey, kCard}) {
    CAPTURE(secret);
    for (const auto& text : {secret, "before " + secret + " after", "k=" + secret + "&b=1",
                             "Authorization: Bearer " + secret, "\"" + secret + "\""}) {
      const auto line = renderLine(kTime, Level::info, "m", {}, {Field::text("t", text)});
      CHECK(line.find(secret) == std::string::npos);
      CHECK(line.find(secret.substr(0, 14)) == std::string::npos);
    }
    const auto line = renderLine(kTime, Level::info, "m", secret, {Field::id("id", secret)});
    CHECK(line.find(secret) == std::string::npos);
  }
  CHECK(maskSecrets("Basic dXNlcjpwYXNzd29yZA==") == "Basic ***");
  CHECK(maskSecrets("token 0123456789abcdef0123456789abcdef!") == "token ***!");
}

TEST_CASE("Leaves ordinary texts, paths and our own ids alone") {
  for (const std::string text :
       {"cannot open /var/lib/unigate/unigate.db: No such file", "txn_01jd3k0000000000000000abcd",
        "risk_level high", "timeout after 30000 ms", "ask_me", "2026-11-21T03:14:56.000Z"}) {
    CHECK(maskSecrets(text) == text);
  }
}

TEST_CASE("Cuts a long text, never in the middle of a character or a secret") {
  std::string longText;
  longText.resize(511, 'z');
  longText += "\xc3\xa9 tail";
  const auto line = renderLine(kTime, Level::info, "m", {}, {Field::text("t", longText)});
  CHECK(line.find("zzz...\"}") != std::string::npos);
  CHECK(std::count(line.begin(), line.end(), 'z') == 511);
  std::string late;
  late.resize(500, ' ');
  late += kProviderKey;
  const auto secret = renderLine(kTime, Level::info, "m", {}, {Field::text("t", late)});
  CHECK(secret.find("4eC39") == std::string::npos);
}

TEST_CASE(
    "Writes to a private file what was logged, in order, and leaves out what is below the level") {
  Folder folder;
  {
    Logger logger({Level::info, folder.file("log"), 8192});
    CHECK_FALSE(logger.enabled(Level::debug));
    logger.log(Level::debug, "not this", {});
    for (int i = 0; i < 100; ++i) logger.log(Level::info, "line", {Field::integer("n", i)});
    logger.flush();
    CHECK(linesOf(folder.file("log")).size() == 100);
    logger.log(Level::error, "last", "req-9", {});
  }
  const auto lines = linesOf(folder.file("log"));
  REQUIRE(lines.size() == 101);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(lines[i].find("\"n\":" + std::to_string(i) + "}") != std::string::npos);
  }
  CHECK(lines.back().find(R"("request_id":"req-9")") != std::string::npos);
  struct stat status {};
  REQUIRE(::stat(folder.file("log").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("Drops and counts instead of making callers wait when the queue is full") {
  Folder folder;
  // A pipe that nobody reads: the writing thread stands still once the pipe is full.
  const auto pipe = folder.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::ifstream reader;
  std::thread opener([&] { reader.open(pipe); });
  std::uint64_t dropped = 0;
  constexpr std::size_t kLines = 20'000;
  std::vector<std::string> lines;
  std::thread drain;
  {
    Logger logger({Level::info, pipe, 64});
    opener.join();
    for (std::size_t i = 0; i < kLines; ++i) logger.log(Level::info, "line", {});
    drain = std::thread([&] {
      for (std::string line; std::getline(reader, line);) lines.push_back(line);
    });
    logger.flush();
    dropped = logger.dropped();
  }
  drain.join();
  CHECK(lines.size() < kLines);
  CHECK(lines.size() + dropped >= kLines);  // a dropped request to flush counts as well
  for (const auto& line : lines) CHECK(line.back() == '}');
}

TEST_CASE("Says which log file it can't write") {
  CHECK_THROWS_WITH(Logger({Level::info, "/nonexistent/folder/log", 64}),
                    Catch::Contains("/nonexistent/folder/log"));
}
