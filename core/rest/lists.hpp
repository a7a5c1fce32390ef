// What all lists have in common: limit, cursor, filters, and the page that is answered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rest/call.hpp"
#include "store/records.hpp"

namespace unigate::rest {

// The query names that a list of resources knows.
std::vector<std::string_view> listQueryNames(std::initializer_list<std::string_view> more = {});

// Limit and cursor. `idPrefix` is what a cursor must start with.
struct PageRequest {
  std::size_t limit = 10;
  std::string startingAfter;
};
// A cursor that a provider made: any text.
inline constexpr std::string_view kProviderCursor = "";
base::Result<PageRequest> pageRequest(const Call& call, std::string_view idPrefix);

// `created[gte]` and `created[lt]` in unix milliseconds; 0: not given.
struct CreatedRange {
  std::int64_t gte = 0;
  std::int64_t lt = 0;
};
base::Result<CreatedRange> createdRange(const Call& call);

// Answers with the page of resources that the query asks for. `allowed` are the statuses of the
// kind; `unasked` is the one that is filtered by when the query names none (empty: all).
void sendResourceList(const Call::Ptr& call, const std::string& kind, std::string_view idPrefix,
                      const std::vector<std::string_view>& allowed, std::string_view unasked = {});

// `{"object":"list","data":[...],"has_more":...,"next_cursor":...}` of documents that are JSON
// already.
std::string listBody(const std::vector<std::string>& documents, bool hasMore,
                     std::string_view nextCursor);

}  // namespace unigate::rest
