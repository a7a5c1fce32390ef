// The subcommands of `unigate`. Each takes the words behind its name and returns the exit code: 0
// done, 1 failed, 2 wrong usage. Answers go to standard output (JSON with --json), the one line of
// an error to standard error.
#pragma once

#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "identity/api_keys.hpp"
#include "store/store.hpp"
#include "vault/vault.hpp"

namespace unigate::app {

using Words = std::vector<std::string>;

int serveCommand(const Words& words);
int migrateCommand(const Words& words);
int doctorCommand(const Words& words);
int configCommand(const Words& words);
int keygenCommand(const Words& words);
int orgCommand(const Words& words);
int orgPlanCommand(const Words& words);  // a part of it, in a file of its own
int keyCommand(const Words& words);
int userCommand(const Words& words);
int serviceCommand(const Words& words);
int operationCommand(const Words& words);
int restoreCommand(const Words& words);
int pluginCommand(const Words& words);
int auditCommand(const Words& words);
int secretsCommand(const Words& words);
int reconcileCommand(const Words& words);
// Parts of `plugin`, in files of their own.
int dryRunPlugin(const Arguments& arguments, const std::string& usage);
int verifyWebhooks(const Arguments& arguments);

// ---- shared by the subcommands ----

// Prints "unigate: TEXT" to standard error and returns 1.
int failed(const std::string& text);
// The same with the usage line; returns 2.
int misused(const std::string& usage, const std::string& text);
// Parses words; prints usage and sets `exitCode` when the command is not to go on (wrong usage,
// --help, words that are no options unless `takesWords`).
std::optional<Arguments> parseOrExplain(const Words& words, const std::vector<OptionSpec>& specs,
                                        const std::string& usage, int& exitCode,
                                        bool takesWords = false);
// Loads the configuration or prints each problem on a line; empty then.
std::optional<Config> configOrExplain(const std::string& path);

// What commands on organisations, keys and services work with.
struct Office {
  base::SystemClock clock;
  base::SystemRandom random;
  Config config;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<vault::Vault> vault;  // reads the store
  std::unique_ptr<identity::Directory> directory;
  std::unique_ptr<store::ReadSession> reader;
};
// Opens vault and database (migrating it). On failure prints the line and gives nothing.
std::unique_ptr<Office> openOffice(const Config& config);

}  // namespace unigate::app
