#include "rest/lists.hpp"

#include <algorithm>
#include <charconv>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/limits.hpp"

namespace unigate::rest {

namespace {

base::Result<std::int64_t> timeOf(const Call& call, std::string_view name) {
  const auto text = call.queryValue(name);
  if (!text) return 0;
  const auto ms = base::fromRfc3339(*text);
  if (!ms || *ms < 0) {
    return base::fail(
        400, "invalid_request",
        std::string(name) + " must be a time in RFC 3339 form, such as 2026-11-01T00:00:00Z.",
        std::string(name));
  }
  return *ms;
}

}  // namespace

std::vector<std::string_view> listQueryNames(std::initializer_list<std::string_view> more) {
  std::vector<std::string_view> names{"limit",        "starting_after", "status",   "provider",
                                      "created[gte]", "created[lt]",    "metadata["};
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

base::Result<PageRequest> pageRequest(const Call& call, std::string_view idPrefix) {
  PageRequest page;
  if (const auto text = call.queryValue("limit")) {
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
    if (error != std::errc() || end != text->data() + text->size() || limit < 1 ||
        limit > base::limits::kListLimitMax) {
      return base::fail(400, "invalid_request", "limit must be a whole number from 1 to 100.",
                        "limit");
    }
    page.limit = limit;
  }
  if (const auto cursor = call.queryValue("starting_after")) {
    if (idPrefix != kProviderCursor && !base::isId(idPrefix, *cursor)) {
      return base::fail(400, "invalid_request",
                        "starting_after must be the next_cursor of the page before (" +
                            std::string(idPrefix) + "...).",
                        "starting_after");
    }
    page.startingAfter = *cursor;
  }
  return page;
}

base::Result<CreatedRange> createdRange(const Call& call) {
  const auto gte = timeOf(call, "created[gte]");
  if (!gte) return base::fail(gte.error());
  const auto lt = timeOf(call, "created[lt]");
  if (!lt) return base::fail(lt.error());
  // 0 stands for no bound; nothing was made in the epoch's first millisecond.
  return CreatedRange{*gte, call.queryValue("created[lt]") ? std::max<std::int64_t>(*lt, 1) : 0};
}

std::string listBody(const std::vector<std::string>& documents, bool hasMore,
                     std::string_view nextCursor) {
  json::Writer out;
  out.beginObject().member("object", "list").key("data").beginArray();
  for (const std::string& document : documents) out.rawJson(document);
  out.endArray().member("has_more", hasMore).key("next_cursor");
  if (hasMore) {
    out.value(nextCursor);
  } else {
    out.null();
  }
  out.endObject();
  return out.take();
}

void sendResourceList(const Call::Ptr& call, const std::string& kind, std::string_view idPrefix,
                      const std::vector<std::string_view>& allowed, std::string_view unasked) {
  const auto page = pageRequest(*call, idPrefix);
  if (!page) return call->fail(page.error());
  const auto created = createdRange(*call);
  if (!created) return call->fail(created.error());
  store::ResourceFilter filter;
  filter.kind = kind;
  filter.status = unasked;
  filter.limit = page->limit;
  filter.startingAfter = page->startingAfter;
  filter.createdGte = created->gte;
  filter.createdLt = created->lt;
  if (const auto status = call->queryValue("status")) {
    if (std::find(allowed.begin(), allowed.end(), *status) == allowed.end()) {
      std::string list;
      for (const std::string_view each : allowed)
        list += (list.empty() ? "" : ", ") + std::string(each);
      return call->fail(
          {400, "invalid_request", "status must be one of: " + list + ".", "status", false, 0, {}});
    }
    filter.status = *status;
  }
  filter.provider = call->queryValue("provider").value_or("");
  filter.customer = call->queryValue("customer").value_or("");
  for (const char* parent : {"payment", "subscription", "plan_id", "product"}) {
    if (const auto id = call->queryValue(parent)) filter.parentId = *id;
  }
  filter.reference = call->queryValue("reference").value_or("");
  for (const auto& [name, value] : call->query) {
    if (name.rfind("metadata[", 0) == 0 && name.back() == ']') {
      const std::string key = name.substr(9, name.size() - 10);
      if (key.empty() || key.find_first_of("[]") != std::string::npos) {
        return call->fail({400,
                           "invalid_request",
                           "A metadata filter is written metadata[key]=value.",
                           "metadata",
                           false,
                           0,
                           {}});
      }
      filter.metadata.emplace_back(key, value);
    }
  }
  if (filter.metadata.size() > 5) {
    return call->fail(
        {400, "invalid_request", "At most 5 metadata filters.", "metadata", false, 0, {}});
  }
  auto rows =
      call->gateway.reader().listResources(call->tenant.orgId, call->tenant.environment, filter);
  if (!rows) return call->fail(rows.error());
  std::vector<std::string> documents;
  documents.reserve(rows->rows.size());
  for (store::ResourceRecord& row : rows->rows) documents.push_back(std::move(row.document));
  call->send(200,
             listBody(documents, rows->hasMore, rows->rows.empty() ? "" : rows->rows.back().id));
}

}  // namespace unigate::rest
