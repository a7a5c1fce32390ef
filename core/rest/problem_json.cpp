#include "rest/problem_json.hpp"

#include <unigate/json.hpp>

#include "base/card_guard.hpp"
#include "net/http_writer.hpp"

namespace unigate::rest {

namespace {

// What a 402 means here says more than its reserved phrase.
std::string_view titleOf(int status) {
  return status == 402 ? "Payment Declined" : net::reasonPhrase(status);
}

}  // namespace

std::string detailForClient(const base::Problem& problem) {
  // What /ready says of it is written for whoever runs the gateway.
  if (!problem.code.starts_with("store_") || problem.code == "store_unhealthy")
    return base::maskCardNumbers(problem.detail);
  return problem.detail.substr(0, problem.detail.find(": "));
}

std::string problemBody(const base::Problem& problem, std::string_view requestId) {
  json::Writer out;
  out.beginObject()
      .member("type", "urn:unigate:problem:" + problem.code)
      .member("title", titleOf(problem.status))
      .member("status", problem.status)
      // Details name what a client sent: methods, fields, providers. None of it may be a card.
      .member("detail", detailForClient(problem))
      .member("code", problem.code)
      .member("request_id", requestId)
      .member("retryable", problem.retryable);
  if (!problem.param.empty()) out.member("param", base::maskCardNumbers(problem.param));
  for (const auto& [name, text] : problem.members) out.key(name).rawJson(text);
  out.endObject();
  return out.take();
}

net::Response problemResponse(const base::Problem& problem, std::string_view requestId) {
  net::Response response;
  response.status = problem.status;
  response.headers.emplace_back("Content-Type", "application/problem+json");
  if (problem.retryAfterSeconds > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(problem.retryAfterSeconds));
  }
  if (problem.status == 401) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"unigate\"");
  }
  response.body = problemBody(problem, requestId);
  return response;
}

}  // namespace unigate::rest
