// Users that log in elsewhere: OpenID Connect issuers that the configuration names. Their tokens
// are checked against keys that are fetched from them and kept for a while. Blocking; never on an
// event loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "identity/jws.hpp"
#include "identity/permissions.hpp"

namespace unigate::identity {

struct IssuerSettings {
  std::string issuer;    // as `iss` has it, to the letter
  std::string audience;  // that `aud` must hold
  std::vector<JwsAlgorithm> algorithms;
  std::string jwksUrl;  // empty: by discovery, from `issuer`/.well-known/openid-configuration
  // Whose users they are: always this organisation, or the one that a claim leads to.
  std::string organisation;
  std::string organisationClaim;
  std::map<std::string, std::string> organisations;  // claim's value -> organisation; empty: is one
  // What a new one may do: what a claim leads to, or else this.
  Role role = Role::viewer;
  std::string roleClaim;
  std::map<std::string, Role> roles;  // claim's value, or one of its values -> role
};

// Checks what a schema can't say. The text names the setting at fault; empty: all is well.
std::string faultOf(const IssuerSettings& settings);

// What a token that holds says of its bearer.
struct ExternalIdentity {
  std::string issuer;
  std::string subject;
  std::string email;  // lower case; empty: none, or not verified
  std::string name;
  std::string orgId;
  Role role = Role::viewer;
  bool roleFromClaim = false;
};

struct IssuerTimes {
  std::int64_t refetchFloorMs = 30'000;  // between two fetches, whatever keys are asked for
  std::int64_t keysMaxAgeMs = 600'000;   // then they are fetched again
  std::int64_t keysEndMs = 3'600'000;    // then they are no good, should fetching fail
};

// Any thread.
class Issuers {
 public:
  // The body that a GET of an https URL answers with 200.
  using Fetch = std::function<base::Result<std::string>(const std::string& url)>;

  // `clock` must outlive it.
  Issuers(std::vector<IssuerSettings> settings, Fetch fetch, const base::Clock& clock,
          IssuerTimes times = {});
  ~Issuers();
  Issuers(const Issuers&) = delete;
  Issuers& operator=(const Issuers&) = delete;

  // Whether a token, unchecked, says that it is of one of these.
  bool claims(std::string_view text) const;
  // 401 "invalid_token" for what does not hold, whatever the reason; 403 "no_organisation" when it
  // holds but leads nowhere; 503 "issuer_unreachable" when its keys can't be had.
  base::Result<ExternalIdentity> check(std::string_view text);

 private:
  struct Known;
  Known* find(std::string_view text) const;
  base::Result<std::optional<JwsKey>> keyOf(Known& known, const std::string& keyId);
  base::Status refresh(Known& known);

  const Fetch fetch_;
  const base::Clock& clock_;
  const IssuerTimes times_;
  std::vector<std::unique_ptr<Known>> known_;
};

}  // namespace unigate::identity
