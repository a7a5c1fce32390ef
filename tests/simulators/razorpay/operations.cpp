#include "razorpay/operations.hpp"

#include "common/routes.hpp"

namespace simulators::razorpay {
namespace {

using std::string;

const string kPage = "count:i skip:i from:i to:i ";
const string kOnePage = "count:i skip:i ";
const string kNotes = "notes:m!";
const string kAddress = "{line1:s line2:s zipcode:s city:s state:s country:s}";
const string kOrderTransfers =
    "{account:s! amount:i! currency:s! notes:m linked_account_notes:s[] on_hold:b "
    "on_hold_until:i}[]";
const string kCreateOrder =
    "amount:i! currency:s! receipt:s notes:m partial_payment:b transfers:" + kOrderTransfers +
    " payment_capture:b first_payment_min_amount:i customer_id:s method:s "
    "token:any bank_account:any offer_id:s offers:s[] discount:b "
    "products:any payment:any";
const string kCreateLink =
    "amount:i! currency:s accept_partial:b first_min_partial_amount:i reference_id:s description:s "
    "customer:{name:s contact:s email:s} notify:{sms:b email:b whatsapp:b} reminder_enable:b "
    "options:any expire_by:i notes:m callback_url:s callback_method:s upi_link:b";
const string kInvoiceLine =
    "{id:s item_id:s name:s description:s amount:i currency:s quantity:i}[]";
const string kCreateInvoice =
    "type:(invoice|link|ecod)! date:i customer_id:s line_items:" + kInvoiceLine +
    " description:s partial_payment:b customer:{name:s contact:s email:s gstin:s billing_address:" +
    kAddress + " shipping_address:" + kAddress +
    "} sms_notify:b email_notify:b currency:s expire_by:i notes:m draft:s receipt:s terms:s "
    "comment:s";
const string kCreateSubscription =
    "plan_id:s! total_count:i! quantity:i customer_notify:b start_at:i expire_by:i "
    "addons:{item:{name:s! amount:i! currency:s! description:s}!}[] notes:m offer_id:s "
    "notify_info:{notify_phone:s notify_email:s}";
const string kUpdateSubscription =
    "plan_id:s offer_id:s quantity:i remaining_count:i start_at:i schedule_change_at:s "
    "customer_notify:b";
const string kContact = "email:s contact:s type:s reference_id:s notes:m";
const string kFundAccount =
    "account_type:s! bank_account:{name:s account_number:s ifsc:s} vpa:{address:s} card:any "
    "wallet:any ";
const string kCreatePayout =
    "account_number:s! fund_account_id:s amount:i! currency:s! mode:s! purpose:s! fund_account:{" +
    kFundAccount + "contact:{name:s! " + kContact +
    "} mobile:any} queue_if_low_balance:b reference_id:s narration:s notes:m";
const string kAddressV2 = "{street1:s street2:s street:s city:s state:s postal_code:any country:s}";
const string kAccountFields =
    "legal_business_name:s{} customer_facing_business_name:s profile:{category:s subcategory:s "
    "description:s addresses:{operation:" +
    kAddressV2 + " registered:" + kAddressV2 +
    "} business_model:s} legal_info:{pan:s gst:s} brand:{color:s} notes:m contact_name:s "
    "contact_info:any apps:any reference_id:s ";

// The same fields, with a mark behind the name that is mandatory when an account is made.
string accountFields(bool making) {
  auto text = kAccountFields;
  text.replace(text.find("{}"), 2, making ? "!" : "");
  return making ? "email:s! phone:s! business_type:s! type:s " + text : "phone:any " + text;
}

const string kStakeholder =
    "percentage_ownership:n name:s email:s relationship:{director:b executive:b} "
    "phone:{primary:s secondary:s} addresses:{residential:" +
    kAddressV2 + "} kyc:{pan:s} notes:m";
const string kProduct =
    "tnc_accepted:b ip:s notifications:any checkout:any refund:any payment_methods:any ";

// Control.
const string kAttempt =
    "method:(card|upi|netbanking|wallet) outcome:(authorized|captured|failed) error:s amount:i "
    "vpa:s card:s bank:s wallet:s email:s contact:s customer_id:s save:b description:s";

struct Row {
  std::string_view method;
  std::string_view path;
  string fields;
  Operation execute;
};

// A fixed path comes before the pattern that would take it for an id.
std::vector<Row> paymentRows() {
  return {
      {"POST", "/v1/orders", kCreateOrder, createOrder},
      {"GET", "/v1/orders", kPage + "currency:s authorized:b receipt:s expand[]:any expand:any",
       listOrders},
      {"GET", "/v1/orders/{}", "expand:any status:s expand[]:any", getOrder},
      {"PATCH", "/v1/orders/{}", kNotes + " currency:s", updateOrder},
      {"GET", "/v1/orders/{}/payments", kPage, listOrderPayments},

      {"GET", "/v1/payments", kPage + "expand[]:any expand:any", listPayments},
      {"GET", "/v1/payments/{}", "expand[]:any expand:any", getPayment},
      {"PATCH", "/v1/payments/{}", kNotes, updatePayment},
      {"POST", "/v1/payments/{}/capture", "amount:i! currency:s!", capturePayment},
      {"POST", "/v1/payments/{}/refund", "amount:i reverse_all:b speed:s receipt:s notes:m",
       createRefund},
      {"GET", "/v1/payments/{}/refunds", kPage, listPaymentRefunds},
      {"GET", "/v1/payments/{}/refunds/{}", "", getPaymentRefund},
      {"POST", "/v1/payments/{}/transfers", "transfers:" + kOrderTransfers + "!",
       createPaymentTransfers},
      {"GET", "/v1/payments/{}/transfers", kPage, listPaymentTransfers},
      {"GET", "/v1/refunds", kPage + "payment_id:s", listRefunds},
      {"GET", "/v1/refunds/{}", "", getRefund},
      {"PATCH", "/v1/refunds/{}", kNotes, updateRefund},

      {"POST", "/v1/customers", "name:s contact:s email:s fail_existing:s notes:m gstin:s entity:s",
       createCustomer},
      {"GET", "/v1/customers", kOnePage + "entity:s", listCustomers},
      {"GET", "/v1/customers/{}", "entity:s", getCustomer},
      {"PUT", "/v1/customers/{}", "name:s email:s contact:s entity:s", updateCustomer},
      {"POST", "/v1/customers/{}/bank_account",
       "ifsc_code:s account_number:s beneficiary_name:s beneficiary_address1:s "
       "beneficiary_address2:s beneficiary_address3:s beneficiary_address4:s beneficiary_email:s "
       "beneficiary_mobile:s beneficiary_city:s beneficiary_state:s beneficiary_country:s "
       "bank_id:s",
       addBankAccount},
      {"DELETE", "/v1/customers/{}/bank_account/{}", "", removeBankAccount},
      {"GET", "/v1/customers/{}/tokens", kPage, listTokens},
      {"DELETE", "/v1/customers/{}/tokens/{}", "", deleteToken},

      {"GET", "/v1/settlements", kPage, listSettlements},
      {"GET", "/v1/settlements/recon/combined", kOnePage + "year:i! month:i! day:i", reconcile},
      {"GET", "/v1/settlements/{}", "", getSettlement},
      {"GET", "/v1/disputes", kPage + "expand[]:any", listDisputes},
      {"GET", "/v1/disputes/{}", "expand[]:any", getDispute},
      {"POST", "/v1/disputes/{}/accept", "", acceptDispute},
      {"PATCH", "/v1/disputes/{}/contest",
       "amount:i summary:s shipping_proof:s[] billing_proof:s[] cancellation_proof:s[] "
       "customer_communication:s[] proof_of_service:s[] explanation_letter:s[] "
       "refund_confirmation:s[] access_activity_log:s[] refund_cancellation_policy:s[] "
       "term_and_conditions:s[] others:any action:s",
       contestDispute},
  };
}

std::vector<Row> commerceRows() {
  return {
      {"POST", "/v1/plans",
       "period:(daily|weekly|monthly|quarterly|yearly)! interval:i! item:{name:s amount:i "
       "currency:s description:s}! notes:m",
       createPlan},
      {"GET", "/v1/plans", kPage + "period:s interval:i", listPlans},
      {"GET", "/v1/plans/{}", "", getPlan},
      {"POST", "/v1/subscriptions", kCreateSubscription, createSubscription},
      {"GET", "/v1/subscriptions", kPage + "plan_id:s", listSubscriptions},
      {"GET", "/v1/subscriptions/{}", "", getSubscription},
      {"PATCH", "/v1/subscriptions/{}", kUpdateSubscription, updateSubscription},
      {"POST", "/v1/subscriptions/{}/cancel", "cancel_at_cycle_end:b", cancelSubscription},
      {"POST", "/v1/subscriptions/{}/pause", "pause_at:s", pauseSubscription},
      {"POST", "/v1/subscriptions/{}/resume", "resume_at:s", resumeSubscription},

      {"POST", "/v1/invoices", kCreateInvoice, createInvoice},
      {"GET", "/v1/invoices",
       kPage + "type:s payment_id:s receipt:s customer_id:s subscription_id:s", listInvoices},
      {"GET", "/v1/invoices/{}", "", getInvoice},
      {"PATCH", "/v1/invoices/{}", "line_items:" + kInvoiceLine + " notes:m", updateInvoice},
      {"DELETE", "/v1/invoices/{}", "", deleteInvoice},
      {"POST", "/v1/invoices/{}/issue", "", issueInvoice},
      {"POST", "/v1/invoices/{}/cancel", "", cancelInvoice},
      {"POST", "/v1/invoices/{}/notify_by/{}", "", notifyInvoice},

      {"POST", "/v1/payment_links", kCreateLink, createLink},
      {"GET", "/v1/payment_links", kPage + "payment_id:s reference_id:s", listLinks},
      {"GET", "/v1/payment_links/{}", "", getLink},
      {"PATCH", "/v1/payment_links/{}", "reference_id:s expire_by:i reminder_enable:b notes:m",
       updateLink},
      {"POST", "/v1/payment_links/{}/cancel", "", cancelLink},
      {"POST", "/v1/payment_links/{}/notify_by/{}", "", notifyLink},
  };
}

std::vector<Row> payoutRows() {
  return {
      {"POST", "/v1/contacts", "name:s! " + kContact, createContact},
      {"GET", "/v1/contacts", kPage + "name:s email:s contact:s reference_id:s active:b type:s",
       listContacts},
      {"GET", "/v1/contacts/{}", "", getContact},
      {"PATCH", "/v1/contacts/{}", "active:b name:s " + kContact, updateContact},
      {"POST", "/v1/fund_accounts", kFundAccount + "customer_id:s contact_id:s", createFundAccount},
      {"GET", "/v1/fund_accounts", kPage + "customer_id:s account_type:s contact_id:s",
       listFundAccounts},
      {"GET", "/v1/fund_accounts/{}", "", getFundAccount},
      {"PATCH", "/v1/fund_accounts/{}", "active:b!", updateFundAccount},
      {"POST", "/v1/payouts", kCreatePayout, createPayout},
      {"GET", "/v1/payouts",
       kPage + "account_number:s contact_id:s fund_account_id:s mode:s reference_id:s status:s",
       listPayouts},
      {"GET", "/v1/payouts/{}", "", getPayout},
      {"POST", "/v1/payouts/{}/cancel", "remarks:s", cancelPayout},
      {"POST", "/v1/payouts/{}/approve", "remarks:s!", approvePayout},
      {"POST", "/v1/payouts/{}/reject", "remarks:s!", rejectPayout},
      {"GET", "/v1/transactions", kPage + "account_number:s", listTransactions},
      {"GET", "/v1/transactions/{}", "", getTransaction},
      {"GET", "/v1/balance", "account_number:s", getBalance},

      {"POST", "/v1/transfers",
       "account:s! amount:i! currency:s! notes:m linked_account_notes:s[] on_hold:b "
       "on_hold_until:i",
       createTransfer},
      {"GET", "/v1/transfers",
       kPage + "expand:any transfer_type:s recipient_settlement_id:s expand[]:any", listTransfers},
      {"GET", "/v1/transfers/{}", "", getTransfer},
      {"PATCH", "/v1/transfers/{}", "on_hold:b! on_hold_until:i", updateTransfer},
      {"POST", "/v1/transfers/{}/reversals", "amount:i notes:m", reverseTransfer},
      {"GET", "/v1/transfers/{}/reversals", kPage, listReversals},
  };
}

std::vector<Row> accountRows() {
  return {
      {"POST", "/v2/accounts", accountFields(true), createAccount},
      {"GET", "/v2/accounts/{}", "", getAccount},
      {"PATCH", "/v2/accounts/{}", accountFields(false), updateAccount},
      {"DELETE", "/v2/accounts/{}", "", deleteAccount},
      {"POST", "/v2/accounts/{}/stakeholders", kStakeholder, createStakeholder},
      {"GET", "/v2/accounts/{}/stakeholders", "", listStakeholders},
      {"GET", "/v2/accounts/{}/stakeholders/{}", "", getStakeholder},
      {"PATCH", "/v2/accounts/{}/stakeholders/{}", kStakeholder, updateStakeholder},
      {"POST", "/v2/accounts/{}/products", kProduct + "product_name:s!", requestProduct},
      {"GET", "/v2/accounts/{}/products/{}", "", getProduct},
      {"PATCH", "/v2/accounts/{}/products/{}", kProduct + "settlements:any otp:any product_name:s",
       updateProduct},
      {"POST", "/v2/accounts/{}/webhooks", "url:s! alert_email:s secret:s events:s[]!",
       createWebhook},
      {"GET", "/v2/accounts/{}/webhooks", kPage, listWebhooks},
      {"GET", "/v2/accounts/{}/webhooks/{}", "", getWebhook},
      {"PATCH", "/v2/accounts/{}/webhooks/{}", "url:s! events:s[]!", updateWebhook},
      {"DELETE", "/v2/accounts/{}/webhooks/{}", "", deleteWebhook},
      {"POST", "/v1/webhooks", "url:s! secret:s alert_email:s active:b events:any!",
       createMerchantWebhook},
  };
}

std::vector<Row> controlRows() {
  return {
      {"POST", "/__sim/razorpay/orders/{}/pay", kAttempt, payOrder},
      {"POST", "/__sim/razorpay/payment_links/{}/pay", kAttempt, payLink},
      {"POST", "/__sim/razorpay/invoices/{}/pay", kAttempt, payInvoice},
      {"POST", "/__sim/razorpay/subscriptions/{}/authenticate",
       kAttempt + " charges:(succeed|fail)", authenticateSubscription},
      {"POST", "/__sim/razorpay/subscriptions/{}/charge",
       "outcome:(captured|failed) charges:(succeed|fail)", chargeSubscription},
      {"POST", "/__sim/razorpay/payments/{}/dispute", "amount:i reason_code:s phase:s",
       openDispute},
      {"POST", "/__sim/razorpay/disputes/{}/decide", "outcome:(won|lost)!", decideDispute},
      {"POST", "/__sim/razorpay/payouts/{}/set", "status:(processed|reversed|failed)!", setPayout},
  };
}

const std::vector<Route<OperationRoute>>& routes() {
  static const auto kRoutes = [] {
    std::vector<Route<OperationRoute>> made;
    for (const auto& rows :
         {paymentRows(), commerceRows(), payoutRows(), accountRows(), controlRows()}) {
      for (const auto& row : rows) {
        made.push_back({row.method, row.path, {parseSpecification(row.fields), row.execute}});
      }
    }
    return made;
  }();
  return kRoutes;
}

}  // namespace

FoundOperation findOperation(std::string_view method, std::string_view path) {
  auto found = findRoute(routes(), method, path);
  if (!found.route) return {};
  return {&found.route->handler, std::move(found.segments)};
}

}  // namespace simulators::razorpay
