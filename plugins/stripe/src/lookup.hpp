// Finds what a lost operation made at Stripe, by our operation id in its metadata. Used by the
// creating operations when the gateway asks what became of them. Lists are read, not the search,
// which Stripe updates with a delay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire.hpp"

namespace stripe {

// The state of one look-up. `found` says what an object with our operation id means.
struct Lookup {
  std::string path;    // "/v1/payment_intents"
  std::string filter;  // encoded query that stays the same on each page; may be empty
  std::string label;
  std::string operationId;
  bool confirm = false;  // the operation was to pay at once
  sdk::Step (*found)(json::View object, const Lookup& lookup) = nullptr;
};

// The first page. `createdUnixS`: nothing of the operation is older; a margin is taken off for
// clocks that differ.
sdk::Step startLookup(Lookup& lookup, sdk::FormEncoder filter,
                      const std::optional<std::int64_t>& createdUnixS);

// Reads a page: ends when the object is there or certainly is not, else asks for the next page.
sdk::Step nextLookup(Lookup& lookup, const sdk::HttpResponse& response, const sdk::Call& call);

}  // namespace stripe
