#include "lookup.hpp"

#include <algorithm>
#include <utility>

#include "errors.hpp"

namespace stripe {

namespace {

constexpr std::int64_t kClockMarginS = 600;

sdk::HttpRequest page(const Lookup& lookup, std::string_view startingAfter) {
  std::string query = lookup.filter;
  if (!startingAfter.empty()) {
    query.append("&starting_after=").append(sdk::percentEncode(startingAfter));
  }
  return get(lookup.path, std::move(query), lookup.label);
}

}  // namespace

sdk::Step startLookup(Lookup& lookup, sdk::FormEncoder filter,
                      const std::optional<std::int64_t>& createdUnixS) {
  filter.add("limit", 100);
  if (createdUnixS) {
    filter.addNested({"created", "gte"},
                     std::to_string(std::max<std::int64_t>(0, *createdUnixS - kClockMarginS)));
  }
  lookup.filter = filter.take();
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
  if (!*hasMore) return sdk::Error::neverHappened("Stripe has nothing of this operation");
  if (last.empty()) return sdk::Error::badResponse("Stripe's list is empty and goes on");
  if (call.requestsLeft == 0) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "too many newer objects at Stripe to look through");
  }
  return page(lookup, last);
}

}  // namespace stripe
