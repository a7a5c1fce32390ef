// Finds what a lost operation made at Stripe, by our operation id in its metadata. Used by the
// creating operations when the gateway asks what became of them. Lists are read, not the search,
// which Stripe updates with a delay. Stripe lists the newest first, so under load the object soon
// lies many pages deep: after the first page the time in which it may have been made is looked
// through in slices, the likeliest first. All slices together are all of that time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wire.hpp"

namespace stripe {

// A part of the time, Unix seconds by Stripe's clock, half open.
struct Slice {
  std::int64_t from = 0;
  std::optional<std::int64_t> to;  // empty: has no end
};

// The state of one look-up. `found` says what an object with our operation id means.
struct Lookup {
  std::string path;  // "/v1/payment_intents"
  std::string label;
  std::string operationId;
  sdk::FormEncoder filter;                   // what holds for every page
  std::optional<std::int64_t> createdUnixS;  // nothing of the operation is older
  bool sliced = false;                       // the first page was not all
  std::vector<Slice> slices;                 // yet to be read, the first of them now
  std::uint32_t pages = 0;                   // that were read
  bool confirm = false;                      // the operation was to pay at once
  sdk::Step (*found)(json::View object, const Lookup& lookup) = nullptr;
};

// What was found is what `Read` makes of it.
template <auto Read>
sdk::Step foundAs(json::View object, const Lookup&) {
  return Read(object);
}

// Where to look for what, and what it means; then startLookup.
inline void lookIn(Lookup& lookup, std::string path, std::string label,
                   const std::string& operationId, sdk::Step (*found)(json::View, const Lookup&)) {
  lookup.path = std::move(path);
  lookup.label = std::move(label);
  lookup.operationId = operationId;
  lookup.found = found;
}

// The first page. `createdUnixS`: nothing of the operation is older; a margin is taken off for
// clocks that differ; not given for lists that can't be filtered by it. Without an operation id
// there is nothing to look for, and the outcome stays unknown.
sdk::Step startLookup(Lookup& lookup, sdk::FormEncoder filter,
                      const std::optional<std::int64_t>& createdUnixS);

// Reads a page: ends when the object is there or certainly is not, else asks for the next page.
sdk::Step nextLookup(Lookup& lookup, const sdk::HttpResponse& response, const sdk::Call& call);

}  // namespace stripe
