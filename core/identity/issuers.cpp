#include "identity/issuers.hpp"

#include <algorithm>
#include <mutex>
#include <unigate/json.hpp>

#include "base/text.hpp"
#include "identity/access_tokens.hpp"

namespace unigate::identity {

namespace {

constexpr std::size_t kSubjectBytesMax = 255;
constexpr std::size_t kEmailBytesMax = 254;
constexpr std::size_t kNameCharsMax = 200;

auto invalidToken() {
  return base::fail(401, "invalid_token", "The access token is not valid, or no longer.");
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

// A claim's texts: its own, or those of a list.
std::vector<std::string> textsOf(json::View claim) {
  std::vector<std::string> texts;
  if (const auto text = claim.string()) texts.emplace_back(*text);
  for (const auto item : claim.items()) {
    if (const auto text = item.string()) texts.emplace_back(*text);
  }
  return texts;
}

// "realm_access.roles" is a claim in a claim, unless there is one of that very name.
json::View claimOf(const json::Document& claims, const std::string& path) {
  if (claims[path].exists()) return claims[path];
  json::View view = claims.root();
  std::size_t start = 0;
  while (start <= path.size()) {
    const auto dot = std::min(path.find('.', start), path.size());
    view = view[std::string_view(path).substr(start, dot - start)];
    start = dot + 1;
  }
  return view;
}

bool isPlain(std::string_view text) {
  return base::isUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

std::string nameOf(const json::Document& claims) {
  for (const char* claim : {"name", "preferred_username"}) {
    const auto text = claims[claim].stringOr("");
    if (!text.empty() && isPlain(text) && base::countCharacters(text) <= kNameCharsMax)
      return std::string(text);
  }
  return {};
}

std::string emailOf(const json::Document& claims) {
  const auto text = claims["email"].stringOr("");
  if (!claims["email_verified"].booleanOr(false) || !isPlain(text) ||
      text.size() > kEmailBytesMax || text.find('@') == std::string_view::npos) {
    return {};
  }
  return lower(text);
}

}  // namespace

std::string faultOf(const IssuerSettings& settings) {
  if (settings.algorithms.empty()) return "algorithms: name at least one, such as RS256";
  if (std::any_of(settings.algorithms.begin(), settings.algorithms.end(), isSymmetric)) {
    return "algorithms: HS256 and its like need a shared secret; take RS256, PS256, ES256 or "
           "EdDSA";
  }
  if (settings.organisation.empty() == settings.organisationClaim.empty())
    return "organisation: set either organisation or organisation_claim";
  if (!settings.organisations.empty() && settings.organisationClaim.empty())
    return "organisations: it maps the values of organisation_claim; set that too";
  if (!settings.roles.empty() && settings.roleClaim.empty())
    return "roles: it maps the values of role_claim; set that too";
  return {};
}

struct Issuers::Known {
  explicit Known(IssuerSettings from) : settings(std::move(from)) {}

  const IssuerSettings settings;
  std::mutex fetching;  // held while the keys are fetched
  std::mutex mutex;     // guards what follows
  std::vector<JwsKey> keys;
  bool have = false;
  std::int64_t fetchedUs = 0;  // monotonic
  bool tried = false;
  std::int64_t triedUs = 0;
};

Issuers::Issuers(std::vector<IssuerSettings> settings, Fetch fetch, const base::Clock& clock,
                 IssuerTimes times)
    : fetch_(std::move(fetch)), clock_(clock), times_(times) {
  for (auto& each : settings) known_.push_back(std::make_unique<Known>(std::move(each)));
}

Issuers::~Issuers() = default;

Issuers::Known* Issuers::find(std::string_view text) const {
  if (known_.empty()) return nullptr;
  const auto token = parseCompactJws(text);
  if (!token) return nullptr;
  json::Document claims;
  json::ReadError error;
  if (!claims.parse(token->payload, error, {16, kTokenBytesMax})) return nullptr;
  const auto issuer = claims["iss"].stringOr("");
  for (const auto& each : known_) {
    const auto& allowed = each->settings.algorithms;
    if (each->settings.issuer == issuer &&
        std::find(allowed.begin(), allowed.end(), token->algorithm) != allowed.end()) {
      return each.get();
    }
  }
  return nullptr;
}

bool Issuers::claims(std::string_view text) const {
  return find(text) != nullptr;
}

base::Status Issuers::refresh(Known& known) {
  std::string url = known.settings.jwksUrl;
  if (url.empty()) {
    std::string base = known.settings.issuer;
    while (!base.empty() && base.back() == '/') base.pop_back();
    const auto document = fetch_(base + "/.well-known/openid-configuration");
    if (!document) return base::fail(document.error());
    json::Document discovered;
    json::ReadError error;
    // The document must be the issuer's own (OpenID Connect Discovery, 4.3).
    if (!discovered.parse(*document, error) ||
        discovered["issuer"].stringOr("") != known.settings.issuer ||
        discovered["jwks_uri"].stringOr("").empty()) {
      return base::fail(503, "issuer_unreachable", "the issuer's configuration is not usable");
    }
    url = discovered["jwks_uri"].stringOr("");
  }
  const auto text = fetch_(url);
  if (!text) return base::fail(text.error());
  auto keys = parseJwkSet(*text);
  if (!keys) return base::fail(503, "issuer_unreachable", "the issuer's keys are not usable");
  const std::lock_guard lock(known.mutex);
  known.keys = std::move(*keys);
  known.have = true;
  known.fetchedUs = clock_.monotonicUs();
  return {};
}

// The key of exactly that name. Fetches when there is none, or the keys are of age; not more often
// than the floor says, and one thread at a time: the others make do with what there is.
base::Result<std::optional<JwsKey>> Issuers::keyOf(Known& known, const std::string& keyId) {
  const auto look = [&](bool& fresh) -> std::optional<JwsKey> {
    const std::lock_guard lock(known.mutex);
    const auto ageMs = (clock_.monotonicUs() - known.fetchedUs) / 1000;
    fresh = known.have && ageMs < times_.keysMaxAgeMs;
    if (!known.have || ageMs >= times_.keysEndMs) return std::nullopt;
    for (const JwsKey& key : known.keys) {
      if (key.id() == keyId) return key;
    }
    return std::nullopt;
  };
  bool fresh = false;
  auto found = look(fresh);
  if (found && fresh) return found;
  if (const std::unique_lock fetching(known.fetching, std::try_to_lock); fetching) {
    const auto nowUs = clock_.monotonicUs();
    const bool mayFetch = [&] {
      const std::lock_guard lock(known.mutex);
      if (known.tried && nowUs - known.triedUs < times_.refetchFloorMs * 1000) return false;
      known.tried = true;
      known.triedUs = nowUs;
      return true;
    }();
    // A failure is told below, by what keys there are.
    if (mayFetch) static_cast<void>(refresh(known));
  }
  found = look(fresh);
  if (found || fresh) return found;
  return base::fail({503,
                     "issuer_unreachable",
                     "The keys of the token's issuer can't be fetched right now; try again.",
                     "",
                     true,
                     5,
                     {}});
}

base::Result<ExternalIdentity> Issuers::check(std::string_view text) {
  Known* known = find(text);
  const auto token = parseCompactJws(text);
  if (known == nullptr || !token || token->keyId.empty()) return invalidToken();
  const IssuerSettings& settings = known->settings;
  auto key = keyOf(*known, token->keyId);
  if (!key) return base::fail(key.error());
  if (!*key || !(*key)->verifies(*token)) return invalidToken();
  json::Document claims;
  if (!claimsHold(token->payload, settings.issuer, settings.audience, clock_.unixMs(), claims))
    return invalidToken();
  ExternalIdentity identity;
  identity.issuer = settings.issuer;
  identity.subject = claims["sub"].stringOr("");
  if (identity.subject.size() > kSubjectBytesMax || !isPlain(identity.subject))
    return invalidToken();
  identity.email = emailOf(claims);
  identity.name = nameOf(claims);
  identity.orgId = settings.organisation;
  if (!settings.organisationClaim.empty()) {
    const auto values = textsOf(claimOf(claims, settings.organisationClaim));
    if (values.size() == 1) {
      const auto mapped = settings.organisations.find(values.front());
      if (settings.organisations.empty()) identity.orgId = values.front();
      if (mapped != settings.organisations.end()) identity.orgId = mapped->second;
    }
  }
  if (identity.orgId.empty()) {
    return base::fail(
        403, "no_organisation",
        "The token is valid but leads to no organisation here; the operator sets that "
        "in identity.issuers.");
  }
  identity.role = settings.role;
  if (!settings.roleClaim.empty()) {
    std::optional<Role> best;
    for (const auto& value : textsOf(claimOf(claims, settings.roleClaim))) {
      const auto mapped = settings.roles.find(value);
      if (mapped != settings.roles.end() && (!best || mapped->second > *best))
        best = mapped->second;
    }
    identity.role = best.value_or(settings.role);
    identity.roleFromClaim = true;
  }
  return identity;
}

}  // namespace unigate::identity
