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
// list with a hole would look complete.
template <typename T>
sdk::Result<sdk::Page<T>> readPage(const sdk::HttpResponse& response,
                                   sdk::Result<T> (*read)(json::View)) {
  json::Document document;
  if (auto problem = readAnswer(response, "list", document)) return std::move(*problem);
  const auto hasMore = document["has_more"].boolean();
  if (!document["data"].isArray() || !hasMore) {
    return sdk::Error::badResponse("Stripe's list has no end");
  }
  sdk::Page<T> page;
  for (const json::View object : document["data"].items()) {
    sdk::Result<T> item = read(object);
    if (!item) return std::move(item).error();
    page.data.push_back(std::move(*item));
  }
  page.hasMore = *hasMore && !page.data.empty();
  if (page.hasMore) page.nextCursor = page.data.back().providerId;
  return page;
}

}  // namespace stripe
