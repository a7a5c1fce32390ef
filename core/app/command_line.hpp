// The words of a subcommand, taken apart by Poco::Util: `--name value`, `--name=value`, flags, and
// the rest.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace unigate::app {

// What an option of a subcommand takes.
struct OptionSpec {
  std::string name;      // "org", for --org
  std::string argument;  // "ID"; empty: a flag
  std::string description;
  bool required = false;
};

class Arguments {
 public:
  // `words` after the subcommand. Every subcommand also knows --config, --json and --help. The
  // problem's detail is the usage line with the fault.
  static base::Result<Arguments> parse(const std::vector<std::string>& words,
                                       const std::vector<OptionSpec>& specs);

  bool has(const std::string& name) const { return values_.count(name) > 0; }
  std::string get(const std::string& name, std::string fallback = {}) const;
  const std::vector<std::string>& rest() const { return rest_; }
  bool json() const { return has("json"); }
  std::string config() const { return get("config", "config/unigate.yaml"); }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> rest_;
};

}  // namespace unigate::app
