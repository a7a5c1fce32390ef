// `unigate org plan`: which plan an organisation has.
#include <cstdio>

#include "app/commands.hpp"
#include "store/usage.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

int orgPlanCommand(const Words& words) {
  const std::string usage = "unigate org plan --org ID [--plan NAME] [--config FILE] [--json]";
  int exitCode = 0;
  const auto arguments = parseOrExplain(
      words, {{"org", "ID", "the organisation", true}, {"plan", "NAME", "its plan from now on"}},
      usage, exitCode);
  if (!arguments) return exitCode;
  const auto config = configOrExplain(arguments->config());
  if (!config) return 1;
  const auto& table = config->plans.table();
  const std::string wanted = arguments->get("plan");
  if (arguments->has("plan") && table.count(wanted) == 0) {
    std::string names;
    for (const auto& [name, plan] : table) names += (names.empty() ? "" : ", ") + name;
    return failed("there is no plan \"" + wanted + "\" in `plans`" +
                  (names.empty() ? "" : ", which has: " + names));
  }
  const auto office = openOffice(*config);
  if (!office) return 1;
  const std::string org = arguments->get("org");
  if (arguments->has("plan")) {
    if (const auto status = store::setPlan(*office->store, org, wanted); !status)
      return failed(status.error().detail);
  }
  const auto stored = store::planOf(*office->reader, org);
  if (!stored) return failed(stored.error().detail);
  const std::string& name = config->plans.nameOf(*stored);
  if (arguments->json()) {
    json::Writer out;
    out.beginObject().member("org_id", org).key("plan");
    if (name.empty()) {
      out.null();
    } else {
      out.value(name);
    }
    std::printf("%s\n", out.endObject().take().c_str());
  } else {
    std::printf("%s has %s\n", org.c_str(),
                name.empty() ? "no plan: nothing is limited" : ("the plan " + name).c_str());
  }
  return 0;
}

}  // namespace unigate::app
