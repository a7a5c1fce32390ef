// Stripe's lists: the query of a page, and reading one. Used by all list operations.
#pragma once

#include <string>
#include <utility>

#include "wire.hpp"

namespace stripe {

// limit, starting_after and the range of created.
inline sdk::FormEncoder listQuery(const sdk::ListQuery& in) {
  sdk::FormEncoder query;
  query.add("limit", in.limit).add("starting_after", in.startingAfter);
  if (in.createdGte) query.addNested({"created", "gte"}, std::to_string(*in.createdGte));
  if (in.createdLt) query.addNested({"created", "lt"}, std::to_string(*in.createdLt));
  return query;
}

// One page of what `read` makes of each object. One that can't be understood spoils the page: a
// list with a hole would look complete. `belongs` leaves out what has no unified form at all.
template <typename T>
sdk::Result<sdk::Page<T>> readPage(const sdk::HttpResponse& response,
                                   sdk::Result<T> (*read)(json::View),
                                   bool (*belongs)(json::View) = nullptr) {
  json::Document document;
  if (auto problem = readAnswer(response, "list", document)) return std::move(*problem);
  const auto hasMore = document["has_more"].boolean();
  if (!document["data"].isArray() || !hasMore) {
    return sdk::Error::badResponse("Stripe's list has no end");
  }
  sdk::Page<T> page;
  std::string last;
  for (const json::View object : document["data"].items()) {
    last = std::string(object["id"].stringOr(""));
    if (belongs != nullptr && !belongs(object)) continue;
    sdk::Result<T> item = read(object);
    if (!item) return std::move(item).error();
    page.data.push_back(std::move(*item));
  }
  page.hasMore = *hasMore && !last.empty();
  if (page.hasMore) page.nextCursor = std::move(last);
  return page;
}

// A unified list that is two lists at Stripe, the second after the first. The cursor of the second
// begins with the prefix of its ids; the prefix alone is its beginning.
struct TwoLists {
  std::string_view secondPrefix;

  bool inSecond(const sdk::ListQuery& in) const {
    return in.startingAfter && std::string_view(*in.startingAfter).starts_with(secondPrefix);
  }
  // The query for the second list: its beginning has no starting_after.
  sdk::ListQuery second(sdk::ListQuery in) const {
    if (in.startingAfter == secondPrefix) in.startingAfter.reset();
    return in;
  }
  // The end of the first list goes on to the second.
  template <typename T>
  void goOn(sdk::Page<T>& page) const {
    if (page.hasMore) return;
    page.hasMore = true;
    page.nextCursor = std::string(secondPrefix);
  }
};

}  // namespace stripe
