// Transcripts: recorded exchanges between a plugin and its provider, one YAML file each. The kit
// plays them as they are, and spoils them for its hostile tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugin_host/plugin.hpp"
#include "plugin_host/plugin_call.hpp"
#include "plugin_host/step.hpp"

namespace unigate::plugin_host::check {

struct Exchange {
  std::string requestJson;  // what the plugin must send, as the file says; empty: anything
  HttpEvent event;          // what it gets back
};

// One operation with what the provider answers; from a file, or made up from a schema.
struct Case {
  std::string name;
  std::string operation;
  Mode mode = Mode::test;
  std::string settingsJson = "{}";
  std::string inputJson = "{}";
  std::string idempotencyKey;
  std::uint32_t attempt = 1;
  Recovering recovering = Recovering::no;
  std::vector<Exchange> exchange;
  std::string resultJson;  // expected DONE (a subset), or empty
  std::string errorJson;   // expected FAIL (its members), or empty
  bool generated = false;  // no transcript: the exchange is empty and nothing is expected
};

// All *.yaml files of a directory, sorted. The error is one line that names file and key.
tl::expected<std::vector<Case>, std::string> loadTranscripts(
    const std::filesystem::path& directory);

// The first difference between what a transcript says and what the plugin did; empty: none.
std::string findRequestDifference(std::string_view expectedJson, const HttpStep& step);
std::string findEndDifference(const Case& expected, const Step& step);

}  // namespace unigate::plugin_host::check
