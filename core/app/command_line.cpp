#include "app/command_line.hpp"

#include <Poco/Exception.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
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

  const auto needs = [&specs](const std::string& name) {
    for (const OptionSpec& spec : specs) {
      if (spec.name == name) return spec.argument;
    }
    return std::string("FILE");
  };
  Arguments arguments;
  Poco::Util::OptionProcessor processor(options);
  processor.setUnixStyle(true);
  std::string option;  // the word that is being read
  try {
    for (const std::string& word : words) {
      if (word.rfind("-", 0) == 0) option = word.substr(0, word.find('='));
      std::string name;
      std::string value;
      const bool isOption = processor.process(word, name, value);
      // The next option is not the value of this one; `--name=--x` is.
      if (isOption && value == word && word.rfind("--", 0) == 0)
        return usage("--" + name + " needs a value: " + needs(name));
      if (!isOption) {
        arguments.rest_.push_back(word);
      } else if (!name.empty()) {
        if (arguments.values_.count(name) > 0) return usage("--" + name + " is given twice");
        arguments.values_[name] = value;
      }
    }
    processor.checkRequired();
  } catch (const Poco::Util::UnknownOptionException&) {
    return usage("there is no option " + option + " here");
  } catch (const Poco::Util::DuplicateOptionException&) {
    return usage(option + " is given twice");
  } catch (const Poco::Util::MissingArgumentException&) {
    return usage(option + " needs a value: " + needs(option.substr(option.find_first_not_of('-'))));
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
