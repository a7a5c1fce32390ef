#include "identity/users.hpp"

#include <algorithm>
#include <array>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "store/log_in_attempts.hpp"
#include "vault/crypto.hpp"

namespace unigate::identity {

namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::int64_t kSessionMs = 30 * kDayMs;
constexpr std::int64_t kInvitationMs = 7 * kDayMs;
constexpr std::size_t kTokenRandomBytes = 32;
constexpr std::size_t kTokenCharsMax = 100;
constexpr std::size_t kEmailBytesMax = 254;
constexpr std::string_view kRefreshPrefix = "rft_";
constexpr std::string_view kInvitationPrefix = "ivk_";

// Guessing at one account from one address, at one account from everywhere (a stranger must not be
// able to lock its owner out, so that this never blocks for long), from one address at all.
constexpr std::int64_t kFreeHere = 5;
constexpr std::int64_t kFreeAnywhere = 50;
constexpr std::int64_t kBlockMsMaxAnywhere = 30'000;
constexpr std::int64_t kFreeOfAddress = 50;
constexpr std::int64_t kFreeRegistrations = 30;

base::Problem wrongLogin() {
  return {
      401, "invalid_credentials", "The email address or the password is not right.", "", false, 0,
      {}};
}

auto invalidToken() {
  return base::fail(401, "invalid_token",
                    "The access token is not valid, or no longer; refresh it or log in again.");
}

base::Problem invalidInvitation() {
  return {404,
          "invalid_invitation",
          "This invitation is unknown, used, over, or for another email address.",
          "",
          false,
          0,
          {}};
}

}  // namespace

base::Result<std::string> normalisedEmail(std::string_view email) {
  std::string text(email);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto at = text.find('@');
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
  if (!plain || !base::isUtf8(text) || text.size() > kEmailBytesMax || at == std::string::npos ||
      at == 0 || at + 1 == text.size() || text.find('@', at + 1) != std::string::npos) {
    return base::fail(400, "invalid_request", "email must be an email address.", "email");
  }
  return text;
}

Users::Users(store::Store& store, const vault::Vault& vault, const base::Clock& clock,
             base::Random& random, UserSettings settings)
    : store_(store),
      clock_(clock),
      random_(random),
      settings_(std::move(settings)),
      pepper_(vault.deriveKey("user-token-pepper")),
      tokens_(vault, clock, random, settings_.issuer),
      passwords_(random, settings_.passwordCost, settings_.gate),
      issuers_(settings_.issuers, settings_.fetch, clock, settings_.issuerTimes) {}

// ---- parts ----

vault::SecretString Users::newToken(std::string_view prefix) {
  std::string bytes(kTokenRandomBytes, '\0');
  random_.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  auto text = std::string(prefix) + base::toBase64Url(bytes);
  vault::wipe(bytes);
  return vault::SecretString(std::move(text));
}

std::string Users::digest(std::string_view text) const {
  return base::toHex(vault::hmacSha256(pepper_.reveal(), text));
}

store::SessionRow Users::newSession(const std::string& userId, const std::string& orgId) {
  store::SessionRow session;
  session.id = base::makeId("ses_", clock_, random_);
  session.orgId = orgId;
  session.userId = userId;
  session.createdAt = clock_.unixMs();
  session.usedAt = session.createdAt;
  session.expiresAt = session.createdAt + kSessionMs;
  return session;
}

LoggedIn Users::loggedIn(const store::SessionRow& session, vault::SecretString refreshToken,
                         std::string role) const {
  return {tokens_.issue(session.userId, session.orgId, session.id), std::move(refreshToken),
          session.userId, session.orgId, std::move(role)};
}

base::Status Users::checkPassword(const std::string& email, const std::string& address,
                                  const std::string& encoded, const vault::SecretString& password,
                                  const base::Problem& refusal) {
  const auto here = digest("here|" + address + "|" + email);
  const auto anywhere = digest("anywhere|" + email);
  const auto ofAddress = digest("address|" + address);
  // Counted before it is looked at, so that guesses at the same time count as well.
  const std::vector<store::AttemptLimit> limits = {
      {here, kFreeHere},
      {anywhere, kFreeAnywhere, 1'000, kBlockMsMaxAnywhere},
      {ofAddress, kFreeOfAddress},
  };
  if (auto status = store::takeAttempt(store_, limits, clock_.unixMs()); !status) return status;
  const auto fits = password.size() <= kPasswordBytesMax
                        ? passwords_.verify(encoded, password.reveal())
                        : base::Result<bool>(false);
  if (!fits) {
    static_cast<void>(store::forgiveAttempt(store_, {}, {here, anywhere, ofAddress}));
    return base::fail(fits.error());
  }
  if (!*fits) return base::fail(refusal);
  return store::forgiveAttempt(store_, {here}, {anywhere, ofAddress});
}

// ---- log-ins ----

base::Result<LoggedIn> Users::registerUser(const Registration& wanted) {
  const bool invited = !wanted.invitation.empty();
  if (!settings_.registrationOpen && !invited) {
    return base::fail(403, "registration_closed",
                      "New users come by invitation here; ask an owner or admin for one.");
  }
  auto email = normalisedEmail(wanted.email);
  if (!email) return base::fail(email.error());
  if (auto status = checkNewPassword(wanted.password.reveal(), *email, "password"); !status)
    return base::fail(status.error());
  for (const std::string* name : {&wanted.name, &wanted.organisation}) {
    if (name->empty()) continue;
    if (auto status = checkName(*name); !status) return base::fail(status.error());
  }
  const auto nowMs = clock_.unixMs();
  if (auto status = store::takeAttempt(
          store_, {{digest("register|" + wanted.address), kFreeRegistrations}}, nowMs);
      !status) {
    return base::fail(status.error());
  }
  auto hash = passwords_.hash(wanted.password.reveal());
  if (!hash) return base::fail(hash.error());
  store::NewUser made;
  made.user.id = base::makeId("usr_", clock_, random_);
  made.user.email = *email;
  made.user.name = wanted.name;
  made.user.passwordHash = std::move(*hash);
  made.user.createdAt = made.user.updatedAt = made.user.passwordChangedAt = nowMs;
  made.user.lastLoginAt = nowMs;
  made.membership.userId = made.user.id;
  made.membership.createdAt = nowMs;
  if (invited) {
    made.invitationHash = digest(wanted.invitation.reveal());
  } else {
    const std::string& name = !wanted.organisation.empty() ? wanted.organisation
                              : !wanted.name.empty()       ? wanted.name
                                                           : *email;
    made.organisation = store::Organisation{base::makeId("org_", clock_, random_), name, nowMs};
    made.membership.orgId = made.organisation->id;
    made.membership.role = toText(Role::owner);
  }
  made.session = newSession(made.user.id, made.membership.orgId);
  auto refreshToken = newToken(kRefreshPrefix);
  made.refreshHash = digest(refreshToken.reveal());
  if (auto status = store::createUser(store_, made); !status) return base::fail(status.error());
  if (invited) {
    // The invitation says where to and as what; it was read where it was used up.
    auto reader = store_.openReader();
    if (!reader) return base::fail(reader.error());
    const auto memberships = store::organisationsOf(**reader, made.user.id);
    if (!memberships) return base::fail(memberships.error());
    if (memberships->empty()) return base::fail(invalidInvitation());
    made.session->orgId = memberships->front().orgId;
    made.membership.role = memberships->front().role;
  }
  return loggedIn(*made.session, std::move(refreshToken), made.membership.role);
}

base::Result<LoggedIn> Users::login(store::ReadSession& reader, const LoginRequest& request) {
  auto email = normalisedEmail(request.email);
  if (!email) return base::fail(email.error());
  const auto user = store::userByEmail(reader, *email);
  if (!user) return base::fail(user.error());
  const bool usable = user->has_value() && (*user)->disabledAt == 0;
  const std::string encoded = usable ? (*user)->passwordHash : std::string();
  if (auto status = checkPassword(*email, request.address, encoded, request.password, wrongLogin());
      !status) {
    return base::fail(status.error());
  }
  const store::UserRow& row = **user;
  if (!request.invitation.empty()) {
    if (auto status = store::acceptInvitation(store_, digest(request.invitation.reveal()), row.id,
                                              row.email, clock_.unixMs());
        !status) {
      return base::fail(status.error());
    }
  }
  const auto memberships = store::organisationsOf(reader, row.id);
  if (!memberships) return base::fail(memberships.error());
  const auto chosen = std::find_if(memberships->begin(), memberships->end(), [&](const auto& each) {
    return request.organisation.empty() || each.orgId == request.organisation;
  });
  if (chosen == memberships->end()) {
    return base::fail(403, "no_organisation",
                      request.organisation.empty()
                          ? "You are a member of no organisation; send an invitation with the "
                            "log-in to join one."
                          : "You are no member of an organisation with this id.",
                      request.organisation.empty() ? "" : "organisation");
  }
  std::string rehashed;
  if (passwords_.isOutdated(encoded)) {
    // It works as it is; a busy moment just puts it off.
    if (auto hash = passwords_.hash(request.password.reveal())) rehashed = std::move(*hash);
  }
  const auto session = newSession(row.id, chosen->orgId);
  auto refreshToken = newToken(kRefreshPrefix);
  if (auto status = store::createSession(store_, session, digest(refreshToken.reveal()), rehashed);
      !status) {
    return base::fail(status.error());
  }
  return loggedIn(session, std::move(refreshToken), chosen->role);
}

base::Result<LoggedIn> Users::refresh(store::ReadSession& reader, std::string_view refreshToken) {
  if (refreshToken.rfind(kRefreshPrefix, 0) != 0 || refreshToken.size() > kTokenCharsMax) {
    return base::fail(401, "invalid_refresh_token", "The refresh token is not known; log in again.",
                      "refresh_token");
  }
  auto next = newToken(kRefreshPrefix);
  const auto nowMs = clock_.unixMs();
  auto session =
      store::rotateRefreshToken(store_, digest(refreshToken), digest(next.reveal()), nowMs);
  if (!session) return base::fail(session.error());
  const auto role = store::roleInSession(reader, *session, nowMs);
  if (!role) return base::fail(role.error());
  if (!*role) {
    return base::fail(401, "invalid_refresh_token", "This log-in has ended; log in again.",
                      "refresh_token");
  }
  return loggedIn(*session, std::move(next), **role);
}

base::Status Users::logout(store::ReadSession& reader, std::string_view refreshToken) {
  if (refreshToken.size() > kTokenCharsMax) return {};
  const auto session = store::sessionByRefreshHash(reader, digest(refreshToken));
  if (!session) return base::fail(session.error());
  if (!*session) return {};
  return store::revokeSessions(store_, (*session)->userId, (*session)->id, "", "logged out",
                               clock_.unixMs());
}

base::Status Users::logout(const Principal& user, bool everywhere) {
  if (user.sessionId.empty() && !everywhere) return {};
  return store::revokeSessions(store_, user.userId, everywhere ? "" : user.sessionId, "",
                               "logged out", clock_.unixMs());
}

base::Status Users::changePassword(store::ReadSession& reader, const Principal& user,
                                   const vault::SecretString& current,
                                   const vault::SecretString& next, const std::string& address) {
  const auto row = store::userById(reader, user.userId);
  if (!row) return base::fail(row.error());
  if (!*row || (*row)->passwordHash.empty()) {
    return base::fail(409, "no_password",
                      "This user logs in at an external issuer and has no password here.");
  }
  const store::UserRow& found = **row;
  if (auto status = checkNewPassword(next.reveal(), found.email, "new_password"); !status)
    return status;
  base::Problem wrong = wrongLogin();
  wrong.status = 403;
  wrong.code = "wrong_password";
  wrong.detail = "The current password is not right.";
  wrong.param = "current_password";
  if (auto status = checkPassword(found.email, address, found.passwordHash, current, wrong);
      !status) {
    return status;
  }
  auto hash = passwords_.hash(next.reveal());
  if (!hash) return base::fail(hash.error());
  return store::changePassword(store_, user.orgId, found.id, found.passwordHash, *hash,
                               user.sessionId, clock_.unixMs());
}

// ---- recognising ----

bool Users::mayBeToken(std::string_view text) const {
  return isOwnToken(text) || issuers_.claims(text);
}

base::Result<Principal> Users::authenticate(store::ReadSession& reader, std::string_view text) {
  const auto claims = tokens_.check(text);
  if (!claims) return authenticateExternal(reader, text);
  store::SessionRow session;
  session.id = claims->sessionId;
  session.orgId = claims->orgId;
  session.userId = claims->userId;
  const auto role = store::roleInSession(reader, session, clock_.unixMs());
  if (!role) return base::fail(role.error());
  if (!*role) return invalidToken();
  Principal principal;
  principal.orgId = claims->orgId;
  principal.userId = claims->userId;
  principal.role = **role;
  principal.sessionId = claims->sessionId;
  principal.ratePerMinute = settings_.defaultRatePerMinute;
  return principal;
}

base::Result<Principal> Users::authenticateExternal(store::ReadSession& reader,
                                                    std::string_view text) {
  auto identity = issuers_.check(text);
  if (!identity) return base::fail(identity.error());
  auto user = store::userBySubject(reader, identity->issuer, identity->subject);
  if (!user) return base::fail(user.error());
  std::string userId;
  if (*user) {
    if ((*user)->disabledAt > 0) return invalidToken();
    userId = (*user)->id;
  } else {
    auto made = provision(reader, *identity);
    if (!made) return base::fail(made.error());
    userId = std::move(*made);
  }
  auto role = store::roleOf(reader, identity->orgId, userId);
  if (!role) return base::fail(role.error());
  if (!*role) {
    return base::fail(403, "not_a_member",
                      "You are no member of the organisation that this token is for.");
  }
  // Where the issuer says what somebody may do, it is asked every time. It can't unmake the last
  // owner.
  if (identity->roleFromClaim && **role != toText(identity->role)) {
    const auto changed =
        store::changeMember(store_, identity->orgId, userId, std::string(toText(identity->role)),
                            false, identity->issuer, clock_.unixMs());
    if (changed) *role = std::string(toText(identity->role));
    if (!changed && changed.error().code != "last_owner") return base::fail(changed.error());
  }
  Principal principal;
  principal.orgId = identity->orgId;
  principal.userId = userId;
  principal.role = **role;
  principal.ratePerMinute = settings_.defaultRatePerMinute;
  return principal;
}

// A user of an issuer who comes for the first time.
base::Result<std::string> Users::provision(store::ReadSession& reader,
                                           const ExternalIdentity& identity) {
  const auto organisation = reader.organisationById(identity.orgId);
  if (!organisation) return base::fail(organisation.error());
  if (!*organisation) {
    return base::fail(
        403, "no_organisation",
        "The token is valid but leads to no organisation here; the operator sets that "
        "in identity.issuers.");
  }
  const auto nowMs = clock_.unixMs();
  store::NewUser made;
  made.user.id = base::makeId("usr_", clock_, random_);
  made.user.email = identity.email;
  made.user.name = identity.name;
  made.user.issuer = identity.issuer;
  made.user.subject = identity.subject;
  made.user.createdAt = made.user.updatedAt = made.user.lastLoginAt = nowMs;
  made.membership = {identity.orgId, made.user.id, std::string(toText(identity.role)), nowMs};
  if (auto status = store::createUser(store_, made); !status) {
    // Two requests of a newcomer at once: the other made him.
    auto other = store::userBySubject(reader, identity.issuer, identity.subject);
    if (other && *other) return (*other)->id;
    return base::fail(status.error());
  }
  return made.user.id;
}

// ---- organisations and members ----

base::Result<store::Organisation> Users::createOrganisation(const Principal& user,
                                                            std::string_view name) {
  if (auto status = checkName(name); !status) return base::fail(status.error());
  store::Organisation organisation{base::makeId("org_", clock_, random_), std::string(name),
                                   clock_.unixMs()};
  const store::MembershipRow owner{organisation.id, user.userId, std::string(toText(Role::owner)),
                                   organisation.createdAt};
  if (auto status = store::createOrganisationOf(store_, organisation, owner); !status)
    return base::fail(status.error());
  return organisation;
}

base::Result<LoggedIn> Users::switchOrganisation(store::ReadSession& reader, const Principal& user,
                                                 const std::string& orgId) {
  if (user.sessionId.empty()) {
    return base::fail(409, "decided_by_issuer",
                      "The external issuer decides which organisation its tokens are for.");
  }
  const auto role = store::roleOf(reader, orgId, user.userId);
  if (!role) return base::fail(role.error());
  if (!*role) {
    return base::fail(404, "not_found", "You are no member of an organisation with this id.", "id");
  }
  const auto current = store::sessionById(reader, user.sessionId);
  if (!current) return base::fail(current.error());
  if (!*current) return invalidToken();
  auto session = newSession(user.userId, orgId);
  session.expiresAt = (*current)->expiresAt;
  auto refreshToken = newToken(kRefreshPrefix);
  if (auto status = store::createSession(store_, session, digest(refreshToken.reveal()), "");
      !status) {
    return base::fail(status.error());
  }
  return loggedIn(session, std::move(refreshToken), **role);
}

base::Result<Invited> Users::invite(store::ReadSession& reader, const Principal& by,
                                    const std::string& email, Role role) {
  auto address = normalisedEmail(email);
  if (!address) return base::fail(address.error());
  if (role == Role::owner && by.role != toText(Role::owner)) {
    return base::fail(403, "owner_required", "Only an owner may make, change or remove an owner.",
                      "role");
  }
  const auto members = store::membersOf(reader, by.orgId);
  if (!members) return base::fail(members.error());
  if (std::any_of(members->begin(), members->end(), [&](const auto& each) {
        return each.issuer.empty() && each.email == *address;
      })) {
    return base::fail(409, "already_member", "A user of this email address is a member already.",
                      "email");
  }
  Invited invited{{}, newToken(kInvitationPrefix)};
  invited.row.id = base::makeId("ivt_", clock_, random_);
  invited.row.orgId = by.orgId;
  invited.row.email = *address;
  invited.row.role = toText(role);
  invited.row.tokenHash = digest(invited.token.reveal());
  invited.row.invitedBy = by.actor();
  invited.row.createdAt = clock_.unixMs();
  invited.row.expiresAt = invited.row.createdAt + kInvitationMs;
  if (auto status = store::createInvitation(store_, invited.row, by.actor()); !status)
    return base::fail(status.error());
  return invited;
}

base::Status Users::acceptInvitation(store::ReadSession& reader, const Principal& user,
                                     std::string_view token) {
  const auto row = store::userById(reader, user.userId);
  if (!row) return base::fail(row.error());
  if (!*row || (*row)->email.empty() || token.size() > kTokenCharsMax)
    return base::fail(invalidInvitation());
  return store::acceptInvitation(store_, digest(token), user.userId, (*row)->email,
                                 clock_.unixMs());
}

base::Status Users::changeMember(const Principal& by, const std::string& userId,
                                 std::optional<Role> role) {
  const bool onlyBelowOwner = by.role != toText(Role::owner);
  return store::changeMember(store_, by.orgId, userId,
                             role ? std::string(toText(*role)) : std::string(), onlyBelowOwner,
                             by.actor(), clock_.unixMs());
}

base::Status Users::rename(const Principal& user, std::string_view name) {
  if (auto status = checkName(name); !status) return status;
  return store::renameUser(store_, user.userId, std::string(name), clock_.unixMs());
}

// ---- for the operator ----

base::Result<store::UserRow> Users::create(store::ReadSession& reader, const std::string& email,
                                           const std::string& name,
                                           const vault::SecretString& password,
                                           const std::string& orgId, Role role) {
  auto address = normalisedEmail(email);
  if (!address) return base::fail(address.error());
  if (auto status = checkNewPassword(password.reveal(), *address, "password"); !status)
    return base::fail(status.error());
  if (!name.empty()) {
    if (auto status = checkName(name); !status) return base::fail(status.error());
  }
  const auto organisation = reader.organisationById(orgId);
  if (!organisation) return base::fail(organisation.error());
  if (!*organisation)
    return base::fail(404, "not_found", "there is no organisation " + orgId, "org");
  auto hash = passwords_.hash(password.reveal());
  if (!hash) return base::fail(hash.error());
  const auto nowMs = clock_.unixMs();
  store::NewUser made;
  made.user.id = base::makeId("usr_", clock_, random_);
  made.user.email = *address;
  made.user.name = name;
  made.user.passwordHash = std::move(*hash);
  made.user.createdAt = made.user.updatedAt = made.user.passwordChangedAt = nowMs;
  made.membership = {orgId, made.user.id, std::string(toText(role)), nowMs};
  if (auto status = store::createUser(store_, made); !status) return base::fail(status.error());
  return made.user;
}

namespace {

// For the operator, who may learn who there is. 404 for an unknown address.
base::Result<store::UserRow> userOf(store::ReadSession& reader, const std::string& email) {
  const auto address = normalisedEmail(email);
  if (!address) return base::fail(address.error());
  auto user = store::userByEmail(reader, *address);
  if (!user) return base::fail(user.error());
  if (!*user)
    return base::fail(404, "not_found", "there is no user of this email address", "email");
  return std::move(**user);
}

}  // namespace

base::Status Users::resetPassword(store::ReadSession& reader, const std::string& email,
                                  const vault::SecretString& password) {
  const auto user = userOf(reader, email);
  if (!user) return base::fail(user.error());
  if (auto status = checkNewPassword(password.reveal(), user->email, "password"); !status)
    return status;
  auto hash = passwords_.hash(password.reveal());
  if (!hash) return base::fail(hash.error());
  return store::changePassword(store_, "", user->id, user->passwordHash, *hash, "",
                               clock_.unixMs());
}

base::Status Users::setDisabled(store::ReadSession& reader, const std::string& emailOrId,
                                bool disabled) {
  std::string id = emailOrId;
  if (emailOrId.find('@') != std::string::npos) {
    auto user = userOf(reader, emailOrId);
    if (!user) return base::fail(user.error());
    id = std::move(user->id);
  }
  return store::setUserDisabled(store_, id, disabled, clock_.unixMs());
}

}  // namespace unigate::identity
