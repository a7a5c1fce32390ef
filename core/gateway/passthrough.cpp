#include "gateway/passthrough.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/provider_call.hpp"
#include "gateway/replies.hpp"
#include "plugin_host/step_reader.hpp"

namespace unigate::gateway {

namespace {

constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

// Headers of an answer that belong to the connection, or that a browser would keep.
constexpr std::array<std::string_view, 12> kOwnHeaders = {
    "connection",       "keep-alive", "transfer-encoding", "te",         "trailer", "upgrade",
    "proxy-connection", "date",       "content-length",    "set-cookie", "server",  "alt-svc"};

bool sameName(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

template <typename Names>
bool isOneOf(const Names& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& each) { return sameName(each, name); });
}

base::Problem noRoute(const plugin_host::Manifest& manifest) {
  std::string prefixes;
  for (const plugin_host::PassthroughRoute& route : manifest.passthrough->routes)
    prefixes += (prefixes.empty() ? "" : ", ") + route.prefix;
  return {404,
          "unknown_path",
          "No endpoint of " + manifest.id + " takes this path. They start with " + prefixes + ".",
          "path",
          false,
          0,
          {}};
}

// What can be said before anything is sent.
base::Result<const plugin_host::PassthroughRoute*> routeOf(const Account& account,
                                                           const RawRequest& request) {
  const plugin_host::Plugin& plugin = account.instance->plugin();
  const plugin_host::Manifest& manifest = plugin.manifest();
  if (!manifest.passthrough)
    return base::fail(501, "not_supported", manifest.id + " offers no pass-through.", "provider");
  if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end())
    return base::fail(405, "method_not_allowed", "Use GET, POST, PUT, PATCH or DELETE.");
  if (auto fault = plugin_host::findTargetFault(request.path, request.query))
    return base::fail(400, "invalid_request",
                      "The provider's path or query is bad: " + *fault + ".", "path");
  if (request.body.size() > plugin.limits().requestBodyBytesMax)
    return base::fail(413, "body_too_large", "The body is larger than what providers are sent.");
  const auto* route = manifest.passthrough->findRoute(request.path);
  if (route == nullptr) return base::fail(noRoute(manifest));
  return route;
}

net::HeaderList outgoingHeaders(const plugin_host::Passthrough& rules,
                                const net::HeaderList& theirs) {
  net::HeaderList headers = rules.headers;
  for (const auto& [name, value] : theirs) {
    const bool passed =
        sameName(name, "Content-Type") || sameName(name, "Accept") || isOneOf(rules.forward, name);
    // What the manifest fixes, the caller can't change; what stands twice is sent once.
    if (passed && net::findHeader(headers, name) == nullptr) headers.emplace_back(name, value);
  }
  return headers;
}

RawAnswer answerOf(net::UpstreamResult&& result) {
  RawAnswer answer;
  answer.status = result.status;
  answer.body = std::move(result.body);
  answer.providerUs = result.providerUs;
  for (auto& [name, value] : result.headers) {
    if (!isOneOf(kOwnHeaders, name)) answer.headers.emplace_back(std::move(name), std::move(value));
  }
  return answer;
}

base::Problem problemOf(const NotSent& refused, const std::string& provider) {
  CallResult result;
  result.error.category = refused.category;
  result.error.providerMessage = refused.message;
  result.trouble = Trouble::notSent;
  result.outcome = {engine::Verdict::notExecuted, false, refused.mayRetry, refused.retryAfterMs};
  return problemFor(result, provider, "", false);
}

base::Problem problemOf(const net::UpstreamResult& upstream, const std::string& provider,
                        bool read) {
  if (upstream.outcome == net::UpstreamOutcome::notSent)
    return problemOf(NotSent{"provider_unavailable", "", true, 0}, provider);
  CallResult result;
  result.error.category = "unknown_outcome";
  result.trouble = Trouble::noAnswer;
  base::Problem problem = problemFor(result, provider, "", true);
  if (!read) {
    problem.detail =
        "The provider gave no complete answer in time. It may have done what was asked: look there "
        "before you send it again.";
    problem.retryable = false;
    problem.retryAfterSeconds = 0;
    for (auto& [name, value] : problem.members) {
      if (name == "outcome") value = "\"unknown\"";
    }
  }
  return problem;
}

}  // namespace

base::Status checkPassThrough(const Account& account, const RawRequest& request) {
  const auto route = routeOf(account, request);
  if (!route) return base::fail(route.error());
  return {};
}

void passThrough(const CallServices& services, std::shared_ptr<const Account> account,
                 RawRequest request, SendGuard guard,
                 std::function<void(base::Result<RawAnswer>)> done) {
  const auto route = routeOf(*account, request);
  if (!route) return done(base::fail(route.error()));
  const plugin_host::Manifest& manifest = account->instance->plugin().manifest();
  const bool read = request.method == "GET";
  const std::string provider = account->provider;
  ProviderRequest sent;
  sent.account = std::move(account);
  sent.endpoint = (*route)->endpoint;
  sent.auth = manifest.passthrough->auth;
  sent.traceparent = std::move(request.traceparent);
  sent.guard = std::move(guard);
  sent.request.headers = outgoingHeaders(*manifest.passthrough, request.headers);
  sent.request.method = std::move(request.method);
  sent.request.path = std::move(request.path);
  sent.request.query = std::move(request.query);
  sent.request.body = std::move(request.body);
  sent.request.timeoutMs = manifest.limits.timeoutMs;
  sendToProvider(services, std::move(sent),
                 [read, provider, done = std::move(done)](ProviderAnswer answer, std::int32_t) {
                   if (const auto* refused = std::get_if<NotSent>(&answer))
                     return done(base::fail(problemOf(*refused, provider)));
                   auto& result = std::get<net::UpstreamResult>(answer);
                   if (result.outcome != net::UpstreamOutcome::response)
                     return done(base::fail(problemOf(result, provider, read)));
                   done(answerOf(std::move(result)));
                 });
}

}  // namespace unigate::gateway
