// The services of an organisation as management sees them: an account at a provider with its
// credentials, features and checks. Used by the gateway's account directory and by onboarding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

namespace unigate::store {

// In front of a field's name in `secrets`: the credentials of before, while two are live.
inline constexpr std::string_view kPreviousField = "previous.";

struct ServiceRecord {
  std::string accountId;
  std::string orgId;
  std::string environment;
  std::string provider;
  std::string featuresOff = "[]";  // JSON array of names
  std::int64_t expiresAt = 0;      // of the credentials
  std::string previousSettings;    // JSON object; empty: one set of credentials alone
  std::int64_t previousSince = 0;  // when they became the previous ones
  std::string working;             // at the last check: "newest", "previous", "none"; "": none yet
  std::int64_t checkedAt = 0;
  std::string checkCode;  // of the problem that the newest credentials had; empty: they work
  std::string checkDetail;
  std::int64_t updatedAt = 0;
};

// Empty for an account whose credentials came by the command line alone.
base::Result<std::optional<ServiceRecord>> findService(ReadSession& reader,
                                                       const std::string& orgId,
                                                       const std::string& accountId);
// Of all tenants: those whose credentials end before a time, soonest first.
base::Result<std::vector<ServiceRecord>> servicesExpiring(ReadSession& reader,
                                                          std::int64_t beforeMs, std::size_t limit);

// One change of credentials. Everything in one transaction or not at all.
struct ServiceChange {
  ProviderAccount account;            // inserted, or its settings, status and verifiedAt replaced
  std::int64_t readUpdatedAt = 0;     // the account's updatedAt as it was read; 0: there was none
  std::vector<SecretRecord> secrets;  // by field; others stay
  std::vector<std::string> removed;   // fields that go
  ServiceRecord service;
  std::string actor;
};

// 409 `service_changed` when the account was changed since it was read.
base::Status putService(Store& store, const ServiceChange& change);

// Inserts the row or replaces its features; other columns stay.
base::Status setServiceFeatures(Store& store, const ServiceRecord& service,
                                const std::string& actor);

// What a check found; also marks the account as verified where the credentials work. `service`
// brings the columns for a row that isn't there yet.
base::Status noteServiceCheck(Store& store, const ServiceRecord& service, const std::string& actor);

// Removes the account with all credentials. 404 when that organisation has no such account.
base::Status removeService(Store& store, const std::string& orgId, const std::string& accountId,
                           const std::string& actor);

}  // namespace unigate::store
