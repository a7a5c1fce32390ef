// `unigate org` and `unigate key`.
#include <charconv>
#include <cstdio>

#include "app/commands.hpp"
#include "base/clock.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

constexpr std::int64_t kRatePerMinuteMax = 10'000'000;
constexpr std::int64_t kOverlapSecondsMax = 30LL * 24 * 3600;

std::vector<std::string> splitList(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    if (comma > start) parts.push_back(text.substr(start, comma - start));
    start = comma + 1;
  }
  return parts;
}

std::optional<std::int64_t> numberOf(const std::string& text, std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < min || number > max) return std::nullopt;
  return number;
}

std::optional<std::string> timeOrNull(std::int64_t at) {
  return at > 0 ? std::optional<std::string>(base::toRfc3339(at)) : std::nullopt;
}

// Takes the office's organisation out of --org; prints why when there is none.
bool knowsOrganisation(Office& office, const std::string& orgId) {
  const auto found = office.reader->organisationById(orgId);
  if (!found) {
    failed(found.error().detail);
    return false;
  }
  if (!found->has_value()) {
    failed("there is no organisation " + orgId + "; `unigate org list` shows them");
    return false;
  }
  return true;
}

int createOrg(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto created = office->directory->createOrganisation(arguments.get("name"));
  if (!created) return failed(created.error().detail);
  if (arguments.json()) {
    json::Writer out;
    out.beginObject().member("org_id", created->id).member("name", created->name).endObject();
    std::printf("%s\n", out.take().c_str());
  } else {
    std::printf("created organisation %s\n", created->id.c_str());
  }
  return 0;
}

int listOrgs(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto rows = office->reader->organisations();
  if (!rows) return failed(rows.error().detail);
  json::Writer out;
  out.beginArray();
  for (const store::Organisation& row : *rows) {
    out.beginObject()
        .member("org_id", row.id)
        .member("name", row.name)
        .member("created_at", base::toRfc3339(row.createdAt))
        .endObject();
    if (!arguments.json()) std::printf("%s  %s\n", row.id.c_str(), row.name.c_str());
  }
  out.endArray();
  if (arguments.json()) std::printf("%s\n", out.take().c_str());
  return 0;
}

int createKey(const Arguments& arguments) {
  const auto environment = identity::environmentFromText(arguments.get("environment"));
  if (!environment) return failed("--environment must be test or live");
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office || !knowsOrganisation(*office, arguments.get("org"))) return 1;
  identity::NewKey wanted;
  wanted.orgId = arguments.get("org");
  wanted.environment = *environment;
  wanted.name = arguments.get("name");
  wanted.scopes = splitList(arguments.get("scopes", "*"));
  wanted.allowList = splitList(arguments.get("allow"));
  if (arguments.has("expires")) {
    const auto expires = base::fromRfc3339(arguments.get("expires"));
    if (!expires || *expires <= office->clock.unixMs()) {
      return failed(
          "--expires must be a time to come in RFC 3339 form, such as 2027-01-01T00:00:00Z");
    }
    wanted.expiresAt = *expires;
  }
  if (arguments.has("per-minute")) {
    const auto rate = numberOf(arguments.get("per-minute"), 1, kRatePerMinuteMax);
    if (!rate) {
      return failed("--per-minute must be a whole number from 1 to " +
                    std::to_string(kRatePerMinuteMax));
    }
    wanted.ratePerMinute = *rate;
  }
  const auto created = office->directory->createKey(wanted);
  if (!created) return failed(created.error().detail);
  const std::string text(created->text.reveal());
  if (arguments.json()) {
    json::Writer out;
    out.beginObject().member("id", created->id).member("api_key", text).endObject();
    std::printf("%s\n", out.take().c_str());
  } else {
    std::printf("%s\nkey %s: shown this once, only its hash is kept\n", text.c_str(),
                created->id.c_str());
  }
  return 0;
}

int listKeys(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office || !knowsOrganisation(*office, arguments.get("org"))) return 1;
  const auto rows = office->directory->keys(arguments.get("org"));
  if (!rows) return failed(rows.error().detail);
  json::Writer out;
  out.beginArray();
  for (const store::ApiKeyRow& row : *rows) {
    const char* state = row.revokedAt > 0                                              ? "revoked"
                        : row.expiresAt > 0 && row.expiresAt <= office->clock.unixMs() ? "expired"
                        : !row.replacedBy.empty()                                      ? "replaced"
                                                                                       : "active";
    out.beginObject()
        .member("id", row.id)
        .member("name", row.name)
        .member("environment", row.environment)
        .member("last4", row.last4)
        .member("state", state)
        .key("scopes")
        .rawJson(row.scopes)
        .key("allow_list")
        .rawJson(row.allowList)
        .member("expires_at", timeOrNull(row.expiresAt))
        .member("last_used_at", timeOrNull(row.lastUsedAt))
        .member("created_at", base::toRfc3339(row.createdAt))
        .endObject();
    if (!arguments.json()) {
      std::printf("%s  %-4s  ...%s  %-8s %s\n", row.id.c_str(), row.environment.c_str(),
                  row.last4.c_str(), state, row.scopes.c_str());
    }
  }
  out.endArray();
  if (arguments.json()) std::printf("%s\n", out.take().c_str());
  return 0;
}

int rotateKey(const Arguments& arguments) {
  const auto overlap = numberOf(arguments.get("overlap", "0"), 0, kOverlapSecondsMax);
  if (!overlap) {
    return failed("--overlap must be a whole number of seconds from 0 to " +
                  std::to_string(kOverlapSecondsMax));
  }
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto rotated =
      office->directory->rotateKey(arguments.get("org"), arguments.get("id"), *overlap * 1000, "");
  if (!rotated) return failed(rotated.error().detail);
  const std::string text(rotated->key.text.reveal());
  const std::string until = base::toRfc3339(rotated->oldExpiresAt);
  if (arguments.json()) {
    json::Writer out;
    out.beginObject()
        .member("id", rotated->key.id)
        .member("api_key", text)
        .member("old_expires_at", until)
        .endObject();
    std::printf("%s\n", out.take().c_str());
  } else {
    std::printf("%s\nkey %s: shown this once, only its hash is kept; %s is good until %s\n",
                text.c_str(), rotated->key.id.c_str(), arguments.get("id").c_str(), until.c_str());
  }
  return 0;
}

int revokeKey(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto status = office->directory->revokeKey(arguments.get("org"), arguments.get("id"));
  if (!status) return failed(status.error().detail);
  if (arguments.json()) {
    std::printf("{\"id\":\"%s\",\"revoked\":true}\n", arguments.get("id").c_str());
  } else {
    std::printf("revoked %s; running gateways stop accepting it within a second\n",
                arguments.get("id").c_str());
  }
  return 0;
}

}  // namespace

int orgCommand(const Words& words) {
  const std::string usage = "unigate org create --name NAME | org list | org plan --org ID [--plan NAME]  [--config FILE] [--json]";
  if (words.empty()) return misused(usage, "");
  const Words rest(words.begin() + 1, words.end());
  int exitCode = 0;
  if (words.front() == "create") {
    const auto arguments =
        parseOrExplain(rest, {{"name", "NAME", "name of the organisation", true}}, usage, exitCode);
    return arguments ? createOrg(*arguments) : exitCode;
  }
  if (words.front() == "list") {
    const auto arguments = parseOrExplain(rest, {}, usage, exitCode);
    return arguments ? listOrgs(*arguments) : exitCode;
  }
  if (words.front() == "plan") return orgPlanCommand(rest);
  return misused(usage, "there is no \"org " + words.front() + "\"");
}

int keyCommand(const Words& words) {
  const std::string usage =
      "unigate key create --org ID --environment test|live [--scopes '*'|payments:write,...] "
      "[--name NAME]\n"
      "                  [--expires TIME] [--per-minute N] [--allow ADDRESS,NETWORK,...]\n"
      "       unigate key list --org ID | key rotate --org ID --id KEY [--overlap SECONDS] |\n"
      "                  key revoke --org ID --id KEY\n"
      "       [--config FILE] [--json]";
  if (words.empty()) return misused(usage, "");
  const Words rest(words.begin() + 1, words.end());
  int exitCode = 0;
  const OptionSpec org{"org", "ID", "organisation", true};
  if (words.front() == "create") {
    const auto arguments = parseOrExplain(rest,
                                          {org,
                                           {"environment", "ENV", "test or live", true},
                                           {"scopes", "LIST", "comma-separated scopes", false},
                                           {"name", "NAME", "a name for people", false},
                                           {"expires", "TIME", "RFC 3339", false},
                                           {"per-minute", "N", "requests a minute", false},
                                           {"allow", "LIST", "where it may be used from", false}},
                                          usage, exitCode);
    return arguments ? createKey(*arguments) : exitCode;
  }
  if (words.front() == "list") {
    const auto arguments = parseOrExplain(rest, {org}, usage, exitCode);
    return arguments ? listKeys(*arguments) : exitCode;
  }
  if (words.front() == "rotate") {
    const auto arguments = parseOrExplain(
        rest,
        {org, {"id", "KEY", "id of the key", true}, {"overlap", "SECONDS", "both work", false}},
        usage, exitCode);
    return arguments ? rotateKey(*arguments) : exitCode;
  }
  if (words.front() == "revoke") {
    const auto arguments =
        parseOrExplain(rest, {org, {"id", "KEY", "id of the key", true}}, usage, exitCode);
    return arguments ? revokeKey(*arguments) : exitCode;
  }
  return misused(usage, "there is no \"key " + words.front() + "\"");
}

}  // namespace unigate::app
