// /api/connect/{provider}: a merchant's account under the platform's own at a provider, from its
// first link to the provider's dashboard. The accounts are those of /v1/accounts.
#include "rest/connect.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "rest/fields.hpp"
#include "rest/operations.hpp"
#include "vault/crypto.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;
using gateway::CallResult;

constexpr const char* kCapability = "payments.connected_account";
constexpr const char* kUsualReference = "default";
constexpr std::int64_t kBasisPoints = 10'000;
// An owner who comes back later than that asks the platform for a new link.
constexpr std::int64_t kStateMs = 24LL * 3600 * 1000;

const ConnectSettings& settingsOf(const ApiShared& shared, const std::string& provider) {
  static const ConnectSettings kNone;
  const auto found = shared.connect.find(provider);
  return found == shared.connect.end() ? kNone : found->second;
}

// ---- the account ----

base::Result<std::optional<store::ResourceRecord>> accountByReference(
    const Call& call, const std::string& provider, const std::string& reference) {
  store::ResourceFilter filter;
  filter.kind = "account";
  filter.provider = provider;
  filter.reference = reference;
  filter.limit = 1;
  auto rows =
      call.gateway.reader().listResources(call.tenant.orgId, call.tenant.environment, filter);
  if (!rows) return base::fail(rows.error());
  if (rows->rows.empty()) return std::optional<store::ResourceRecord>();
  return std::optional<store::ResourceRecord>(std::move(rows->rows.front()));
}

base::Result<std::optional<store::ResourceRecord>> accountById(const Call& call,
                                                               const std::string& id) {
  return call.gateway.reader().resourceById(call.tenant.orgId, call.tenant.environment, "account",
                                            id);
}

// The account that the query names by `account` or `reference`, or a problem.
base::Result<store::ResourceRecord> accountAsked(const Call& call) {
  const std::string& provider = call.param(0);
  const auto id = call.queryValue("account");
  const std::string reference(call.queryValue("reference").value_or(kUsualReference));
  auto row =
      id ? accountById(call, std::string(*id)) : accountByReference(call, provider, reference);
  if (!row) return base::fail(row.error());
  if (!row->has_value() || (*row)->provider != provider) {
    return base::fail(404, "not_connected",
                      "No account was connected here; POST /api/connect/{provider}/onboard first.",
                      id ? "account" : "reference");
  }
  if ((*row)->providerId.empty()) {
    return base::fail({409,
                       "account_processing",
                       "This account is still being created; try again shortly.",
                       "account",
                       true,
                       2,
                       {}});
  }
  return std::move(**row);
}

// ---- links ----

using LinkMade = std::function<void(base::Result<CallResult>)>;

void makeLink(const Call::Ptr& call, const char* operation, const store::ResourceRecord& account,
              const std::string& returnUrl, const std::string& refreshUrl, LinkMade made) {
  auto provider = call->gateway.route(call->tenant, operation, account.provider);
  if (!provider) return made(base::fail(provider.error()));
  json::Writer input;
  input.beginObject().member("provider_id", account.providerId);
  if (!returnUrl.empty()) input.member("return_url", returnUrl).member("refresh_url", refreshUrl);
  input.endObject();
  call->gateway.read({call->tenant, operation, *provider, input.take(), call->traceparent},
                     std::move(made));
}

std::string urlOf(const CallResult& result, std::optional<std::int64_t>& expiresUnixS) {
  json::Document output;
  json::ReadError error;
  if (!output.parse(result.resultJson, error)) return {};
  expiresUnixS = output["expires_unix_s"].int64();
  return std::string(output["url"].stringOr(""));
}

base::Problem badLink() {
  return {
      502, "provider_bad_response", "The provider's answer could not be understood.", "", true, 1,
      {}};
}

void sendLink(const Call::Ptr& call, const char* object, const store::ResourceRecord& account,
              const base::Result<CallResult>& result) {
  if (!result) return call->fail(result.error());
  std::optional<std::int64_t> expires;
  const std::string url = urlOf(*result, expires);
  if (url.empty()) return call->fail(badLink());
  json::Writer out;
  out.beginObject()
      .member("object", object)
      .member("account", account.id)
      .member("provider", account.provider)
      .member("livemode", call->tenant.live())
      .member("status", account.status)
      .member("url", url)
      .key("expires_at");
  expires ? void(out.value(base::toRfc3339(*expires * 1000))) : void(out.null());
  out.endObject();
  net::Response response;
  response.headers.emplace_back("Content-Type", "application/json");
  response.headers.emplace_back("Cache-Control", "no-store");  // who has the link acts for them
  response.body = out.take();
  call->send(std::move(response), result->providerUs);
}

// ---- where the owner's browser comes back to: /connect/{provider}/refresh and /return ----

// What such an address carries, sealed, since its visitor has no key.
struct State {
  gateway::Tenant tenant;
  std::string account;
};

std::string sealState(const ApiShared& shared, const State& state) {
  json::Writer out;
  out.beginObject()
      .member("org", state.tenant.orgId)
      .member("environment", state.tenant.environment)
      .member("account", state.account)
      .member("until", shared.clock.unixMs() + kStateMs)
      .endObject();
  std::array<std::uint8_t, vault::kNonceBytes> random{};
  shared.random.fill(random);
  const std::string nonce(random.begin(), random.end());
  const auto key = shared.gateway.vault.deriveKey("connect state");
  const auto sealed = vault::aesGcmSeal(key.reveal(), nonce, "connect", out.take());
  return sealed ? base::toBase64Url(nonce + *sealed) : std::string();
}

std::optional<State> openState(const ApiShared& shared, std::string_view text) {
  const auto bytes = base::fromBase64Url(text);
  if (!bytes || bytes->size() < vault::kNonceBytes + vault::kTagBytes) return std::nullopt;
  const std::string_view all(*bytes);
  const auto key = shared.gateway.vault.deriveKey("connect state");
  const auto plain = vault::aesGcmOpen(key.reveal(), all.substr(0, vault::kNonceBytes), "connect",
                                       all.substr(vault::kNonceBytes));
  json::Document document;
  json::ReadError error;
  if (!plain || !document.parse(*plain, error)) return std::nullopt;
  if (document["until"].int64Or(0) < shared.clock.unixMs()) return std::nullopt;
  State state;
  state.tenant = {std::string(document["org"].stringOr("")),
                  std::string(document["environment"].stringOr(""))};
  state.account = document["account"].stringOr("");
  return state;
}

struct Addresses {
  std::string returnUrl;
  std::string refreshUrl;
};

// Where the provider sends the owner back to: addresses of the client's, else pages of the gateway,
// if the gateway knows its own address.
base::Result<Addresses> addressesOf(const Call& call, const store::ResourceRecord& account,
                                    const Addresses& wanted) {
  if (!wanted.returnUrl.empty()) return wanted;
  const std::string& own = call.shared.publicUrl;
  if (own.empty()) {
    return base::fail(422, "public_url_missing",
                      "Send return_url and refresh_url, or let the operator set server.public_url "
                      "so that the gateway's own pages can be used.",
                      "return_url");
  }
  const std::string state = sealState(call.shared, {call.tenant, account.id});
  const std::string base = own + "/connect/" + account.provider;
  return Addresses{base + "/return?state=" + state, base + "/refresh?state=" + state};
}

base::Problem stateRefused() {
  return {
      400,     "invalid_state", "This link has run out. Ask whoever sent you here for a new one.",
      "state", false,           0,
      {}};
}

void redirect(const Call::Ptr& call, std::string url) {
  net::Response response;
  response.status = 303;
  response.headers.emplace_back("Location", std::move(url));
  response.headers.emplace_back("Cache-Control", "no-store");
  call->send(std::move(response));
}

// The account of a visitor's state, with the call turned to its tenant; nothing when the answer has
// been sent.
std::optional<store::ResourceRecord> visitedAccount(const Call::Ptr& call, State& state) {
  auto opened = openState(call->shared, call->queryValue("state").value_or(""));
  if (!opened) {
    call->fail(stateRefused());
    return std::nullopt;
  }
  state = std::move(*opened);
  call->tenant = state.tenant;
  auto row = accountById(*call, state.account);
  if (!row) {
    call->fail(row.error());
    return std::nullopt;
  }
  if (!row->has_value() || (*row)->provider != call->param(0) || (*row)->providerId.empty()) {
    call->fail(stateRefused());
    return std::nullopt;
  }
  return std::move(**row);
}

void refreshVisited(const Call::Ptr& call) {
  State state;
  auto account = visitedAccount(call, state);
  if (!account) return;
  const auto addresses = addressesOf(*call, *account, {});
  if (!addresses) return call->fail(addresses.error());
  makeLink(call, "accounts.onboarding_link", *account, addresses->returnUrl, addresses->refreshUrl,
           [call](const base::Result<CallResult>& result) {
             if (!result) return call->fail(result.error());
             std::optional<std::int64_t> expires;
             std::string url = urlOf(*result, expires);
             if (url.empty()) return call->fail(badLink());
             redirect(call, std::move(url));
           });
}

void returnVisited(const Call::Ptr& call) {
  State state;
  const auto account = visitedAccount(call, state);
  if (!account) return;
  const ConnectSettings& settings = settingsOf(call->shared, account->provider);
  if (!settings.returnUrl.empty()) {
    const char* const joint = settings.returnUrl.find('?') == std::string::npos ? "?" : "&";
    return redirect(call, settings.returnUrl + joint + "account=" + account->id);
  }
  call->send(200,
             "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Thank you</title>"
             "<p>Thank you. Your details were received; you may close this page.</p></html>\n",
             "text/html; charset=utf-8");
}

// ---- /api/connect/{provider} ----

void sendOnboarding(const Call::Ptr& call, const store::ResourceRecord& account,
                    const Addresses& wanted) {
  const auto addresses = addressesOf(*call, account, wanted);
  if (!addresses) return call->fail(addresses.error());
  makeLink(call, "accounts.onboarding_link", account, addresses->returnUrl, addresses->refreshUrl,
           [call, account](const base::Result<CallResult>& result) {
             sendLink(call, "connect_onboarding", account, result);
           });
}

// Creates the account as /v1/accounts does, then makes the link.
void createAndOnboard(const Call::Ptr& call, gateway::OperationRequest operation,
                      const Addresses& wanted) {
  call->gateway.execute(std::move(operation),
                        [call, wanted](const base::Result<gateway::Reply>& reply) {
                          // Also a 202: nobody knows yet whether there is an account, so there can
                          // be no link.
                          if (!reply || reply->status != 201) return call->sendReply(reply);
                          auto row = accountById(*call, reply->resourceId);
                          if (!row) return call->fail(row.error());
                          if (!row->has_value() || (*row)->providerId.empty())
                            return call->sendReply(reply);
                          sendOnboarding(call, **row, wanted);
                        });
}

void onboard(const Call::Ptr& call) {
  FieldReader fields(bodyOrEmpty(*call), call->request.body);
  const std::string provider = call->param(0);
  const std::string reference =
      fields.text("reference", Need::optional, 40).value_or(kUsualReference);
  const auto email = fields.email("email");
  const auto phone = fields.phone("phone");
  const auto country = fields.text("country", Need::optional, 2, 2);
  const auto businessName = fields.text("business_name", Need::optional, 200);
  const auto businessType = fields.text("business_type", Need::optional, 60);
  const Addresses wanted{fields.url("return_url").value_or(""),
                         fields.url("refresh_url").value_or("")};
  if (wanted.returnUrl.empty() != wanted.refreshUrl.empty()) {
    fields.fault(wanted.returnUrl.empty() ? "return_url" : "refresh_url",
                 "return_url and refresh_url go together: send both or neither.");
  }
  if (auto status = fields.finish(); !status) return call->fail(status.error());
  const auto known = call->gateway.route(call->tenant, "accounts.create", provider);
  if (!known) return call->fail(known.error());
  auto existing = accountByReference(*call, provider, reference);
  if (!existing) return call->fail(existing.error());
  // Before an account is made for which there could be no link.
  store::ResourceRecord future;
  future.provider = provider;
  if (const auto addresses = addressesOf(*call, existing->value_or(future), wanted); !addresses) {
    return call->fail(addresses.error());
  }
  if (existing->has_value()) {
    if (!(*existing)->providerId.empty()) return sendOnboarding(call, **existing, wanted);
    return call->fail({409,
                       "account_processing",
                       "This account is still being created; try again shortly.",
                       "reference",
                       true,
                       2,
                       {}});
  }
  if (!email) {
    return call->fail({400,
                       "invalid_request",
                       "email is missing: the owner's e-mail address.",
                       "email",
                       false,
                       0,
                       {}});
  }
  auto operation = call->operation("accounts.create", "account");
  if (!operation) return call->fail(operation.error());
  // Two requests at once, or one again after a crash, make one account.
  if (operation->clientKey.empty()) {
    operation->clientKey =
        "connect/" + provider + "/" + reference + "/" + operation->fingerprint.substr(0, 32);
  }
  json::Writer input;
  json::Writer client;
  input.beginObject().member("email", *email);
  client.beginObject();
  optionalMember(input, "phone", phone);
  optionalMember(input, "country", country);
  optionalMember(input, "business_name", businessName);
  optionalMember(input, "business_type", businessType);
  input.member("reference", reference).key("metadata").rawJson("{}").endObject();
  client.member("email", *email).member("reference", reference);
  optionalMember(client, "country", country);
  optionalMember(client, "business_name", businessName);
  optionalMember(client, "business_type", businessType);
  client.key("metadata").rawJson("{}").endObject();
  operation->creates = true;
  operation->provider = *known;
  operation->adapterInput = input.take();
  operation->client = client.take();
  createAndOnboard(call, std::move(*operation), wanted);
}

void showStatus(const Call::Ptr& call) {
  auto account = accountAsked(*call);
  if (!account) return call->fail(account.error());
  call->gateway.fetch(call->tenant, std::move(*account),
                      [call](const base::Result<gateway::Gateway::Fetched>& fetched) {
                        if (!fetched) return call->fail(fetched.error());
                        json::Document document;
                        json::ReadError error;
                        static_cast<void>(document.parse(fetched->row.document, error));
                        json::Writer out;
                        out.beginObject()
                            .member("object", "connect_status")
                            .member("account", fetched->row.id)
                            .member("provider", fetched->row.provider)
                            .member("provider_id", fetched->row.providerId)
                            .member("livemode", call->tenant.live())
                            .member("reference", fetched->row.reference)
                            .member("status", fetched->row.status)
                            .member("charges_enabled", document["charges_enabled"].booleanOr(false))
                            .member("payouts_enabled", document["payouts_enabled"].booleanOr(false))
                            .key("requirements")
                            .beginArray();
                        for (const json::View item : document["requirements"].items())
                          out.value(item.stringOr(""));
                        out.endArray()
                            .member("fee_basis_points",
                                    settingsOf(call->shared, fetched->row.provider).feeBasisPoints)
                            .member("updated_at", base::toRfc3339(fetched->row.updatedAt))
                            .endObject();
                        net::Response response;
                        response.headers.emplace_back("Content-Type", "application/json");
                        response.body = out.take();
                        call->send(std::move(response), fetched->providerUs);
                      });
}

void openDashboard(const Call::Ptr& call) {
  auto account = accountAsked(*call);
  if (!account) return call->fail(account.error());
  makeLink(call, "accounts.dashboard_link", *account, "", "",
           [call, row = *account](const base::Result<CallResult>& result) {
             sendLink(call, "connect_dashboard", row, result);
           });
}

}  // namespace

base::Result<ConnectedAccount> connectedAccount(const Call& call, const std::string& provider,
                                                const std::string& accountId) {
  auto row = accountId.empty() ? accountByReference(call, provider, kUsualReference)
                               : accountById(call, accountId);
  if (!row) return base::fail(row.error());
  if (!row->has_value()) {
    return accountId.empty()
               ? base::fail(422, "not_connected",
                            "No account is connected: POST /api/connect/{provider}/onboard, or "
                            "name one of /v1/accounts by account.",
                            "connection")
               : base::fail(422, "unknown_account", "There is no account with this id.", "account");
  }
  if (!provider.empty() && (*row)->provider != provider) {
    return base::fail(
        422, "wrong_provider",
        "This account lives at " + (*row)->provider + ", the payment goes to " + provider + ".",
        "account");
  }
  if ((*row)->providerId.empty()) {
    return base::fail({409,
                       "account_processing",
                       "This account is still being created; try again shortly.",
                       "account",
                       true,
                       2,
                       {}});
  }
  const auto plugin = call.shared.gateway.plugins.find((*row)->provider);
  const auto* manifest = plugin == nullptr ? nullptr : &plugin->manifest();
  if (manifest != nullptr && std::find(manifest->capabilities.begin(), manifest->capabilities.end(),
                                       kCapability) == manifest->capabilities.end()) {
    return base::fail(501, "not_supported",
                      (*row)->provider +
                          " can't take payments for connected accounts here; GET "
                          "/v1/providers shows who has payments.connected_account.",
                      "connection");
  }
  const std::int64_t fee = settingsOf(call.shared, (*row)->provider).feeBasisPoints;
  return ConnectedAccount{std::move(**row), fee};
}

std::int64_t partOf(std::int64_t fee, std::int64_t part, std::int64_t whole) {
  __extension__ using Wide = __int128;  // the product may have more than 64 bits
  return static_cast<std::int64_t>(static_cast<Wide>(fee) * part / whole);
}

std::int64_t platformFee(std::int64_t amount, std::int64_t basisPoints) {
  return partOf(amount, basisPoints, kBasisPoints);
}

ConnectedShare shareOf(const store::ResourceRecord& payment) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(payment.document, error)) return {};
  if (document["connection"].stringOr("") != "connect") return {};
  return {true, document["platform_fee"].int64Or(0)};
}

void addConnectRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  const std::string api = "/api/connect/{provider}";
  routes.push_back(
      {"POST", api + "/onboard", "connect", "write", Body::optional, {"include"}, onboard});
  routes.push_back({"GET",
                    api + "/status",
                    "connect",
                    "read",
                    Body::none,
                    {"account", "reference"},
                    showStatus});
  routes.push_back({"POST",
                    api + "/dashboard",
                    "connect",
                    "write",
                    Body::none,
                    {"account", "reference"},
                    openDashboard});
  // For browsers that a provider sends back.
  routes.push_back(
      {"GET", "/connect/{provider}/refresh", "", "", Body::none, {"state"}, refreshVisited});
  routes.push_back(
      {"GET", "/connect/{provider}/return", "", "", Body::none, {"state"}, returnVisited});
}

}  // namespace unigate::rest
