// PayPal's lists by page number. Used by all list operations but those on reports and disputes.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "wire.hpp"

namespace paypal {

// page, page_size and total_required. `sizeMax` is the most that the list gives at once.
inline sdk::Result<sdk::FormEncoder> pageQuery(const sdk::ListQuery& in, std::int64_t sizeMax) {
  const auto page = pageOf(in.startingAfter);
  if (!page) return page.error();
  sdk::FormEncoder query;
  query.add("page_size", std::min(in.limit, sizeMax)).add("page", *page);
  query.add("total_required", true);
  return query;
}

// One page of what `read` makes of each object of the array `name`. One that can't be understood
// spoils the page: a list with a hole would look complete.
template <typename T>
sdk::Result<sdk::Page<T>> readPage(const sdk::HttpResponse& response, const sdk::Call& call,
                                   std::string_view name, const sdk::ListQuery& in,
                                   sdk::Result<T> (*read)(json::View, bool)) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  // An empty list may be left out.
  if (document[name].exists() && !document[name].isArray()) {
    return sdk::Error::badResponse("PayPal's list is none");
  }
  const bool isList = document[name].exists() || document["total_items"].exists() ||
                      document["total_pages"].exists() || document["links"].exists();
  if (!isList) return sdk::Error::badResponse("PayPal's answer is no list");
  const auto number = pageOf(in.startingAfter);
  if (!number) return number.error();
  sdk::Page<T> page;
  for (const json::View object : document[name].items()) {
    sdk::Result<T> item = read(object, call.live);
    if (!item) return std::move(item).error();
    // PayPal's lists know no range of time.
    const bool inTime = item->createdUnixS >= in.createdGte.value_or(0) &&
                        (!in.createdLt || item->createdUnixS < *in.createdLt);
    if (inTime) page.data.push_back(std::move(*item));
  }
  page.hasMore = document["total_pages"].exists() ? document["total_pages"].int64Or(0) > *number
                                                  : linkOf(document.root(), {"next"}).has_value();
  if (page.hasMore) page.nextCursor = std::to_string(*number + 1);
  return page;
}

// Reads an answer that must be one object of that kind, with `id` that very one.
template <typename T>
sdk::Result<T> readOne(const sdk::HttpResponse& response, const sdk::Call& call,
                       std::string_view id, sdk::Result<T> (*read)(json::View, bool)) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  sdk::Result<T> item = read(document.root(), call.live);
  if (item && !id.empty() && item->providerId != id) {
    return sdk::Error::badResponse("PayPal answered with another object");
  }
  return item;
}

}  // namespace paypal
