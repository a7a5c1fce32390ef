#include "lookup.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "errors.hpp"

namespace stripe {

namespace {

// How far clocks may be apart where nothing tells. Where Stripe's answer told its time, what is
// left is how inexact that is, and how much our own clock may have been set since the operation.
constexpr std::int64_t kClockMarginS = 600;
constexpr std::int64_t kToldEarlierS = 60;
constexpr std::int64_t kToldLaterS = 10;

// Seconds from when the operation was accepted, without a gap, from far too early on. What comes
// after them is the last slice, what lies before them the last but one.
constexpr std::array<std::int64_t, 7> kBounds = {-11, -1, 4, 9, 19, 34, 64};
constexpr std::size_t kAccepted = 1;  // the likeliest slice begins at this bound

// As long as it may still appear, no more than this is read, for it will be asked for again.
constexpr std::uint32_t kEarlyPagesMax = 15;
constexpr std::int64_t kLeftMsMax = 60'000;

// By how much Stripe's clock is ahead of ours.
std::optional<std::int64_t> aheadS(const sdk::HttpResponse& response, const sdk::Call& call) {
  const auto date = timestamp::fromRfc2822(response.header("date").value_or(""));
  if (!date) return std::nullopt;
  return *date - call.nowUnixMs / 1000;
}

// The part of `slice` that lies in `whole`; nothing where there is none.
void addPart(std::vector<Slice>& slices, Slice slice, const Slice& whole) {
  slice.from = std::max(slice.from, whole.from);
  if (whole.to) slice.to = std::min(slice.to.value_or(*whole.to), *whole.to);
  if (!slice.to || slice.from < *slice.to) slices.push_back(slice);
}

// All the time in which the operation may have made something, the likeliest part first.
std::vector<Slice> slicesOf(const Lookup& lookup, std::optional<std::int64_t> ahead,
                            const sdk::Call& call) {
  const std::int64_t created = *lookup.createdUnixS + ahead.value_or(0);
  Slice whole;
  whole.from = std::max<std::int64_t>(0, created - (ahead ? kToldEarlierS : kClockMarginS));
  if (call.sentUntilUnixS) {
    whole.to = *call.sentUntilUnixS + ahead.value_or(0) + (ahead ? kToldLaterS : kClockMarginS);
  }
  std::vector<Slice> slices;
  for (std::size_t i = kAccepted; i + 1 < kBounds.size(); ++i)
    addPart(slices, {created + kBounds[i], created + kBounds[i + 1]}, whole);
  addPart(slices, {created + kBounds.front(), created + kBounds[kAccepted]}, whole);
  // Later attempts begin with another slice, should the first hold more than one call may read.
  if (!slices.empty()) {
    const std::size_t first = call.attempt / 4 % slices.size();
    std::rotate(slices.begin(), slices.begin() + static_cast<std::ptrdiff_t>(first), slices.end());
  }
  addPart(slices, {whole.from, created + kBounds.front()}, whole);
  addPart(slices, {created + kBounds.back(), std::nullopt}, whole);
  return slices;
}

sdk::HttpRequest page(const Lookup& lookup, std::string_view startingAfter) {
  sdk::FormEncoder query = lookup.filter;
  query.add("limit", 100);
  if (lookup.sliced) {
    const Slice& slice = lookup.slices.front();
    query.addNested({"created", "gte"}, std::to_string(slice.from));
    if (slice.to) query.addNested({"created", "lt"}, std::to_string(*slice.to));
  } else if (lookup.createdUnixS) {
    query.addNested({"created", "gte"}, std::to_string(std::max<std::int64_t>(
                                            0, *lookup.createdUnixS - kClockMarginS)));
  }
  if (!startingAfter.empty()) query.add("starting_after", startingAfter);
  return get(lookup.path, query.take(), lookup.label);
}

sdk::Error notThere() {
  return sdk::Error::neverHappened("Stripe has nothing of this operation");
}

// The end of a page that did not hold the object: where to look next.
sdk::Step lookFurther(Lookup& lookup, const sdk::HttpResponse& response, bool hasMore,
                      const std::string& last, const sdk::Call& call) {
  ++lookup.pages;
  if (!lookup.sliced && !hasMore) return notThere();
  const std::int64_t leftMs = call.sentUntilUnixS.value_or(0) * 1000 - call.nowUnixMs;
  if (leftMs > 0 && leftMs <= kLeftMsMax && lookup.pages >= kEarlyPagesMax) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "not among Stripe's latest, and may still appear")
        .withRetryAfterMs(static_cast<std::uint32_t>(leftMs));
  }
  if (call.requestsLeft == 0) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "too many objects at Stripe to look through at once");
  }
  if (hasMore && (lookup.sliced || !lookup.createdUnixS)) return page(lookup, last);
  if (lookup.sliced) {
    lookup.slices.erase(lookup.slices.begin());
  } else {
    lookup.slices = slicesOf(lookup, aheadS(response, call), call);
    lookup.sliced = true;
  }
  if (lookup.slices.empty()) return notThere();
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
  return lookFurther(lookup, response, *hasMore, last, call);
}

}  // namespace stripe
