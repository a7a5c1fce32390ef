#include "rest/call.hpp"

#include <algorithm>

#include "base/card_guard.hpp"
#include "engine/idempotency.hpp"
#include "gateway/kinds.hpp"
#include "rest/problem_json.hpp"

namespace unigate::rest {

namespace {

// Where the document that an answer carries can be read again; empty where that is nowhere.
std::string locationOf(const std::string& kindName, const std::string& id) {
  const gateway::Kind* kind = gateway::findKind(kindName);
  if (kind == nullptr || !kind->hasItems) return {};
  return std::string(kind->collection) + "/" + id;
}

}  // namespace

std::size_t headerCount(const net::Request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(request.headers.begin(), request.headers.end(), [name](const auto& header) {
        const std::string& key = header.first;
        return key.size() == name.size() &&
               std::equal(key.begin(), key.end(), name.begin(), [](char left, char right) {
                 const auto lower = [](char c) {
                   return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
                 };
                 return lower(left) == lower(right);
               });
      }));
}

void Call::send(int status, std::string text, std::string_view contentType) {
  net::Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", contentType);
  response.body = std::move(text);
  send(std::move(response));
}

void Call::send(net::Response response, std::int64_t providerUs) {
  if (answered_) return;
  answered_ = true;
  response.headers.emplace_back("X-Request-Id", requestId);
  for (auto& header : extraHeaders) response.headers.push_back(std::move(header));
  const int status = response.status;
  responder_.send(std::move(response));
  if (finished) finished(*this, status, providerUs);
}

void Call::fail(const base::Problem& problem) {
  send(problemResponse(problem, requestId));
}

void Call::sendReply(const base::Result<gateway::Reply>& reply) {
  if (!reply) return fail(reply.error());
  net::Response response;
  response.status = reply->status;
  response.body = reply->body;
  response.headers.emplace_back(
      "Content-Type", reply->status >= 400 ? "application/problem+json" : "application/json");
  if (reply->status == 201) {
    std::string location = locationOf(reply->kind, reply->resourceId);
    if (!location.empty()) response.headers.emplace_back("Location", std::move(location));
  }
  if (reply->replayed) response.headers.emplace_back("Idempotent-Replayed", "true");
  if (reply->retryAfterSeconds > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(reply->retryAfterSeconds));
  }
  send(std::move(response), reply->providerUs);
}

std::optional<std::string_view> Call::queryValue(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<store::ResourceRecord> Call::findResource(const std::string& kind,
                                                        const std::string& id) {
  auto row = gateway.reader().resourceById(tenant.orgId, tenant.environment, kind, id);
  if (!row) {
    fail(row.error());
    return std::nullopt;
  }
  if (!row->has_value() || (*row)->status == "deleted") {
    fail({404, "not_found", "There is no " + kind + " with this id.", "id", false, 0, {}});
    return std::nullopt;
  }
  return std::move(*row);
}

base::Result<gateway::OperationRequest> Call::operation(std::string_view name,
                                                        std::string_view kind) {
  gateway::OperationRequest operation;
  operation.tenant = tenant;
  operation.requestId = requestId;
  operation.traceparent = traceparent;
  operation.operation = name;
  operation.route = routeName;
  operation.kind = kind;
  operation.startedUs = request.receivedUs;
  operation.includeRaw = includeRaw();
  if (const std::string* header = request.header("Idempotency-Key")) {
    auto key = engine::parseIdempotencyKey(*header);
    if (!key) return base::fail(key.error());
    if (headerCount(request, "Idempotency-Key") > 1) {
      return base::fail(400, "invalid_idempotency_key",
                        "Idempotency-Key is given more than once; send one.", "Idempotency-Key");
    }
    // The key is stored and shown with the transaction.
    if (base::looksLikeCardNumber(*key)) {
      return base::fail(422, "card_number_refused",
                        "A card number must never be sent here. Use an id of your own as the "
                        "Idempotency-Key.",
                        "Idempotency-Key");
    }
    operation.clientKey = std::move(*key);
  }
  operation.fingerprint =
      engine::fingerprint(request.method, request.path, hasBody ? body.root() : json::View());
  return operation;
}

}  // namespace unigate::rest
