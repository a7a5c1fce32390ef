// The inputs of the operations on messages, calls, one-time codes, number look-up, search.
// The JSON forms are in sdk-plugin-api/schemas/unified.json; the host has checked them before an
// adapter is called.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/unified_input.hpp>
#include <unigate/unified_messaging.hpp>
#include <vector>

namespace unigate::sdk {

// messages.create
struct MessageCreate {
  std::string to;  // E.164.
  std::optional<std::string> from;
  std::optional<MessageChannel> channel;
  std::optional<std::string> body;
  std::vector<std::string> mediaUrls;
  std::optional<std::string> messagingService;
  std::optional<std::int64_t> sendAtUnixS;
  std::optional<std::string> templateId;
  Metadata templateVariables;
  std::optional<std::string>
      statusCallbackUrl;    // Where the provider tells of progress; names our operation.
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// messages.cancel
struct MessageCancel {
  std::string providerId;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// calls.create
struct CallCreate {
  std::string to;
  std::optional<std::string> from;
  std::optional<std::string> say;  // What is read out; or `url` or `document`.
  std::optional<std::string> voice;
  std::optional<std::string> language;
  std::optional<std::string> url;       // Where the provider fetches what to do.
  std::optional<std::string> document;  // The provider's own call document, e.g. TwiML.
  std::optional<bool> record;
  std::optional<std::int64_t> timeoutS;
  std::optional<std::string> statusCallbackUrl;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// calls.hangup
struct CallHangup {
  std::string providerId;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// verifications.create
struct VerificationCreate {
  std::string to;  // E.164, or an e-mail address for channel email.
  VerificationChannel channel = VerificationChannel::Sms;
  std::optional<std::string> locale;
  std::optional<std::string> templateId;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
  std::optional<std::int64_t> operationCreatedUnixS;  // nothing of it is older at the provider
};

// verifications.check
struct VerificationCheck {
  std::string providerId;
  std::string code;
  std::string operationId;  // ours: kept at the provider, so that a lost operation can be found
};

// lookups.get
struct LookupQuery {
  std::string phoneNumber;
  std::optional<std::string> country;  // For numbers in national form.
  std::vector<std::string> fields;     // line_type, caller_name, ...: asked for and paid extra.
};

enum class SearchKind {
  Payment,
  Refund,
  Customer,
  Product,
  Plan,
  Subscription,
  Invoice,
  PaymentLink,
  Payout,
  Dispute,
  Message,
  Call
};

constexpr std::array<std::string_view, 12> wordsOf(SearchKind) {
  return {"payment", "refund",       "customer", "product", "plan",    "subscription",
          "invoice", "payment_link", "payout",   "dispute", "message", "call"};
}

// search.query. At least one of the filters; all must hold.
struct SearchQuery {
  SearchKind kind = SearchKind::Payment;
  std::optional<std::string> text;
  std::optional<std::string> email;
  std::optional<std::string> phone;
  std::optional<std::string> reference;
  std::optional<std::string> customerProviderId;
  std::optional<std::string> status;
  std::optional<std::int64_t> amount;
  std::optional<std::string> currency;
  Metadata metadata;
  std::optional<std::int64_t> limit;
  std::optional<std::string> startingAfter;
  std::optional<std::int64_t> createdGte;
  std::optional<std::int64_t> createdLt;
};

inline void readJson(InputReader& in, MessageCreate& out) {
  in.required("to", out.to);
  in.optional("from", out.from);
  detail::readWord(in, "channel", out.channel, false);
  in.optional("body", out.body);
  detail::readTexts(in, "media_urls", out.mediaUrls);
  in.optional("messaging_service", out.messagingService);
  in.optional("send_at_unix_s", out.sendAtUnixS);
  in.optional("template_id", out.templateId);
  in.optional("template_variables", out.templateVariables);
  in.optional("status_callback_url", out.statusCallbackUrl);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, MessageCancel& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, CallCreate& out) {
  in.required("to", out.to);
  in.optional("from", out.from);
  in.optional("say", out.say);
  in.optional("voice", out.voice);
  in.optional("language", out.language);
  in.optional("url", out.url);
  in.optional("document", out.document);
  in.optional("record", out.record);
  in.optional("timeout_s", out.timeoutS);
  in.optional("status_callback_url", out.statusCallbackUrl);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, CallHangup& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, VerificationCreate& out) {
  in.required("to", out.to);
  detail::readWord(in, "channel", out.channel, true);
  in.optional("locale", out.locale);
  in.optional("template_id", out.templateId);
  in.optional("operation_id", out.operationId);
  in.optional("operation_created_unix_s", out.operationCreatedUnixS);
}

inline void readJson(InputReader& in, VerificationCheck& out) {
  detail::readProviderId(in, "provider_id", out.providerId);
  in.required("code", out.code);
  in.optional("operation_id", out.operationId);
}

inline void readJson(InputReader& in, LookupQuery& out) {
  in.required("phone_number", out.phoneNumber);
  in.optional("country", out.country);
  detail::readTexts(in, "fields", out.fields);
}

inline void readJson(InputReader& in, SearchQuery& out) {
  detail::readWord(in, "kind", out.kind, true);
  in.optional("text", out.text);
  in.optional("email", out.email);
  in.optional("phone", out.phone);
  in.optional("reference", out.reference);
  in.optional("customer_provider_id", out.customerProviderId);
  in.optional("status", out.status);
  detail::readAmount(in, out.amount);
  in.optional("currency", out.currency);
  in.optional("metadata", out.metadata);
  in.optional("limit", out.limit);
  in.optional("starting_after", out.startingAfter);
  in.optional("created_gte", out.createdGte);
  in.optional("created_lt", out.createdLt);
}

}  // namespace unigate::sdk
