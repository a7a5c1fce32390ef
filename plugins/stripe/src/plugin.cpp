// The table of this adapter's operations. The manifest beside it says the same.
#include "errors.hpp"
#include "operations.hpp"

namespace {

using namespace stripe;
using sdk::oneRequest;
using sdk::severalRequests;

// Stripe keeps an Idempotency-Key for 24 hours at least.
constexpr std::uint32_t kKeyWindowS = 24 * 3600;
constexpr std::uint32_t kMoves = UG_OPERATION_MOVES_MONEY;
constexpr std::uint32_t kReads = UG_OPERATION_READ_ONLY;

constexpr sdk::Operation kOperations[] = {
    {.name = "payments.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kKeyWindowS,
     .flags = kMoves,
     .execute = oneRequest<buildPaymentCreate, parsePaymentCreate>,
     .query = severalRequests<startPaymentLookup, nextLookup>},
    {.name = "payments.confirm",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kKeyWindowS,
     .flags = kMoves,
     .execute = oneRequest<buildPaymentConfirm, parsePaymentConfirm>,
     .query = oneRequest<askPaymentConfirm, judgePaymentConfirm>},
    {.name = "payments.capture",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kKeyWindowS,
     .flags = kMoves,
     .execute = oneRequest<buildPaymentCapture, parsePaymentCapture>,
     .query = oneRequest<askPaymentCapture, judgePaymentCapture>},
    {.name = "payments.cancel",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kKeyWindowS,
     .execute = oneRequest<buildPaymentCancel, parsePaymentCancel>,
     .query = oneRequest<askPaymentCancel, judgePaymentCancel>},
    {.name = "payments.get",
     .flags = kReads,
     .execute = oneRequest<buildPaymentGet, parsePaymentGet>},
    {.name = "payments.list",
     .flags = kReads,
     .execute = oneRequest<buildPaymentsList, parsePaymentsList>},
    {.name = "refunds.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kKeyWindowS,
     .flags = kMoves,
     .execute = oneRequest<buildRefundCreate, parseRefundCreate>,
     .query = severalRequests<startRefundLookup, nextLookup>},
    {.name = "refunds.get", .flags = kReads, .execute = oneRequest<buildRefundGet, parseRefundGet>},
    {.name = "refunds.list",
     .flags = kReads,
     .execute = oneRequest<buildRefundsList, parseRefundsList>},
    {.name = "customers.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kKeyWindowS,
     .execute = oneRequest<buildCustomerCreate, parseCustomerCreate>,
     .query = severalRequests<startCustomerLookup, nextLookup>},
    {.name = "customers.get",
     .flags = kReads,
     .execute = oneRequest<buildCustomerGet, parseCustomerGet>},
    {.name = "customers.update",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kKeyWindowS,
     .execute = oneRequest<buildCustomerUpdate, parseCustomerUpdate>,
     .query = oneRequest<askCustomerUpdate, judgeCustomerUpdate>},
    // Stripe takes no key for a DELETE, yet a look tells whether it was done.
    {.name = "customers.delete",
     .recovery = UG_RECOVERY_QUERY,
     .execute = oneRequest<buildCustomerDelete, parseCustomerDelete>,
     .query = oneRequest<buildCustomerGet, judgeCustomerDelete>},
    {.name = "customers.list",
     .flags = kReads,
     .execute = oneRequest<buildCustomersList, parseCustomersList>},
    {.name = "balance.get",
     .flags = kReads,
     .execute = oneRequest<buildBalanceGet, parseBalanceGet>},
};

constexpr sdk::WebhookHandler kWebhook = {.recipe = webhookRecipe, .translate = translateWebhook};

}  // namespace

UNIGATE_PLUGIN(
    {.id = "stripe", .version = "0.1.0", .requestIdHeader = "Request-Id", .webhook = &kWebhook},
    kOperations);
