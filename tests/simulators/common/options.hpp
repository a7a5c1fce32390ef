// The command line of unigate-simulators.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace simulators {

inline constexpr std::array<std::string_view, 4> kProviderNames{"stripe", "razorpay", "paypal",
                                                                "twilio"};

struct Options {
  std::map<std::string, std::uint16_t, std::less<>> ports;  // by provider; absent: not started
  std::map<std::string, std::vector<std::string>, std::less<>>
      keys;  // absent: all well-formed ones
  std::string ledger;
  std::string listen = "127.0.0.1";
  std::string readyFile;
  std::chrono::milliseconds delay{0};
  double pace = 1;
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
