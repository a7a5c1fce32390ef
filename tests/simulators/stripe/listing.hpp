// Pages of a list, newest first, with Stripe's cursor and range parameters.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "stripe/call.hpp"

namespace simulators::stripe {

inline constexpr std::int64_t kPageSizeMax = 100;
inline constexpr std::int64_t kPageSizeDefault = 10;

inline std::size_t pageSize(const Parameters& params) {
  const auto limit = params.integer("limit").value_or(kPageSizeDefault);
  if (limit < 1 || limit > kPageSizeMax) {
    throw invalidParameter("limit",
                           limit < 1 ? "This value must be greater than or equal to 1."
                                     : "This value must be less than or equal to 100 (it currently "
                                       "is '" +
                                           std::to_string(limit) + "').",
                           "parameter_invalid_integer");
  }
  return static_cast<std::size_t>(limit);
}

// Whether a time lies in the range of the "created" parameter.
inline bool inCreatedRange(const Parameters& params, std::int64_t created) {
  const auto* range = params.node("created");
  if (!range) return true;
  if (range->children.empty()) return readInteger(range->value) == created;
  for (const auto& bound : range->children) {
    const auto limit = readInteger(bound.value).value_or(0);
    if (bound.key == "gt" && created <= limit) return false;
    if (bound.key == "gte" && created < limit) return false;
    if (bound.key == "lt" && created >= limit) return false;
    if (bound.key == "lte" && created > limit) return false;
  }
  return true;
}

// The oldest time that the range lets through; older objects need not be looked at.
inline std::int64_t createdFloor(const Parameters& params) {
  const auto* range = params.node("created");
  if (!range) return 0;
  if (range->children.empty()) return readInteger(range->value).value_or(0);
  std::int64_t floor = 0;
  for (const auto& bound : range->children) {
    if (bound.key.starts_with("gt")) floor = std::max(floor, readInteger(bound.value).value_or(0));
  }
  return floor;
}

// `keep(object)` filters, `write(json, object)` renders, `find(id)` resolves a cursor to a version
// or null.
template <typename T, typename Keep, typename Find, typename Write>
Answer listAnswer(const Call& call, const Table<T>& table, std::string_view kind, Keep keep,
                  Find find, Write write) {
  const auto limit = pageSize(call.params);
  const auto cursor = [&](std::string_view name) {
    const auto found = find(call.params.text(name));
    if (!found) throw resourceMissing(kind, call.params.text(name), std::string(name), false);
    return static_cast<std::size_t>(found->index);
  };
  std::vector<const T*> page;
  const auto matches = [&](const T& object) {
    return inCreatedRange(call.params, object.created) && keep(object);
  };
  bool hasMore = false;
  const auto collect = [&](const T& object) {
    if (!matches(object)) return true;
    hasMore = page.size() == limit;
    if (!hasMore) page.push_back(&object);
    return !hasMore;
  };
  if (call.params.has("ending_before")) {
    for (auto at = cursor("ending_before") + 1; at < table.size(); ++at) {
      if (!collect(*table.at(static_cast<Index>(at)))) break;
    }
    std::reverse(page.begin(), page.end());
  } else {
    const auto floor = createdFloor(call.params);
    auto at = call.params.has("starting_after") ? cursor("starting_after") : table.size();
    while (at-- > 0) {
      const auto& object = *table.at(static_cast<Index>(at));
      if (object.created < floor || !collect(object)) break;
    }
  }
  JsonWriter json;
  json.beginObject();
  json.field("object", "list");
  json.beginArray("data");
  for (const auto* object : page) write(json, *object);
  json.endArray();
  json.field("has_more", hasMore);
  json.field("url", call.path);
  json.endObject();
  Answer answer;
  answer.body = json.text();
  return answer;
}

}  // namespace simulators::stripe
