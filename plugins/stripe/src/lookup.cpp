#include "lookup.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "errors.hpp"

namespace stripe {

namespace {

constexpr std::int64_t kClockMarginS = 600;

// Seconds from when the operation was accepted, half open. The likeliest first.
struct Slice {
  std::int64_t from;
  std::int64_t to;
};
constexpr std::array<Slice, 6> kSlices = {Slice{-1, 4},  Slice{4, 9},   Slice{9, 19},
                                          Slice{19, 34}, Slice{34, 64}, Slice{-11, -1}};

sdk::HttpRequest page(const Lookup& lookup, std::string_view startingAfter) {
  sdk::FormEncoder query = lookup.filter;
  query.add("limit", 100);
  if (lookup.slice) {
    const Slice& slice = kSlices[*lookup.slice];
    query.addNested({"created", "gte"}, std::to_string(*lookup.createdUnixS + slice.from));
    query.addNested({"created", "lt"}, std::to_string(*lookup.createdUnixS + slice.to));
  } else if (lookup.createdUnixS) {
    query.addNested({"created", "gte"}, std::to_string(std::max<std::int64_t>(
                                            0, *lookup.createdUnixS - kClockMarginS)));
  }
  if (!startingAfter.empty()) query.add("starting_after", startingAfter);
  return get(lookup.path, query.take(), lookup.label);
}

// The end of a page that did not hold the object: where to look next.
sdk::Step lookFurther(Lookup& lookup, bool hasMore, const std::string& last,
                      const sdk::Call& call) {
  const bool whole = !lookup.slice;
  if (whole && !hasMore) return sdk::Error::neverHappened("Stripe has nothing of this operation");
  if (call.requestsLeft == 0) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "too many objects at Stripe to look through at once");
  }
  if (!whole && hasMore) return page(lookup, last);
  if (whole && (lookup.slicesRead > 0 || !lookup.createdUnixS)) return page(lookup, last);
  if (whole) lookup.wholeCursor = last;
  if (lookup.slicesRead == kSlices.size()) {
    lookup.slice.reset();
    return page(lookup, lookup.wholeCursor);
  }
  // Later attempts begin with another slice, should the first hold more than one call may read.
  lookup.slice = (lookup.slicesRead + call.attempt / 4) % kSlices.size();
  ++lookup.slicesRead;
  return page(lookup, {});
}

}  // namespace

sdk::Step startLookup(Lookup& lookup, sdk::FormEncoder filter,
                      const std::optional<std::int64_t>& createdUnixS) {
  if (lookup.operationId.empty()) {
    return sdk::Error::unknown(sdk::Category::NotSupported,
                               "the operation carries no id to look for");
  }
  lookup.filter = std::move(filter);
  lookup.createdUnixS = createdUnixS;
  return page(lookup, {});
}

sdk::Step nextLookup(Lookup& lookup, const sdk::HttpResponse& response, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, "list", document)) return std::move(*problem);
  const json::View data = document["data"];
  const auto hasMore = document["has_more"].boolean();
  if (!data.isArray() || !hasMore) return sdk::Error::badResponse("Stripe's list has no end");
  std::string last;
  for (const json::View object : data.items()) {
    if (object["metadata"][kOperationKey].stringOr("") == lookup.operationId) {
      return lookup.found(object, lookup);
    }
    last = std::string(object["id"].stringOr(""));
    if (last.empty()) return sdk::Error::badResponse("Stripe's list holds something without an id");
  }
  if (*hasMore && last.empty())
    return sdk::Error::badResponse("Stripe's list is empty and goes on");
  return lookFurther(lookup, *hasMore, last, call);
}

}  // namespace stripe
