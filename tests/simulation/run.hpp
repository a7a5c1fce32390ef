// What a gateway does with the engine's decisions for one operation: core/gateway/operation_run.cpp
// as far as it matters to money. Called by Process.
#pragma once

#include <functional>

#include "simulation/gateway.hpp"

namespace unigate::simulation {

// Runs a fresh operation; `reply` is called once, unless the process dies.
void runOperation(Process& process, const ClientRequest& request, ReplyFn reply);

// Takes up one that was found open in the store.
void resolveOperation(Process& process, const Row& row, std::function<void()> ended);

}  // namespace unigate::simulation
