// Finds what a lost operation made at Razorpay, by our operation id in its notes or its reference.
// Used by the creating operations when the gateway asks what became of them. Where Razorpay can
// filter by our reference, `filter` does; else the list is read page by page around the time of the
// operation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "listing.hpp"

namespace razorpay {

// The state of one look-up. `found` says what an object with our operation id means.
struct Lookup {
  std::string path;  // "/v1/plans"
  std::string label;
  std::string operationId;
  sdk::FormEncoder filter;  // what holds for every page
  std::optional<std::int64_t> createdUnixS;
  bool hasRange = true;  // whether the list takes from and to
  std::int64_t seen = 0;
  sdk::Step (*found)(json::View object, const Context& context) = nullptr;
};

// What was found is what `Read` makes of it.
template <auto Read>
sdk::Step foundAs(json::View object, const Context& context) {
  return Read(object, context);
}

// The first page. Without an operation id there is nothing to look for, and the outcome stays
// unknown.
sdk::Step startLookup(Lookup& lookup, const sdk::Call& call);

// Reads a page: ends when the object is there or certainly is not, else asks for the next page.
sdk::Step nextLookup(Lookup& lookup, const sdk::HttpResponse& response, const sdk::Call& call);

// The object of a page with our operation id; an empty view where there is none.
json::View findOurs(json::View items, std::string_view operationId);

}  // namespace razorpay
