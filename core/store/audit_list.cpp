#include "store/audit_list.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/limits.hpp"
#include "store/columns.hpp"

namespace unigate::store {

namespace {

// Behind every row there can be.
constexpr std::int64_t kEndOfTime = 9'000'000'000'000'000;

std::optional<std::pair<std::int64_t, std::int64_t>> placeOf(const std::string& id) {
  constexpr std::string_view kPrefix = "aud_";
  if (id.rfind(kPrefix, 0) != 0) return std::nullopt;
  const char* const end = id.data() + id.size();
  std::pair<std::int64_t, std::int64_t> place;
  const auto [middle, chainError] = std::from_chars(id.data() + kPrefix.size(), end, place.first);
  if (chainError != std::errc() || middle == end || *middle != '_') return std::nullopt;
  const auto [last, seqError] = std::from_chars(middle + 1, end, place.second);
  if (seqError != std::errc() || last != end) return std::nullopt;
  return place;
}

}  // namespace

std::string auditRowId(const AuditRow& row) {
  return "aud_" + std::to_string(row.chain) + "_" + std::to_string(row.seq);
}

base::Result<Page<AuditRow>> listAudit(ReadSession& reader, const std::string& orgId,
                                       const AuditFilter& filter) {
  const auto badCursor = [] {
    return base::fail(400, "invalid_request",
                      "starting_after must be the next_cursor of the page before (aud_...).",
                      "starting_after");
  };
  std::int64_t at = kEndOfTime;
  std::pair<std::int64_t, std::int64_t> place{0, 0};
  if (!filter.startingAfter.empty()) {
    const auto given = placeOf(filter.startingAfter);
    if (!given) return badCursor();
    place = *given;
  }
  const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, base::limits::kListLimitMax);
  bool cursorKnown = true;
  Page<AuditRow> page;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    page = {};
    if (!filter.startingAfter.empty()) {
      Statement select(session,
                       "SELECT at FROM audit_log WHERE chain = :chain AND seq = :seq"
                       " AND org_id = :org_id");
      select.out(at).in("chain", place.first).in("seq", place.second).in("org_id", orgId).ready();
      cursorKnown = select.one([] {});
      if (!cursorKnown) return;
    }
    AuditRow row;
    std::string columns;
    visitColumns(row, [&](const char* name, auto&) {
      columns += (columns.empty() ? "" : ", ") + std::string(name);
    });
    std::int64_t rows = static_cast<std::int64_t>(limit) + 1;
    Statement select(session, "SELECT " + columns +
                                  " FROM audit_log WHERE org_id = :org_id"
                                  " AND (at < :at OR (at = :at2 AND (chain < :chain"
                                  " OR (chain = :chain2 AND seq < :seq))))"
                                  " AND (:action = '' OR action = :action2)"
                                  " AND (:subject = '' OR subject = :subject2)"
                                  " ORDER BY at DESC, chain DESC, seq DESC LIMIT :limit_rows");
    visitColumns(row, [&](const char*, auto& field) { select.out(field); });
    select.in("org_id", orgId).in("at", at).in("at2", at);
    select.in("chain", place.first).in("chain2", place.first).in("seq", place.second);
    select.in("action", filter.action).in("action2", filter.action);
    select.in("subject", filter.subject).in("subject2", filter.subject);
    select.in("limit_rows", rows).ready();
    select.forEach([&] { page.rows.push_back(row); });
  });
  if (!status) return base::fail(status.error());
  if (!cursorKnown) return badCursor();
  page.hasMore = page.rows.size() > limit;
  if (page.hasMore) page.rows.pop_back();
  return page;
}

}  // namespace unigate::store
