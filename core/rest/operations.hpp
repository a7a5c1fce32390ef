// What the handlers of changing requests share: reading an optional body, running an operation, and
// answering a repeated request whose checks would fail today.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

#include "rest/call.hpp"

namespace unigate::rest {

// Writes a member when it was given.
void optionalMember(json::Writer& out, std::string_view name,
                    const std::optional<std::string>& value);

// The body, or an empty object when there was none.
json::View bodyOrEmpty(const Call& call);

// Runs the operation and answers with what comes of it.
void run(const Call::Ptr& call, gateway::OperationRequest operation);

// A Problem of routing or of checks against present rows, unless the client repeats a request that
// was answered before: then it gets that answer.
void failOrReplay(const Call::Ptr& call, const gateway::OperationRequest& operation,
                  const base::Problem& problem);

// Answers with a stored resource. It is fetched anew when `mayHaveMoved` or when the provider's
// answer is asked for; a provider that can't be asked then does not keep the stored one back, but
// for `include=raw`.
void sendResource(const Call::Ptr& call, store::ResourceRecord row, bool mayHaveMoved);

// Asks a provider and answers with the document that `make` builds of the adapter's output.
using MakeDocument =
    std::function<std::string(const std::string& provider, bool live, json::View output)>;
void readAndSend(const Call::Ptr& call, const std::string& operation, const std::string& provider,
                 std::string adapterInput, MakeDocument make);

}  // namespace unigate::rest
