// /api/keys: the organisation's API keys.
#include <algorithm>
#include <array>

#include "base/clock.hpp"
#include "rest/access.hpp"
#include "rest/fields.hpp"
#include "rest/lists.hpp"
#include "rest/management.hpp"
#include "rest/operations.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;

constexpr std::size_t kNameCharsMax = 200;
constexpr std::size_t kScopesMax = 100;
constexpr std::size_t kScopeCharsMax = 100;
constexpr std::int64_t kRatePerMinuteMax = 10'000'000;
constexpr std::int64_t kOverlapSecondsMax = 30LL * 24 * 3600;
constexpr std::int64_t kOverlapSecondsDefault = 3'600;
constexpr std::array<std::string_view, 2> kEnvironments = {"test", "live"};

std::optional<std::string> timeOrNull(std::int64_t at) {
  return at > 0 ? std::optional<std::string>(base::toRfc3339(at)) : std::nullopt;
}

std::optional<std::string> orNull(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

const char* stateOf(const store::ApiKeyRow& row, std::int64_t nowMs) {
  if (row.revokedAt > 0) return "revoked";
  if (row.expiresAt > 0 && row.expiresAt <= nowMs) return "expired";
  return row.replacedBy.empty() ? "active" : "replaced";
}

// `text` is the key itself, shown when it is made; empty: not shown.
std::string documentOf(const store::ApiKeyRow& row, std::int64_t nowMs, std::string_view text) {
  json::Writer out;
  out.beginObject()
      .member("object", "api_key")
      .member("id", row.id)
      .member("name", orNull(row.name))
      .member("environment", row.environment)
      .member("last4", row.last4)
      .member("state", stateOf(row, nowMs))
      .key("scopes")
      .rawJson(row.scopes)
      .key("allow_list")
      .rawJson(row.allowList)
      .member("rate_per_minute", row.ratePerMinute > 0 ? std::optional(row.ratePerMinute)
                                                       : std::optional<std::int64_t>())
      .member("expires_at", timeOrNull(row.expiresAt))
      .member("revoked_at", timeOrNull(row.revokedAt))
      .member("last_used_at", timeOrNull(row.lastUsedAt))
      .member("replaced_by", orNull(row.replacedBy))
      .member("created_by", orNull(row.createdBy))
      .member("created_at", base::toRfc3339(row.createdAt));
  if (!text.empty()) out.member("api_key", text);
  out.endObject();
  return out.take();
}

base::Problem unknownKey() {
  return {404, "not_found", "There is no API key with this id.", "id", false, 0, {}};
}

// A key sees and changes the keys of its own environment, a user those of both.
bool reaches(const Call& call, const store::ApiKeyRow& row) {
  return call.principal->isUser() || row.environment == call.tenant.environment;
}

base::Result<store::ApiKeyRow> findKey(const ManagementCall& management, const std::string& id) {
  const auto rows = store::apiKeyRows(management.reader, management.orgId());
  if (!rows) return base::fail(rows.error());
  const auto found =
      std::find_if(rows->begin(), rows->end(), [&](const auto& each) { return each.id == id; });
  if (found == rows->end() || !reaches(management.call, *found)) return base::fail(unknownKey());
  return *found;
}

std::vector<std::string> textsOf(const std::string& list) {
  json::Document document;
  json::ReadError error;
  std::vector<std::string> texts;
  if (!document.parse(list, error)) return texts;
  for (const auto item : document.root().items()) texts.emplace_back(item.stringOr(""));
  return texts;
}

base::Result<ManagementReply> listKeys(const ManagementCall& management) {
  const Call& call = management.call;
  const auto page = pageRequest(call, "key_");
  if (!page) return base::fail(page.error());
  const auto wanted = call.queryValue("environment");
  if (wanted && *wanted != "test" && *wanted != "live")
    return base::fail(400, "invalid_request", "environment must be test or live.", "environment");
  const auto rows = store::apiKeyRows(management.reader, management.orgId());
  if (!rows) return base::fail(rows.error());
  // The newest first; there are few.
  std::vector<store::ApiKeyRow> shown;
  for (const auto& row : *rows) {
    const bool after = page->startingAfter.empty() || row.id < page->startingAfter;
    if (after && reaches(call, row) && (!wanted || row.environment == *wanted))
      shown.push_back(row);
  }
  std::sort(shown.begin(), shown.end(),
            [](const auto& left, const auto& right) { return left.id > right.id; });
  const bool more = shown.size() > page->limit;
  if (more) shown.resize(page->limit);
  std::vector<std::string> documents;
  for (const auto& row : shown)
    documents.push_back(documentOf(row, management.shared.clock.unixMs(), ""));
  return ManagementReply{200, listBody(documents, more, shown.empty() ? "" : shown.back().id)};
}

base::Result<ManagementReply> shownOnce(const ManagementCall& management,
                                        const identity::CreatedKey& key, int status) {
  const auto row = findKey(management, key.id);
  if (!row) return base::fail(row.error());
  return ManagementReply{status,
                         documentOf(*row, management.shared.clock.unixMs(), key.text.reveal())};
}

base::Result<ManagementReply> createKey(const ManagementCall& management) {
  const Call& call = management.call;
  const identity::Principal& by = *call.principal;
  FieldReader fields(call.body.root(), call.request.body);
  identity::NewKey key;
  key.orgId = management.orgId();
  key.createdBy = by.actor();
  key.name = fields.text("name", Need::optional, kNameCharsMax).value_or("");
  const auto environment = fields.oneOf("environment", Need::optional, kEnvironments);
  key.environment = *identity::environmentFromText(environment.value_or(call.tenant.environment));
  if (!by.isUser() && key.environment != by.environment)
    fields.fault("environment", "A key makes keys of its own environment alone.");
  key.scopes = fields.texts("scopes", Need::required, kScopesMax, kScopeCharsMax);
  key.allowList =
      fields.texts("allow_list", Need::optional, identity::AllowList::kEntriesMax, kScopeCharsMax);
  key.ratePerMinute =
      fields.number("rate_per_minute", Need::optional, 1, kRatePerMinuteMax).value_or(0);
  key.expiresAt = fields.time("expires_at", Need::optional).value_or(0) * 1000;
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  if (auto status = identity::checkScopes(key.scopes); !status) return base::fail(status.error());
  if (auto status = identity::checkGrant(by, key.scopes); !status)
    return base::fail(status.error());
  const auto created = management.shared.directory.createKey(key);
  if (!created) return base::fail(created.error());
  return shownOnce(management, *created, 201);
}

base::Result<ManagementReply> revokeKey(const ManagementCall& management) {
  const auto row = findKey(management, management.param(0));
  if (!row) return base::fail(row.error());
  if (auto status = management.shared.directory.revokeKey(management.orgId(), row->id,
                                                          management.call.principal->actor());
      !status) {
    return base::fail(status.error());
  }
  return ManagementReply{204, {}};
}

base::Result<ManagementReply> rotateKey(const ManagementCall& management) {
  const Call& call = management.call;
  FieldReader fields(bodyOrEmpty(call), call.hasBody ? call.request.body : "{}");
  const auto overlap = fields.number("overlap_seconds", Need::optional, 0, kOverlapSecondsMax)
                           .value_or(kOverlapSecondsDefault);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto row = findKey(management, management.param(0));
  if (!row) return base::fail(row.error());
  // Who rotates sees the new key, so he must be allowed to grant what it may do.
  if (auto status = identity::checkGrant(*call.principal, textsOf(row->scopes)); !status)
    return base::fail(status.error());
  const auto rotated = management.shared.directory.rotateKey(
      management.orgId(), row->id, overlap * 1000, call.principal->actor());
  if (!rotated) return base::fail(rotated.error());
  return shownOnce(management, rotated->key, 201);
}

}  // namespace

void addKeyRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back(managed("GET", "/api/keys", "keys", "read", Body::none,
                           {"limit", "starting_after", "environment"}, listKeys));
  routes.push_back(managed("POST", "/api/keys", "keys", "write", Body::required, {}, createKey));
  routes.push_back(managed("DELETE", "/api/keys/{id}", "keys", "write", Body::none, {}, revokeKey));
  routes.push_back(
      managed("PUT", "/api/keys/{id}/rotate", "keys", "write", Body::optional, {}, rotateKey));
}

}  // namespace unigate::rest
