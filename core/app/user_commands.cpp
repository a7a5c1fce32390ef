// `unigate user`: people with a password, made and helped by the operator.
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "app/commands.hpp"
#include "base/clock.hpp"
#include "identity/users.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

constexpr std::size_t kGeneratedChars = 24;  // 119 bits
constexpr std::string_view kAlphabet = "abcdefghijkmnopqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679-";

vault::SecretString generated(base::Random& random) {
  std::string text;
  text.reserve(kGeneratedChars);
  for (std::size_t i = 0; i < kGeneratedChars; ++i)
    text += kAlphabet[random.below(kAlphabet.size())];
  return vault::SecretString(std::move(text));
}

// A line of standard input. What stands in the arguments of a command can be seen by others.
std::optional<vault::SecretString> fromStandardInput() {
  if (::isatty(STDIN_FILENO) != 0) std::fprintf(stderr, "password: ");
  std::string line;
  line.reserve(identity::kPasswordBytesMax);
  if (!std::getline(std::cin, line) || line.empty()) {
    failed("give the password as one line of standard input, or have one made with --generate");
    return std::nullopt;
  }
  return vault::SecretString(std::move(line));
}

std::optional<vault::SecretString> passwordOf(const Arguments& arguments, base::Random& random) {
  return arguments.has("generate") ? generated(random) : fromStandardInput();
}

std::unique_ptr<identity::Users> usersOf(Office& office) {
  identity::UserSettings settings;
  settings.issuer = office.config.identity.issuer;
  return std::make_unique<identity::Users>(*office.store, *office.vault, office.clock,
                                           office.random, std::move(settings));
}

int createUser(const Arguments& arguments) {
  const auto role = identity::roleFromText(arguments.get("role", "viewer"));
  if (!role) return failed("--role must be viewer, developer, admin or owner");
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto password = passwordOf(arguments, office->random);
  if (!password) return 1;
  const auto made =
      usersOf(*office)->create(*office->reader, arguments.get("email"), arguments.get("name"),
                               *password, arguments.get("org"), *role);
  if (!made) return failed(made.error().detail);
  const bool shown = arguments.has("generate");
  const std::string text(shown ? password->reveal() : std::string_view());
  if (arguments.json()) {
    json::Writer out;
    out.beginObject().member("id", made->id).member("email", made->email);
    if (shown) out.member("password", text);
    out.endObject();
    std::printf("%s\n", out.take().c_str());
    return 0;
  }
  std::printf("created user %s (%s)\n", made->id.c_str(), made->email.c_str());
  if (shown) std::printf("password: %s  (shown this once)\n", text.c_str());
  return 0;
}

int listUsers(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto rows = store::allUsers(*office->reader);
  if (!rows) return failed(rows.error().detail);
  json::Writer out;
  out.beginArray();
  for (const store::UserRow& row : *rows) {
    const auto memberships = store::organisationsOf(*office->reader, row.id);
    if (!memberships) return failed(memberships.error().detail);
    out.beginObject()
        .member("id", row.id)
        .member("email", row.email)
        .member("name", row.name)
        .member("issuer", row.issuer)
        .member("created_at", base::toRfc3339(row.createdAt))
        .member("disabled", row.disabledAt > 0)
        .key("memberships")
        .beginArray();
    std::string roles;
    for (const auto& each : *memberships) {
      out.beginObject().member("org_id", each.orgId).member("role", each.role).endObject();
      roles += "  " + each.orgId + ":" + each.role;
    }
    out.endArray().endObject();
    if (!arguments.json()) {
      std::printf("%s  %s%s%s\n", row.id.c_str(),
                  row.email.empty() ? row.issuer.c_str() : row.email.c_str(), roles.c_str(),
                  row.disabledAt > 0 ? "  (disabled)" : "");
    }
  }
  out.endArray();
  if (arguments.json()) std::printf("%s\n", out.take().c_str());
  return 0;
}

int resetPassword(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto password = passwordOf(arguments, office->random);
  if (!password) return 1;
  if (auto status =
          usersOf(*office)->resetPassword(*office->reader, arguments.get("email"), *password);
      !status) {
    return failed(status.error().detail);
  }
  const bool shown = arguments.has("generate");
  const std::string text(shown ? password->reveal() : std::string_view());
  if (arguments.json()) {
    json::Writer out;
    out.beginObject().member("email", arguments.get("email"));
    if (shown) out.member("password", text);
    out.endObject();
    std::printf("%s\n", out.take().c_str());
    return 0;
  }
  std::printf("the password of %s was set, and all log-ins ended\n",
              arguments.get("email").c_str());
  if (shown) std::printf("password: %s  (shown this once)\n", text.c_str());
  return 0;
}

int disableUser(const Arguments& arguments, bool disabled) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const std::string who = arguments.get("user");
  if (auto status = usersOf(*office)->setDisabled(*office->reader, who, disabled); !status)
    return failed(status.error().detail);
  if (arguments.json()) {
    json::Writer out;
    out.beginObject().member("user", who).member("disabled", disabled).endObject();
    std::printf("%s\n", out.take().c_str());
  } else if (disabled) {
    std::printf(
        "%s is disabled, and all log-ins ended; API keys are the organisation's and go on:"
        " see `unigate key revoke`\n",
        who.c_str());
  } else {
    std::printf("%s may log in again\n", who.c_str());
  }
  return 0;
}

}  // namespace

int userCommand(const Words& words) {
  const std::string usage =
      "unigate user create --email E --org ID [--role viewer|developer|admin|owner] [--name NAME]\n"
      "                   [--generate] | user list | user password --email E [--generate]\n"
      "       unigate user disable|enable --user EMAIL|ID\n"
      "       [--config FILE] [--json]\n"
      "       The password is one line of standard input, unless --generate makes one.";
  if (words.empty()) return misused(usage, "");
  const Words rest(words.begin() + 1, words.end());
  int exitCode = 0;
  const OptionSpec email{"email", "E", "email address", true};
  const OptionSpec generate{"generate", "", "make a password and show it once", false};
  if (words.front() == "create") {
    const auto arguments = parseOrExplain(rest,
                                          {email,
                                           generate,
                                           {"org", "ID", "organisation", true},
                                           {"role", "ROLE", "what he may do", false},
                                           {"name", "NAME", "a name for people", false}},
                                          usage, exitCode);
    return arguments ? createUser(*arguments) : exitCode;
  }
  if (words.front() == "list") {
    const auto arguments = parseOrExplain(rest, {}, usage, exitCode);
    return arguments ? listUsers(*arguments) : exitCode;
  }
  if (words.front() == "password") {
    const auto arguments = parseOrExplain(rest, {email, generate}, usage, exitCode);
    return arguments ? resetPassword(*arguments) : exitCode;
  }
  if (words.front() == "disable" || words.front() == "enable") {
    const auto arguments = parseOrExplain(
        rest, {{"user", "EMAIL|ID", "email address, or id as `user list` shows it", true}}, usage,
        exitCode);
    return arguments ? disableUser(*arguments, words.front() == "disable") : exitCode;
  }
  return misused(usage, "there is no \"user " + words.front() + "\"");
}

}  // namespace unigate::app
