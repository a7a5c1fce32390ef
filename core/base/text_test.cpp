#include "base/text.hpp"

#include <catch2/catch.hpp>

#include "base/random.hpp"

using namespace unigate::base;

TEST_CASE("Encodes and decodes the vectors of RFC 4648") {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(toBase64(plain) == coded);
    CHECK(fromBase64(coded) == plain);
  }
  CHECK(toBase64Url("\xfb\xff") == "-_8");
  CHECK(fromBase64Url("-_8") == std::string("\xfb\xff"));
  CHECK(toHex("foobar") == "666f6f626172");
  CHECK(fromHex("666F6f626172") == "foobar");
}

TEST_CASE("Refuses texts that are not the one encoding of their bytes") {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z m9", "Zm9v\n", "====", "Z===", "Zm9v=", "-_8="}) {
    INFO(text);
    CHECK_FALSE(fromBase64(text));
  }
  for (const char* text : {"Zg==", "Zh", "a", "+/8"}) {
    INFO(text);
    CHECK_FALSE(fromBase64Url(text));
  }
  CHECK_FALSE(fromHex("abc"));
  CHECK_FALSE(fromHex("zz"));
}

TEST_CASE("Round-trips any bytes through every encoding") {
  SeededRandom random(7);
  for (std::size_t length = 0; length < 200; ++length) {
    std::vector<std::uint8_t> raw(length);
    random.fill(raw);
    const std::string bytes(raw.begin(), raw.end());
    CHECK(fromBase64(toBase64(bytes)) == bytes);
    CHECK(fromBase64Url(toBase64Url(bytes)) == bytes);
    CHECK(fromHex(toHex(bytes)) == bytes);
    CHECK(percentDecode(percentEncode(bytes)) == bytes);
  }
}

TEST_CASE("Percent-encodes all but the unreserved characters") {
  CHECK(percentEncode("aZ09-._~") == "aZ09-._~");
  CHECK(percentEncode("a b+c/\xc3\xa4") == "a%20b%2Bc%2F%C3%A4");
  CHECK(percentDecode("a%20b+c") == "a b+c");
  CHECK(percentDecode("a%20b+c", true) == "a b c");
  for (const char* text : {"%", "%4", "a%", "%zz", "%4g", "%%41"}) {
    INFO(text);
    CHECK_FALSE(percentDecode(text));
  }
}

TEST_CASE("Reads query strings in order and refuses bad escapes") {
  const auto pairs = parseQuery("a=1&b=two+words&&c&d=%26%3D&a=2&=x");
  REQUIRE(pairs);
  const QueryPairs expected = {{"a", "1"},  {"b", "two words"}, {"c", ""},
                               {"d", "&="}, {"a", "2"},         {"", "x"}};
  CHECK(*pairs == expected);
  CHECK(parseQuery("")->empty());
  CHECK_FALSE(parseQuery("a=%4"));
  CHECK_FALSE(parseQuery("%zz=1"));
}

TEST_CASE("Compares secrets by all of their bytes") {
  CHECK(constantTimeEquals("", ""));
  CHECK(constantTimeEquals("abc", "abc"));
  CHECK_FALSE(constantTimeEquals("abc", "abd"));
  CHECK_FALSE(constantTimeEquals("abc", "ab"));
  CHECK_FALSE(constantTimeEquals("", "a"));
}

TEST_CASE("Digests the vectors of FIPS 180") {
  CHECK(sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("Tells well-formed UTF-8 from the rest") {
  for (const char* text : {"", "plain", "\xc3\xa4", "\xe2\x82\xac", "\xed\x9f\xbf",
                           "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(isUtf8(text));
  }
  for (const char* text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xff"}) {
    CHECK_FALSE(isUtf8(text));
  }
  CHECK(countCharacters("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") == 4);
}

TEST_CASE("Suggests the word that was meant, and none where nothing is near") {
  CHECK(editDistance("", "abc") == 3);
  CHECK(editDistance("kitten", "sitting") == 3);
  CHECK(editDistance("sevrer", "server") == 1);
  const std::vector<std::string_view> known = {"server", "store", "upstream", "log"};
  CHECK(nearestOf("sevrer", known) == "server");
  CHECK(nearestOf("stores", known) == "store");
  CHECK(nearestOf("lgo", known) == "log");
  CHECK_FALSE(nearestOf("colour", known));
  CHECK_FALSE(nearestOf(std::string(5000, 'x'), known));
}

TEST_CASE("Makes names from outside fit for a log line") {
  CHECK(printable("a\nb\x1b[31m\xc3\xa4") == "a?b?[31m??");
  CHECK(printable("abcdef", 3) == "abc...");
}
