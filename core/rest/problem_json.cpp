#include "rest/problem_json.hpp"

#include <unigate/json.hpp>

#include "base/card_guard.hpp"

namespace unigate::rest {

std::string_view statusTitle(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Declined";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Internal Server Error";
  }
}

std::string problemBody(const base::Problem& problem, std::string_view requestId) {
  json::Writer out;
  out.beginObject()
      .member("type", "urn:unigate:problem:" + problem.code)
      .member("title", statusTitle(problem.status))
      .member("status", problem.status)
      // Details name what a client sent: methods, fields, providers. None of it may be a card.
      .member("detail", base::maskCardNumbers(problem.detail))
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
