// Reads the text of a .env file as the npm package `dotenv` does (its version 17: comments, export,
// three kinds of quotes, values of several lines, `NAME: value`, ${VAR} kept as it stands). Called
// by onboarding with what a user pasted and by the command line; linear in the length of the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace unigate::onboarding {

inline constexpr std::size_t kEnvBytesMax = 128UL * 1024;
inline constexpr std::size_t kEnvVariablesMax = 1'000;
inline constexpr std::size_t kEnvNameBytesMax = 256;
inline constexpr std::size_t kEnvValueBytesMax = 16UL * 1024;

struct EnvVariable {
  std::string name;
  std::string value;
  std::size_t line = 0;   // from 1, of the name
  bool repeated = false;  // stood in the file before: the last one is kept
};

// The variables of one file, in the order in which their names first stand in it. Its values are
// wiped when it goes.
class EnvFile {
 public:
  // The problem is a 400 that names the line and never repeats a value: too long, too many
  // variables, no UTF-8.
  static base::Result<EnvFile> parse(std::string_view text);

  EnvFile() = default;
  ~EnvFile();
  EnvFile(EnvFile&&) noexcept = default;
  EnvFile& operator=(EnvFile&&) noexcept = default;
  EnvFile(const EnvFile&) = delete;
  EnvFile& operator=(const EnvFile&) = delete;

  const std::vector<EnvVariable>& variables() const { return variables_; }
  // nullptr when there is none of that name.
  const EnvVariable* find(std::string_view name) const;

 private:
  std::vector<EnvVariable> variables_;
};

}  // namespace unigate::onboarding
