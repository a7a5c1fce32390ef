// The table of this adapter's operations. The manifest beside it says the same.
#include "operations.hpp"

namespace {

using namespace twilio;
using sdk::oneRequest;
using sdk::severalRequests;

constexpr std::uint32_t kReads = UG_OPERATION_READ_ONLY;

constexpr sdk::Operation kOperations[] = {
    {.name = "messages.create",
     .recovery = UG_RECOVERY_AT_MOST_ONCE,
     .execute = oneRequest<buildMessageCreate, parseMessageCreate>,
     .query = severalRequests<startMessageLookup, nextSentLookup>},
    {.name = "messages.get",
     .flags = kReads,
     .execute = oneRequest<buildMessageGet, parseMessageGet>},
    {.name = "messages.list",
     .flags = kReads,
     .execute = oneRequest<buildMessagesList, parseMessagesList>},
    {.name = "messages.cancel",
     .recovery = UG_RECOVERY_QUERY,
     .execute = oneRequest<buildMessageCancel, parseMessageCancel>,
     .query = oneRequest<askMessageCancel, judgeMessageCancel>},
    {.name = "calls.create",
     .recovery = UG_RECOVERY_AT_MOST_ONCE,
     .execute = oneRequest<buildCallCreate, parseCallCreate>,
     .query = severalRequests<startCallLookup, nextSentLookup>},
    {.name = "calls.get", .flags = kReads, .execute = oneRequest<buildCallGet, parseCallGet>},
    {.name = "calls.hangup",
     .recovery = UG_RECOVERY_QUERY,
     .execute = severalRequests<startHangup, nextHangup>,
     .query = oneRequest<askHangup, judgeHangup>},
    // Twilio finds a verification by its id alone, so nobody can look up a lost one.
    {.name = "verifications.create",
     .recovery = UG_RECOVERY_AT_MOST_ONCE,
     .execute = oneRequest<buildVerificationCreate, parseVerificationCreate>},
    {.name = "verifications.get",
     .flags = kReads,
     .execute = oneRequest<buildVerificationGet, parseVerificationGet>},
    {.name = "verifications.check",
     .recovery = UG_RECOVERY_QUERY,
     .execute = oneRequest<buildVerificationCheck, parseVerificationCheck>,
     .query = oneRequest<askVerificationCheck, judgeVerificationCheck>},
    {.name = "lookups.get", .flags = kReads, .execute = oneRequest<buildLookupGet, parseLookupGet>},
    {.name = "balance.get",
     .flags = kReads,
     .execute = oneRequest<buildBalanceGet, parseBalanceGet>},
    {.name = "search.query", .flags = kReads, .execute = oneRequest<buildSearch, parseSearch>},
    {.name = "webhook_endpoints.create",
     .recovery = UG_RECOVERY_QUERY,
     .execute = severalRequests<startEndpointCreate, nextEndpointCreate>,
     .query = severalRequests<askEndpointCreate, nextEndpointCreate>},
    {.name = "webhook_endpoints.list",
     .flags = kReads,
     .execute = severalRequests<startEndpointList, nextEndpointList>},
    {.name = "webhook_endpoints.delete",
     .recovery = UG_RECOVERY_QUERY,
     .execute = severalRequests<startEndpointDelete, nextEndpointDelete>,
     .query = severalRequests<askEndpointDelete, nextEndpointDelete>},
    {.name = "account.get",
     .flags = kReads,
     .execute = oneRequest<buildAccountGet, parseAccountGet>},
};

constexpr sdk::WebhookHandler kWebhook = {.recipe = webhookRecipe, .translate = translateWebhook};

}  // namespace

UNIGATE_PLUGIN({.id = "twilio",
                .version = "0.1.0",
                .requestIdHeader = "Twilio-Request-Id",
                .webhook = &kWebhook},
               kOperations);
