// What one test of the kit found; travels from the child process as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace unigate::plugin_host::check {

class Report {
 public:
  // A broken promise. Only the first few are kept, all are counted.
  void fail(std::string why);
  // A part that could not be tested, and why.
  void skip(std::string why);
  // Something was tried; a test that tried nothing is "skipped".
  void tried(std::uint64_t count = 1) { tries_ += count; }
  // For the comparison of two runs.
  void digest(std::string text) { digest_ = std::move(text); }

  std::uint64_t failures() const { return failures_; }
  std::uint64_t tries() const { return tries_; }
  const std::vector<std::string>& whys() const { return whys_; }
  const std::vector<std::string>& skips() const { return skips_; }
  const std::string& digest() const { return digest_; }

  std::string toText() const;
  static Report fromText(std::string_view text);

 private:
  std::uint64_t failures_ = 0;
  std::uint64_t tries_ = 0;
  std::vector<std::string> whys_;
  std::vector<std::string> skips_;
  std::string digest_;
};

}  // namespace unigate::plugin_host::check
