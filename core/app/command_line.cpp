#include "app/command_line.hpp"

#include <Poco/Exception.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

namespace unigate::app {

namespace {

tl::unexpected<base::Problem> usage(std::string detail) {
  return base::fail(400, "usage", std::move(detail));
}

}  // namespace

std::string Arguments::get(const std::string& name, std::string fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : found->second;
}

base::Result<Arguments> Arguments::parse(const std::vector<std::string>& words,
                                         const std::vector<OptionSpec>& specs) {
  Poco::Util::OptionSet options;
  const auto add = [&options](const OptionSpec& spec) {
    Poco::Util::Option option(spec.name, "", spec.description, false);
    if (!spec.argument.empty()) option.argument(spec.argument, true);
    options.addOption(option);
  };
  add({"config", "FILE", "configuration", false});
  add({"json", "", "answer in JSON", false});
  add({"help", "", "show the usage", false});
  for (const OptionSpec& spec : specs) add(spec);

  Arguments arguments;
  Poco::Util::OptionProcessor processor(options);
  processor.setUnixStyle(true);
  try {
    for (const std::string& word : words) {
      std::string name;
      std::string value;
      const bool isOption = processor.process(word, name, value);
      if (!isOption) {
        arguments.rest_.push_back(word);
      } else if (!name.empty()) {
        if (arguments.values_.count(name) > 0) return usage("--" + name + " is given twice");
        arguments.values_[name] = value;
      }
    }
    processor.checkRequired();
  } catch (const Poco::Exception& fault) {
    return usage(fault.message().empty() ? fault.displayText() : fault.message());
  }
  if (arguments.has("help")) return arguments;
  for (const OptionSpec& spec : specs) {
    if (spec.required && !arguments.has(spec.name))
      return usage("--" + spec.name + " " + spec.argument + " is missing");
  }
  return arguments;
}

}  // namespace unigate::app
