// All operations of this adapter, for the table in plugin.cpp. Each group is in the file of its
// name.
#pragma once

#include "account.hpp"
#include "sent_lookup.hpp"
#include "webhook_endpoints.hpp"
#include "wire.hpp"

namespace twilio {

// messages_create.cpp
sdk::Result<sdk::HttpRequest> buildMessageCreate(const sdk::MessageCreate& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::Message> parseMessageCreate(const sdk::HttpResponse& response,
                                             const sdk::MessageCreate& in, const sdk::Call& call);
sdk::Step startMessageLookup(SentLookup& lookup, const sdk::MessageCreate& in,
                             const sdk::Call& call);

// messages_read.cpp
sdk::Result<sdk::HttpRequest> buildMessageGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::Message> parseMessageGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildMessagesList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Message>> parseMessagesList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call);

// messages_cancel.cpp
sdk::Result<sdk::HttpRequest> buildMessageCancel(const sdk::MessageCancel& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::Message> parseMessageCancel(const sdk::HttpResponse& response,
                                             const sdk::MessageCancel& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askMessageCancel(const sdk::MessageCancel& in, const sdk::Call& call);
sdk::Result<sdk::Message> judgeMessageCancel(const sdk::HttpResponse& response,
                                             const sdk::MessageCancel& in, const sdk::Call& call);

// calls_create.cpp
sdk::Result<sdk::HttpRequest> buildCallCreate(const sdk::CallCreate& in, const sdk::Call& call);
sdk::Result<sdk::PhoneCall> parseCallCreate(const sdk::HttpResponse& response,
                                            const sdk::CallCreate& in, const sdk::Call& call);
sdk::Step startCallLookup(SentLookup& lookup, const sdk::CallCreate& in, const sdk::Call& call);

// calls_get.cpp
sdk::Result<sdk::HttpRequest> buildCallGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::PhoneCall> parseCallGet(const sdk::HttpResponse& response,
                                         const sdk::ProviderRef& in, const sdk::Call& call);

// calls_hangup.cpp
struct Hangup {
  std::string path;
  std::string id;
  bool canceling = false;  // the second try, for a call that waits or rings
};
sdk::Step startHangup(Hangup& hangup, const sdk::CallHangup& in, const sdk::Call& call);
sdk::Step nextHangup(Hangup& hangup, const sdk::HttpResponse& response, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askHangup(const sdk::CallHangup& in, const sdk::Call& call);
sdk::Result<sdk::PhoneCall> judgeHangup(const sdk::HttpResponse& response,
                                        const sdk::CallHangup& in, const sdk::Call& call);

// verifications.cpp
sdk::Result<sdk::HttpRequest> buildVerificationCreate(const sdk::VerificationCreate& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::Verification> parseVerificationCreate(const sdk::HttpResponse& response,
                                                       const sdk::VerificationCreate& in,
                                                       const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildVerificationGet(const sdk::ProviderRef& in,
                                                   const sdk::Call& call);
sdk::Result<sdk::Verification> parseVerificationGet(const sdk::HttpResponse& response,
                                                    const sdk::ProviderRef& in,
                                                    const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildVerificationCheck(const sdk::VerificationCheck& in,
                                                     const sdk::Call& call);
sdk::Result<sdk::Verification> parseVerificationCheck(const sdk::HttpResponse& response,
                                                      const sdk::VerificationCheck& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askVerificationCheck(const sdk::VerificationCheck& in,
                                                   const sdk::Call& call);
sdk::Result<sdk::Verification> judgeVerificationCheck(const sdk::HttpResponse& response,
                                                      const sdk::VerificationCheck& in,
                                                      const sdk::Call& call);

// lookups.cpp
sdk::Result<sdk::HttpRequest> buildLookupGet(const sdk::LookupQuery& in);
sdk::Result<sdk::Lookup> parseLookupGet(const sdk::HttpResponse& response);

// balance.cpp
sdk::Result<sdk::HttpRequest> buildBalanceGet(const sdk::BalanceQuery& in, const sdk::Call& call);
sdk::Result<sdk::Balance> parseBalanceGet(const sdk::HttpResponse& response,
                                          const sdk::BalanceQuery& in, const sdk::Call& call);

// account.cpp
struct AccountQuery {};
inline void readJson(sdk::InputReader&, AccountQuery&) {}
sdk::Result<sdk::HttpRequest> buildAccountGet(const AccountQuery& in, const sdk::Call& call);
sdk::Result<AccountState> parseAccountGet(const sdk::HttpResponse& response, const AccountQuery& in,
                                          const sdk::Call& call);

// search.cpp
sdk::Result<sdk::HttpRequest> buildSearch(const sdk::SearchQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::SearchResult>> parseSearch(const sdk::HttpResponse& response,
                                                      const sdk::SearchQuery& in,
                                                      const sdk::Call& call);

// webhook_signature.cpp and webhooks.cpp
sdk::Recipe webhookRecipe(const sdk::Webhook& webhook);
std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook);

}  // namespace twilio
