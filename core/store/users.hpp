// People in the database: users, members of organisations, invitations, log-ins and their refresh
// tokens, tried log-ins. Used by identity alone. Reads take the session of the calling thread;
// writes block until they are durable. Times are unix milliseconds, 0 for "never".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

namespace unigate::store {

struct UserRow {
  std::string id;     // usr_...
  std::string email;  // lower case; may be empty for a user of an issuer
  std::string name;
  std::string passwordHash;  // PHC form; empty for a user of an issuer
  std::string issuer;        // empty: has a password here
  std::string subject;
  std::int64_t createdAt = 0;
  std::int64_t updatedAt = 0;
  std::int64_t passwordChangedAt = 0;
  std::int64_t lastLoginAt = 0;
  std::int64_t disabledAt = 0;
};

struct MembershipRow {
  std::string orgId;
  std::string userId;
  std::string role;  // "viewer", "developer", "admin", "owner"
  std::int64_t createdAt = 0;
};

struct InvitationRow {
  std::string id;  // ivt_...
  std::string orgId;
  std::string email;  // lower case
  std::string role;
  std::string tokenHash;
  std::string invitedBy;
  std::int64_t createdAt = 0;
  std::int64_t expiresAt = 0;
  std::int64_t acceptedAt = 0;
  std::int64_t revokedAt = 0;
};

struct SessionRow {
  std::string id;  // ses_...
  std::string orgId;
  std::string userId;
  std::int64_t createdAt = 0;
  std::int64_t expiresAt = 0;
  std::int64_t usedAt = 0;
  std::int64_t revokedAt = 0;
  std::string revokedWhy;
};

// A member as the others of the organisation see him.
struct MemberRow {
  std::string userId;
  std::string email;
  std::string name;
  std::string role;
  std::string issuer;
  std::int64_t createdAt = 0;  // of the membership
  std::int64_t lastLoginAt = 0;
};

// An organisation as one of its members sees it.
struct OrganisationOfUser {
  std::string orgId;
  std::string name;
  std::string role;
  std::int64_t createdAt = 0;
};

// ---- reads ----

base::Result<std::optional<UserRow>> userById(ReadSession& reader, const std::string& userId);
// One with a password here.
base::Result<std::optional<UserRow>> userByEmail(ReadSession& reader, const std::string& email);
base::Result<std::optional<UserRow>> userBySubject(ReadSession& reader, const std::string& issuer,
                                                   const std::string& subject);
base::Result<std::vector<UserRow>> allUsers(ReadSession& reader);
// By id, the oldest membership first.
base::Result<std::vector<OrganisationOfUser>> organisationsOf(ReadSession& reader,
                                                              const std::string& userId);
// Empty: no member.
base::Result<std::optional<std::string>> roleOf(ReadSession& reader, const std::string& orgId,
                                                const std::string& userId);
// The role of a user whose log-in still stands: the session is neither revoked nor over and is his,
// for that organisation, where he is a member; he is not disabled. Empty otherwise.
base::Result<std::optional<std::string>> roleInSession(ReadSession& reader,
                                                       const SessionRow& session,
                                                       std::int64_t nowMs);
base::Result<std::optional<SessionRow>> sessionById(ReadSession& reader, const std::string& id);
base::Result<std::vector<MemberRow>> membersOf(ReadSession& reader, const std::string& orgId);
// Those that can still be accepted.
base::Result<std::vector<InvitationRow>> openInvitations(ReadSession& reader,
                                                         const std::string& orgId,
                                                         std::int64_t nowMs);
base::Result<std::optional<InvitationRow>> invitationByHash(ReadSession& reader,
                                                            const std::string& tokenHash);

// ---- users and log-ins ----

// A new user with a first log-in: of a new organisation, or by an invitation. 409 "email_taken".
struct NewUser {
  UserRow user;
  std::optional<Organisation> organisation;  // made with it
  std::string invitationHash;                // instead: used up with it
  MembershipRow membership;
  std::optional<SessionRow> session;
  std::string refreshHash;
};
base::Status createUser(Store& store, const NewUser& made);
// A log-in; ended ones of the same user are cleared away. `passwordHash` replaces the stored one
// unless empty.
base::Status createSession(Store& store, const SessionRow& session, const std::string& refreshHash,
                           const std::string& passwordHash);
// Takes a refresh token and puts the next in its place. 401 "invalid_refresh_token" for one that is
// unknown, over, or revoked; one that was used before ends its whole log-in
// ("refresh_token_reused").
base::Result<SessionRow> rotateRefreshToken(Store& store, const std::string& hash,
                                            const std::string& nextHash, std::int64_t nowMs);
// Ends one log-in of the user, or with an empty id all but `exceptId`.
base::Status revokeSessions(Store& store, const std::string& userId, const std::string& sessionId,
                            const std::string& exceptId, const std::string& why,
                            std::int64_t nowMs);
// The session of a refresh token, whatever its state.
base::Result<std::optional<SessionRow>> sessionByRefreshHash(ReadSession& reader,
                                                             const std::string& hash);
// Sets the password, unless it was changed since it was read (409), and ends all other log-ins.
base::Status changePassword(Store& store, const std::string& orgId, const std::string& userId,
                            const std::string& oldHash, const std::string& newHash,
                            const std::string& keepSessionId, std::int64_t nowMs);
// A disabled user is let in by no log-in and no token, his log-ins end; audited where it changes
// something. 404 "not_found".
base::Status setUserDisabled(Store& store, const std::string& userId, bool disabled,
                             std::int64_t nowMs);
base::Status renameUser(Store& store, const std::string& userId, const std::string& name,
                        std::int64_t nowMs);
// ---- organisations and members ----

base::Status createOrganisationOf(Store& store, const Organisation& organisation,
                                  const MembershipRow& owner);
// 409 when he is one already.
base::Status addMember(Store& store, const MembershipRow& membership, const std::string& actor);
// 404 for a stranger, 409 "last_owner" when nobody would own the organisation any more. An empty
// role removes him, and ends his log-ins there. `onlyBelowOwner`: 403 when he is an owner or is to
// become one.
base::Status changeMember(Store& store, const std::string& orgId, const std::string& userId,
                          const std::string& role, bool onlyBelowOwner, const std::string& actor,
                          std::int64_t nowMs);
// An earlier one to the same address is revoked.
base::Status createInvitation(Store& store, const InvitationRow& invitation,
                              const std::string& actor);
base::Status revokeInvitation(Store& store, const std::string& orgId, const std::string& id,
                              const std::string& actor, std::int64_t nowMs);
// Makes the user a member. 404 "invalid_invitation" when it can't be accepted (any more), or is for
// another address than `email`.
base::Status acceptInvitation(Store& store, const std::string& tokenHash, const std::string& userId,
                              const std::string& email, std::int64_t nowMs);

}  // namespace unigate::store
