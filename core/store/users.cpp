#include "store/users.hpp"

#include "store/audit_entry.hpp"
#include "store/columns.hpp"
#include "store/early_refusal.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

namespace {

[[noreturn]] void refuse(int status, const char* code, std::string detail, const char* param = "") {
  throw Refusal{{status, code, std::move(detail), param, false, 0, {}}};
}

[[noreturn]] void refuseRefresh(const char* code, const char* detail) {
  refuse(401, code, detail, "refresh_token");
}

template <typename Visit>
void visitColumns(UserRow& r, Visit&& visit) {
  visit("id", r.id);
  visit("email", r.email);
  visit("name", r.name);
  visit("password_hash", r.passwordHash);
  visit("issuer", r.issuer);
  visit("subject", r.subject);
  visit("created_at", r.createdAt);
  visit("updated_at", r.updatedAt);
  visit("password_changed_at", r.passwordChangedAt);
  visit("last_login_at", r.lastLoginAt);
  visit("disabled_at", r.disabledAt);
}

template <typename Visit>
void visitColumns(MembershipRow& r, Visit&& visit) {
  visit("org_id", r.orgId);
  visit("user_id", r.userId);
  visit("role", r.role);
  visit("created_at", r.createdAt);
}

template <typename Visit>
void visitColumns(InvitationRow& r, Visit&& visit) {
  visit("id", r.id);
  visit("org_id", r.orgId);
  visit("email", r.email);
  visit("role", r.role);
  visit("token_hash", r.tokenHash);
  visit("invited_by", r.invitedBy);
  visit("created_at", r.createdAt);
  visit("expires_at", r.expiresAt);
  visit("accepted_at", r.acceptedAt);
  visit("revoked_at", r.revokedAt);
}

template <typename Visit>
void visitColumns(SessionRow& r, Visit&& visit) {
  visit("id", r.id);
  visit("org_id", r.orgId);
  visit("user_id", r.userId);
  visit("created_at", r.createdAt);
  visit("expires_at", r.expiresAt);
  visit("used_at", r.usedAt);
  visit("revoked_at", r.revokedAt);
  visit("revoked_why", r.revokedWhy);
}

template <typename Row>
std::string columnsOf(const std::string& prefix = "") {
  Row row;
  std::string text;
  visitColumns(
      row, [&](const char* name, auto&) { text += (text.empty() ? "" : ", ") + prefix + name; });
  return text;
}

template <typename Row>
void bindOut(Statement& statement, Row& row) {
  visitColumns(row, [&](const char*, auto& field) { statement.out(field); });
}

template <typename Row>
void insert(WriteConnection& connection, const char* table, const Row& values) {
  Row row = values;
  std::string names;
  std::string places;
  visitColumns(row, [&](const std::string& name, auto&) {
    names += (names.empty() ? "" : ", ") + name;
    places += (places.empty() ? ":" : ", :") + name;
  });
  Statement statement(connection.session(), std::string("INSERT INTO ") + table + " (" + names +
                                                ") VALUES (" + places + ")");
  visitColumns(row, [&](const char* name, auto& field) { statement.in(name, field); });
  statement.ready().run();
}

// One row by text parameters.
template <typename Row>
base::Result<std::optional<Row>> readOne(
    ReadSession& reader, const std::string& tenant, const std::string& sql,
    const std::vector<std::pair<const char*, std::string>>& parameters) {
  std::optional<Row> found;
  const auto status = reader.read(tenant, [&](soci::session& session) {
    found.reset();
    Row row;
    Statement select(session, sql);
    bindOut(select, row);
    for (const auto& [name, value] : parameters) select.in(name, value);
    select.ready().one([&] { found = row; });
  });
  if (!status) return base::fail(status.error());
  return found;
}

template <typename Row>
std::string selectFrom(const char* table, const char* tail) {
  return "SELECT " + columnsOf<Row>() + " FROM " + table + " " + tail;
}

AuditRow entryBy(const std::string& actor, const std::string& orgId, const char* action,
                 const std::string& subject, json::Writer& data) {
  AuditRow row = entry(orgId, action, subject, data);
  row.actor = actor;
  return row;
}

void insertSession(WriteConnection& connection, const SessionRow& session,
                   const std::string& refreshHash) {
  connection.forTenant(kAllTenants);
  insert(connection, "sessions", session);
  std::int64_t zero = 0;
  Statement token(connection.session(),
                  "INSERT INTO refresh_tokens (hash, session_id, created_at, used_at)"
                  " VALUES (:hash, :session_id, :created_at, :used_at)");
  token.in("hash", refreshHash)
      .in("session_id", session.id)
      .in("created_at", session.usedAt)
      .in("used_at", zero)
      .ready()
      .run();
}

// Log-ins of the user that ended: nobody asks for their tokens any more.
void clearEndedSessions(WriteConnection& connection, const std::string& userId,
                        std::int64_t nowMs) {
  for (const char* sql : {"DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM sessions"
                          " WHERE user_id = :user_id AND expires_at < :now)",
                          "DELETE FROM sessions WHERE user_id = :user_id AND expires_at < :now"}) {
    Statement(connection.session(), sql).in("user_id", userId).in("now", nowMs).ready().run();
  }
}

std::optional<InvitationRow> openInvitation(WriteConnection& connection,
                                            const std::string& tokenHash, std::int64_t nowMs) {
  connection.forTenant(kAllTenants);
  std::optional<InvitationRow> found;
  InvitationRow row;
  Statement select(connection.session(),
                   selectFrom<InvitationRow>("invitations",
                                             "WHERE token_hash = :hash AND accepted_at = 0"
                                             " AND revoked_at = 0 AND expires_at > :now") +
                       dialect::forUpdate(dialect::engineOf(connection.session())));
  bindOut(select, row);
  select.in("hash", tokenHash).in("now", nowMs).ready().one([&] { found = row; });
  return found;
}

void markAccepted(WriteConnection& connection, const InvitationRow& invitation,
                  const std::string& userId, std::int64_t nowMs) {
  Statement(connection.session(), "UPDATE invitations SET accepted_at = :now WHERE id = :id")
      .in("now", nowMs)
      .in("id", invitation.id)
      .ready()
      .run();
  json::Writer data;
  data.beginObject().member("invitation", invitation.id).member("role", invitation.role);
  connection.audit(entryBy(userId, invitation.orgId, "member.join", userId, data));
}

std::optional<std::string> lockedRole(WriteConnection& connection, const std::string& orgId,
                                      const std::string& userId) {
  std::string role;
  Statement select(connection.session(),
                   "SELECT role FROM memberships WHERE org_id = :org_id AND user_id = :user_id" +
                       dialect::forUpdate(dialect::engineOf(connection.session())));
  const bool found = select.out(role).in("org_id", orgId).in("user_id", userId).ready().one([] {});
  if (!found) return std::nullopt;
  return role;
}

// The owners, locked so that two who go at once don't both think that the other stays.
std::size_t lockedOwners(WriteConnection& connection, const std::string& orgId) {
  std::size_t count = 0;
  std::string userId;
  Statement select(connection.session(),
                   "SELECT user_id FROM memberships WHERE org_id = :org_id AND role = 'owner'"
                   " ORDER BY user_id" +
                       dialect::forUpdate(dialect::engineOf(connection.session())));
  select.out(userId).in("org_id", orgId).ready().forEach([&] { ++count; });
  return count;
}

void endSessionsIn(WriteConnection& connection, const std::string& orgId, const std::string& userId,
                   std::int64_t nowMs) {
  Statement(connection.session(),
            "UPDATE sessions SET revoked_at = :now, revoked_why = 'removed'"
            " WHERE org_id = :org_id AND user_id = :user_id AND revoked_at = 0")
      .in("now", nowMs)
      .in("org_id", orgId)
      .in("user_id", userId)
      .ready()
      .run();
}

// Whether the email is taken by a user with a password here.
bool emailTaken(WriteConnection& connection, const std::string& email) {
  std::string id;
  Statement select(connection.session(),
                   "SELECT id FROM users WHERE email = :email AND issuer = ''");
  return select.out(id).in("email", email).ready().one([] {});
}

}  // namespace

// ---- reads ----

base::Result<std::optional<UserRow>> userById(ReadSession& reader, const std::string& userId) {
  return readOne<UserRow>(reader, kAllTenants, selectFrom<UserRow>("users", "WHERE id = :id"),
                          {{"id", userId}});
}

base::Result<std::optional<UserRow>> userByEmail(ReadSession& reader, const std::string& email) {
  return readOne<UserRow>(reader, kAllTenants,
                          selectFrom<UserRow>("users", "WHERE email = :email AND issuer = ''"),
                          {{"email", email}});
}

base::Result<std::optional<UserRow>> userBySubject(ReadSession& reader, const std::string& issuer,
                                                   const std::string& subject) {
  return readOne<UserRow>(reader, kAllTenants,
                          selectFrom<UserRow>("users",
                                              "WHERE issuer = :issuer AND subject = :subject"
                                              " AND issuer <> ''"),
                          {{"issuer", issuer}, {"subject", subject}});
}

base::Result<std::vector<UserRow>> allUsers(ReadSession& reader) {
  std::vector<UserRow> users;
  const auto status = reader.read(kAllTenants, [&](soci::session& session) {
    users.clear();
    UserRow row;
    Statement select(session, selectFrom<UserRow>("users", "ORDER BY id"));
    bindOut(select, row);
    select.ready().forEach([&] { users.push_back(row); });
  });
  if (!status) return base::fail(status.error());
  return users;
}

base::Result<std::vector<OrganisationOfUser>> organisationsOf(ReadSession& reader,
                                                              const std::string& userId) {
  std::vector<OrganisationOfUser> organisations;
  const auto status = reader.read(kAllTenants, [&](soci::session& session) {
    organisations.clear();
    OrganisationOfUser row;
    Statement select(session,
                     "SELECT o.id, o.name, m.role, o.created_at FROM memberships m"
                     " JOIN organisations o ON o.id = m.org_id WHERE m.user_id = :user_id"
                     " ORDER BY m.created_at, o.id");
    select.out(row.orgId).out(row.name).out(row.role).out(row.createdAt);
    select.in("user_id", userId).ready().forEach([&] { organisations.push_back(row); });
  });
  if (!status) return base::fail(status.error());
  return organisations;
}

base::Result<std::optional<std::string>> roleOf(ReadSession& reader, const std::string& orgId,
                                                const std::string& userId) {
  std::optional<std::string> role;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    role.reset();
    std::string text;
    Statement select(session,
                     "SELECT role FROM memberships WHERE org_id = :org_id AND user_id = :user_id");
    select.out(text).in("org_id", orgId).in("user_id", userId).ready().one([&] { role = text; });
  });
  if (!status) return base::fail(status.error());
  return role;
}

base::Result<std::optional<std::string>> roleInSession(ReadSession& reader,
                                                       const SessionRow& wanted,
                                                       std::int64_t nowMs) {
  std::optional<std::string> role;
  const auto status = reader.read(wanted.orgId, [&](soci::session& session) {
    role.reset();
    std::string text;
    Statement select(session,
                     "SELECT m.role FROM sessions s"
                     " JOIN memberships m ON m.org_id = s.org_id AND m.user_id = s.user_id"
                     " JOIN users u ON u.id = s.user_id"
                     " WHERE s.id = :id AND s.org_id = :org_id AND s.user_id = :user_id"
                     " AND s.revoked_at = 0 AND s.expires_at > :now AND u.disabled_at = 0");
    select.out(text)
        .in("id", wanted.id)
        .in("org_id", wanted.orgId)
        .in("user_id", wanted.userId)
        .in("now", nowMs)
        .ready()
        .one([&] { role = text; });
  });
  if (!status) return base::fail(status.error());
  return role;
}

base::Result<std::optional<SessionRow>> sessionById(ReadSession& reader, const std::string& id) {
  return readOne<SessionRow>(reader, kAllTenants,
                             selectFrom<SessionRow>("sessions", "WHERE id = :id"), {{"id", id}});
}

base::Result<std::vector<MemberRow>> membersOf(ReadSession& reader, const std::string& orgId) {
  std::vector<MemberRow> members;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    members.clear();
    MemberRow row;
    Statement select(session,
                     "SELECT u.id, u.email, u.name, m.role, u.issuer, m.created_at,"
                     " u.last_login_at FROM memberships m JOIN users u ON u.id = m.user_id"
                     " WHERE m.org_id = :org_id ORDER BY m.created_at, u.id");
    select.out(row.userId).out(row.email).out(row.name).out(row.role).out(row.issuer);
    select.out(row.createdAt).out(row.lastLoginAt).in("org_id", orgId).ready();
    select.forEach([&] { members.push_back(row); });
  });
  if (!status) return base::fail(status.error());
  return members;
}

base::Result<std::vector<InvitationRow>> openInvitations(ReadSession& reader,
                                                         const std::string& orgId,
                                                         std::int64_t nowMs) {
  std::vector<InvitationRow> invitations;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    invitations.clear();
    InvitationRow row;
    Statement select(session, selectFrom<InvitationRow>(
                                  "invitations",
                                  "WHERE org_id = :org_id AND accepted_at = 0 AND revoked_at = 0"
                                  " AND expires_at > :now ORDER BY id"));
    bindOut(select, row);
    select.in("org_id", orgId).in("now", nowMs).ready();
    select.forEach([&] { invitations.push_back(row); });
  });
  if (!status) return base::fail(status.error());
  return invitations;
}

base::Result<std::optional<InvitationRow>> invitationByHash(ReadSession& reader,
                                                            const std::string& tokenHash) {
  return readOne<InvitationRow>(
      reader, kAllTenants, selectFrom<InvitationRow>("invitations", "WHERE token_hash = :hash"),
      {{"hash", tokenHash}});
}

base::Result<std::optional<SessionRow>> sessionByRefreshHash(ReadSession& reader,
                                                             const std::string& hash) {
  return readOne<SessionRow>(
      reader, kAllTenants,
      "SELECT " + columnsOf<SessionRow>("s.") +
          " FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.hash = :hash",
      {{"hash", hash}});
}

// ---- users and log-ins ----

base::Status createUser(Store& store, const NewUser& made) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    const auto nowMs = made.user.createdAt;
    if (made.user.issuer.empty() && emailTaken(connection, made.user.email)) {
      refuse(409, "email_taken", "There is a user of this email address already; log in instead.",
             "email");
    }
    MembershipRow membership = made.membership;
    std::optional<InvitationRow> invitation;
    if (!made.invitationHash.empty()) {
      invitation = openInvitation(connection, made.invitationHash, nowMs);
      if (!invitation || invitation->email != made.user.email) {
        refuse(404, "invalid_invitation",
               "This invitation is unknown, used, over, or for another email address.",
               "invitation");
      }
      membership.orgId = invitation->orgId;
      membership.role = invitation->role;
    }
    insert(connection, "users", made.user);
    if (made.organisation) {
      insert(connection, "organisations", *made.organisation);
      json::Writer data;
      data.beginObject().member("name", made.organisation->name);
      connection.audit(entryBy(made.user.id, made.organisation->id, "organisation.create",
                               made.organisation->id, data));
    }
    insert(connection, "memberships", membership);
    json::Writer data;
    data.beginObject().member("role", membership.role).member("issuer", made.user.issuer);
    connection.audit(entryBy(made.user.id, membership.orgId, "user.create", made.user.id, data));
    if (invitation) markAccepted(connection, *invitation, made.user.id, nowMs);
    if (made.session) {
      SessionRow session = *made.session;
      session.orgId = membership.orgId;
      insertSession(connection, session, made.refreshHash);
    }
  });
}

base::Status createSession(Store& store, const SessionRow& session, const std::string& refreshHash,
                           const std::string& passwordHash) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    clearEndedSessions(connection, session.userId, session.createdAt);
    insertSession(connection, session, refreshHash);
    Statement(connection.session(), "UPDATE users SET last_login_at = :now WHERE id = :id")
        .in("now", session.createdAt)
        .in("id", session.userId)
        .ready()
        .run();
    if (!passwordHash.empty()) {
      Statement(connection.session(), "UPDATE users SET password_hash = :hash WHERE id = :id")
          .in("hash", passwordHash)
          .in("id", session.userId)
          .ready()
          .run();
    }
    json::Writer data;
    data.beginObject().member("session", session.id);
    connection.audit(entryBy(session.userId, session.orgId, "user.login", session.userId, data));
  });
}

base::Result<SessionRow> rotateRefreshToken(Store& store, const std::string& hash,
                                            const std::string& nextHash, std::int64_t nowMs) {
  SessionRow session;
  bool reused = false;
  const auto status = writeUnlessRefused(store, [&](WriteConnection& connection) {
    reused = false;
    connection.forTenant(kAllTenants);
    std::int64_t usedAt = 0;
    // The session's row is the lock: two who come with one token at once come one after the other.
    Statement select(connection.session(),
                     "SELECT " + columnsOf<SessionRow>() +
                         " FROM sessions WHERE id = (SELECT session_id FROM refresh_tokens"
                         " WHERE hash = :hash)" +
                         dialect::forUpdate(dialect::engineOf(connection.session())));
    bindOut(select, session);
    if (!select.in("hash", hash).ready().one([] {})) {
      refuseRefresh("invalid_refresh_token", "The refresh token is not known; log in again.");
    }
    Statement used(connection.session(), "SELECT used_at FROM refresh_tokens WHERE hash = :hash");
    used.out(usedAt).in("hash", hash).ready().one([] {});
    if (session.revokedAt > 0 || session.expiresAt <= nowMs)
      refuseRefresh("invalid_refresh_token", "This log-in has ended; log in again.");
    if (usedAt > 0) {
      // Committed: whoever has the copy must not go on.
      reused = true;
      std::string why = "refresh token reused";
      Statement(connection.session(),
                "UPDATE sessions SET revoked_at = :now, revoked_why = :why WHERE id = :id")
          .in("now", nowMs)
          .in("why", why)
          .in("id", session.id)
          .ready()
          .run();
      json::Writer data;
      data.beginObject().member("session", session.id);
      connection.audit(entryBy(session.userId, session.orgId, "user.refresh_token_reused",
                               session.userId, data));
      return;
    }
    Statement(connection.session(), "UPDATE refresh_tokens SET used_at = :now WHERE hash = :hash")
        .in("now", nowMs)
        .in("hash", hash)
        .ready()
        .run();
    std::int64_t zero = 0;
    Statement(connection.session(),
              "INSERT INTO refresh_tokens (hash, session_id, created_at, used_at)"
              " VALUES (:hash, :session_id, :now, :used_at)")
        .in("hash", nextHash)
        .in("session_id", session.id)
        .in("now", nowMs)
        .in("used_at", zero)
        .ready()
        .run();
    Statement(connection.session(), "UPDATE sessions SET used_at = :now WHERE id = :id")
        .in("now", nowMs)
        .in("id", session.id)
        .ready()
        .run();
  });
  if (!status) return base::fail(status.error());
  if (reused) {
    return base::fail(401, "refresh_token_reused",
                      "This refresh token was used before; the log-in was ended. Log in again.",
                      "refresh_token");
  }
  return session;
}

base::Status revokeSessions(Store& store, const std::string& userId, const std::string& sessionId,
                            const std::string& exceptId, const std::string& why,
                            std::int64_t nowMs) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    Statement update(connection.session(),
                     "UPDATE sessions SET revoked_at = :now, revoked_why = :why"
                     " WHERE user_id = :user_id AND revoked_at = 0 AND id <> :except_id"
                     " AND (CAST(:id AS TEXT) = '' OR id = CAST(:id2 AS TEXT))");
    update.in("now", nowMs)
        .in("why", why)
        .in("user_id", userId)
        .in("except_id", exceptId)
        .in("id", sessionId)
        .in("id2", sessionId)
        .ready()
        .run();
  });
}

base::Status changePassword(Store& store, const std::string& orgId, const std::string& userId,
                            const std::string& oldHash, const std::string& newHash,
                            const std::string& keepSessionId, std::int64_t nowMs) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    Statement update(connection.session(),
                     "UPDATE users SET password_hash = :new_hash, password_changed_at = :now,"
                     " updated_at = :now2 WHERE id = :id AND password_hash = :old_hash");
    const auto touched = update.in("new_hash", newHash)
                             .in("now", nowMs)
                             .in("now2", nowMs)
                             .in("id", userId)
                             .in("old_hash", oldHash)
                             .ready()
                             .run();
    if (touched != 1) {
      refuse(409, "password_changed",
             "The password was changed by another request in the meantime; try again.");
    }
    Statement(connection.session(),
              "UPDATE sessions SET revoked_at = :now, revoked_why = 'password changed'"
              " WHERE user_id = :user_id AND revoked_at = 0 AND id <> :keep")
        .in("now", nowMs)
        .in("user_id", userId)
        .in("keep", keepSessionId)
        .ready()
        .run();
    json::Writer data;
    data.beginObject();
    connection.audit(entryBy(userId, orgId, "user.password", userId, data));
  });
}

base::Status setUserDisabled(Store& store, const std::string& userId, bool disabled,
                             std::int64_t nowMs) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    std::int64_t since = 0;
    Statement select(connection.session(),
                     "SELECT disabled_at FROM users WHERE id = :id" +
                         dialect::forUpdate(dialect::engineOf(connection.session())));
    if (!select.out(since).in("id", userId).ready().one([] {}))
      refuse(404, "not_found", "There is no such user.");
    if ((since > 0) == disabled) return;
    const std::int64_t disabledAt = disabled ? nowMs : 0;
    Statement(connection.session(),
              "UPDATE users SET disabled_at = :disabled_at, updated_at = :now WHERE id = :id")
        .in("disabled_at", disabledAt)
        .in("now", nowMs)
        .in("id", userId)
        .ready()
        .run();
    if (disabled) {
      Statement(connection.session(),
                "UPDATE sessions SET revoked_at = :now, revoked_why = 'user disabled'"
                " WHERE user_id = :user_id AND revoked_at = 0")
          .in("now", nowMs)
          .in("user_id", userId)
          .ready()
          .run();
    }
    json::Writer data;
    data.beginObject();
    connection.audit(entry("", disabled ? "user.disable" : "user.enable", userId, data));
  });
}

base::Status renameUser(Store& store, const std::string& userId, const std::string& name,
                        std::int64_t nowMs) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    Statement(connection.session(),
              "UPDATE users SET name = :name, updated_at = :now WHERE id = :id")
        .in("name", name)
        .in("now", nowMs)
        .in("id", userId)
        .ready()
        .run();
  });
}

// ---- organisations and members ----

base::Status createOrganisationOf(Store& store, const Organisation& organisation,
                                  const MembershipRow& owner) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(organisation.id);
    insert(connection, "organisations", organisation);
    insert(connection, "memberships", owner);
    json::Writer data;
    data.beginObject().member("name", organisation.name);
    connection.audit(
        entryBy(owner.userId, organisation.id, "organisation.create", organisation.id, data));
  });
}

base::Status addMember(Store& store, const MembershipRow& membership, const std::string& actor) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(membership.orgId);
    if (lockedRole(connection, membership.orgId, membership.userId))
      refuse(409, "already_member", "This user is a member of the organisation already.");
    insert(connection, "memberships", membership);
    json::Writer data;
    data.beginObject().member("role", membership.role);
    connection.audit(entryBy(actor, membership.orgId, "member.add", membership.userId, data));
  });
}

base::Status changeMember(Store& store, const std::string& orgId, const std::string& userId,
                          const std::string& role, bool onlyBelowOwner, const std::string& actor,
                          std::int64_t nowMs) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(orgId);
    const auto owners = lockedOwners(connection, orgId);
    const auto before = lockedRole(connection, orgId, userId);
    if (!before) refuse(404, "not_found", "There is no member with this id.", "id");
    if (onlyBelowOwner && (*before == "owner" || role == "owner"))
      refuse(403, "owner_required", "Only an owner may make, change or remove an owner.");
    if (*before == "owner" && role != "owner" && owners <= 1) {
      refuse(409, "last_owner",
             "This is the organisation's last owner; make another member an owner first.");
    }
    if (role.empty()) {
      Statement(connection.session(),
                "DELETE FROM memberships WHERE org_id = :org_id AND user_id = :user_id")
          .in("org_id", orgId)
          .in("user_id", userId)
          .ready()
          .run();
      endSessionsIn(connection, orgId, userId, nowMs);
    } else {
      Statement(connection.session(),
                "UPDATE memberships SET role = :role WHERE org_id = :org_id"
                " AND user_id = :user_id")
          .in("role", role)
          .in("org_id", orgId)
          .in("user_id", userId)
          .ready()
          .run();
    }
    json::Writer data;
    data.beginObject().member("before", *before).member("role", role);
    connection.audit(
        entryBy(actor, orgId, role.empty() ? "member.remove" : "member.role", userId, data));
  });
}

base::Status createInvitation(Store& store, const InvitationRow& invitation,
                              const std::string& actor) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(invitation.orgId);
    Statement(connection.session(),
              "UPDATE invitations SET revoked_at = :now WHERE org_id = :org_id"
              " AND email = :email AND accepted_at = 0 AND revoked_at = 0")
        .in("now", invitation.createdAt)
        .in("org_id", invitation.orgId)
        .in("email", invitation.email)
        .ready()
        .run();
    insert(connection, "invitations", invitation);
    json::Writer data;
    data.beginObject().member("email", invitation.email).member("role", invitation.role);
    connection.audit(entryBy(actor, invitation.orgId, "member.invite", invitation.id, data));
  });
}

base::Status revokeInvitation(Store& store, const std::string& orgId, const std::string& id,
                              const std::string& actor, std::int64_t nowMs) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(orgId);
    Statement update(connection.session(),
                     "UPDATE invitations SET revoked_at = :now WHERE id = :id"
                     " AND org_id = :org_id AND accepted_at = 0 AND revoked_at = 0");
    const auto touched = update.in("now", nowMs).in("id", id).in("org_id", orgId).ready().run();
    if (touched != 1) refuse(404, "not_found", "There is no open invitation with this id.", "id");
    json::Writer data;
    data.beginObject();
    connection.audit(entryBy(actor, orgId, "member.invitation_revoke", id, data));
  });
}

base::Status acceptInvitation(Store& store, const std::string& tokenHash, const std::string& userId,
                              const std::string& email, std::int64_t nowMs) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    const auto invitation = openInvitation(connection, tokenHash, nowMs);
    if (!invitation || invitation->email != email) {
      refuse(404, "invalid_invitation",
             "This invitation is unknown, used, over, or for another email address.", "token");
    }
    if (lockedRole(connection, invitation->orgId, userId))
      refuse(409, "already_member", "You are a member of this organisation already.");
    insert(connection, "memberships",
           MembershipRow{invitation->orgId, userId, invitation->role, nowMs});
    markAccepted(connection, *invitation, userId, nowMs);
  });
}

}  // namespace unigate::store
