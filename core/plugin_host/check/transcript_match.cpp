// Compares what a plugin did with what a transcript says.
#include <map>
#include <unigate/json.hpp>
#include <unigate/money.hpp>

#include "base/text.hpp"
#include "plugin_host/check/transcript.hpp"

namespace unigate::plugin_host::check {
namespace {

using Pairs = std::map<std::string, std::string>;

std::string scalarText(const json::View& value) {
  return value.isString() ? std::string(*value.string()) : json::toText(value);
}

std::string differs(std::string_view what, std::string_view wanted, std::string_view got) {
  return std::string(what) + ": wanted '" + std::string(wanted) + "', got '" + std::string(got) +
         "'";
}

// A tree as names with brackets: {"a": {"b": 1}, "c": [2]} is a[b]=1, c[0]=2.
void flatten(const std::string& name, const json::View& value, Pairs& out) {
  if (value.isObject()) {
    for (const auto& member : value.members()) {
      const std::string inner(member.name);
      flatten(name.empty() ? inner : name + "[" + inner + "]", member.value, out);
    }
  } else if (value.isArray()) {
    std::size_t index = 0;
    for (const auto& item : value.items())
      flatten(name + "[" + std::to_string(index++) + "]", item, out);
  } else if (value.exists()) {
    out[name] = scalarText(value);
  }
}

// Names and values of a form; "a[]", and "a" if it stands several times, become "a[0]", "a[1]", ...
// in the order of coming. False: no form.
bool decodeForm(std::string_view text, Pairs& out) {
  const auto pairs = base::parseQuery(text);
  if (!pairs) return false;
  std::map<std::string, std::size_t> times;
  for (const auto& [name, value] : *pairs) ++times[name];
  std::map<std::string, std::size_t> counts;
  for (auto [name, value] : *pairs) {
    const bool list = name.size() > 2 && name.ends_with("[]");
    if (list || times[name] > 1) {
      const std::size_t index = counts[name]++;
      name = (list ? name.substr(0, name.size() - 2) : name) + "[" + std::to_string(index) + "]";
    }
    if (!out.emplace(name, value).second) return false;
  }
  return true;
}

std::string findPairsDifference(std::string_view what, const json::View& wanted,
                                std::string_view got) {
  Pairs expected;
  Pairs actual;
  flatten("", wanted, expected);
  if (!decodeForm(got, actual)) return std::string(what) + " can't be decoded or has a name twice";
  for (const auto& [name, value] : expected) {
    const auto found = actual.find(name);
    if (found == actual.end()) return differs(std::string(what) + " " + name, value, "(absent)");
    if (found->second != value)
      return differs(std::string(what) + " " + name, value, found->second);
  }
  for (const auto& [name, value] : actual) {
    if (expected.count(name) == 0)
      return differs(std::string(what) + " " + name, "(absent)", value);
  }
  return {};
}

bool sameScalar(const json::View& a, const json::View& b) {
  if (a.isNothing() || b.isNothing()) return a.isNothing() && b.isNothing();
  return a.isString() == b.isString() && scalarText(a) == scalarText(b);
}

// `wanted` is a part of `got`: every member of an object, every item of an array. With `whole` the
// members of both objects are the same.
std::string findTreeDifference(const std::string& at, const json::View& wanted,
                               const json::View& got, bool whole) {
  const auto show = [](const json::View& view) {
    return view.exists() ? json::toText(view).substr(0, 200) : std::string("(absent)");
  };
  if (wanted.isObject() && got.isObject()) {
    for (const auto& member : wanted.members()) {
      const std::string place =
          at.empty() ? std::string(member.name) : at + "." + std::string(member.name);
      auto difference = findTreeDifference(place, member.value, got[member.name], whole);
      if (!difference.empty()) return difference;
    }
    for (const auto& member : got.members()) {
      if (whole && !wanted[member.name].exists()) {
        return differs(at + "." + std::string(member.name), "(absent)", show(member.value));
      }
    }
    return {};
  }
  if (wanted.isArray() && got.isArray() && wanted.size() == got.size()) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      auto difference =
          findTreeDifference(at + "[" + std::to_string(i) + "]", wanted[i], got[i], whole);
      if (!difference.empty()) return difference;
    }
    return {};
  }
  const bool scalars = !wanted.isObject() && !wanted.isArray() && !got.isObject() && !got.isArray();
  if (scalars && sameScalar(wanted, got)) return {};
  return differs(at, show(wanted), show(got));
}

std::string findBodyDifference(const json::View& wanted, const std::string& got) {
  if (wanted["form"].exists()) return findPairsDifference("form", wanted["form"], got);
  const json::View body = wanted["body"];
  if (body.isNothing()) return got.empty() ? std::string() : differs("body", "", got);
  if (body.isString())
    return *body.string() == got ? std::string() : differs("body", *body.string(), got);
  json::Document actual;
  json::ReadError error;
  if (!actual.parse(got, error)) return "body is no JSON: " + error.message;
  return findTreeDifference("body", body, actual.root(), true);
}

std::string findHeaderDifference(const json::View& wanted, const HeaderList& got) {
  for (const auto& header : wanted.members()) {
    const std::string* found = nullptr;
    for (const auto& [name, value] : got) {
      if (money::lower(name) == money::lower(header.name)) found = &value;
    }
    const std::string value = scalarText(header.value);
    if (found == nullptr || *found != value) {
      return differs("header " + std::string(header.name), value, found ? *found : "(absent)");
    }
  }
  return {};
}

std::string errorAsJson(const ErrorInfo& error) {
  json::Writer writer;
  writer.beginObject()
      .member("category", error.category)
      .member("outcome", toText(error.outcome))
      .member("retry", toText(error.retry))
      .member("retry_after_ms", error.retryAfterMs)
      .member("http_status", error.httpStatus)
      .member("provider_code", error.providerCode)
      .member("decline_code", error.declineCode)
      .member("provider_message", error.providerMessage)
      .member("field", error.field)
      .member("provider_request_id", error.providerRequestId)
      .key("resource");
  if (error.resourceJson.empty()) {
    writer.null();
  } else {
    writer.rawJson(error.resourceJson);
  }
  return writer.endObject().take();
}

std::string findJsonDifference(const std::string& at, const std::string& wantedText,
                               const std::string& gotText) {
  json::Document wanted;
  json::Document got;
  json::ReadError error;
  if (!wanted.parse(wantedText, error)) return at + " of the transcript can't be read";
  if (!got.parse(gotText, error)) return at + " of the plugin can't be read: " + error.message;
  return findTreeDifference(at, wanted.root(), got.root(), false);
}

}  // namespace

std::string findRequestDifference(std::string_view expectedJson, const HttpStep& step) {
  if (expectedJson.empty()) return {};
  json::Document document;
  json::ReadError error;
  if (!document.parse(expectedJson, error)) return "the transcript's request can't be read";
  const json::View wanted = document.root();
  const std::pair<std::string_view, std::string_view> exact[] = {{"method", step.method},
                                                                 {"endpoint", step.endpoint},
                                                                 {"path", step.path},
                                                                 {"auth", step.auth}};
  for (const auto& [name, got] : exact) {
    if (wanted[name].exists() && wanted[name].stringOr("") != got) {
      return differs(name, wanted[name].stringOr(""), got);
    }
  }
  const json::View query = wanted["query"];
  std::string difference;
  if (query.isString()) {
    if (*query.string() != step.query) return differs("query", *query.string(), step.query);
  } else {
    difference = findPairsDifference("query", query, step.query);
  }
  if (difference.empty()) difference = findHeaderDifference(wanted["headers"], step.headers);
  return difference.empty() ? findBodyDifference(wanted, step.body) : difference;
}

std::string findEndDifference(const Case& expected, const Step& step) {
  if (const auto* fault = std::get_if<FaultStep>(&step))
    return "broke its contract: " + fault->reason;
  if (const auto* http = std::get_if<HttpStep>(&step)) {
    return "asks for one more request: " + http->method + " " + http->path;
  }
  if (!expected.resultJson.empty()) {
    if (const auto* done = std::get_if<DoneStep>(&step)) {
      return findJsonDifference("result", expected.resultJson, done->resultJson);
    }
    return "wanted a result, got the error " + errorAsJson(std::get<FailStep>(step).error);
  }
  if (expected.errorJson.empty()) return {};
  if (const auto* done = std::get_if<DoneStep>(&step)) {
    return "wanted an error, got the result " + done->resultJson;
  }
  return findJsonDifference("error", expected.errorJson,
                            errorAsJson(std::get<FailStep>(step).error));
}

}  // namespace unigate::plugin_host::check
