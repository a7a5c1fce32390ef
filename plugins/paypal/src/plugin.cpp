// The table of this adapter's operations. The manifest beside it says the same.
#include "operations.hpp"

namespace {

using namespace paypal;
using sdk::oneRequest;
using sdk::severalRequests;

// For how long PayPal keeps a PayPal-Request-Id, by kind of resource.
constexpr std::uint32_t kOrderKeyS = 6 * 3600;
constexpr std::uint32_t kPaymentKeyS = 45 * 24 * 3600;
constexpr std::uint32_t kMoves = UG_OPERATION_MOVES_MONEY;
constexpr std::uint32_t kReads = UG_OPERATION_READ_ONLY;

constexpr sdk::Operation kOperations[] = {
    {.name = "payments.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kOrderKeyS,
     .flags = kMoves,
     .execute = severalRequests<startPaymentCreate, nextPaymentCreate>,
     .query = severalRequests<startPaymentLookup, nextPaymentLookup>},
    {.name = "payments.confirm",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kOrderKeyS,
     .flags = kMoves,
     .execute = severalRequests<startPaymentConfirm, nextPaymentConfirm>,
     .query = oneRequest<askPaymentConfirm, judgePaymentConfirm>},
    {.name = "payments.capture",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kPaymentKeyS,
     .flags = kMoves,
     .execute = severalRequests<startPaymentCapture, nextPaymentCapture>,
     .query = oneRequest<askPaymentCapture, judgePaymentCapture>},
    // No key is declared for a void: a look tells whether it was done.
    {.name = "payments.cancel",
     .recovery = UG_RECOVERY_QUERY,
     .execute = severalRequests<startPaymentCancel, nextPaymentCancel>,
     .query = oneRequest<askPaymentCancel, judgePaymentCancel>},
    {.name = "payments.get",
     .flags = kReads,
     .execute = oneRequest<buildPaymentGet, parsePaymentGet>},
    {.name = "payments.list",
     .flags = kReads,
     .execute = severalRequests<startPaymentsList, nextPaymentsList>},
    {.name = "refunds.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = kPaymentKeyS,
     .flags = kMoves,
     .execute = severalRequests<startRefundCreate, nextRefundCreate>,
     .query = oneRequest<askRefundCreate, judgeRefundCreate>},
    {.name = "refunds.get", .flags = kReads, .execute = oneRequest<buildRefundGet, parseRefundGet>},
    {.name = "refunds.list",
     .flags = kReads,
     .execute = oneRequest<buildRefundsList, parseRefundsList>},
};

}  // namespace

UNIGATE_PLUGIN({.id = "paypal", .version = "0.1.0", .requestIdHeader = "PayPal-Debug-Id"},
               kOperations);
