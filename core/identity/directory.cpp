#include <algorithm>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "identity/api_keys.hpp"
#include "identity/permissions.hpp"
#include "store/api_keys.hpp"
#include "vault/crypto.hpp"

namespace unigate::identity {

namespace {

constexpr std::size_t kNameCharsMax = 200;
constexpr std::size_t kScopesMax = 100;
constexpr std::int64_t kRatePerMinuteMax = 10'000'000;
constexpr std::int64_t kOverlapMsMax = 30LL * 24 * 3600 * 1000;

bool isScope(std::string_view scope) {
  if (scope == "*") return true;
  const auto colon = scope.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto resource = scope.substr(0, colon);
  const auto access = scope.substr(colon + 1);
  return (access == "read" || access == "write") &&
         resource.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-") == std::string_view::npos;
}

// The texts were checked, so none needs escaping.
std::string toJson(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const auto& text : texts) {
    if (list.size() > 1) list += ",";
    list += "\"" + text + "\"";
  }
  return list + "]";
}

}  // namespace

base::Status checkName(std::string_view name) {
  const bool fits = base::isUtf8(name) && base::countCharacters(name) >= 1 &&
                    base::countCharacters(name) <= kNameCharsMax;
  const bool printable = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (fits && printable) return {};
  return base::fail(400, "invalid_name",
                    "name must be 1 to 200 characters without control characters", "name");
}

base::Status checkScopes(const std::vector<std::string>& scopes) {
  if (scopes.empty() || scopes.size() > kScopesMax) {
    return base::fail(400, "invalid_scopes", "give 1 to 100 scopes, or \"*\" for all", "scopes");
  }
  for (const auto& scope : scopes) {
    if (!isScope(scope)) {
      return base::fail(400, "invalid_scopes",
                        "\"" + base::printable(scope) +
                            "\" is no scope; write \"*\", \"payments:read\" or \"payments:write\"",
                        "scopes");
    }
  }
  return {};
}

base::Status checkGrant(const Principal& by, const std::vector<std::string>& scopes) {
  const auto role = by.isUser() ? roleFromText(by.role) : std::nullopt;
  const auto mayGrant = [&](const std::string& scope) {
    if (scope == "*") {
      const bool all = std::find(by.scopes.begin(), by.scopes.end(), "*") != by.scopes.end();
      return by.isUser() ? role && *role >= Role::admin : all;
    }
    const auto colon = scope.find(':');
    const auto resource = std::string_view(scope).substr(0, colon);
    const auto access = std::string_view(scope).substr(colon + 1);
    if (!by.isUser()) return by.allows(resource, access);
    const auto table = permissions();
    const bool management = std::any_of(table.begin(), table.end(), [&](const Permission& each) {
      return each.resource == resource;
    });
    return role &&
           (management ? roleAllows(*role, resource, access) : roleAllows(*role, "keys", "write"));
  };
  for (const auto& scope : scopes) {
    if (mayGrant(scope)) continue;
    return base::fail(403, "scope_not_yours",
                      "You may not give a key the scope \"" + base::printable(scope) +
                          "\", for you don't have it yourself.",
                      "scopes");
  }
  return {};
}

Directory::Directory(store::Store& store, const vault::Vault& vault, const base::Clock& clock,
                     base::Random& random)
    : store_(store), clock_(clock), random_(random), pepper_(vault.deriveKey("api-key-pepper")) {}

base::Result<store::Organisation> Directory::createOrganisation(std::string_view name) {
  if (auto checked = checkName(name); !checked) return base::fail(checked.error());
  store::Organisation organisation{base::makeId("org_", clock_, random_), std::string(name),
                                   clock_.unixMs()};
  if (auto created = store_.createOrganisation(organisation); !created) {
    return base::fail(created.error());
  }
  return organisation;
}

base::Result<CreatedKey> Directory::createKey(const NewKey& key) {
  if (auto checked = checkScopes(key.scopes); !checked) return base::fail(checked.error());
  if (!key.name.empty()) {
    if (auto checked = checkName(key.name); !checked) return base::fail(checked.error());
  }
  if (key.expiresAt != 0 && key.expiresAt <= clock_.unixMs()) {
    return base::fail(400, "invalid_expiry", "expires_at lies in the past", "expires_at");
  }
  if (key.ratePerMinute < 0 || key.ratePerMinute > kRatePerMinuteMax) {
    return base::fail(400, "invalid_rate",
                      "rate_per_minute must be 1 to 10000000, or 0 for the default",
                      "rate_per_minute");
  }
  if (auto list = AllowList::parse(key.allowList); !list) return base::fail(list.error());
  auto reader = store_.openReader();
  if (!reader) return base::fail(reader.error());
  const auto organisation = (*reader)->organisationById(key.orgId);
  if (!organisation) return base::fail(organisation.error());
  if (!*organisation) {
    return base::fail(404, "not_found",
                      "there is no such organisation; make one with: unigate org create", "org");
  }
  CreatedKey created{base::makeId("key_", clock_, random_),
                     makeApiKeyText(key.environment, random_)};
  store::ApiKeyRow record;
  record.id = created.id;
  record.orgId = key.orgId;
  record.environment = toText(key.environment);
  record.name = key.name;
  record.hash = hashOf(created.text.reveal());
  record.last4 = created.text.last4();
  record.scopes = toJson(key.scopes);
  record.expiresAt = key.expiresAt;
  record.ratePerMinute = key.ratePerMinute;
  record.createdAt = clock_.unixMs();
  record.allowList = toJson(key.allowList);
  record.createdBy = key.createdBy;
  if (auto stored = store::createApiKey(store_, record); !stored) return base::fail(stored.error());
  invalidateCaches();  // somebody may have tried it a moment before it was there
  return created;
}

base::Status Directory::revokeKey(const std::string& orgId, const std::string& keyId,
                                  const std::string& actor) {
  auto revoked = store::revokeApiKey(store_, orgId, keyId, clock_.unixMs(), actor);
  if (revoked) invalidateCaches();
  return revoked;
}

base::Result<RotatedKey> Directory::rotateKey(const std::string& orgId, const std::string& keyId,
                                              std::int64_t overlapMs, const std::string& actor) {
  if (overlapMs < 0 || overlapMs > kOverlapMsMax) {
    return base::fail(400, "invalid_overlap", "overlap_seconds must be 0 to 2592000 (30 days).",
                      "overlap_seconds");
  }
  auto known = keys(orgId);
  if (!known) return base::fail(known.error());
  const auto found = std::find_if(known->begin(), known->end(),
                                  [&](const auto& each) { return each.id == keyId; });
  if (found == known->end())
    return base::fail(404, "not_found", "There is no API key with this id.", "id");
  const auto environment = environmentFromText(found->environment);
  if (!environment) return base::fail(500, "internal_error", "the key's row is damaged");
  const auto nowMs = clock_.unixMs();
  RotatedKey rotated{{base::makeId("key_", clock_, random_), makeApiKeyText(*environment, random_)},
                     0};
  store::ApiKeyRow next = *found;
  next.id = rotated.key.id;
  next.hash = hashOf(rotated.key.text.reveal());
  next.last4 = rotated.key.text.last4();
  next.createdAt = nowMs;
  next.lastUsedAt = 0;
  next.replacedBy.clear();
  next.createdBy = actor;
  store::ApiKeyRow old;
  if (auto done = store::rotateApiKey(store_, next, keyId, nowMs + overlapMs, nowMs, old); !done)
    return base::fail(done.error());
  invalidateCaches();
  rotated.oldExpiresAt = old.expiresAt;
  return rotated;
}

base::Result<std::vector<store::ApiKeyRow>> Directory::keys(const std::string& orgId) {
  auto reader = store_.openReader();
  if (!reader) return base::fail(reader.error());
  return store::apiKeyRows(**reader, orgId);
}

std::string Directory::hashOf(std::string_view keyText) const {
  return base::toHex(vault::hmacSha256(pepper_.reveal(), keyText));
}

}  // namespace unigate::identity
