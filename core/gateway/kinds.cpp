#include "gateway/kinds.hpp"

#include <algorithm>

namespace unigate::gateway {

namespace {

using Is = Member::Is;

Kind payment() {
  Kind kind{"payment", "pay_", "/v1/payments/orders"};
  kind.statuses = {"created",
                   "requires_payment_method",
                   "requires_confirmation",
                   "processing",
                   "requires_action",
                   "requires_capture",
                   "succeeded",
                   "canceled",
                   "failed"};
  kind.late = {"requires_capture"};
  kind.ends = {"succeeded", "canceled"};
  return kind;
}

Kind refund() {
  Kind kind{"refund", "re_", "/v1/payments/refunds"};
  kind.statuses = {"pending", "processing", "succeeded", "failed", "canceled"};
  kind.late = {"succeeded"};
  kind.ends = {"failed", "canceled"};
  return kind;
}

Kind customer() {
  Kind kind{"customer", "cus_", "/v1/customers"};
  kind.statuses = {"active"};
  kind.ends = {"deleted"};
  kind.showsProcessing = false;
  kind.movesByItself = false;
  return kind;
}

Kind paymentMethod() {
  Kind kind{"payment_method", "pm_", "/v1/customers"};
  kind.hasItems = false;
  kind.statuses = {"active", "detached"};
  kind.ends = {"detached"};
  kind.members = {{"type"},
                  {"provider_type"},
                  {"customer", Is::reference, "customer_provider_id", "customer"},
                  {"brand"},
                  {"last4"},
                  {"exp_month"},
                  {"exp_year"},
                  {"label"}};
  kind.showsProcessing = false;
  kind.bornAtProvider = true;
  kind.movesByItself = false;
  return kind;
}

Kind setupIntent() {
  Kind kind{"setup_intent", "seti_", "/v1/setup-intents"};
  kind.statuses = {"processing",
                   "requires_payment_method",
                   "requires_confirmation",
                   "requires_action",
                   "succeeded",
                   "canceled"};
  kind.ends = {"succeeded", "canceled"};
  kind.members = {{"usage"},
                  {"client_secret"},
                  {"next_action", Is::momentary},
                  {"customer", Is::reference, "customer_provider_id", "customer"},
                  {"payment_method"},
                  {"description", Is::given},
                  {"failure", Is::failure}};
  return kind;
}

Kind product() {
  Kind kind{"product", "prod_", "/v1/products"};
  kind.statuses = {"active", "inactive", "processing"};
  kind.members = {{"name"}, {"description"}};
  kind.showsProcessing = false;
  kind.movesByItself = false;
  return kind;
}

Kind plan() {
  Kind kind{"plan", "plan_", "/v1/plans"};
  kind.statuses = {"active", "inactive", "processing"};
  // What the client asked for stays: a quarter is three months to some providers.
  kind.members = {{"product", Is::reference, "product_provider_id", "product"},
                  {"name", Is::given},
                  {"description", Is::given},
                  {"amount"},
                  {"currency"},
                  {"interval", Is::given},
                  {"interval_count", Is::given},
                  {"trial_days"}};
  kind.showsProcessing = false;
  kind.movesByItself = false;
  return kind;
}

Kind subscription() {
  Kind kind{"subscription", "sub_", "/v1/subscriptions"};
  kind.statuses = {"unknown", "processing", "pending",  "trialing",  "active", "past_due",
                   "unpaid",  "paused",     "canceled", "completed", "expired"};
  kind.ends = {"canceled", "completed", "expired"};
  kind.members = {{"plan_id", Is::reference, "plan_provider_id", "plan"},
                  {"customer", Is::reference, "customer_provider_id", "customer"},
                  {"payment_method"},
                  {"quantity"},
                  {"total_count"},
                  {"paid_count"},
                  {"amount"},
                  {"currency"},
                  {"current_period_start_at", Is::time, "current_period_start_unix_s"},
                  {"current_period_end_at", Is::time, "current_period_end_unix_s"},
                  {"trial_end_at", Is::time, "trial_end_unix_s"},
                  {"start_at", Is::time, "start_unix_s"},
                  {"ended_at", Is::time, "ended_unix_s"},
                  {"canceled_at", Is::time, "canceled_unix_s"},
                  {"cancel_at_period_end"},
                  {"next_action", Is::momentary},
                  {"description", Is::given}};
  return kind;
}

Kind invoice() {
  Kind kind{"invoice", "inv_", "/v1/invoices"};
  kind.statuses = {"unknown", "processing",         "draft",    "scheduled", "open",
                   "paid",    "partially_refunded", "refunded", "void",      "partially_paid",
                   "expired", "uncollectible"};
  kind.late = {"paid", "partially_refunded"};
  kind.ends = {"void", "refunded"};
  kind.members = {{"number"},
                  {"amount"},
                  {"amount_paid"},
                  {"amount_due"},
                  {"currency"},
                  {"customer", Is::reference, "customer_provider_id", "customer"},
                  {"subscription", Is::reference, "subscription_provider_id", "subscription"},
                  {"payment", Is::reference, "payment_provider_id", "payment"},
                  {"description"},
                  {"hosted_url"},
                  {"pdf_url"},
                  {"due_at", Is::time, "due_unix_s"},
                  {"paid_at", Is::time, "paid_unix_s"}};
  kind.bornAtProvider = true;
  return kind;
}

Kind paymentLink() {
  Kind kind{"payment_link", "plink_", "/v1/payment-links"};
  kind.statuses = {"unknown", "processing", "active", "partially_paid",
                   "paid",    "canceled",   "expired"};
  kind.ends = {"paid", "canceled", "expired"};
  kind.members = {{"short_url", Is::value, "url"},
                  {"amount"},
                  {"currency"},
                  {"amount_paid"},
                  {"description", Is::given},
                  {"reference", Is::given},
                  {"customer", Is::given},
                  {"accept_partial"},
                  {"expires_at", Is::time, "expires_unix_s"},
                  {"payment", Is::reference, "payment_provider_id", "payment"}};
  return kind;
}

Kind payout() {
  Kind kind{"payout", "po_", "/v1/payouts"};
  kind.statuses = {"processing", "pending", "succeeded", "failed", "canceled", "reversed"};
  kind.late = {"succeeded"};
  kind.ends = {"failed", "canceled", "reversed"};
  kind.members = {{"amount"},
                  {"currency"},
                  {"fee"},
                  {"destination"},
                  {"mode"},
                  {"purpose"},
                  {"reference", Is::given},
                  {"description", Is::given},
                  {"arrival_at", Is::time, "arrival_unix_s"},
                  {"bank_reference"},
                  {"failure", Is::failure}};
  return kind;
}

Kind dispute() {
  Kind kind{"dispute", "dp_", "/v1/disputes"};
  kind.statuses = {"unknown", "processing", "needs_response", "under_review",
                   "won",     "lost",       "closed"};
  kind.ends = {"won", "lost", "closed"};
  kind.members = {{"payment", Is::reference, "payment_provider_id", "payment"},
                  {"amount"},
                  {"currency"},
                  {"reason"},
                  {"evidence_due_at", Is::time, "evidence_due_unix_s"},
                  {"evidence_submitted"}};
  kind.bornAtProvider = true;
  return kind;
}

Kind account() {
  Kind kind{"account", "acct_", "/v1/accounts"};
  kind.statuses = {"unknown", "processing", "pending", "restricted", "active", "rejected"};
  kind.members = {{"email"},
                  {"country"},
                  {"business_name"},
                  {"business_type"},
                  {"reference", Is::given},
                  {"charges_enabled"},
                  {"payouts_enabled"},
                  {"requirements"},
                  {"onboarding_url"}};
  kind.showsProcessing = false;
  return kind;
}

Kind message() {
  Kind kind{"message", "msg_", "/v1/sms"};
  kind.statuses = {"processing", "queued", "scheduled", "sending", "sent",
                   "delivered",  "failed", "canceled",  "received"};
  kind.late = {"sent"};
  kind.ends = {"delivered", "failed", "canceled", "received"};
  kind.members = {{"channel"},
                  {"from"},
                  {"to"},
                  {"message", Is::value, "body"},
                  {"segments"},
                  {"media_count"},
                  {"messaging_service"},
                  {"direction"},
                  {"cost"},
                  {"failure", Is::failure},
                  {"sent_at", Is::time, "sent_unix_s"}};
  return kind;
}

Kind phoneCall() {
  Kind kind{"call", "call_", "/v1/calls"};
  kind.statuses = {"processing", "queued",    "ringing", "in_progress", "completed",
                   "busy",       "no_answer", "failed",  "canceled"};
  kind.ends = {"completed", "busy", "no_answer", "failed", "canceled"};
  kind.members = {{"from"},
                  {"to"},
                  {"direction"},
                  {"duration_s"},
                  {"answered_by"},
                  {"cost"},
                  {"started_at", Is::time, "started_unix_s"},
                  {"ended_at", Is::time, "ended_unix_s"}};
  return kind;
}

Kind verification() {
  Kind kind{"verification", "vrf_", "/v1/verifications"};
  kind.statuses = {"unknown",  "processing", "pending", "approved",
                   "canceled", "expired",    "failed",  "max_attempts_reached"};
  kind.ends = {"approved", "canceled", "expired", "failed", "max_attempts_reached"};
  kind.members = {{"to"}, {"channel"}, {"valid", Is::momentary}};
  return kind;
}

Kind providerWebhook() {
  Kind kind{"provider_webhook", "pwh_", "/v1/providers"};
  kind.hasItems = false;
  kind.statuses = {"enabled", "disabled", "processing"};
  kind.ends = {"deleted"};
  kind.members = {{"url"}, {"events"}, {"enabled"}};
  kind.showsProcessing = false;
  kind.bornAtProvider = true;
  kind.movesByItself = false;
  return kind;
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      payment(), refund(),       customer(),  paymentMethod(), setupIntent(),    product(),
      plan(),    subscription(), invoice(),   paymentLink(),   payout(),         dispute(),
      account(), message(),      phoneCall(), verification(),  providerWebhook()};
  return all;
}

}  // namespace

std::span<const Kind> allKinds() {
  return kinds();
}

const Kind* findKind(std::string_view name) {
  const std::vector<Kind>& all = kinds();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Kind& kind) { return kind.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace unigate::gateway
