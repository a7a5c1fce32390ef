// /api/auth: users come, go on, and go.
#include "identity/users.hpp"
#include "rest/access.hpp"
#include "rest/fields.hpp"
#include "rest/management.hpp"
#include "rest/operations.hpp"
#include "rest/tokens_body.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;

constexpr std::size_t kEmailCharsMax = 254;
constexpr std::size_t kNameCharsMax = 200;
constexpr std::size_t kTokenCharsMax = 200;
constexpr std::size_t kIdCharsMax = 64;

vault::SecretString secretOf(std::optional<std::string> text) {
  return vault::SecretString(std::move(text).value_or(std::string()));
}

base::Result<ManagementReply> registerUser(const ManagementCall& management) {
  const Call& call = management.call;
  FieldReader fields(call.body.root(), call.request.body);
  identity::Registration wanted;
  wanted.email = fields.text("email", Need::required, kEmailCharsMax).value_or("");
  wanted.password = secretOf(fields.text("password", Need::required, identity::kPasswordBytesMax));
  wanted.name = fields.text("name", Need::optional, kNameCharsMax).value_or("");
  wanted.organisation = fields.text("organisation", Need::optional, kNameCharsMax).value_or("");
  wanted.invitation = secretOf(fields.text("invitation", Need::optional, kTokenCharsMax));
  wanted.address = call.request.remoteAddress;
  if (!wanted.invitation.empty() && !wanted.organisation.empty())
    fields.fault("organisation", "An invitation leads to its own organisation; leave this out.");
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto done = management.shared.users->registerUser(wanted);
  if (!done) return base::fail(done.error());
  return ManagementReply{201, tokensBody(*done)};
}

base::Result<ManagementReply> login(const ManagementCall& management) {
  const Call& call = management.call;
  FieldReader fields(call.body.root(), call.request.body);
  identity::LoginRequest request;
  request.email = fields.text("email", Need::required, kEmailCharsMax).value_or("");
  request.password = secretOf(fields.text("password", Need::required, identity::kPasswordBytesMax));
  request.organisation = fields.text("organisation", Need::optional, kIdCharsMax).value_or("");
  request.invitation = secretOf(fields.text("invitation", Need::optional, kTokenCharsMax));
  request.address = call.request.remoteAddress;
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto done = management.shared.users->login(management.reader, request);
  if (!done) return base::fail(done.error());
  return ManagementReply{200, tokensBody(*done)};
}

base::Result<ManagementReply> refresh(const ManagementCall& management) {
  const Call& call = management.call;
  FieldReader fields(call.body.root(), call.request.body);
  const auto token = secretOf(fields.text("refresh_token", Need::required, kTokenCharsMax));
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  const auto done = management.shared.users->refresh(management.reader, token.reveal());
  if (!done) return base::fail(done.error());
  return ManagementReply{200, tokensBody(*done)};
}

// By the refresh token, for whoever has no access token any more, or by the access token.
base::Result<ManagementReply> logout(const ManagementCall& management) {
  const Call& call = management.call;
  identity::Users& users = *management.shared.users;
  FieldReader fields(bodyOrEmpty(call), call.hasBody ? call.request.body : "{}");
  const auto token = secretOf(fields.text("refresh_token", Need::optional, kTokenCharsMax));
  const bool everywhere = fields.flag("everywhere").value_or(false);
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  if (call.request.header("Authorization") == nullptr && !token.empty() && !everywhere) {
    if (auto status = users.logout(management.reader, token.reveal()); !status)
      return base::fail(status.error());
    return ManagementReply{204, {}};
  }
  const auto credential = credentialOf(call.request);
  if (!credential) {
    return base::fail(401, "unauthorized",
                      "Send the access token as `Authorization: Bearer <token>`, or the "
                      "refresh_token.");
  }
  const auto user = users.authenticate(management.reader, *credential);
  if (!user) return base::fail(user.error());
  if (!token.empty()) {
    if (auto status = users.logout(management.reader, token.reveal()); !status)
      return base::fail(status.error());
  }
  if (auto status = users.logout(*user, everywhere); !status) return base::fail(status.error());
  return ManagementReply{204, {}};
}

base::Result<ManagementReply> changePassword(const ManagementCall& management) {
  const Call& call = management.call;
  if (auto status = needUser(call); !status) return base::fail(status.error());
  FieldReader fields(call.body.root(), call.request.body);
  const auto current =
      secretOf(fields.text("current_password", Need::required, identity::kPasswordBytesMax));
  const auto next =
      secretOf(fields.text("new_password", Need::required, identity::kPasswordBytesMax));
  if (auto status = fields.finish(); !status) return base::fail(status.error());
  if (auto status = management.shared.users->changePassword(
          management.reader, *call.principal, current, next, call.request.remoteAddress);
      !status) {
    return base::fail(status.error());
  }
  return ManagementReply{204, {}};
}

}  // namespace

std::string tokensBody(const identity::LoggedIn& loggedIn) {
  json::Writer out;
  out.beginObject()
      .member("object", "tokens")
      .member("access_token", loggedIn.accessToken)
      .member("token_type", "Bearer")
      .member("expires_in", identity::kAccessTokenMs / 1000)
      .member("refresh_token", loggedIn.refreshToken.reveal())
      .member("user", loggedIn.userId)
      .member("organisation", loggedIn.orgId)
      .member("role", loggedIn.role)
      .endObject();
  return out.take();
}

void addAuthRoutes(std::vector<Route>& routes) {
  using Body = Route::Body;
  routes.push_back(managed("POST", "/api/auth/register", "", "", Body::required, {}, registerUser));
  routes.push_back(managed("POST", "/api/auth/login", "", "", Body::required, {}, login));
  routes.push_back(managed("POST", "/api/auth/refresh", "", "", Body::required, {}, refresh));
  routes.push_back(managed("POST", "/api/auth/logout", "", "", Body::optional, {}, logout));
  routes.push_back(managed("POST", "/api/auth/password", "profile", "write", Body::required, {},
                           changePassword));
}

}  // namespace unigate::rest
