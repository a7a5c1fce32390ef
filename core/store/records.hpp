// The rows of the database as plain structs. The gateway converts between these and the types of
// the engine; management code and the command line use them as they are.
//
// Common to all: times are unix milliseconds and 0 means "never" or "not yet"; an empty text means
// "none"; JSON columns hold text that the caller has already validated. `environment` is "test" or
// "live". No secret is ever in a record other than sealed in SecretRecord.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unigate::store {

struct Organisation {
  std::string id;  // org_...
  std::string name;
  std::int64_t createdAt = 0;
};

struct ApiKeyRecord {
  std::string id;  // key_...
  std::string orgId;
  std::string environment;
  std::string name;
  std::string hash;    // HMAC-SHA-256 of the key text, hex; unique
  std::string last4;   // for people to tell keys apart
  std::string scopes;  // JSON array of text
  std::int64_t expiresAt = 0;
  std::int64_t revokedAt = 0;
  std::int64_t ratePerMinute = 0;  // 0: the configured default
  std::int64_t createdAt = 0;
  std::int64_t lastUsedAt = 0;
};

// One set of credentials of an organisation at a provider.
struct ProviderAccount {
  std::string id;  // acc_...
  std::string orgId;
  std::string environment;
  std::string provider;
  std::int64_t priority = 0;    // several accounts of one provider: lowest first
  std::string settings = "{}";  // JSON object, nothing secret
  std::string status;           // "active", "disabled", "unverified"
  std::int64_t verifiedAt = 0;
  std::int64_t createdAt = 0;
  std::int64_t updatedAt = 0;
};

// One sealed credential field of an account; see vault/vault.hpp for the seal.
struct SecretRecord {
  std::string id;  // sec_...
  std::string orgId;
  std::string accountId;
  std::string field;
  std::int64_t version = 1;  // of the seal's format
  std::string keyId;         // which key-encryption key
  std::string wrappedKey;    // base64
  std::string nonce;         // base64
  std::string ciphertext;    // base64
  std::string last4;
  std::int64_t createdAt = 0;
};

// In place of an organisation's id: the gateway's own work for all tenants.
inline constexpr const char* kAllTenants = "*";

// money-safety.md, "States". Stored as lower-case text.
enum class OperationState { received, intent, sent, succeeded, failed, unknown, escalated };

std::string_view toText(OperationState state);
std::optional<OperationState> operationStateFromText(std::string_view text);
// True for states that never change again: succeeded and failed.
bool isTerminal(OperationState state);

struct OperationRecord {
  std::string id;  // txn_..., time-ordered
  std::string orgId;
  std::string environment;
  std::string clientKey;    // the client's Idempotency-Key; empty: none (or released)
  std::string fingerprint;  // hex SHA-256 of method, route and canonical body
  std::string operation;    // e.g. "payment.create"
  std::string route;        // e.g. "POST /v1/payments/orders"
  std::string provider;
  std::string accountId;
  std::string resourceKind;  // "payment", "refund", ...
  std::string resourceId;    // ours
  std::int64_t amount = 0;   // minor units; meaningless when `currency` is empty
  std::string currency;      // ISO 4217, upper case
  std::string providerKey;   // the idempotency key towards the provider; never the client's
  std::string recoveryMode;
  std::int64_t recoveryWindowSeconds = 0;
  OperationState state = OperationState::intent;
  std::int64_t attempt = 0;
  std::int64_t fence = 0;
  std::int64_t epoch = 0;
  std::string input;              // JSON that the adapter got; kept for a resend
  std::string outcome;            // "done", "declined", "not_executed", "unknown" or empty
  std::string error;              // JSON of the problem, or empty
  std::int64_t responseStatus = 0;
  std::string responseHeaders;  // JSON object of what a replay must carry, or empty
  std::string responseBody;     // the exact bytes that the client got or will get
  std::string providerRequestId;
  std::int64_t createdAt = 0;
  std::int64_t updatedAt = 0;
  std::int64_t sentAt = 0;
  std::int64_t finishedAt = 0;
  std::int64_t nextResolveAt = 0;  // when the resolver should look at it; 0: not scheduled
  std::int64_t providerUs = 0;     // microseconds
  std::int64_t ownUs = 0;
  std::int64_t transitionSeq = 0;  // number of its rows in transaction_logs; set by the store
  std::string owner;  // the process that drives it or drove it last; set by the store
  // The resource that no other operation may hold while this one is open; empty: none.
  std::string holds;
};

// One change of an operation's state, with what the attempt that it ended brought.
struct TransitionRow {
  std::string operationId;
  std::int64_t seq = 0;
  std::string orgId;
  std::string fromState;  // empty for the first
  std::string toState;
  std::int64_t attempt = 0;
  std::int64_t fence = 0;
  std::int64_t at = 0;
  std::string reason;
  std::string action;   // what was done: "execute", "resend", "query", or empty
  std::string outcome;  // what came of it: "done", "declined", "not_executed", "unknown", or empty
  std::int64_t providerUs = 0;  // of this attempt
  std::int64_t ownUs = 0;       // of this attempt
  std::string providerRequestId;
  std::string actor;  // who: the process, or the person who resolved it by hand
};

// What the unified API shows: a payment, a refund, a customer, ...
struct ResourceRecord {
  std::string id;  // pay_..., re_..., cus_..., time-ordered
  std::string orgId;
  std::string environment;
  std::string kind;
  std::string provider;
  std::string accountId;
  std::string providerId;
  std::string status;
  std::int64_t amount = 0;  // minor units; meaningless when `currency` is empty
  std::string currency;
  std::string parentId;  // e.g. the payment of a refund
  std::string customer;
  std::string reference;
  std::int64_t createdAt = 0;
  std::int64_t updatedAt = 0;
  // Read: the stored version (1 for a fresh row). Written: 0 inserts; otherwise the version that
  // was read, and the row is updated only if that is still the stored one.
  std::int64_t version = 0;
  std::string document;         // JSON object, the resource as the API shows it
  std::string metadata = "{}";  // JSON object of text values, for filters
};

// What an operation's end brought for the account that it went through: e.g. the signing secret of
// a webhook that was registered.
struct CredentialChange {
  std::string accountId;
  std::string settings;               // JSON object in place of the old one; empty: as it was
  std::vector<SecretRecord> secrets;  // by field; others stay
};

// A durable intent: the operation (its `state` is what it starts in) with, where they are known,
// the resources it makes.
struct IntentRecord {
  OperationRecord operation;
  std::string reason = "accepted";
  std::vector<ResourceRecord> resources;
};

// `inserted` is false when the client key was there already, or else (`resourceBusy`) an open
// operation holds the resource; `existing` is then that row.
struct IntentOutcome {
  bool inserted = false;
  bool resourceBusy = false;
  OperationRecord existing;
};

// What the end of an operation adds to its row.
struct FinalRecord {
  std::string outcome;
  std::string error;
  std::int64_t responseStatus = 0;
  std::string responseHeaders;
  std::string responseBody;
  std::string resourceId;  // empty: as it was
  std::string providerRequestId;
  std::int64_t finishedAt = 0;  // 0 for an answer that isn't final ("processing")
  std::int64_t providerUs = 0;
  std::int64_t ownUs = 0;
};

// What an attempt that a transition ends brought; for the transition's row.
struct AttemptRecord {
  std::string action;
  std::string outcome;
  std::int64_t providerUs = 0;
  std::int64_t ownUs = 0;
  std::string providerRequestId;
};

// One change of state. Everything below happens in one transaction or not at all.
struct TransitionRecord {
  OperationState toState = OperationState::sent;
  std::int64_t newFence = 0;
  std::int64_t attempt = 0;
  std::int64_t epoch = 0;
  std::string reason;
  std::string actor;      // empty: this process
  AttemptRecord attempted;  // what the attempt that ends with this brought
  std::int64_t sentAt = 0;         // 0: as it was
  std::int64_t nextResolveAt = 0;  // 0: not scheduled
  bool releaseClientKey = false;   // the client may use its key again: nothing was executed
  // Another route after a proven not-executed outcome; empty: as it was.
  std::string provider;
  std::string accountId;
  std::string providerKey;
  std::optional<FinalRecord> final;
  std::vector<ResourceRecord> resources;
  std::optional<CredentialChange> credentials;
};

enum class TransitionOutcome {
  applied,
  lostRace,         // state or fence had changed, or the operation was terminal; nothing written
  resourceChanged,  // a resource had another version than stated; nothing written
};

// One row of the audit chain; see audit_chain.hpp for its hash.
struct AuditRow {
  std::int64_t chain = 0;
  std::int64_t seq = 0;
  std::int64_t at = 0;
  std::string orgId;    // empty: about no tenant
  std::string actor;    // the process, command or person
  std::string action;   // "operation.transition", "api_key.create", ...
  std::string subject;  // the id that it is about
  std::int64_t subjectSeq = 0;  // of an operation: its transition's number
  std::string data;             // JSON object; nothing secret
  std::string hash;
};

// A run of the reconciler over one account.
struct ReconciliationRecord {
  std::string id;  // rec_..., time-ordered
  std::string orgId;
  std::string environment;
  std::string provider;
  std::string status;  // "running", "finished", "failed"
  std::int64_t since = 0;
  std::int64_t until = 0;
  std::int64_t createdAt = 0;
  std::int64_t finishedAt = 0;
  std::int64_t differences = 0;
  std::string document;  // JSON object: the report as the API shows it
};

// A process that takes money, as others see it.
struct WorkerRecord {
  std::string id;  // wrk_...
  std::int64_t beat = 0;
  std::int64_t epoch = 0;
  std::string host;
  std::int64_t processId = 0;
  std::int64_t startedAt = 0;
  std::int64_t seenAt = 0;
};

// Which resources to list: newest first, after the cursor. Empty fields don't filter.
struct ResourceFilter {
  std::string kind;
  std::string status;
  std::string provider;
  std::string customer;
  std::string reference;
  std::string parentId;
  std::int64_t createdGte = 0;
  std::int64_t createdLt = 0;
  std::vector<std::pair<std::string, std::string>> metadata;  // all must hold
  std::string startingAfter;  // id of the last row of the page before
  std::size_t limit = 10;     // 1..kListLimitMax
};

// One kind of a tenant's resources for a search: like ResourceFilter, and with conditions that no
// index helps with, so it looks at a bounded number of rows at a time.
struct ResourceSearch {
  std::string kind;
  std::string id;
  std::string status;
  std::string provider;
  std::string currency;
  std::string customer;
  std::string reference;
  std::string parentId;
  std::optional<std::int64_t> amountMin;  // minor units; only rows that have a currency
  std::optional<std::int64_t> amountMax;
  std::int64_t createdGte = 0;
  std::int64_t createdLt = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  // Each stands somewhere in the document's JSON text, upper and lower case of ASCII alike. The
  // caller looks at what is found again: the text may stand in a member that it doesn't mean.
  std::vector<std::string> inDocument;
  std::string startingAfter;  // id of the last row that was looked at
  std::size_t limit = 10;     // 1..kListLimitMax
  std::size_t rowsMax = 1000;
};

// Never has deleted ones. `lookedAtTo` is where the next slice starts after; empty: that was all.
struct SearchSlice {
  std::vector<ResourceRecord> rows;
  std::string lookedAtTo;
};

struct OperationFilter {
  std::string state;
  std::string provider;
  std::string operation;
  std::string resourceId;
  std::int64_t createdGte = 0;
  std::int64_t createdLt = 0;
  std::string startingAfter;
  std::size_t limit = 10;
};

template <typename T>
struct Page {
  std::vector<T> rows;
  bool hasMore = false;
};

}  // namespace unigate::store
