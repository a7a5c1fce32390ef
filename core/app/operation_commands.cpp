// `unigate operation`: what nobody could find out, for the person who decides.
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "app/commands.hpp"
#include "base/text.hpp"
#include "gateway/resolve_by_hand.hpp"
#include "rest/problem_json.hpp"
#include "rest/transactions.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

constexpr std::size_t kPage = 64;
constexpr std::size_t kWhoBytesMax = 100;
constexpr int kTriesMax = 5;
constexpr std::array<std::string_view, 4> kStates = {"escalated", "unknown", "sent", "intent"};

using Rows = std::vector<store::OperationRecord>;
using Changes = std::vector<store::TransitionRow>;

// Calls `show` with every operation of a state, the oldest first.
base::Status eachInState(store::ReadSession& reader, const std::string& state,
                         const std::function<base::Status(const store::OperationRecord&)>& show) {
  std::string after;
  for (;;) {
    const auto page = state == "escalated" ? reader.escalatedOperations(kPage, after)
                                           : reader.openOperations(kPage, after);
    if (!page) return base::fail(page.error());
    for (const store::OperationRecord& row : *page) {
      after = row.id;
      if (store::toText(row.state) != state) continue;
      if (auto status = show(row); !status) return status;
    }
    if (page->size() < kPage) return {};
  }
}

std::string lastReason(const Changes& changes) {
  return changes.empty() ? std::string() : changes.back().reason;
}

// With the organisation that it belongs to, which the API has no need to tell.
void writeOwned(json::Writer& out, const store::OperationRecord& row, const Changes& changes) {
  out.beginObject()
      .member("org_id", row.orgId)
      .member("environment", row.environment)
      .member("why", lastReason(changes))
      .key("transaction")
      .rawJson(rest::transactionDocument(row, &changes))
      .endObject();
}

std::string money(const store::OperationRecord& row) {
  if (row.currency.empty()) return "-";
  return std::to_string(row.amount) + " " + row.currency;
}

int listOperations(const Arguments& arguments) {
  const std::string state = arguments.get("state", "escalated");
  if (std::find(kStates.begin(), kStates.end(), state) == kStates.end())
    return failed(
        "--state must be escalated, unknown, sent or intent; GET /v1/transactions lists "
        "the final ones");
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const std::string org = arguments.get("org");
  json::Writer out;
  out.beginArray();
  std::size_t shown = 0;
  const auto status =
      eachInState(*office->reader, state, [&](const store::OperationRecord& row) -> base::Status {
        if (!org.empty() && row.orgId != org) return {};
        const auto changes = office->reader->transitions(row.orgId, row.environment, row.id);
        if (!changes) return base::fail(changes.error());
        ++shown;
        if (arguments.json()) {
          writeOwned(out, row, *changes);
        } else {
          std::printf("%s  %s %-4s  %-20s %-9s %-14s %s  %s\n", row.id.c_str(), row.orgId.c_str(),
                      row.environment.c_str(), row.operation.c_str(), row.provider.c_str(),
                      money(row).c_str(), base::toRfc3339(row.updatedAt).c_str(),
                      lastReason(*changes).c_str());
        }
        return {};
      });
  if (!status) return failed(status.error().detail);
  out.endArray();
  if (arguments.json()) {
    std::printf("%s\n", out.take().c_str());
  } else if (shown == 0) {
    std::printf("no operation is %s\n", state.c_str());
  }
  return 0;
}

// The operation that the command names; prints why when there is none.
std::optional<store::OperationRecord> named(Office& office, const Arguments& arguments) {
  const std::string id = arguments.rest().empty() ? std::string() : arguments.rest().front();
  auto row = office.reader->operationOfAnyTenant(id);
  if (!row) {
    failed(row.error().detail);
    return std::nullopt;
  }
  if (!row->has_value()) {
    failed("there is no operation \"" + base::printable(id, 64) +
           "\"; `unigate operation list` shows those that wait");
    return std::nullopt;
  }
  return std::move(**row);
}

int printOperation(Office& office, const store::OperationRecord& row, bool asJson) {
  const auto changes = office.reader->transitions(row.orgId, row.environment, row.id);
  if (!changes) return failed(changes.error().detail);
  if (asJson) {
    json::Writer out;
    writeOwned(out, row, *changes);
    std::printf("%s\n", out.take().c_str());
    return 0;
  }
  const auto line = [](const char* name, const std::string& value) {
    std::printf("%-14s %s\n", name, value.empty() ? "-" : value.c_str());
  };
  line("operation", row.id + "  " + row.operation);
  line("state", std::string(store::toText(row.state)));
  line("why", lastReason(*changes));
  line("organisation", row.orgId + " (" + row.environment + ")");
  line("provider", row.provider + ", key " + row.providerKey);
  line("resource", row.resourceId);
  line("money", money(row));
  line("recovery", row.recoveryMode);
  line("created", base::toRfc3339(row.createdAt));
  std::printf("\n");
  for (const store::TransitionRow& change : *changes) {
    std::printf("%s  %-9s attempt %lld  %-7s %-12s %s (%s)\n", base::toRfc3339(change.at).c_str(),
                change.toState.c_str(), static_cast<long long>(change.attempt),
                change.action.c_str(), change.outcome.c_str(), change.reason.c_str(),
                change.actor.c_str());
  }
  return 0;
}

int showOperation(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto row = named(*office, arguments);
  return row ? printOperation(*office, *row, arguments.json()) : 1;
}

// Who decides: --by, else whoever is logged in.
base::Result<std::string> actorOf(const Arguments& arguments) {
  std::string who = arguments.get("by");
  for (const char* variable : {"SUDO_USER", "USER"}) {
    if (!who.empty()) break;
    const char* value = std::getenv(variable);
    if (value != nullptr) who = value;
  }
  if (const passwd* entry = who.empty() ? ::getpwuid(::geteuid()) : nullptr) who = entry->pw_name;
  const bool plain =
      std::all_of(who.begin(), who.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (who.empty() || who.size() > kWhoBytesMax || !plain) {
    return base::fail(400, "invalid_request",
                      "--by must say who decides, in 1 to 100 visible characters", "by");
  }
  return "operator:" + who;
}

// Writes the decision, made anew when the resource changes under it.
base::Status decide(Office& office, const store::OperationRecord& first,
                    const gateway::HandDecision& decision) {
  const gateway::ByHand services{*office.reader, office.clock, [](const base::Problem& problem) {
                                   return rest::problemBody(problem, "");
                                 }};
  store::OperationRecord row = first;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    auto record = gateway::makeDecision(services, row, decision);
    if (!record) return base::fail(record.error());
    const auto outcome =
        office.store->transitionNow(row.orgId, row.id, row.state, row.fence, std::move(*record));
    if (!outcome) return base::fail(outcome.error());
    if (*outcome == store::TransitionOutcome::applied) return {};
    if (*outcome == store::TransitionOutcome::lostRace)
      return base::fail(gateway::decidedMeanwhile(row.id));
  }
  return base::fail(503, "resource_changed", "the resource kept changing; try again");
}

int decideOperation(const Arguments& arguments, gateway::HandDecision decision) {
  auto actor = actorOf(arguments);
  if (!actor) return failed(actor.error().detail);
  decision.actor = std::move(*actor);
  decision.reason = arguments.get("reason");
  decision.providerId = arguments.get("provider-id");
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto row = named(*office, arguments);
  if (!row) return 1;
  if (auto status = decide(*office, *row, decision); !status) return failed(status.error().detail);
  const auto after = named(*office, arguments);
  if (!after) return 1;
  if (arguments.json()) return printOperation(*office, *after, true);
  const std::string state(store::toText(after->state));
  std::printf("%s is %s now%s\n", row->id.c_str(), state.c_str(),
              decision.as == gateway::HandDecision::As::askAgain
                  ? "; a running gateway asks the provider at once"
                  : "");
  return 0;
}

}  // namespace

int operationCommand(const Words& words) {
  const std::string usage =
      "unigate operation list [--state escalated|unknown|sent|intent] [--org ID]\n"
      "       unigate operation show ID\n"
      "       unigate operation resolve ID --as succeeded|failed [--provider-id ID] --reason TEXT "
      "[--by WHO]\n"
      "       unigate operation ask ID --reason TEXT [--by WHO]\n"
      "       [--config FILE] [--json]";
  if (words.empty()) return misused(usage, "");
  const std::string& what = words.front();
  const Words rest(words.begin() + 1, words.end());
  const OptionSpec reason{"reason", "TEXT", "how it was found out; kept with the operation", true};
  const OptionSpec by{"by", "WHO", "who decides; else who is logged in", false};
  std::vector<OptionSpec> specs;
  if (what == "list") {
    specs = {{"state", "STATE", "escalated, unknown, sent or intent", false},
             {"org", "ID", "only this organisation's", false}};
  } else if (what == "resolve") {
    specs = {{"as", "OUTCOME", "succeeded or failed", true},
             {"provider-id", "ID", "what the provider calls the resource", false},
             reason,
             by};
  } else if (what == "ask") {
    specs = {reason, by};
  } else if (what != "show" && what != "--help") {
    return misused(usage, "there is no \"operation " + what + "\"");
  }
  int exitCode = 0;
  const auto arguments =
      parseOrExplain(what == "--help" ? words : rest, specs, usage, exitCode, true);
  if (!arguments) return exitCode;
  if (arguments->rest().size() != (what == "list" ? 0U : 1U)) {
    return misused(usage, what == "list" ? "\"operation list\" takes no id"
                                         : "\"operation " + what + "\" takes one id");
  }
  if (what == "list") return listOperations(*arguments);
  if (what == "show") return showOperation(*arguments);
  gateway::HandDecision decision;
  decision.as = gateway::HandDecision::As::askAgain;
  if (what == "resolve") {
    const auto as = gateway::decisionFromText(arguments->get("as"));
    if (!as) return misused(usage, "--as must be succeeded or failed");
    decision.as = *as;
  }
  return decideOperation(*arguments, std::move(decision));
}

}  // namespace unigate::app
