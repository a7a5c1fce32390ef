// What somebody looks for: the grammar of GET /v1/search?q=, and whether a document is it. Pure;
// search.cpp asks the store and the providers with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace unigate::rest {

struct SearchQuery {
  // Words and quoted texts without a field: an id, a reference, an e-mail address, a phone number,
  // or part of a name.
  std::vector<std::string> texts;
  // Texts with a field: id, provider_id, reference, email, phone, name, description.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string type;
  std::string status;
  std::string provider;
  std::string currency;  // upper case
  std::string customer;
  std::string parent;       // id of a payment, subscription, plan or product
  std::string parentField;  // which of them
  std::optional<std::int64_t> amountMin;
  std::optional<std::int64_t> amountMax;
  std::int64_t createdGte = 0;  // unix milliseconds; 0: no bound
  std::int64_t createdLt = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
};

// A 400 on `q` that names the bad term and the remedy.
base::Result<SearchQuery> parseSearchQuery(std::string_view text);

// Whether the texts of the query stand where they belong in this document; its other terms are
// conditions of the store.
bool matchesTexts(const SearchQuery& query, json::View document);

// How a text stands inside a JSON document, without its quotes.
std::string asInJson(const std::string& text);

}  // namespace unigate::rest
