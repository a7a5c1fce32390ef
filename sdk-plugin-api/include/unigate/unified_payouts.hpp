// The unified results of payouts, disputes, connected accounts, webhook registrations.
// The JSON forms are in sdk-plugin-api/schemas/unified.json. Amounts are minor units, times Unix
// seconds; an absent optional is left out: the provider does not tell.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/unified.hpp>
#include <vector>

namespace unigate::sdk {

enum class DestinationType { BankAccount, Vpa, Email, Phone, ProviderAccount };

constexpr std::array<std::string_view, 5> wordsOf(DestinationType) {
  return {"bank_account", "vpa", "email", "phone", "provider_account"};
}

// Whom a payout goes to. Account numbers come back masked to their last four.
struct PayoutDestination {
  DestinationType type = DestinationType::BankAccount;
  std::optional<std::string>
      providerId;  // provider_account: the id there; absent: the account's own default.
  std::optional<std::string> name;
  std::optional<std::string> email;
  std::optional<std::string> phone;
  std::optional<std::string> vpa;
  std::optional<std::string> accountNumber;
  std::optional<std::string> ifsc;
  std::optional<std::string> routingNumber;
  std::optional<std::string> country;
};

inline void writeJson(json::Writer& out, const PayoutDestination& value) {
  out.beginObject();
  out.member("type", wordOf(value.type));
  detail::writeIf(out, "provider_id", value.providerId);
  detail::writeIf(out, "name", value.name);
  detail::writeIf(out, "email", value.email);
  detail::writeIf(out, "phone", value.phone);
  detail::writeIf(out, "vpa", value.vpa);
  detail::writeIf(out, "account_number", value.accountNumber);
  detail::writeIf(out, "ifsc", value.ifsc);
  detail::writeIf(out, "routing_number", value.routingNumber);
  detail::writeIf(out, "country", value.country);
  out.endObject();
}

enum class PayoutStatus { Processing, Pending, Succeeded, Failed, Canceled, Reversed };

constexpr std::array<std::string_view, 6> wordsOf(PayoutStatus) {
  return {"processing", "pending", "succeeded", "failed", "canceled", "reversed"};
}

struct Payout {
  std::string providerId;
  PayoutStatus status = PayoutStatus::Processing;  // A provider's unknown word is processing.
  std::int64_t amount = 0;
  std::string currency;
  std::optional<std::int64_t> fee;
  std::optional<PayoutDestination> destination;
  std::optional<std::string> mode;
  std::optional<std::string> purpose;
  std::optional<std::string> reference;
  std::optional<std::string> description;
  std::optional<std::int64_t> arrivalUnixS;
  std::optional<std::string> bankReference;  // UTR, trace id or the like.
  std::optional<Failure> failure;
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Payout& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("status", wordOf(value.status));
  detail::writeAmount(out, "amount", value.amount);
  out.member("currency", value.currency);
  if (value.fee) detail::writeAmount(out, "fee", *value.fee);
  if (value.destination) {
    out.key("destination");
    writeJson(out, *value.destination);
  }
  detail::writeIf(out, "mode", value.mode);
  detail::writeIf(out, "purpose", value.purpose);
  detail::writeIf(out, "reference", value.reference);
  detail::writeIf(out, "description", value.description);
  detail::writeIf(out, "arrival_unix_s", value.arrivalUnixS);
  detail::writeIf(out, "bank_reference", value.bankReference);
  out.key("failure");
  value.failure ? writeJson(out, *value.failure) : void(out.null());
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class DisputeStatus { Unknown, NeedsResponse, UnderReview, Won, Lost, Closed };

constexpr std::array<std::string_view, 6> wordsOf(DisputeStatus) {
  return {"unknown", "needs_response", "under_review", "won", "lost", "closed"};
}

struct Dispute {
  std::string providerId;
  std::optional<std::string> paymentProviderId;
  DisputeStatus status = DisputeStatus::Unknown;
  std::int64_t amount = 0;
  std::string currency;
  std::string reason;  // The provider's word.
  std::optional<std::int64_t> evidenceDueUnixS;
  std::optional<bool> evidenceSubmitted;
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Dispute& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  detail::writeIf(out, "payment_provider_id", value.paymentProviderId);
  out.member("status", wordOf(value.status));
  detail::writeAmount(out, "amount", value.amount);
  out.member("currency", value.currency);
  out.member("reason", value.reason);
  detail::writeIf(out, "evidence_due_unix_s", value.evidenceDueUnixS);
  detail::writeIf(out, "evidence_submitted", value.evidenceSubmitted);
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class AccountStatus { Unknown, Pending, Restricted, Active, Rejected };

constexpr std::array<std::string_view, 5> wordsOf(AccountStatus) {
  return {"unknown", "pending", "restricted", "active", "rejected"};
}

// A merchant's account under the platform.
struct Account {
  std::string providerId;
  AccountStatus status = AccountStatus::Unknown;
  std::optional<std::string> email;
  std::optional<std::string> country;
  std::optional<std::string> businessName;
  std::optional<std::string> businessType;
  std::optional<std::string> reference;
  std::optional<bool> chargesEnabled;
  std::optional<bool> payoutsEnabled;
  std::vector<std::string> requirements;  // What the provider still asks for, in its words.
  std::optional<std::string> onboardingUrl;
  Metadata metadata;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Account& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("status", wordOf(value.status));
  detail::writeIf(out, "email", value.email);
  detail::writeIf(out, "country", value.country);
  detail::writeIf(out, "business_name", value.businessName);
  detail::writeIf(out, "business_type", value.businessType);
  detail::writeIf(out, "reference", value.reference);
  detail::writeIf(out, "charges_enabled", value.chargesEnabled);
  detail::writeIf(out, "payouts_enabled", value.payoutsEnabled);
  if (!value.requirements.empty()) detail::writeTexts(out, "requirements", value.requirements);
  detail::writeIf(out, "onboarding_url", value.onboardingUrl);
  detail::writeMetadata(out, value.metadata);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

struct AccountLink {
  std::string url;
  std::optional<std::int64_t> expiresUnixS;
};

inline void writeJson(json::Writer& out, const AccountLink& value) {
  out.beginObject();
  out.member("url", value.url);
  detail::writeIf(out, "expires_unix_s", value.expiresUnixS);
  out.endObject();
}

// Where a provider sends its events.
struct WebhookEndpoint {
  std::string providerId;
  std::string url;
  std::vector<std::string> events;
  bool enabled = false;
  std::optional<std::string> secret;  // To verify with; the host takes it out and seals it.
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const WebhookEndpoint& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("url", value.url);
  detail::writeTexts(out, "events", value.events);
  out.member("enabled", value.enabled);
  detail::writeIf(out, "secret", value.secret);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

}  // namespace unigate::sdk
