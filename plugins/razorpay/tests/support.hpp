// What the tests of this adapter share: the plugin, the folders, and the contracts.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "testing/decode.hpp"
#include "testing/driver.hpp"
#include "testing/transcript.hpp"
#include "unigate/json.hpp"

namespace razorpay_test {

namespace json = unigate::json;
using unigate::testing::BeginOptions;
using unigate::testing::Driver;
using unigate::testing::SeenStep;

inline const ug_plugin* plugin() {
  static const ug_plugin* loaded = unigate_plugin_v1(unigate::testing::testHost());
  return loaded;
}

inline std::string folderOf(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? std::string() : std::string(value);
}

inline std::string sourcePath(const std::string& path) {
  return folderOf("UNIGATE_SOURCE") + "/" + path;
}

// Reads a contract; false (and a word about it) where the contracts are not at hand.
inline bool readContract(const std::string& name, json::Document& document) {
  const std::string path = folderOf("UNIGATE_CONTRACTS") + "/" + name;
  if (!std::filesystem::exists(path)) {
    std::cout << "skipped: " << name << " is not here (UNIGATE_CONTRACTS)\n";
    return false;
  }
  json::ReadError error;
  const bool read = document.parse(unigate::testing::readFile(path), error, {64, 16 * 1024 * 1024});
  INFO(error.message);
  REQUIRE(read);
  return true;
}

inline json::Document parsed(const std::string& text) {
  json::Document document;
  json::ReadError error;
  const bool read = document.parse(text, error);
  INFO(error.message << " in " << text);
  REQUIRE(read);
  return document;
}

}  // namespace razorpay_test
