#include "base/yaml_document.hpp"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace unigate::base;

namespace {

YamlDocument loaded(std::string_view text) {
  auto document = YamlDocument::loadText(text, "config/unigate.yaml");
  if (!document) FAIL(document.error().front().text());
  return std::move(*document);
}

std::string refusal(std::string_view text) {
  const auto document = YamlDocument::loadText(text, "f.yaml");
  if (document) FAIL("was taken: " << document->jsonText());
  REQUIRE(document.error().size() == 1);
  return document.error().front().text();
}

std::vector<std::string> lines(const YamlDocument::Problems& problems) {
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.text());
  return texts;
}

using Lines = std::vector<std::string>;

constexpr std::string_view kSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["server"],
  "properties": {
    "server": {"type": "object", "additionalProperties": false, "properties": {
      "listen": {"type": "string"}, "workers": {"type": "integer", "minimum": 1}}},
    "store": {"type": "object", "additionalProperties": false, "properties": {
      "url": {"type": "string", "minLength": 1}}},
    "hosts": {"type": "array", "items": {"type": "string"}}
  }})";

}  // namespace

TEST_CASE("Types scalars by the core schema") {
  CHECK(loaded("a: true\nb: False\nc: null\nd: ~\ne:\nf: 12\ng: -7\nh: 0x1F\ni: 0o17\nj: 1.5\n"
               "k: 1e3\nl: '12'\nm: \"true\"\nn: yes\no: no\np: 1.2.3\nq: 12:30\nr: 2026-11-21\n"
               "s: 18446744073709551615\nt: !!str 12\nu: +5\nv: .5\n")
            .jsonText() ==
        R"({"a":true,"b":false,"c":null,"d":null,"e":null,"f":12,"g":-7,"h":31,"i":15,"j":1.5,)"
        R"("k":1000.0,"l":"12","m":"true","n":"yes","o":"no","p":"1.2.3","q":"12:30",)"
        R"("r":"2026-11-21","s":18446744073709551615,"t":"12","u":5,"v":0.5})");
}

TEST_CASE("Reads lists, block texts, flow style and anchors") {
  CHECK(
      loaded("a: [1, {b: c}]\nd: |\n  two\n  lines\ne: &x {f: 1}\ng: *x\n? h\n: i\n").jsonText() ==
      R"({"a":[1,{"b":"c"}],"d":"two\nlines\n","e":{"f":1},"g":{"f":1},"h":"i"})");
  CHECK(loaded("").jsonText() == "{}");
  CHECK(loaded("# nothing but a comment\n").jsonText() == "{}");
  CHECK(loaded("12: a\ntrue: b\n").jsonText() == R"({"12":"a","true":"b"})");
}

TEST_CASE("Names the line and the key of every problem at once") {
  const auto document = loaded(
      "server:\n  listen: 127.0.0.1:80\n  workers: 0\n\n\n\nstore: { url: 7 }\n\nhosts:\n  - a\n"
      "  - 5\nsevrer:\n  x: 1\n");
  CHECK(lines(document.check(kSchema)) ==
        Lines{"config/unigate.yaml:3: server.workers: must be at least 1",
              "config/unigate.yaml:7: store.url: must be a string; put it in quotes",
              "config/unigate.yaml:11: hosts[1]: must be a string; put it in quotes",
              "config/unigate.yaml:12: unknown key \"sevrer\"; did you mean \"server\"?"});
  CHECK(document.lineOf("/hosts/1") == 11);
  CHECK(document.lineOf("/hosts/1/beyond") == 11);
  CHECK(document.lineOf("/store/url") == 7);
}

TEST_CASE("Says what is missing and where") {
  CHECK(lines(loaded("store: {}\n").check(kSchema)) ==
        Lines{"config/unigate.yaml:1: server: is required"});
  CHECK(lines(loaded("- a\n").check(kSchema)) == Lines{"config/unigate.yaml:1: must be an object"});
  CHECK(loaded("server:\n  lsten: x\n").check(kSchema).front().text() ==
        "config/unigate.yaml:2: server: unknown key \"lsten\"; did you mean \"listen\"?");
}

TEST_CASE("Refuses duplicate keys with both lines") {
  CHECK(refusal("a: 1\nb: 2\na: 3\n") == "f.yaml:3: key \"a\" stands twice; first in line 1");
  CHECK(refusal("x:\n  - {k: 1, k: 2}\n") == "f.yaml:2: key \"k\" stands twice; first in line 2");
}

TEST_CASE("Gives one line with the place for a text that is no YAML") {
  for (const char* text : {"a: [1\n", "a: b: c\n", "a:\n\t- b\n", "{", "\"open", "a: *nothing\n",
                           "- a\nb: c\n", "%YAML 9.9\n---\na: 1\n", "&a [*a]\n", "a: !!int 5\n",
                           "a: !x 5\n", "? [a]\n: b\n", "{null: 1}\n"}) {
    INFO(text);
    const std::string line = refusal(text);
    CHECK(line.substr(0, 7) == "f.yaml:");
    CHECK(line.find('\n') == std::string::npos);
    CHECK((line[7] >= '1' && line[7] <= '9'));
  }
  CHECK(refusal("a: 1\n---\nb: 2\n").find("second document") != std::string::npos);
  CHECK(refusal("a: 99999999999999999999\n") ==
        "f.yaml:1: the integer does not fit into 64 bits; quote it if it is text");
  CHECK(refusal("a: .inf\n").find("not finite") != std::string::npos);
  CHECK(refusal("a: 1\nb: \xff\n") == "f.yaml:2: is not UTF-8");
  CHECK(refusal(std::string_view("a: \0b\n", 6)).find("control character") != std::string::npos);
}

TEST_CASE("Holds out against bombs") {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int n = 0; n < 9; ++n) laughs += "," + last;
    laughs += "]\n";
  }
  CHECK(refusal(laughs).find("repeated by aliases") != std::string::npos);
  CHECK(refusal("a: " + std::string(40, '[') + std::string(40, ']')).find("deeper than 32") !=
        std::string::npos);
  CHECK(refusal(std::string(200'000, '[')).size() < 200);
  CHECK(refusal(std::string(200'000, '{')).size() < 200);
  CHECK(refusal(std::string(1024 * 1024 + 1, '#')).find("larger than 1 MiB") != std::string::npos);
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 40; ++i)
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
             "]\n";
  CHECK(refusal(chain).find("deeper than 32") != std::string::npos);
}

TEST_CASE("Overrides values, typed as YAML, and blames the variable for its faults") {
  auto document = loaded("server:\n  listen: a\nhosts: [x]\n");
  CHECK_FALSE(document.applyOverride("/server/workers", "4", "UNIGATE__SERVER__WORKERS"));
  CHECK_FALSE(document.applyOverride("/store/url", "sqlite:///tmp/x: y#z", "UNIGATE__STORE__URL"));
  CHECK_FALSE(document.applyOverride("/server/listen", "'80'", "UNIGATE__SERVER__LISTEN"));
  CHECK_FALSE(document.applyOverride("/hosts", "[a, b]", "UNIGATE__HOSTS"));
  CHECK(document.jsonText() == R"({"server":{"listen":"80","workers":4},"hosts":["a","b"],)"
                               R"("store":{"url":"sqlite:///tmp/x: y#z"}})");
  CHECK(document.check(kSchema).empty());
  CHECK_FALSE(document.applyOverride("/server/workers", "many", "UNIGATE__SERVER__WORKERS"));
  CHECK(lines(document.check(kSchema)) ==
        Lines{"UNIGATE__SERVER__WORKERS: server.workers: must be an integer"});
  CHECK(document.lineOf("/server/workers") == 0);
  CHECK(document.lineOf("/server") == 1);
}

TEST_CASE("Refuses overrides that lead nowhere and keeps the document as it was") {
  auto document = loaded("server:\n  listen: a\nhosts: [x]\n");
  const std::string before = document.jsonText();
  CHECK(document.applyOverride("/server/listen/deep", "1", "V")->text() ==
        "V: \"deep\" lies below a value that is no mapping");
  CHECK(document.applyOverride("/hosts/7", "1", "V"));
  CHECK(document.applyOverride("", "1", "V"));
  CHECK(document.applyOverride("/hosts", "[a", "V"));
  CHECK(document.applyOverride("/n", "99999999999999999999", "V"));
  CHECK(document.applyOverride("/n", "\xff", "V"));
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/a";
  CHECK(document.applyOverride(deep, "1", "V"));
  CHECK(document.jsonText() == before);
  CHECK_FALSE(document.applyOverride("/hosts/1", "y", "V"));
}

TEST_CASE("Reads names of overrides") {
  CHECK(YamlDocument::overridePointer("UNIGATE__SERVER__LISTEN") == "/server/listen");
  CHECK(YamlDocument::overridePointer("UNIGATE__UPSTREAM__ALLOW_LOOPBACK_HTTP") ==
        "/upstream/allow_loopback_http");
  for (const char* name :
       {"UNIGATE", "UNIGATE_X", "UNIGATE__", "UNIGATE____X", "UNIGATE__A__", "OTHER__A", ""}) {
    INFO(name);
    CHECK_FALSE(YamlDocument::overridePointer(name));
  }
}

TEST_CASE("Says why a file can't be read") {
  std::string folder = (std::filesystem::temp_directory_path() / "unigate-yaml-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  CHECK(YamlDocument::loadFile(folder + "/none.yaml").error().front().text() ==
        folder + "/none.yaml: can't be opened: No such file or directory");
  CHECK_FALSE(YamlDocument::loadFile(folder));
  std::ofstream(folder + "/a.yaml") << "server: {listen: x}\n";
  const auto document = YamlDocument::loadFile(folder + "/a.yaml");
  REQUIRE(document);
  CHECK(document->json()["server"]["listen"].string() == "x");
  std::filesystem::remove_all(folder);
}
