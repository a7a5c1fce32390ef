#include "testing/transcript.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "testing/decode.hpp"
#include "testing/driver.hpp"
#include "unigate/error.hpp"

namespace unigate::testing {

namespace {

std::string differs(std::string_view what, std::string_view wanted, std::string_view got) {
  return std::string(what) + ": wanted '" + std::string(wanted) + "', got '" + std::string(got) +
         "'";
}

// Text of a scalar in either spelling: 5 and "5".
std::string scalarText(json::View value) {
  return value.isString() ? std::string(*value.string()) : json::toText(value);
}

std::string shown(const std::map<std::string, std::string>& form) {
  std::string text;
  for (const auto& [name, value] : form) text += name + "=" + value + "; ";
  return text;
}

// A form or query as the transcript writes it: names and values, a list for a name that repeats,
// nested maps and lists for brackets.
void flatten(const std::string& name, json::View value, std::map<std::string, std::string>& out) {
  if (value.isObject()) {
    for (const json::Member& member : value.members()) {
      const std::string inner(member.name);
      flatten(name.empty() ? inner : name + "[" + inner + "]", member.value, out);
    }
  } else if (value.isArray()) {
    std::size_t index = 0;
    for (const json::View item : value.items()) {
      flatten(name + "[" + std::to_string(index++) + "]", item, out);
    }
  } else if (value.exists()) {
    out[name] = scalarText(value);
  }
}

std::map<std::string, std::string> wantedForm(json::View map) {
  std::map<std::string, std::string> result;
  flatten("", map, result);
  return result;
}

std::string compareForm(std::string_view what, json::View wanted, std::string_view got) {
  const auto expected = wantedForm(wanted);
  const auto actual = decodeForm(got);
  return expected == actual ? "" : differs(what, shown(expected), shown(actual));
}

std::string compareBody(json::View wanted, const SeenRequest& got) {
  if (wanted["form"].exists()) return compareForm("form", wanted["form"], got.body);
  const json::View body = wanted["body"];
  if (!body.exists()) return got.body.empty() ? "" : differs("body", "", got.body);
  if (body.isString()) {
    return *body.string() == got.body ? "" : differs("body", *body.string(), got.body);
  }
  json::Document actual;
  json::ReadError error;
  return actual.parse(got.body, error) && sameJson(body, actual.root())
             ? ""
             : differs("body", json::toText(body), got.body);
}

std::string compareRequest(json::View wanted, const SeenRequest& got) {
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>{"method", got.method},
        {"endpoint", got.endpoint},
        {"path", got.path},
        {"auth", got.auth}}) {
    if (wanted[name].exists() && wanted[name].stringOr("") != value)
      return differs(name, wanted[name].stringOr(""), value);
  }
  if (auto problem = compareForm("query", wanted["query"], got.query); !problem.empty())
    return problem;
  for (const json::Member& header : wanted["headers"].members()) {
    const std::string value = got.header(header.name).value_or("(absent)");
    if (scalarText(header.value) != value) {
      return differs("header " + std::string(header.name), scalarText(header.value), value);
    }
  }
  return compareBody(wanted, got);
}

std::string_view outcomeName(std::uint32_t outcome) {
  constexpr std::string_view kNames[] = {"unknown", "declined", "not_executed"};
  return outcome < std::size(kNames) ? kNames[outcome] : "?";
}

std::string_view retryName(std::uint32_t retry) {
  constexpr std::string_view kNames[] = {"never", "same_key", "new_request"};
  return retry < std::size(kNames) ? kNames[retry] : "?";
}

std::string compareError(json::View wanted, const SeenStep& step) {
  if (step.kind != UG_STEP_FAIL) return differs("end", json::toText(wanted), step.resultJson);
  const SeenError& error = step.error;
  json::Writer out;
  out.beginObject()
      .member("category", sdk::categoryName(static_cast<sdk::Category>(error.category)))
      .member("outcome", outcomeName(error.outcome))
      .member("retry", retryName(error.retry))
      .member("retry_after_ms", error.retryAfterMs)
      .member("http_status", error.httpStatus)
      .member("provider_code", error.providerCode)
      .member("decline_code", error.declineCode)
      .member("provider_message", error.message)
      .member("field", error.field)
      .member("provider_request_id", error.requestId)
      .key("resource");
  error.resourceJson.empty() ? out.null() : out.rawJson(error.resourceJson);
  out.endObject();
  json::Document actual;
  json::ReadError problem;
  if (!actual.parse(out.view(), problem)) return "error can't be read: " + problem.message;
  // A transcript states what matters to it.
  for (const json::Member& member : wanted.members()) {
    if (!sameJson(member.value, actual[member.name])) {
      return differs("error." + std::string(member.name), json::toText(member.value),
                     json::toText(actual[member.name]));
    }
  }
  return "";
}

std::string compareResult(json::View wanted, const SeenStep& step) {
  if (step.kind != UG_STEP_DONE) return "wanted a result, got an error: " + step.error.message;
  json::Document actual;
  json::ReadError problem;
  if (!actual.parse(step.resultJson, problem)) return "result can't be read: " + problem.message;
  return sameJson(wanted, actual.root()) ? ""
                                         : differs("result", json::toText(wanted), step.resultJson);
}

SeenStep answer(Driver& driver, json::View exchange) {
  if (const auto failed = exchange["failed"].string()) {
    return driver.fail(*failed == "not_sent" ? UG_HTTP_FAILED_NOT_SENT : UG_HTTP_FAILED_NO_ANSWER);
  }
  const json::View response = exchange["response"];
  Headers headers;
  for (const json::Member& header : response["headers"].members()) {
    headers.emplace_back(header.name, scalarText(header.value));
  }
  const json::View body = response["body"];
  const std::string text = body.isString()    ? std::string(*body.string())
                           : body.isNothing() ? std::string()
                                              : json::toText(body);
  return driver.respond(static_cast<std::uint32_t>(response["status"].int64Or(0)), text, headers);
}

BeginOptions optionsOf(json::View transcript) {
  BeginOptions options;
  options.idempotencyKey = std::string(transcript["idempotency_key"].stringOr(""));
  options.mode = transcript["mode"].stringOr("test") == "live" ? UG_MODE_LIVE : UG_MODE_TEST;
  const std::string_view recovering = transcript["recovering"].stringOr("no");
  if (recovering == "resend") options.recovering = UG_RECOVERING_RESEND;
  if (recovering == "query") options.recovering = UG_RECOVERING_QUERY;
  const std::int64_t attempt = options.recovering == UG_RECOVERING_NO ? 1 : 2;
  options.attempt = static_cast<std::uint32_t>(transcript["attempt"].int64Or(attempt));
  return options;
}

}  // namespace

std::vector<std::string> transcriptsIn(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string playTranscript(const ug_plugin* plugin, json::View transcript) {
  const json::View settings = transcript["settings"];
  Driver driver(plugin, settings.exists() ? json::toText(settings) : "{}");
  SeenStep step = driver.begin(transcript["operation"].stringOr(""),
                               json::toText(transcript["input"]), optionsOf(transcript));
  std::size_t number = 0;
  for (const json::View exchange : transcript["exchange"].items()) {
    const std::string where = "exchange " + std::to_string(++number) + ": ";
    if (step.result != UG_OK) return where + "contract error " + std::to_string(step.result);
    if (step.kind != UG_STEP_HTTP) return where + "no request was made; " + step.error.message;
    const std::string problem = compareRequest(exchange["request"], step.request);
    if (!problem.empty()) return where + problem;
    step = answer(driver, exchange);
  }
  if (step.result != UG_OK) return "contract error " + std::to_string(step.result);
  if (step.kind == UG_STEP_HTTP) return "one more request: " + step.request.path;
  return transcript["error"].exists() ? compareError(transcript["error"], step)
                                      : compareResult(transcript["result"], step);
}

}  // namespace unigate::testing
