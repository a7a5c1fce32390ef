#include "plugin_host/sample_settings.hpp"

#include <catch2/catch.hpp>
#include <regex>

namespace unigate::plugin_host {

TEST_CASE("Makes up the first text that a pattern allows") {
  CHECK(sampleOf("") == "sample");
  CHECK(sampleOf("^AC[0-9a-fA-F]{32}$") == "AC00000000000000000000000000000000");
  CHECK(sampleOf("^pk_(test|live)_[A-Za-z0-9]{8,}$") == "pk_test_AAAAAAAA");
  CHECK(sampleOf("^rzp_(?:test|live)_\\w{14}$") == "rzp_test_00000000000000");
  CHECK(sampleOf("^\\+?[1-9]\\d{1,14}$") == "10");
  CHECK(sampleOf("^[^\\s]{3}$") == "xxx");
  CHECK(sampleOf("^a.b\\.c$") == "axb.c");
  CHECK(sampleOf("^(?=x)abc$").empty());
  CHECK(sampleOf("^[a").empty());
  CHECK(sampleOf("^a{999999}$").empty());
}

TEST_CASE("Fills the public fields that are required and were not given") {
  Manifest manifest;
  manifest.credentials = {{"token", true, true, "", "", "", "", ""},
                          {"account", false, true, "", "^AC[0-9]{4}$", "", "", ""},
                          {"number", false, true, "", "", "", "", ""},
                          {"note", false, false, "", "", "", "", ""}};
  CHECK(sampleSettings(manifest, "").value() == R"({"account":"AC0000","number":"sample"})");
  CHECK(sampleSettings(manifest, R"({"account":"AC1","note":"n"})").value() ==
        R"({"account":"AC1","note":"n","number":"sample"})");
  CHECK_FALSE(sampleSettings(manifest, "[1]").has_value());
  CHECK_FALSE(sampleSettings(manifest, "{").has_value());
  manifest.credentials[1].pattern = "^(?!x)a$";
  CHECK(sampleSettings(manifest, "").error().find("account") != std::string::npos);
}

}  // namespace unigate::plugin_host
