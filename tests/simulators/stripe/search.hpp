// Search queries, for the resources that have a search API.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/ledger.hpp"

namespace simulators::stripe {

struct SearchClause {
  std::string field;
  std::string metadataKey;
  std::string value;
  bool negated = false;
};

struct SearchQuery {
  std::vector<SearchClause> clauses;
  bool any = false;  // OR instead of AND
};

// Throws ApiError if the text is malformed.
SearchQuery parseQuery(std::string_view text);

// The text of a field, or nothing if the object has no such field to search by.
using FieldText = std::function<std::optional<std::string>(std::string_view field)>;
bool queryMatches(const SearchQuery& query, const Metadata& metadata, const FieldText& valueOf);

}  // namespace simulators::stripe
