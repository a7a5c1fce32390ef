#include "onboarding/env_file.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace unigate::onboarding {
namespace {

std::string valueIn(const std::string& text, const std::string& name) {
  const auto file = EnvFile::parse(text);
  REQUIRE(file);
  const EnvVariable* variable = file->find(name);
  return variable == nullptr ? "(absent)" : variable->value;
}

TEST_CASE("Reads the forms of an assignment") {
  CHECK(valueIn("A=1", "A") == "1");
  CHECK(valueIn("  export A = 1  ", "A") == "1");
  CHECK(valueIn("A: 1", "A") == "1");
  CHECK(valueIn("A:1", "A") == "(absent)");
  CHECK(valueIn("A=", "A").empty());
  CHECK(valueIn("a.b-c=1", "a.b-c") == "1");
}

TEST_CASE("Reads quotes, escapes and values of several lines") {
  CHECK(valueIn("A='one # two'", "A") == "one # two");
  CHECK(valueIn("A=\"one\\ntwo\"", "A") == "one\ntwo");
  CHECK(valueIn("A='one\\ntwo'", "A") == "one\\ntwo");
  CHECK(valueIn("A=`'x' \"y\"`", "A") == "'x' \"y\"");
  CHECK(valueIn("A=\"one\ntwo\" # end\nB=3", "A") == "one\ntwo");
  CHECK(valueIn("A='it\\'s'", "A") == "it\\'s");
  CHECK(valueIn("A='open", "A") == "'open");
}

TEST_CASE("Leaves out comments and keeps references as they stand") {
  CHECK(valueIn("A=1 # one", "A") == "1");
  CHECK(valueIn("A=1#2", "A") == "1");
  CHECK(valueIn("# A=1", "A") == "(absent)");
  CHECK(valueIn("A=${B}/$C", "A") == "${B}/$C");
}

TEST_CASE("Takes line ends of every kind and a byte order mark") {
  const std::string text =
      "\xEF\xBB\xBF"
      "A=1\r\nB=2\rC=3\n";
  CHECK(valueIn(text, "A") == "1");
  CHECK(valueIn(text, "B") == "2");
  CHECK(valueIn(text, "C") == "3");
}

TEST_CASE("Keeps the last of variables with one name and says so") {
  const auto file = EnvFile::parse("A=1\nB=2\n\nA=3");
  REQUIRE(file);
  REQUIRE(file->variables().size() == 2);
  CHECK(file->variables()[0].name == "A");
  CHECK(file->variables()[0].value == "3");
  CHECK(file->variables()[0].repeated);
  CHECK(file->variables()[0].line == 4);
  CHECK_FALSE(file->variables()[1].repeated);
}

TEST_CASE("Refuses what is beyond its limits, naming the line and no value") {
  const std::string secret(kEnvValueBytesMax + 1, 's');
  const auto longValue = EnvFile::parse("A=1\nB=" + secret);
  REQUIRE_FALSE(longValue);
  CHECK(longValue.error().status == 400);
  CHECK(longValue.error().param == "env_content");
  CHECK(longValue.error().detail == "Line 2: the value of B is longer than 16 KiB.");

  CHECK_FALSE(EnvFile::parse(std::string(kEnvBytesMax + 1, '\n')));
  CHECK(EnvFile::parse(std::string(kEnvBytesMax, '\n')));
  CHECK_FALSE(EnvFile::parse("A=\xFF"));
  std::string longName(kEnvNameBytesMax + 1, 'N');
  longName += "=1";
  CHECK_FALSE(EnvFile::parse(longName));

  std::string many;
  for (std::size_t i = 0; i < kEnvVariablesMax; ++i) many += "N" + std::to_string(i) + "=1\n";
  CHECK(EnvFile::parse(many + "N0=2"));
  CHECK_FALSE(EnvFile::parse(many + "M=1"));
}

}  // namespace
}  // namespace unigate::onboarding
