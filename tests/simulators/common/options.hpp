// The command line of unigate-simulators.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace simulators {

struct Options {
  std::optional<std::uint16_t> stripePort;
  std::vector<std::string> stripeKeys;  // empty: every well-formed key is accepted
  std::string ledger;
  std::string listen = "127.0.0.1";
  std::string readyFile;
  std::chrono::milliseconds delay{0};
  bool journal = true;
  bool help = false;
};

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws UsageError.
Options parseOptions(const std::vector<std::string_view>& arguments);

extern const char* const kUsage;

}  // namespace simulators
