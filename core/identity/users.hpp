// People: registering, logging in and out, changing passwords, being a member of organisations, and
// recognising a user's token. Management routes and the command line use it. Blocking; any thread
// but an event loop's, with that thread's own reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "identity/access_tokens.hpp"
#include "identity/api_keys.hpp"
#include "identity/issuers.hpp"
#include "identity/passwords.hpp"
#include "identity/permissions.hpp"
#include "store/store.hpp"
#include "store/users.hpp"
#include "vault/vault.hpp"

namespace unigate::identity {

struct UserSettings {
  bool registrationOpen = true;    // false: by invitation alone
  std::string issuer = "unigate";  // of the access tokens
  std::int64_t defaultRatePerMinute = 600;
  PasswordCost passwordCost = {};
  WorkGate::Settings gate = {};
  std::vector<IssuerSettings> issuers = {};
  IssuerTimes issuerTimes = {};
  Issuers::Fetch fetch = {};
};

// What a log-in gives. Both tokens are shown once.
struct LoggedIn {
  std::string accessToken;
  vault::SecretString refreshToken;
  std::string userId;
  std::string orgId;
  std::string role;
};

struct Registration {
  std::string email;
  vault::SecretString password;
  std::string name;                // may be empty
  std::string organisation;        // the new one's name; empty: after the user
  vault::SecretString invitation;  // instead of a new organisation
  std::string address;             // where it comes from
};

struct LoginRequest {
  std::string email;
  vault::SecretString password;
  std::string organisation;        // empty: the oldest membership
  vault::SecretString invitation;  // accepted first, unless empty
  std::string address;
};

struct Invited {
  store::InvitationRow row;
  vault::SecretString token;  // to be handed on; not kept anywhere
};

class Users {
 public:
  // All must outlive it.
  Users(store::Store& store, const vault::Vault& vault, const base::Clock& clock,
        base::Random& random, UserSettings settings);

  // ---- log-ins ----
  base::Result<LoggedIn> registerUser(const Registration& wanted);
  // The same 401 after the same time for an unknown address and a wrong password; 429 while too
  // many were tried.
  base::Result<LoggedIn> login(store::ReadSession& reader, const LoginRequest& request);
  base::Result<LoggedIn> refresh(store::ReadSession& reader, std::string_view refreshToken);
  // Ends the log-in of a refresh token. Says nothing of whether there was one.
  base::Status logout(store::ReadSession& reader, std::string_view refreshToken);
  // Ends the user's own log-in, or all of them.
  base::Status logout(const Principal& user, bool everywhere);
  // All other log-ins end.
  base::Status changePassword(store::ReadSession& reader, const Principal& user,
                              const vault::SecretString& current, const vault::SecretString& next,
                              const std::string& address);

  // ---- recognising ----
  // [any thread, never blocks] Whether a text may be a user's token: one of ours that holds, or one
  // that says that it is of a configured issuer.
  bool mayBeToken(std::string_view text) const;
  // [any thread, never blocks] Whether it is one of ours that holds.
  bool isOwnToken(std::string_view text) const { return tokens_.check(text).has_value(); }
  // Who bears the token, with the role as it is now. 401 for what does not hold or has ended.
  base::Result<Principal> authenticate(store::ReadSession& reader, std::string_view text);

  // ---- organisations and members ----
  base::Result<store::Organisation> createOrganisation(const Principal& user,
                                                       std::string_view name);
  // A log-in of its own for another organisation, which ends when this one would.
  base::Result<LoggedIn> switchOrganisation(store::ReadSession& reader, const Principal& user,
                                            const std::string& orgId);
  base::Result<Invited> invite(store::ReadSession& reader, const Principal& by,
                               const std::string& email, Role role);
  base::Status acceptInvitation(store::ReadSession& reader, const Principal& user,
                                std::string_view token);
  // `role` empty: removes him.
  base::Status changeMember(const Principal& by, const std::string& userId,
                            std::optional<Role> role);
  base::Status rename(const Principal& user, std::string_view name);

  // For the operator: a user with a password who is a member of an organisation that is there.
  base::Result<store::UserRow> create(store::ReadSession& reader, const std::string& email,
                                      const std::string& name, const vault::SecretString& password,
                                      const std::string& orgId, Role role);

  // For the operator: another password; all log-ins end. 404 for an unknown address.
  base::Status resetPassword(store::ReadSession& reader, const std::string& email,
                             const vault::SecretString& password);

  // For the operator: shuts somebody out, and lets him in again. Email address or id. 404.
  base::Status setDisabled(store::ReadSession& reader, const std::string& emailOrId, bool disabled);

  store::Store& store() { return store_; }

 private:
  vault::SecretString newToken(std::string_view prefix);
  std::string digest(std::string_view text) const;
  store::SessionRow newSession(const std::string& userId, const std::string& orgId);
  LoggedIn loggedIn(const store::SessionRow& session, vault::SecretString refreshToken,
                    std::string role) const;
  // The password's check under the limits on guessing: 401 with `refusal` when it is wrong.
  base::Status checkPassword(const std::string& email, const std::string& address,
                             const std::string& encoded, const vault::SecretString& password,
                             const base::Problem& refusal);
  base::Result<Principal> authenticateExternal(store::ReadSession& reader, std::string_view text);
  base::Result<std::string> provision(store::ReadSession& reader, const ExternalIdentity& identity);

  store::Store& store_;
  const base::Clock& clock_;
  base::Random& random_;
  const UserSettings settings_;
  vault::SecretString pepper_;
  AccessTokens tokens_;
  Passwords passwords_;
  Issuers issuers_;
};

// The address as it is compared: lower case. The problem names `email`.
base::Result<std::string> normalisedEmail(std::string_view email);

}  // namespace unigate::identity
