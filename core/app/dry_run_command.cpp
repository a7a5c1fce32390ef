// `unigate plugin dry-run`: the requests that an operation would send and what comes of given
// answers, one case or a file of them.
#include <cstdio>
#include <optional>

#include "app/commands.hpp"
#include "app/plugin_file.hpp"
#include "base/text.hpp"
#include "gateway/dry_run.hpp"

namespace unigate::app {

namespace {

using plugin_host::HttpEvent;

// One case of a batch, or the command line's own.
struct Case {
  gateway::DryRunInput input;
  plugin_host::Mode mode = plugin_host::Mode::test;
  std::string settings;
};

using Fault = std::optional<std::string>;

// A body is text as it is, or JSON that is written out.
std::string bodyOf(json::View value) {
  if (value.isNothing()) return {};
  return value.isString() ? std::string(*value.string()) : json::toText(value);
}

Fault readHeaders(json::View from, plugin_host::HeaderList& headers) {
  for (const json::Member& member : from.members()) {
    if (member.value.isString()) {
      headers.emplace_back(member.name, *member.value.string());
      continue;
    }
    if (!member.value.isArray()) return "a header's value must be text or a list of texts";
    for (const json::View& each : member.value.items())
      headers.emplace_back(member.name, each.stringOr(""));
  }
  for (const json::View& each : from.items())
    headers.emplace_back(each["name"].stringOr(""), each["value"].stringOr(""));
  return std::nullopt;
}

Fault readAnswer(json::View from, std::int64_t nowUnixMs, HttpEvent& event) {
  event.nowUnixMs = nowUnixMs;
  if (const auto failed = from["failed"].string()) {
    if (*failed != "not_sent" && *failed != "no_answer")
      return "\"failed\" of an answer must be not_sent or no_answer";
    event.kind = *failed == "not_sent" ? HttpEvent::Kind::notSent : HttpEvent::Kind::noAnswer;
    return std::nullopt;
  }
  const std::int64_t status = from["status"].int64Or(0);
  if (!from.isObject() || status < 100 || status > 599)
    return "an answer is an object with a status of 100 to 599, headers and body";
  event.status = static_cast<std::uint32_t>(status);
  event.body = bodyOf(from["body"]);
  return readHeaders(from["headers"], event.headers);
}

Fault readAnswers(json::View from, gateway::DryRunInput& input) {
  if (from.isNothing()) return std::nullopt;
  if (!from.isArray()) return "the answers must be an array";
  for (const json::View& each : from.items()) {
    HttpEvent event;
    if (auto fault = readAnswer(each, input.nowUnixMs, event)) return fault;
    input.answers.push_back(std::move(event));
  }
  return std::nullopt;
}

Fault readMode(std::string_view word, plugin_host::Mode& mode) {
  if (!word.empty() && word != "test" && word != "live") return "mode must be test or live";
  mode = word == "live" ? plugin_host::Mode::live : plugin_host::Mode::test;
  return std::nullopt;
}

Fault readRecovering(std::string_view word, plugin_host::Recovering& recovering) {
  if (word.empty()) return std::nullopt;
  if (word != "query" && word != "resend") return "recovering must be query or resend";
  recovering = word == "query" ? plugin_host::Recovering::query : plugin_host::Recovering::resend;
  return std::nullopt;
}

// {id, operation, input, settings, responses, mode, key, recovering, attempt, now_unix_ms}
Fault readCase(json::View from, Case& made) {
  if (!from.isObject()) return "a case must be an object";
  made.input.operation = from["operation"].stringOr("");
  if (from["input"].exists()) made.input.inputJson = json::toText(from["input"]);
  if (from["settings"].exists()) made.settings = json::toText(from["settings"]);
  made.input.key = from["key"].stringOr("");
  made.input.attempt = static_cast<std::int32_t>(from["attempt"].int64Or(1));
  made.input.nowUnixMs = from["now_unix_ms"].int64Or(made.input.nowUnixMs);
  if (auto fault = readMode(from["mode"].stringOr(""), made.mode)) return fault;
  if (auto fault = readRecovering(from["recovering"].stringOr(""), made.input.recovering))
    return fault;
  return readAnswers(from["responses"], made.input);
}

bool wentWell(const gateway::DryOutcome& outcome) {
  return !std::holds_alternative<base::Problem>(outcome.end) &&
         !std::holds_alternative<plugin_host::FaultStep>(outcome.end);
}

tl::expected<gateway::DryOutcome, std::string> play(PluginFile& file, const Case& each) {
  const auto instance = file.instance(each.mode, each.settings);
  if (!instance) return tl::unexpected(instance.error());
  return gateway::dryRun(*instance, each.input);
}

// Every case of the file, played in order; what can't be read is told in its place.
int runBatch(PluginFile& file, const std::string& path, std::int64_t nowUnixMs) {
  const auto document = readJson(path);
  if (!document) return failed(document.error());
  if (!(*document)->root().isArray()) return failed(path + ": must be an array of cases");
  std::printf("[");
  bool first = true;
  for (const json::View& from : (*document)->root().items()) {
    Case each;
    each.input.nowUnixMs = nowUnixMs;
    json::Writer out;
    out.beginObject();
    if (from["id"].exists()) out.key("id").value(from["id"]);
    out.member("operation", from["operation"].stringOr(""));
    if (auto fault = readCase(from, each)) {
      out.member("outcome", "unreadable").member("reason", *fault);
    } else if (auto outcome = play(file, each); !outcome) {
      out.member("outcome", "unreadable").member("reason", outcome.error());
    } else {
      gateway::writeJson(*outcome, out);
    }
    out.endObject();
    std::printf("%s%s", first ? "\n" : ",\n", out.take().c_str());
    first = false;
  }
  std::printf("\n]\n");
  return 0;
}

Fault readOptions(const Arguments& arguments, Case& made) {
  made.input.operation = arguments.get("operation");
  if (auto fault = readMode(arguments.get("mode"), made.mode)) return fault;
  if (auto fault = readRecovering(arguments.get("recovering"), made.input.recovering)) return fault;
  made.input.key = arguments.get("key");
  if (arguments.has("input")) {
    const auto text = readText(arguments.get("input"));
    if (!text) return text.error();
    made.input.inputJson = *text;
  }
  if (arguments.has("settings")) {
    const auto text = readText(arguments.get("settings"));
    if (!text) return text.error();
    made.settings = *text;
  }
  if (!arguments.has("response")) return std::nullopt;
  const auto answers = readJson(arguments.get("response"));
  if (!answers) return answers.error();
  if (auto fault = readAnswers((*answers)->root(), made.input))
    return arguments.get("response") + ": " + *fault;
  return std::nullopt;
}

}  // namespace

int dryRunPlugin(const Arguments& arguments, const std::string& usage) {
  if (arguments.has("operation") == arguments.has("batch"))
    return misused(usage, "give either --operation NAME or --batch FILE");
  std::int64_t nowUnixMs = base::SystemClock().unixMs();
  if (arguments.has("now")) {
    const std::string text = arguments.get("now");
    if (text.empty() || text.size() > 15 ||
        text.find_first_not_of("0123456789") != std::string::npos)
      return misused(usage, "--now must be a count of milliseconds since 1970");
    nowUnixMs = std::stoll(text);
  }
  auto file = PluginFile::load(arguments.get("plugin"));
  if (!file) return failed(file.error());
  if (arguments.has("batch")) return runBatch(**file, arguments.get("batch"), nowUnixMs);
  Case only;
  only.input.nowUnixMs = nowUnixMs;
  if (auto fault = readOptions(arguments, only)) return failed(*fault);
  const auto outcome = play(**file, only);
  if (!outcome) return failed(outcome.error());
  if (arguments.json()) {
    json::Writer out;
    out.beginObject().member("operation", only.input.operation);
    gateway::writeJson(*outcome, out);
    out.endObject();
    std::printf("%s\n", out.take().c_str());
  } else {
    std::printf("%s", gateway::toText(*outcome).c_str());
  }
  return wentWell(*outcome) ? 0 : 1;
}

}  // namespace unigate::app
