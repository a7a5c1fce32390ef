#include "gateway/dry_run.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "gateway/endpoint_book.hpp"
#include "plugin_host/schemas.hpp"

namespace unigate::gateway {

namespace {

using plugin_host::HttpEvent;
using plugin_host::HttpStep;

constexpr std::string_view kOperationId = "op_dry_run_00000000000000000";
constexpr std::int64_t kDeadlineMs = 60'000;
constexpr int kReferencesMax = 8;

// Whether the schema of an operation's input has a member of that name.
bool takesMember(const plugin_host::Operation& operation, std::string_view name) {
  std::string text = operation.inputSchema;
  if (text == plugin_host::kUnifiedSchema) {
    text = plugin_host::unifiedSchemaOf(operation.name, "input").value_or("{}");
  }
  json::Document schema;
  json::ReadError error;
  if (!schema.parse(text, error, {64, 16UL * 1024 * 1024})) return false;
  json::View at = schema.root();
  constexpr std::string_view kDefinitions = "#/definitions/";
  for (int i = 0; i < kReferencesMax; ++i) {
    const std::string_view reference = at["$ref"].stringOr("");
    if (reference.substr(0, kDefinitions.size()) != kDefinitions) break;
    at = schema["definitions"][reference.substr(kDefinitions.size())];
  }
  return at["properties"][name].exists();
}

// Puts in what the gateway adds to a client's words: our id and, where something is made, the time.
std::string completed(const plugin_host::Operation& operation, const DryRunInput& input) {
  json::Document given;
  json::ReadError error;
  if (!given.parse(input.inputJson, error) || !given.root().isObject()) return input.inputJson;
  json::Writer out;
  out.beginObject();
  if (!given["operation_id"].exists() && takesMember(operation, "operation_id"))
    out.member("operation_id", kOperationId);
  if (!given["operation_created_unix_s"].exists() &&
      takesMember(operation, "operation_created_unix_s"))
    out.member("operation_created_unix_s", input.nowUnixMs / 1000);
  for (const json::Member& member : given.root().members())
    out.key(member.name).value(member.value);
  out.endObject();
  return out.take();
}

bool hasHeader(const net::HeaderList& headers, std::string_view name) {
  return net::findHeader(headers, name) != nullptr;
}

// What the upstream client writes by itself is shown too.
DryRequest shown(const plugin_host::Instance& instance, HttpStep step, const std::string& base) {
  const plugin_host::Manifest& manifest = instance.plugin().manifest();
  DryRequest request;
  const net::UpstreamRequest upstream = toUpstream(base, outgoingOf(HttpStep(step)), "");
  request.url = upstream.url;
  const std::string_view afterScheme = std::string_view(base).substr(base.find("://") + 3);
  request.headers.emplace_back("Host", afterScheme.substr(0, afterScheme.find('/')));
  request.headers.insert(request.headers.end(), upstream.headers.begin(), upstream.headers.end());
  if (const auto* scheme = manifest.findAuthScheme(step.auth)) {
    AuthHeader header = authHeaderWithNames(*scheme);
    request.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  if (!hasHeader(request.headers, "Accept")) request.headers.emplace_back("Accept", "*/*");
  const bool hasBody =
      !step.body.empty() || step.method == "POST" || step.method == "PUT" || step.method == "PATCH";
  if (hasBody) request.headers.emplace_back("Content-Length", std::to_string(step.body.size()));
  request.step = std::move(step);
  return request;
}

// Success can't follow from silence or from a provider's own failure: the rule of real calls.
bool claimsTooMuch(const HttpEvent* last) {
  return last != nullptr && (last->kind != HttpEvent::Kind::response || last->status >= 500);
}

}  // namespace

DryOutcome dryRun(const std::shared_ptr<plugin_host::Instance>& instance,
                  const DryRunInput& input) {
  DryOutcome outcome;
  plugin_host::Plugin& plugin = instance->plugin();
  const plugin_host::Operation* operation = plugin.manifest().findOperation(input.operation);
  const std::string inputJson =
      operation == nullptr ? input.inputJson : completed(*operation, input);
  if (auto status = plugin.checkInput(input.operation, inputJson); !status) {
    outcome.end = status.error();
    return outcome;
  }
  const bool keyed = input.key.empty() && !operation->readOnly;
  plugin_host::BeginArgs args;
  args.operation = input.operation;
  args.inputJson = inputJson;
  args.idempotencyKey = keyed ? kOperationId : std::string_view(input.key);
  args.attempt = static_cast<std::uint32_t>(input.attempt);
  args.recovering = input.recovering;
  args.nowUnixMs = input.nowUnixMs;
  args.deadlineUnixMs = input.nowUnixMs + kDeadlineMs;
  args.random = base::sha256("plugin random\n" + std::string(kOperationId));
  args.inputChecked = true;
  const EndpointBook book({}, false);
  const char* const environment = instance->mode() == plugin_host::Mode::live ? "live" : "test";

  plugin_host::PluginCall::Begun begun = plugin_host::PluginCall::begin(instance, args);
  plugin_host::Step step = std::move(begun.step);
  const HttpEvent* last = nullptr;
  while (auto* http = std::get_if<HttpStep>(&step)) {
    const auto base = book.baseUrl(plugin.manifest(), environment, http->endpoint);
    if (!base) {
      outcome.end = base.error();
      return outcome;
    }
    outcome.requests.push_back(shown(*instance, std::move(*http), *base));
    const std::size_t answered = outcome.requests.size() - 1;
    if (answered >= input.answers.size()) return outcome;
    last = &input.answers[answered];
    step = begun.call->resume(*last);
  }
  if (auto* done = std::get_if<plugin_host::DoneStep>(&step)) {
    if (claimsTooMuch(last)) {
      outcome.end =
          plugin_host::FaultStep{"success was claimed without a sound answer of the provider", 0};
    } else {
      outcome.end = std::move(*done);
    }
  } else if (auto* fail = std::get_if<plugin_host::FailStep>(&step)) {
    outcome.end = std::move(fail->error);
  } else {
    outcome.end = std::move(std::get<plugin_host::FaultStep>(step));
  }
  return outcome;
}

namespace {

void writeBody(const std::string& body, json::Writer& out) {
  if (base::isUtf8(body)) {
    out.member("body", body);
  } else {
    out.member("body_base64", base::toBase64(body));
  }
}

void writeRequest(const DryRequest& request, json::Writer& out) {
  const HttpStep& step = request.step;
  out.beginObject().member("method", step.method).member("url", request.url);
  out.key("headers").beginArray();
  for (const auto& [name, value] : request.headers) {
    out.beginObject().member("name", name).member("value", value).endObject();
  }
  out.endArray();
  writeBody(step.body, out);
  out.member("endpoint", step.endpoint).member("path", step.path).member("query", step.query);
  out.member("auth", step.auth).member("timeout_ms", step.timeoutMs);
  out.member("may_retry", step.mayRetry).member("trace_label", step.traceLabel);
  out.key("redact").beginArray();
  for (const std::string& path : step.redact) out.value(path);
  out.endArray().endObject();
}

void writeError(const plugin_host::ErrorInfo& error, json::Writer& out) {
  out.beginObject().member("category", error.category);
  out.member("outcome", plugin_host::toText(error.outcome));
  out.member("retry", plugin_host::toText(error.retry));
  out.member("retry_after_ms", error.retryAfterMs).member("http_status", error.httpStatus);
  out.member("provider_code", error.providerCode).member("decline_code", error.declineCode);
  out.member("provider_message", error.providerMessage).member("field", error.field);
  out.member("provider_request_id", error.providerRequestId).key("resource");
  out.rawJson(error.resourceJson.empty() ? "null" : error.resourceJson).endObject();
}

struct EndWriter {
  json::Writer& out;

  void operator()(const plugin_host::DoneStep& done) const {
    out.member("outcome", "done").key("result").rawJson(done.resultJson);
    out.member("provider_request_id", done.providerRequestId);
  }
  void operator()(const plugin_host::ErrorInfo& error) const {
    out.member("outcome", "failed").key("error");
    writeError(error, out);
  }
  void operator()(const DryWaiting&) const { out.member("outcome", "waiting"); }
  void operator()(const base::Problem& problem) const {
    out.member("outcome", "refused").key("problem").beginObject();
    out.member("status", problem.status).member("code", problem.code);
    out.member("detail", problem.detail).member("param", problem.param).endObject();
  }
  void operator()(const plugin_host::FaultStep& fault) const {
    out.member("outcome", "fault").member("reason", fault.reason);
  }
};

struct EndText {
  std::string operator()(const plugin_host::DoneStep& done) const {
    return "done: " + done.resultJson;
  }
  std::string operator()(const plugin_host::ErrorInfo& error) const {
    json::Writer out;
    writeError(error, out);
    return "failed: " + out.take();
  }
  std::string operator()(const DryWaiting&) const {
    return "waiting for the provider's answer (give one with --response)";
  }
  std::string operator()(const base::Problem& problem) const {
    return "refused: " + problem.detail;
  }
  std::string operator()(const plugin_host::FaultStep& fault) const {
    return "broken contract: " + fault.reason;
  }
};

}  // namespace

void writeJson(const DryOutcome& outcome, json::Writer& out) {
  out.key("requests").beginArray();
  for (const DryRequest& request : outcome.requests) writeRequest(request, out);
  out.endArray();
  std::visit(EndWriter{out}, outcome.end);
}

std::string toText(const DryOutcome& outcome) {
  std::string text;
  for (const DryRequest& request : outcome.requests) {
    text += request.step.method + " " + request.url + "\n";
    for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
    const std::string& body = request.step.body;
    text += "\n";
    if (!body.empty()) {
      text += base::isUtf8(body) ? body : "(" + std::to_string(body.size()) + " bytes)";
      text += "\n\n";
    }
  }
  return text + std::visit(EndText{}, outcome.end) + "\n";
}

}  // namespace unigate::gateway
