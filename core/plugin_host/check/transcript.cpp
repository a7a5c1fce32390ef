#include "plugin_host/check/transcript.hpp"

#include <algorithm>
#include <unigate/json.hpp>
#include <unigate/money.hpp>

#include "base/yaml_document.hpp"

namespace unigate::plugin_host::check {
namespace {

// Every request's time comes after begin's; both are the same in every run.
constexpr std::int64_t kAnsweredUnixMs = 1'785'000'001'000;

constexpr std::string_view kTranscriptSchema = R"json({
  "type": "object",
  "required": ["operation", "input"],
  "additionalProperties": false,
  "properties": {
    "name": {"type": "string"}, "operation": {"type": "string"},
    "mode": {"enum": ["test", "live"]}, "settings": {"type": "object"},
    "recovering": {"enum": ["no", "resend", "query"]},
    "attempt": {"type": "integer", "minimum": 1},
    "input": {"type": "object"}, "idempotency_key": {"type": "string"},
    "exchange": {"type": "array", "items": {"$ref": "#/definitions/exchange"}},
    "result": {"type": "object"}, "error": {"$ref": "#/definitions/error"}
  },
  "definitions": {
    "exchange": {
      "type": "object", "required": ["request"], "additionalProperties": false,
      "properties": {
        "request": {
          "type": "object", "required": ["method", "path"], "additionalProperties": false,
          "properties": {
            "method": {"type": "string"}, "endpoint": {"type": "string"}, "path": {"type": "string"},
            "query": {"type": ["object", "string"]}, "headers": {"type": "object"},
            "form": {"type": "object"}, "body": {}, "auth": {"type": "string"}
          }
        },
        "response": {
          "type": "object", "required": ["status"], "additionalProperties": false,
          "properties": {
            "status": {"type": "integer", "minimum": 100, "maximum": 599},
            "headers": {"type": "object"}, "body": {}
          }
        },
        "failed": {"enum": ["not_sent", "no_answer"]}
      }
    },
    "error": {
      "type": "object", "additionalProperties": false,
      "properties": {
        "category": {"type": "string"}, "outcome": {"enum": ["unknown", "declined", "not_executed"]},
        "retry": {"enum": ["never", "same_key", "new_request"]},
        "retry_after_ms": {"type": "integer"}, "http_status": {"type": "integer"},
        "provider_code": {"type": "string"}, "decline_code": {"type": "string"},
        "provider_message": {"type": "string"}, "field": {"type": "string"},
        "provider_request_id": {"type": "string"}, "resource": {"type": ["object", "null"]}
      }
    }
  }
})json";

std::string textOf(const json::View& value) {
  if (value.isNothing()) return {};
  return value.isString() ? std::string(*value.string()) : json::toText(value);
}

HttpEvent readEvent(const json::View& from) {
  HttpEvent event;
  event.nowUnixMs = kAnsweredUnixMs;
  if (const auto failed = from["failed"].string()) {
    event.kind = *failed == "not_sent" ? HttpEvent::Kind::notSent : HttpEvent::Kind::noAnswer;
    return event;
  }
  const json::View response = from["response"];
  event.status = static_cast<std::uint32_t>(response["status"].int64Or(0));
  for (const auto& header : response["headers"].members()) {
    event.headers.emplace_back(header.name, textOf(header.value));
  }
  event.body = textOf(response["body"]);
  return event;
}

Case readCase(const json::View& from, const std::string& fallbackName) {
  Case made;
  made.name = from["name"].stringOr(fallbackName);
  made.operation = from["operation"].stringOr("");
  made.mode = from["mode"].stringOr("test") == "live" ? Mode::live : Mode::test;
  if (from["settings"].exists()) made.settingsJson = json::toText(from["settings"]);
  made.inputJson = json::toText(from["input"]);
  made.idempotencyKey = from["idempotency_key"].stringOr("");
  const std::string_view recovering = from["recovering"].stringOr("no");
  if (recovering == "resend") made.recovering = Recovering::resend;
  if (recovering == "query") made.recovering = Recovering::query;
  const std::int64_t attempt = made.recovering == Recovering::no ? 1 : 2;
  made.attempt = static_cast<std::uint32_t>(from["attempt"].int64Or(attempt));
  for (const auto& item : from["exchange"].items()) {
    made.exchange.push_back({json::toText(item["request"]), readEvent(item)});
  }
  if (from["result"].exists()) made.resultJson = json::toText(from["result"]);
  if (from["error"].exists()) made.errorJson = json::toText(from["error"]);
  return made;
}

tl::expected<Case, std::string> loadTranscript(const std::filesystem::path& path) {
  const auto document = base::YamlDocument::loadFile(path.string());
  if (!document) return tl::unexpected(document.error().front().text());
  if (const auto problems = document->check(kTranscriptSchema); !problems.empty()) {
    return tl::unexpected(problems.front().text());
  }
  const json::View root = document->json().root();
  const auto refuse = [&](const std::string& why) {
    return tl::unexpected(path.string() + ": " + why);
  };
  if (root["result"].exists() == root["error"].exists()) {
    return refuse("give either result or error");
  }
  for (const auto& item : root["exchange"].items()) {
    if (item["response"].exists() == item["failed"].exists()) {
      return refuse("each exchange has either response or failed");
    }
  }
  return readCase(root, path.stem().string());
}

}  // namespace

tl::expected<std::vector<Case>, std::string> loadTranscripts(
    const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (entries->path().extension() == ".yaml") paths.push_back(entries->path());
  }
  if (error) return tl::unexpected(directory.string() + ": can't be read: " + error.message());
  std::sort(paths.begin(), paths.end());
  std::vector<Case> cases;
  for (const auto& path : paths) {
    auto made = loadTranscript(path);
    if (!made) return tl::unexpected(std::move(made.error()));
    cases.push_back(std::move(*made));
  }
  return cases;
}

}  // namespace unigate::plugin_host::check
