// The inputs of the operations on payouts, disputes, connected accounts, webhook registrations.
// The JSON forms are in sdk-plugin-api/schemas/unified.json; the host has checked them before an
// adapter is called.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/unified_input.hpp>
#include <unigate/unified_payouts.hpp>
#include <vector>

namespace unigate::sdk {

struct EvidenceDocument {
  std::string type;  // The provider's word, e.g. receipt or shipping_proof.
  std::string providerId;
};

// What answers a dispute.
struct Evidence {
  std::optional<std::string> summary;
  std::optional<std::string> customerName;
  std::optional<std::string> customerEmail;
  std::optional<std::string> productDescription;
  std::optional<std::string> refundPolicy;
  std::optional<std::int64_t> serviceUnixS;
  std::optional<std::string> shippingCarrier;
  std::optional<std::string> shippingTrackingNumber;
  std::optional<std::int64_t> shippedUnixS;
  std::vector<EvidenceDocument> documents;  // Files that are at the provider already.
};

// payouts.create
struct PayoutCreate {
  std::int64_t amount = 0;
  std::string currency;
  PayoutDestination destination;
  std::optional<std::string> mode;  // The provider's word, e.g. IMPS or instant.
  std::optional<std::string> purpose;
  std::optional<std::string> reference;
  std::optional<std::string> description;  // What the payee reads.
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// payouts.cancel
struct PayoutCancel {
  std::string providerId;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// disputes.accept
struct DisputeAccept {
  std::string providerId;
  std::optional<std::string> reason;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// disputes.submit_evidence
struct DisputeEvidence {
  std::string providerId;
  Evidence evidence;
  std::optional<std::int64_t> amount;  // What is contested; absent: all.
  std::optional<std::string> currency;
  std::optional<bool> submit;  // False keeps it as a draft where the provider can. Absent: true.
  std::string operationId;     // ours: kept at the provider, so that a lost operation can be found
};

// accounts.create
struct AccountCreate {
  std::string email;
  std::optional<std::string> phone;
  std::optional<std::string> country;
  std::optional<std::string> businessName;
  std::optional<std::string> businessType;
  std::optional<std::string> contactName;
  std::optional<std::string> reference;
  std::optional<std::string> returnUrl;
  std::optional<std::string> refreshUrl;
  Metadata metadata;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// accounts.onboarding_link
struct AccountOnboardingLink {
  std::string providerId;
  std::string returnUrl;
  std::string refreshUrl;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// accounts.dashboard_link
struct AccountDashboardLink {
  std::string providerId;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// webhook_endpoints.create
struct WebhookEndpointCreate {
  std::string url;
  std::vector<std::string> events;  // The provider's names.
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// webhook_endpoints.delete
struct WebhookEndpointDelete {
  std::string providerId;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

inline void readJson(InputReader& in, EvidenceDocument& out) {
  in.required("type", out.type);
  detail::readProviderId(in, "provider_id", out.providerId);
}

inline void readJson(InputReader& in, Evidence& out) {
  in.optional("summary", out.summary);
  in.optional("customer_name", out.customerName);
  in.optional("customer_email", out.customerEmail);
  in.optional("product_description", out.productDescription);
  in.optional("refund_policy", out.refundPolicy);
  in.optional("service_unix_s", out.serviceUnixS);
  in.optional("shipping_carrier", out.shippingCarrier);
  in.optional("shipping_tracking_number", out.shippingTrackingNumber);
  in.optional("shipped_unix_s", out.shippedUnixS);
  detail::readObjects(in, "documents", out.documents);
}

inline void readJson(InputReader& in, PayoutDestination& out) {
  detail::readWord(in, "type", out.type, true);
  in.optional("provider_id", out.providerId);
  in.optional("name", out.name);
  in.optional("email", out.email);
  in.optional("phone", out.phone);
  in.optional("vpa", out.vpa);
  in.optional("account_number", out.accountNumber);
  in.optional("ifsc", out.ifsc);
  in.optional("routing_number", out.routingNumber);
  in.optional("country", out.country);
}

inline void readJson(InputReader& in, PayoutCreate& out) {
  detail::readPositive(in, "amount", out.amount);
  detail::readCurrency(in, out.currency);
  detail::readObject(in, "destination", out.destination, true);
  in.optional("mode", out.mode);
  in.optional("purpose", out.purpose);
  in.optional("reference", out.reference);
  in.optional("description", out.description);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, PayoutCancel& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, DisputeAccept& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("reason", out.reason);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, DisputeEvidence& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  detail::readObject(in, "evidence", out.evidence, true);
  detail::readAmount(in, out.amount);
  in.optional("currency", out.currency);
  in.optional("submit", out.submit);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, AccountCreate& out) {
  in.required("email", out.email);
  in.optional("phone", out.phone);
  in.optional("country", out.country);
  in.optional("business_name", out.businessName);
  in.optional("business_type", out.businessType);
  in.optional("contact_name", out.contactName);
  in.optional("reference", out.reference);
  in.optional("return_url", out.returnUrl);
  in.optional("refresh_url", out.refreshUrl);
  in.optional("metadata", out.metadata);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, AccountOnboardingLink& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.required("return_url", out.returnUrl);
  in.required("refresh_url", out.refreshUrl);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, AccountDashboardLink& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, WebhookEndpointCreate& out) {
  in.required("url", out.url);
  detail::readTexts(in, "events", out.events);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, WebhookEndpointDelete& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("operation_id", out.operationId);
}

}  // namespace unigate::sdk
