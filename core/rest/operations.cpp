#include "rest/operations.hpp"

#include "gateway/documents.hpp"
#include "gateway/redact.hpp"

namespace unigate::rest {

void optionalMember(json::Writer& out, std::string_view name,
                    const std::optional<std::string>& value) {
  if (value) out.member(name, *value);
}

json::View bodyOrEmpty(const Call& call) {
  static const json::Document empty = [] {
    json::Document made;
    json::ReadError error;
    made.parse("{}", error);
    return made;
  }();
  return call.hasBody ? call.body.root() : empty.root();
}

void run(const Call::Ptr& call, gateway::OperationRequest operation) {
  call->gateway.execute(std::move(operation),
                        [call](base::Result<gateway::Reply> reply) { call->sendReply(reply); });
}

void failOrReplay(const Call::Ptr& call, const gateway::OperationRequest& operation,
                  const base::Problem& problem) {
  auto earlier = call->gateway.replay(call->tenant, operation.clientKey, operation.fingerprint);
  if (!earlier) return call->fail(earlier.error());
  if (earlier->has_value()) return call->sendReply(std::move(**earlier));
  call->fail(problem);
}

void sendResource(const Call::Ptr& call, store::ResourceRecord row, bool mayHaveMoved) {
  const bool raw = call->includeRaw();
  if (row.providerId.empty() || (!raw && !mayHaveMoved)) {
    return call->send(200, raw ? gateway::withRaw(row.document, "null") : std::move(row.document));
  }
  const std::string stored = row.document;
  call->gateway.fetch(call->tenant, std::move(row),
                      [call, raw, stored](base::Result<gateway::Gateway::Fetched> fetched) {
                        net::Response response;
                        response.headers.emplace_back("Content-Type", "application/json");
                        if (!fetched) {
                          if (raw) return call->fail(fetched.error());
                          response.body = stored;
                          return call->send(std::move(response));
                        }
                        response.body = raw ? gateway::withRaw(fetched->row.document, fetched->raw)
                                            : std::move(fetched->row.document);
                        call->send(std::move(response), fetched->providerUs);
                      });
}

void readAndSend(const Call::Ptr& call, const std::string& operation, const std::string& provider,
                 std::string adapterInput, MakeDocument make) {
  gateway::ReadRequest request{call->tenant, operation, provider, std::move(adapterInput),
                               call->traceparent};
  call->gateway.read(std::move(request), [call, provider, make = std::move(make)](
                                             base::Result<gateway::CallResult> result) {
    if (!result) return call->fail(result.error());
    json::Document output;
    json::ReadError error;
    if (!output.parse(result->resultJson, error)) {
      return call->fail({502,
                         "provider_bad_response",
                         "The provider's answer could not be understood.",
                         "",
                         true,
                         1,
                         {}});
    }
    std::string document = make(provider, call->tenant.live(), output.root());
    net::Response response;
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = call->includeRaw()
                        ? gateway::withRaw(document, gateway::redactRaw(result->rawBody))
                        : std::move(document);
    call->send(std::move(response), result->providerUs);
  });
}

}  // namespace unigate::rest
