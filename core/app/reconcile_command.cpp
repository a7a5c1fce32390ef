// `unigate reconcile`: compares one account's books with what its provider has, in a process of its
// own beside a gateway that serves.
#include <charconv>
#include <cstdio>

#include "app/commands.hpp"
#include "app/open_plugins.hpp"
#include "base/ids.hpp"
#include "engine/routing.hpp"
#include "gateway/gateway.hpp"
#include "gateway/reconciler.hpp"
#include "net/event_loop.hpp"
#include "net/upstream_client.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kRangeMsMax = 366 * 24 * kHourMs;
constexpr std::size_t kLinesMax = 50;  // of differences, for people; --json shows more

const std::string kUsage =
    "unigate reconcile --provider P --since TIME|DURATION [--until TIME] [--org ID] "
    "[--environment test|live] [--json] [--config FILE]";

// "24h", "7d", "90m" as milliseconds.
std::optional<std::int64_t> durationOf(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop + 1 != end || number < 1 || number > 100'000) return {};
  if (*stop == 'm') return number * 60'000;
  if (*stop == 'h') return number * kHourMs;
  if (*stop == 'd') return number * 24 * kHourMs;
  return {};
}

// What the words ask for; prints what is wrong with them.
std::optional<gateway::ReconcileRequest> readRequest(const Arguments& arguments,
                                                     std::int64_t nowMs) {
  gateway::ReconcileRequest request;
  request.provider = arguments.get("provider");
  request.origin = "command";
  request.createdMs = request.untilMs = nowMs;
  const std::string since = arguments.get("since");
  if (const auto duration = durationOf(since)) {
    request.sinceMs = nowMs - *duration;
  } else if (const auto time = base::fromRfc3339(since)) {
    request.sinceMs = *time;
  } else {
    misused(kUsage,
            "--since must be a time such as 2026-11-20T00:00:00Z or a duration such as 24h or 7d");
    return {};
  }
  if (arguments.has("until")) {
    const auto time = base::fromRfc3339(arguments.get("until"));
    if (!time || *time > nowMs) {
      misused(kUsage, "--until must be a time that has passed, such as 2026-11-21T00:00:00Z");
      return {};
    }
    request.untilMs = *time;
  }
  if (request.sinceMs >= request.untilMs || request.untilMs - request.sinceMs > kRangeMsMax) {
    misused(kUsage, "--since must lie before --until, by 366 days at most");
    return {};
  }
  request.tenant.environment = arguments.get("environment", "test");
  if (!identity::environmentFromText(request.tenant.environment)) {
    misused(kUsage, "--environment must be test or live");
    return {};
  }
  return request;
}

// The organisation that is named, or the only one there is; prints what else there are.
std::optional<std::string> organisationOf(Office& office, const std::string& named) {
  const auto all = office.reader->organisations();
  if (!all) {
    failed(all.error().detail);
    return {};
  }
  std::string known;
  for (const store::Organisation& each : *all) {
    if (each.id == named) return named;
    known += (known.empty() ? "" : ", ") + each.id + " (" + each.name + ")";
  }
  if (named.empty() && all->size() == 1) return all->front().id;
  if (!named.empty()) {
    failed("there is no organisation " + named + "; there are: " + known);
  } else if (all->empty()) {
    failed("there is no organisation yet");
  } else {
    failed("there are several organisations; name one with --org: " + known);
  }
  return {};
}

// All that a gateway's loop needs, without a lease, a listener or a resolver.
class Desk {
 public:
  explicit Desk(Office& office)
      : office_(office), log_({telemetry::Level::error, office.config.logFile, 1024}) {}

  base::Status open() {
    auto opened = openPlugins(office_.config, office_.clock, log_);
    if (!opened) return base::fail(opened.error());
    plugins_ = std::move(*opened);
    router_ = std::make_unique<engine::Router>(office_.config.routingDefaults);
    shared_.reset(new gateway::Shared{*office_.store,
                                      *plugins_.registry,
                                      *office_.vault,
                                      *plugins_.endpoints,
                                      *router_,
                                      office_.clock,
                                      office_.random,
                                      metrics_,
                                      log_,
                                      {},
                                      0,
                                      {},
                                      {},
                                      {},
                                      {},
                                      {}});
    loop_ = std::make_unique<net::EventLoop>(office_.clock);
    upstream_ = std::make_unique<net::UpstreamClient>(*loop_, upstreamSettings(office_.config));
    gateway_ = std::make_unique<gateway::Gateway>(*shared_, *loop_, *upstream_);
    return gateway_->open();
  }

  bool has(const std::string& provider) { return plugins_.registry->find(provider) != nullptr; }
  bool configured(const gateway::Tenant& tenant, const std::string& provider) {
    return gateway_->configured(tenant, provider);
  }

  gateway::Reconciled run(const gateway::ReconcileRequest& request) {
    gateway::Reconciled result;
    loop_->post([&] {
      gateway::reconcileAccount(*shared_, *gateway_, *loop_, request,
                                [&](gateway::Reconciled ended) {
                                  result = std::move(ended);
                                  stopWhenQuiet();
                                });
    });
    loop_->run();
    return result;
  }

 private:
  // Questions that are still under way refer to the gateway.
  void stopWhenQuiet() {
    if (gateway_->underWay() == 0) return loop_->stop();
    loop_->after(10, [this] { stopWhenQuiet(); });
  }

  Office& office_;
  telemetry::Logger log_;
  telemetry::Metrics metrics_;
  OpenPlugins plugins_;
  std::unique_ptr<engine::Router> router_;
  std::unique_ptr<gateway::Shared> shared_;
  std::unique_ptr<net::EventLoop> loop_;
  std::unique_ptr<net::UpstreamClient> upstream_;
  std::unique_ptr<gateway::Gateway> gateway_;
};

// ---- for people ----

std::string moneyText(json::View side) {
  if (side["currency"].isNothing()) return "";
  std::string text = std::to_string(side["amount"].int64Or(0));
  text += ' ';
  text += side["currency"].stringOr("");
  return text;
}

std::string sideText(json::View side, std::string_view field) {
  if (!side.isObject()) return "-";
  std::string text(side["status"].stringOr(""));
  const std::string money = moneyText(side);
  if (!money.empty()) text += " " + money;
  const bool part = field == "amount_captured" || field == "amount_refunded";
  if (part) {
    text += " (" + std::string(field) + " " + std::to_string(side[field].int64Or(0)) + ")";
  }
  return text;
}

void printDifference(json::View difference) {
  const json::View ours = difference["ours"];
  const json::View theirs = difference["provider_side"];
  const std::string_view field = difference["field"].stringOr("");
  const std::string id(ours.isObject() ? ours["resource"].stringOr("?") : "-");
  const std::string providerId(theirs.isObject() ? theirs["provider_id"].stringOr("?")
                               : ours.isObject() ? ours["provider_id"].stringOr("-")
                                                 : "-");
  std::printf("  %-9s %-7s %-30s %-30s ours: %-34s provider: %s\n",
              std::string(difference["kind"].stringOr("")).c_str(),
              std::string(difference["resource_kind"].stringOr("")).c_str(), id.c_str(),
              providerId.c_str(), sideText(ours, field).c_str(), sideText(theirs, field).c_str());
}

void printTotals(json::View totals) {
  if (totals.size() == 0) return;
  std::printf("\n  %-8s %-4s %8s %20s %8s %20s\n", "", "", "ours", "amount", "provider", "amount");
  for (const json::View each : totals.items()) {
    std::printf("  %-8s %-4s %8lld %20lld %8lld %20lld\n",
                std::string(each["resource_kind"].stringOr("")).c_str(),
                std::string(each["currency"].stringOr("")).c_str(),
                static_cast<long long>(each["ours"]["count"].int64Or(0)),
                static_cast<long long>(each["ours"]["amount"].int64Or(0)),
                static_cast<long long>(each["provider_side"]["count"].int64Or(0)),
                static_cast<long long>(each["provider_side"]["amount"].int64Or(0)));
  }
}

void printReport(json::View report) {
  const auto number = [&](const char* name) {
    return static_cast<long long>(report[name].int64Or(0));
  };
  std::printf("%s  %s, %s to %s\n", std::string(report["id"].stringOr("")).c_str(),
              std::string(report["provider"].stringOr("")).c_str(),
              std::string(report["since"].stringOr("")).c_str(),
              std::string(report["until"].stringOr("")).c_str());
  for (const json::View each : report["coverage"].items()) {
    const std::string detail(each["detail"].stringOr(""));
    std::printf("  %-8s %s: %lld movements on %lld pages%s%s\n",
                std::string(each["resource_kind"].stringOr("")).c_str(),
                std::string(each["how"].stringOr("")).c_str(),
                static_cast<long long>(each["movements"].int64Or(0)),
                static_cast<long long>(each["pages"].int64Or(0)), detail.empty() ? "" : "; ",
                detail.c_str());
  }
  std::printf(
      "  checked %lld, agree %lld, pending %lld, behind %lld, caught up %lld, foreign %lld, "
      "second looks %lld\n",
      number("checked_count"), number("agreed_count"), number("pending_count"),
      number("behind_count"), number("caught_up_count"), number("foreign_count"),
      number("second_look_count"));
  printTotals(report["totals"]);
  std::printf("\n%lld differences:", number("difference_count"));
  for (const json::Member& each : report["counts"].members()) {
    std::printf(" %s %lld", std::string(each.name).c_str(),
                static_cast<long long>(each.value.int64Or(0)));
  }
  std::printf("\n");
  std::size_t lines = 0;
  for (const json::View each : report["differences"].items()) {
    if (++lines > kLinesMax) {
      std::printf("  ... --json shows up to %zu\n", reconcile::limits::kDifferencesShownMax);
      break;
    }
    printDifference(each);
  }
}

int showReport(const Arguments& arguments, const gateway::Reconciled& result) {
  const bool failedRun = result.record.status != "finished";
  if (arguments.json()) {
    std::printf("%s\n", result.record.document.c_str());
  } else if (!failedRun) {
    constexpr std::size_t kBytesMax = 64UL * 1024 * 1024;
    json::Document report;
    json::ReadError error;
    if (!report.parse(result.record.document, error, {.depthMax = 32, .bytesMax = kBytesMax}))
      return failed("the report can't be read: " + error.message);
    printReport(report.root());
  }
  if (failedRun) {
    return failed("reconciliation failed (" + result.report.failureCode +
                  "): " + result.report.failureDetail);
  }
  return result.record.differences > 0 ? 1 : 0;
}

}  // namespace

int reconcileCommand(const Words& words) {
  int exitCode = 0;
  const auto arguments =
      parseOrExplain(words,
                     {{"org", "ID", "the organisation; may be left out where there is one", false},
                      {"environment", "test|live", "test, if it is not given", false},
                      {"provider", "P", "whose movements", true},
                      {"since", "TIME|DURATION", "RFC 3339, or 24h, 7d, ...", true},
                      {"until", "TIME", "RFC 3339; now, if it is not given", false}},
                     kUsage, exitCode);
  if (!arguments) return exitCode;
  auto request = readRequest(*arguments, base::SystemClock().unixMs());
  if (!request) return 2;
  const auto config = configOrExplain(arguments->config());
  if (!config) return 1;
  const auto office = openOffice(*config);
  if (!office) return 1;
  const auto org = organisationOf(*office, arguments->get("org"));
  if (!org) return 1;
  request->tenant.orgId = *org;
  Desk desk(*office);
  if (const auto status = desk.open(); !status) return failed(status.error().detail);
  if (!desk.has(request->provider))
    return failed("there is no provider " + request->provider +
                  "; `unigate plugin list` shows them");
  if (!desk.configured(request->tenant, request->provider)) {
    return failed("no " + request->tenant.environment + " credentials of " + request->provider +
                  " are stored for " + *org);
  }
  request->id = base::makeId("rec_", office->clock, office->random);
  if (const auto stored = office->store->putReconciliation(gateway::begunRecord(*request)); !stored)
    return failed(stored.error().detail);
  const gateway::Reconciled result = desk.run(*request);
  if (const auto stored = office->store->putReconciliation(result.record); !stored)
    return failed("the report could not be stored: " + stored.error().detail);
  return showReport(*arguments, result);
}

}  // namespace unigate::app
