#include <algorithm>
#include <functional>
#include <unigate/json.hpp>
#include <unordered_map>

#include "base/text.hpp"
#include "identity/api_keys.hpp"
#include "identity/permissions.hpp"
#include "store/api_keys.hpp"

namespace unigate::identity {

namespace {

// How exact "last used" is: one write a minute for a busy key, not one for each request.
constexpr std::int64_t kTouchEveryMs = 60'000;

auto refuse(std::string code, std::string detail) {
  return base::fail(401, std::move(code), std::move(detail));
}

auto unknownKey() {
  return refuse("invalid_api_key",
                "the API key is not valid; send it as \"Authorization: Bearer unf_...\"");
}

// A JSON array of texts; nothing when it can't be read.
std::optional<std::vector<std::string>> readTexts(const std::string& text) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(text, error) || !document.root().isArray()) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto item : document.root().items()) {
    if (!item.isString()) return std::nullopt;
    texts.emplace_back(item.stringOr(""));
  }
  return texts;
}

// A key that was looked up. The text is kept, not a digest of it, because comparing costs 20 ns and
// digesting 300; like the key-encryption key it is in this process's memory only.
struct Entry {
  vault::SecretString text;
  std::shared_ptr<const Principal> principal;  // shared with requests under way; null: not ours
  base::Problem problem;                       // why not, when principal is null
  std::int64_t goodUntilUs = 0;                // monotonic
};

}  // namespace

bool Principal::allows(std::string_view resource, std::string_view access) const {
  if (isUser()) {
    const auto known = roleFromText(role);
    return known && roleAllows(*known, resource, access);
  }
  for (const std::string_view scope : scopes) {
    if (scope == "*") return true;
    if (scope.size() <= resource.size() || scope[resource.size()] != ':' ||
        scope.substr(0, resource.size()) != resource) {
      continue;
    }
    const auto granted = scope.substr(resource.size() + 1);
    if (granted == access || (access == "read" && granted == "write")) return true;
  }
  return false;
}

struct KeyCache::Impl {
  // By the hash of the key's text. Two texts of one hash push each other out, no more.
  using Entries = std::unordered_map<std::size_t, Entry>;

  Directory& directory;
  store::ReadSession& reader;
  KeyCacheSettings settings;
  std::uint64_t generation = 0;
  std::string changes;          // kApiKeysChanged at the last look
  std::int64_t nextLookUs = 0;  // monotonic
  Entries good;
  Entries bad;

  Impl(Directory& theDirectory, store::ReadSession& theReader, KeyCacheSettings theSettings)
      : directory(theDirectory), reader(theReader), settings(theSettings) {}

  void forget() {
    good.clear();
    bad.clear();
  }

  // Whether another process made, revoked or rotated a key since the last look. While the database
  // can't be asked, rows are believed until they are stale.
  void lookForChanges(std::int64_t nowUs) {
    if (nowUs < nextLookUs) return;
    nextLookUs = nowUs + settings.lookEveryMs * 1000;
    auto found = reader.meta(store::kApiKeysChanged);
    if (!found) return;
    auto value = found->value_or("");
    if (value != changes) forget();
    changes = std::move(value);
  }

  const Entry* find(const Entries& entries, std::size_t hash, std::string_view text,
                    std::int64_t nowUs) const {
    const auto found = entries.find(hash);
    if (found == entries.end() || found->second.goodUntilUs <= nowUs) return nullptr;
    return base::constantTimeEquals(found->second.text.reveal(), text) ? &found->second : nullptr;
  }

  static const Entry& keep(Entries& entries, std::size_t entriesMax, std::size_t hash,
                           Entry entry) {
    if (entries.size() >= entriesMax && entries.find(hash) == entries.end()) entries.clear();
    return entries[hash] = std::move(entry);
  }

  // Why a row must not be used now; an ok status when it may.
  base::Status usable(const store::ApiKeyRow& record, Environment environment) const {
    if (record.environment != toText(environment)) return unknownKey();
    if (record.revokedAt > 0) {
      return refuse("revoked_api_key", "the API key was revoked; use another");
    }
    if (record.expiresAt > 0 && record.expiresAt <= directory.clock().unixMs()) {
      return refuse("expired_api_key", "the API key has expired; make a new one");
    }
    return {};
  }

  std::shared_ptr<const Principal> principalOf(const store::ApiKeyRow& record,
                                               Environment environment) const {
    auto principal = std::make_shared<Principal>();
    principal->orgId = record.orgId;
    principal->keyId = record.id;
    principal->environment = environment;
    // A row that can't be read allows nothing.
    principal->scopes = readTexts(record.scopes).value_or(std::vector<std::string>());
    const auto addresses = readTexts(record.allowList);
    auto list = addresses ? AllowList::parse(*addresses) : AllowList::parse({"invalid"});
    if (list) {
      principal->allowList = std::move(*list);
    } else {
      principal->scopes.clear();
    }
    principal->ratePerMinute =
        record.ratePerMinute > 0 ? record.ratePerMinute : settings.defaultRatePerMinute;
    return principal;
  }

  base::Result<const Entry*> load(std::string_view text, Environment environment,
                                  std::size_t hash) {
    const auto row = store::apiKeyRowByHash(reader, directory.hashOf(text));
    if (!row) return base::fail(row.error());
    const auto& clock = directory.clock();
    Entry entry;
    entry.text = vault::SecretString(text);
    entry.goodUntilUs = clock.monotonicUs() + settings.staleMs * 1000;
    const auto status = *row ? usable(**row, environment) : base::Status(unknownKey());
    if (!status) {
      good.erase(hash);
      entry.problem = status.error();
      return &keep(bad, settings.negativeEntriesMax, hash, std::move(entry));
    }
    const auto nowMs = clock.unixMs();
    if ((*row)->expiresAt > 0) {
      entry.goodUntilUs =
          std::min(entry.goodUntilUs, clock.monotonicUs() + ((*row)->expiresAt - nowMs) * 1000);
    }
    entry.principal = principalOf(**row, environment);
    if (nowMs - (*row)->lastUsedAt >= kTouchEveryMs) {
      directory.store().touchApiKey((*row)->id, nowMs);
    }
    bad.erase(hash);
    return &keep(good, settings.entriesMax, hash, std::move(entry));
  }
};

KeyCache::KeyCache(Directory& directory, store::ReadSession& reader, KeyCacheSettings settings)
    : impl_(std::make_unique<Impl>(directory, reader, settings)) {}

KeyCache::~KeyCache() = default;

base::Result<std::shared_ptr<const Principal>> KeyCache::authenticate(std::string_view keyText) {
  auto& impl = *impl_;
  if (const auto generation = impl.directory.generation(); generation != impl.generation) {
    impl.generation = generation;
    impl.forget();
  }
  const auto hash = std::hash<std::string_view>{}(keyText);
  const auto nowUs = impl.directory.clock().monotonicUs();
  impl.lookForChanges(nowUs);
  const auto* entry = impl.find(impl.good, hash, keyText, nowUs);
  if (entry == nullptr) entry = impl.find(impl.bad, hash, keyText, nowUs);
  if (entry == nullptr) {
    const auto environment = checkApiKeyText(keyText);
    if (!environment) return unknownKey();
    auto loaded = impl.load(keyText, *environment, hash);
    if (!loaded) return base::fail(std::move(loaded.error()));
    entry = *loaded;
  }
  if (!entry->principal) return base::fail(entry->problem);
  return entry->principal;
}

}  // namespace unigate::identity
