// The one binary: picks the subcommand. Everything else is in commands.hpp.
#include <array>
#include <cstdio>
#include <exception>
#include <string_view>

#include "app/commands.hpp"

namespace {

using unigate::app::Words;

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(const Words& words);
};

constexpr std::array kCommands = {
    Command{"serve", "run the gateway", unigate::app::serveCommand},
    Command{"migrate", "bring the database up to date", unigate::app::migrateCommand},
    Command{"doctor", "check configuration, key, database, plugins and ports",
            unigate::app::doctorCommand},
    Command{"config", "check the configuration: config check", unigate::app::configCommand},
    Command{"keygen", "make a key-encryption key", unigate::app::keygenCommand},
    Command{"org", "organisations: create, list", unigate::app::orgCommand},
    Command{"user", "people: create, list, password, disable, enable", unigate::app::userCommand},
    Command{"key", "API keys: create, list, rotate, revoke", unigate::app::keyCommand},
    Command{"service", "provider credentials: set, list, import", unigate::app::serviceCommand},
    Command{"operation", "operations that wait for a person: list, show, resolve, ask",
            unigate::app::operationCommand},
    Command{"restore", "after a restore from a backup: restore --mark-epoch",
            unigate::app::restoreCommand},
    Command{"plugin", "plugins: list, check, new", unigate::app::pluginCommand},
    Command{"audit", "the audit chain: verify, checkpoint", unigate::app::auditCommand},
    Command{"secrets", "the key-encryption key: secrets rotate", unigate::app::secretsCommand},
    Command{"reconcile", "compare the books with what a provider has",
            unigate::app::reconcileCommand},
};

int help(std::FILE* out, int exitCode) {
  std::fputs("unigate " UNIGATE_VERSION
             ": one REST API in front of many providers\n\nusage: unigate COMMAND [--config FILE] "
             "[--json]\n\n",
             out);
  for (const Command& command : kCommands) {
    std::fprintf(out, "  %-10.*s %.*s\n", static_cast<int>(command.name.size()),
                 command.name.data(), static_cast<int>(command.summary.size()),
                 command.summary.data());
  }
  std::fputs(
      "\n`unigate COMMAND --help` tells more. Exit codes: 0 done, 1 failed, 2 wrong usage.\n", out);
  return exitCode;
}

}  // namespace

int main(int argc, char** argv) {
  const Words words(argv + 1, argv + argc);
  if (words.empty()) return help(stderr, 2);
  if (words.front() == "--help" || words.front() == "help") return help(stdout, 0);
  if (words.front() == "--version" || words.front() == "version") {
    std::puts("unigate " UNIGATE_VERSION);
    return 0;
  }
  for (const Command& command : kCommands) {
    if (command.name != words.front()) continue;
    try {
      return command.run({words.begin() + 1, words.end()});
    } catch (const std::exception& fault) {
      std::fprintf(stderr, "unigate: %s\n", fault.what());
      return 1;
    }
  }
  std::fprintf(stderr, "unigate: there is no command \"%.64s\"\n", words.front().c_str());
  return help(stderr, 2);
}
