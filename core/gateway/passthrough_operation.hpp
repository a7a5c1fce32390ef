// A pass-through request that may change something, as an operation: noted durably before anything
// is sent, never sent twice, with its answer kept for a repeated request. Private to gateway;
// Gateway::runPassthrough calls it.
#pragma once

#include <functional>

#include "gateway/gateway.hpp"
#include "gateway/operation_run.hpp"

namespace unigate::gateway {

// `reply` is called once; `ended` when nothing more happens in this run.
void runPassthroughOperation(const RunServices& services, PassthroughRequest request,
                             PassthroughFn reply, std::function<void()> ended);

}  // namespace unigate::gateway
