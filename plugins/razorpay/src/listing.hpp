// Razorpay's lists: the query of a page, and reading one. Razorpay pages by `count` and `skip`, so
// our cursor is the number of objects that came before. Used by all list operations.
#pragma once

#include <algorithm>
#include <charconv>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "reading.hpp"

namespace razorpay {

inline constexpr std::int64_t kPageMax = 100;

// The number in a cursor; empty for one that is none of ours.
inline std::optional<std::int64_t> skipOf(const std::optional<std::string>& cursor) {
  if (!cursor) return 0;
  std::int64_t skip = 0;
  const char* end = cursor->data() + cursor->size();
  const auto [stop, problem] = std::from_chars(cursor->data(), end, skip);
  if (problem != std::errc() || stop != end || skip < 0) return std::nullopt;
  return skip;
}

inline sdk::Error badCursor() {
  return sdk::Error::invalidRequest("starting_after",
                                    "'starting_after' must be the next_cursor of the page before");
}

// count, skip and, for lists that know it, the range of created_at. Razorpay's `to` is inclusive;
// it takes times from the year 2000 on, and nothing at Razorpay is older.
inline sdk::Result<sdk::FormEncoder> listQuery(const sdk::ListQuery& in, bool hasRange = true) {
  const auto skip = skipOf(in.startingAfter);
  if (!skip) return badCursor();
  constexpr std::int64_t kTimeMin = 946'684'800;
  constexpr std::int64_t kTimeMax = 4'765'046'400;
  sdk::FormEncoder query;
  if (hasRange) {
    if (in.createdGte) query.add("from", std::clamp(*in.createdGte, kTimeMin, kTimeMax));
    if (in.createdLt) query.add("to", std::clamp(*in.createdLt - 1, kTimeMin, kTimeMax));
  }
  query.add("count", in.limit);
  if (*skip > 0) query.add("skip", *skip);
  return query;
}

// The objects of a collection. Payment links come under a name of their own.
inline json::View itemsOf(const json::Document& document) {
  const json::View items = document["items"];
  return items.isArray() ? items : document["payment_links"];
}

// One page of what `read` makes of each object. One that can't be understood spoils the page: a
// list with a hole would look complete. `keep` leaves out what a filter that Razorpay does not
// know excludes.
template <typename T, typename Read>
sdk::Result<sdk::Page<T>> readPage(const sdk::HttpResponse& response, const sdk::ListQuery& in,
                                   Read read, const std::function<bool(const T&)>& keep = nullptr) {
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  const json::View items = itemsOf(document);
  if (!items.isArray()) return sdk::Error::badResponse("Razorpay's answer is no list");
  sdk::Page<T> page;
  for (const json::View object : items.items()) {
    sdk::Result<T> item = read(object);
    if (!item) return std::move(item).error();
    if (!keep || keep(*item)) page.data.push_back(std::move(*item));
  }
  const auto count = static_cast<std::int64_t>(items.size());
  page.hasMore = document["has_more"].boolean().value_or(count >= in.limit) && count > 0;
  if (page.hasMore) page.nextCursor = std::to_string(*skipOf(in.startingAfter) + count);
  return page;
}

// The range of created_at, for lists where Razorpay doesn't take one.
template <typename T>
std::function<bool(const T&)> inRange(const sdk::ListQuery& in) {
  return [gte = in.createdGte, lt = in.createdLt](const T& item) {
    return (!gte || item.createdUnixS >= *gte) && (!lt || item.createdUnixS < *lt);
  };
}

}  // namespace razorpay
