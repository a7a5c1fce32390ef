#include "gateway/oauth_tokens.hpp"

#include <algorithm>
#include <charconv>
#include <unigate/json.hpp>
#include <utility>

#include "base/text.hpp"

namespace unigate::gateway {

namespace {

constexpr std::size_t kEntriesMax = 10'000;
constexpr std::size_t kTokenBytesMax = 16UL * 1024;
constexpr std::size_t kAnswerBytesMax = 64UL * 1024;
// A token is not used in its last tenth of life, nor in its last minute.
constexpr std::int64_t kMarginUsMax = 60'000'000;
constexpr std::int64_t kLifeUnsaidS = 300;
constexpr std::int64_t kLifeMaxS = 30LL * 24 * 3600;

// Visible ASCII: it becomes a header's value.
bool isTokenText(std::string_view text) {
  return !text.empty() && text.size() <= kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// "expires_in" is a number; some servers write it as text.
std::int64_t lifeSeconds(json::View value) {
  std::int64_t seconds = kLifeUnsaidS;
  if (const auto number = value.int64()) {
    seconds = *number;
  } else if (const auto text = value.string()) {
    std::from_chars(text->data(), text->data() + text->size(), seconds);
  }
  return std::clamp<std::int64_t>(seconds, 0, kLifeMaxS);
}

std::uint32_t retryAfterMs(const net::HeaderList& headers) {
  const std::string* value = net::findHeader(headers, "Retry-After");
  std::uint32_t seconds = 0;
  if (value == nullptr) return 0;
  std::from_chars(value->data(), value->data() + value->size(), seconds);
  return std::min<std::uint32_t>(seconds, 3600) * 1000;
}

TokenTrouble unavailable(std::string why, bool notSent) {
  return {"provider_unavailable", "The provider's token endpoint " + std::move(why), true, 0,
          notSent};
}

// The endpoint answered, with something else than a token.
TokenTrouble refusal(const net::UpstreamResult& result, const std::string& credentialNames) {
  const std::string status = std::to_string(result.status);
  if (result.status == 429) {
    TokenTrouble trouble = unavailable("takes no more requests for now (429).", false);
    trouble.category = "rate_limited";
    trouble.retryAfterMs = retryAfterMs(result.headers);
    return trouble;
  }
  if (result.status < 400 || result.status >= 500 || result.status == 408)
    return unavailable("answered " + status + " without a token.", false);
  json::Document body;
  json::ReadError unread;
  std::string code;
  if (body.parse(result.body, unread)) code = base::printable(body["error"].stringOr(""));
  return {"unauthorized",
          "The provider refuses " + credentialNames + " at its token endpoint (" + status +
              (code.empty() ? "" : ", " + code) + "). Store the right ones.",
          false, 0, false};
}

std::array<std::uint8_t, 32> digestOf(const TokenRequest& request) {
  std::string both = std::to_string(request.clientId.size()) + ":";
  both.append(request.clientId).append(request.clientSecret);
  const auto digest = base::sha256(both);
  vault::wipe(both);
  return digest;
}

}  // namespace

std::shared_ptr<OAuthTokens::Entry> OAuthTokens::entryOf(const TokenRequest& request) {
  const std::string key = request.accountId + '\n' + request.scheme + '\n' + request.url;
  const auto credentials = digestOf(request);
  auto found = entries_.find(key);
  if (found != entries_.end() && found->second->credentials == credentials) return found->second;
  if (found == entries_.end() && entries_.size() >= kEntriesMax) entries_.clear();
  auto entry = std::make_shared<Entry>();
  entry->credentials = credentials;
  entries_[key] = entry;
  return entry;
}

void OAuthTokens::get(net::UpstreamClient& upstream, const TokenRequest& request, Done done) {
  for (const auto& [name, value] : {std::pair{&request.clientIdName, request.clientId},
                                    std::pair{&request.clientSecretName, request.clientSecret}}) {
    if (value.empty()) {
      return done(tl::unexpected(TokenTrouble{
          "unauthorized", "credential \"" + *name + "\" is not stored", false, 0, true}));
    }
  }
  auto entry = entryOf(request);
  if (entry->token != nullptr && clock_.monotonicUs() < entry->usableUntilUs)
    return done(Token{entry->token, entry->serial, true});
  entry->waiting.push_back(std::move(done));
  if (!entry->fetching) fetch(upstream, request, std::move(entry));
}

void OAuthTokens::drop(const TokenRequest& request, std::uint64_t serial) {
  auto entry = entryOf(request);
  if (entry->serial == serial) entry->token.reset();
}

void OAuthTokens::fetch(net::UpstreamClient& upstream, const TokenRequest& request,
                        std::shared_ptr<Entry> entry) {
  entry->fetching = true;
  entry->token.reset();
  std::string pair = std::string(request.clientId) + ":" + std::string(request.clientSecret);
  net::UpstreamRequest fetch;
  fetch.method = "POST";
  fetch.url = request.url;
  fetch.headers = {{"Authorization", "Basic " + base::toBase64(pair)},
                   {"Content-Type", "application/x-www-form-urlencoded"},
                   {"Accept", "application/json"},
                   {"User-Agent", "unigate/" UNIGATE_VERSION}};
  vault::wipe(pair);
  fetch.body = "grant_type=client_credentials";
  fetch.timeoutMs = request.timeoutMs;
  fetch.responseBytesMax = kAnswerBytesMax;
  upstream.send(std::move(fetch), [self = shared_from_this(), entry = std::move(entry),
                                   names = request.clientIdName + " and " +
                                           request.clientSecretName](net::UpstreamResult result) {
    const auto token = self->take(result, *entry, names);
    entry->fetching = false;
    // Who is told may ask again at once.
    const auto waiting = std::exchange(entry->waiting, {});
    for (const Done& done : waiting) done(token);
  });
}

tl::expected<Token, TokenTrouble> OAuthTokens::take(net::UpstreamResult& result, Entry& entry,
                                                    const std::string& credentialNames) {
  if (result.outcome == net::UpstreamOutcome::notSent)
    return tl::unexpected(unavailable("can't be reached: " + result.error, true));
  if (result.outcome == net::UpstreamOutcome::noAnswer)
    return tl::unexpected(unavailable("gave no answer: " + result.error, false));
  if (result.status != 200) return tl::unexpected(refusal(result, credentialNames));
  json::Document body;
  json::ReadError unread;
  const bool readable = body.parse(result.body, unread);
  vault::wipe(result.body);
  std::string text(body["access_token"].stringOr(""));
  if (!readable || !isTokenText(text))
    return tl::unexpected(unavailable("answered 200 without a token.", false));
  const std::int64_t lifeUs = lifeSeconds(body["expires_in"]) * 1'000'000;
  entry.token = std::make_shared<const vault::SecretString>(std::move(text));
  entry.serial = ++lastSerial_;
  entry.usableUntilUs = clock_.monotonicUs() + lifeUs - std::min(lifeUs / 10, kMarginUsMax);
  return Token{entry.token, entry.serial, false};
}

}  // namespace unigate::gateway
