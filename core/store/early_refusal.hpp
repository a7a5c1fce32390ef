// Writes that may be refused before anything of them is written. Included only by the store.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "store/store.hpp"

namespace unigate::store {

// Like Store::writeNow, but the work throws its Refusal only before it writes. So nothing is to be
// undone, and the others of its batch are not held up by it: refusals can be had by anybody who
// sends nonsense, and payments are in the same batch.
inline base::Status writeUnlessRefused(Store& store,
                                       const std::function<void(WriteConnection&)>& work) {
  std::optional<base::Problem> refused;
  auto status = store.writeNow([&](WriteConnection& connection) {
    refused.reset();
    try {
      work(connection);
    } catch (const Refusal& refusal) {
      refused = refusal.problem;
    }
  });
  if (status && refused) return base::fail(std::move(*refused));
  return status;
}

}  // namespace unigate::store
