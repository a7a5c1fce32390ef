#include "stripe/operations.hpp"

#include "stripe/specifications.hpp"

namespace simulators::stripe {
namespace {

using std::string;

const string kAddress = "{city:s? country:s? line1:s? line2:s? postal_code:s? state:s?}";
const string kBilling =
    "{address:{city:s? country:s? line1:s? line2:s? postal_code:s? state:s?}? email:s? name:s? "
    "phone:s? tax_id:s?}";
const string kPaymentShipping =
    "{address:" + kAddress + "! name:s! carrier:s? phone:s? tracking_number:s?}";
const string kCustomerShipping = "{address:" + kAddress + "! name:s! phone:s?}";
const string kCardData = "{cvc:s exp_month:i exp_year:i networks:{preferred:s} number:s token:s}";
const string kAutomaticMethods = "{allow_redirects:(always|never) enabled:b!}";

// Hashes of payment method types other than card, which a caller may send along.
const string kOtherTypes =
    "acss_debit:any affirm:any afterpay_clearpay:any alipay:any alma:any amazon_pay:any "
    "au_becs_debit:any bacs_debit:any bancontact:any billie:any bizum:any blik:any boleto:any "
    "cashapp:any crypto:any customer_balance:any eps:any fpx:any giropay:any grabpay:any ideal:any "
    "interac_present:any kakao_pay:any klarna:any konbini:any kr_card:any link:any mb_way:any "
    "mobilepay:any multibanco:any naver_pay:any nz_bank_account:any oxxo:any p24:any "
    "pay_by_bank:any payco:any paynow:any paypal:any payto:any pix:any promptpay:any "
    "revolut_pay:any samsung_pay:any satispay:any scalapay:any sepa_debit:any sofort:any "
    "sunbit:any swish:any twint:any upi:any us_bank_account:any wechat_pay:any zip:any";
const string kMethodData =
    "{type:s! allow_redisplay:(always|limited|unspecified) billing_details:" + kBilling +
    " card:" + kCardData + " metadata:m radar_options:any " + kOtherTypes + "}";
const string kCardOptions =
    "{capture_method:s? cvc_token:s installments:any mandate_options:any moto:b network:s "
    "request_extended_authorization:s request_incremental_authorization:s request_multicapture:s "
    "request_overcapture:s request_three_d_secure:(any|automatic|challenge) "
    "require_cvc_recollection:b setup_future_usage:s? statement_descriptor_suffix_kana:s? "
    "statement_descriptor_suffix_kanji:s? three_d_secure:any}";
const string kMethodOptions = "{card:" + kCardOptions + "? card_present:any " + kOtherTypes + "}";

// Shared by creating, updating and confirming a payment.
const string kPaymentCommon =
    "allowed_payment_method_types:s[] amount_details:any "
    "capture_method:(automatic|automatic_async|manual) excluded_payment_method_types:s[]? "
    "expand:s[] hooks:any payment_details:any payment_method:s payment_method_data:" +
    kMethodData + " payment_method_options:" + kMethodOptions +
    " payment_method_types:s[] receipt_email:s? setup_future_usage:(on_session|off_session)? "
    "shipping:" +
    kPaymentShipping + "? ";
const string kPaymentDescribed =
    "customer:s customer_account:s description:s? metadata:m payment_method_configuration:s "
    "statement_descriptor:s? statement_descriptor_suffix:s? transfer_group:s ";
const string kConfirming =
    "confirmation_token:s error_on_requires_action:b mandate:s mandate_data:any "
    "off_session:(true|false|one_off|recurring) radar_options:any return_url:s use_stripe_sdk:b ";

const string kCreatePayment =
    "amount:i! currency:s! " + kPaymentCommon + kPaymentDescribed + kConfirming +
    "application_fee_amount:i automatic_payment_methods:" + kAutomaticMethods +
    " confirm:b confirmation_method:(automatic|manual) on_behalf_of:s "
    "transfer_data:{amount:i description:s destination:s! metadata:m payment_data:any}";
const string kUpdatePayment =
    "amount:i currency:s " + kPaymentCommon + kPaymentDescribed +
    "application_fee_amount:i? transfer_data:{amount:i description:s metadata:m payment_data:any}";
const string kConfirmPayment = kPaymentCommon + kConfirming + "amount_to_confirm:n";
const string kCapturePayment =
    "amount_details:any amount_to_capture:i application_fee_amount:i expand:s[] final_capture:b "
    "hooks:any metadata:m payment_details:any statement_descriptor:s statement_descriptor_suffix:s "
    "transfer_data:{amount:i}";
const string kCancelPayment =
    "cancellation_reason:(abandoned|duplicate|fraudulent|requested_by_customer) expand:s[]";

const string kPage = "ending_before:s expand:s[] limit:i starting_after:s ";
const string kExpand = "expand:s[]";
const string kSearch = "query:s! expand:s[] limit:i page:s";

const string kCreateRefund =
    "amount:i charge:s currency:s customer:s expand:s[] instructions_email:s metadata:m "
    "origin:(customer_balance) payment_intent:s "
    "reason:(duplicate|fraudulent|requested_by_customer) refund_application_fee:b "
    "reverse_transfer:b";

const string kCustomerCommon =
    "address:" + kAddress +
    "? balance:i business_name:s? cash_balance:any description:s? email:s? "
    "expand:s[] individual_name:s? invoice_prefix:s "
    "invoice_settings:{custom_fields:{name:s! value:s!}[]? default_payment_method:s? footer:s? "
    "rendering_options:any} metadata:m name:s? next_invoice_sequence:i phone:s? "
    "preferred_locales:s[] shipping:" +
    kCustomerShipping +
    "? source:s tax:{ip_address:s? validate_location:s} tax_exempt:(none|exempt|reverse)? "
    "validate:b ";
const string kCreateCustomer =
    kCustomerCommon + "payment_method:s tax_id_data:{type:s! value:s!}[] test_clock:s";
const string kUpdateCustomer = kCustomerCommon + "default_source:s";

const string kCreateMethod =
    "type:s allow_redisplay:(always|limited|unspecified) billing_details:" + kBilling +
    " card:" + kCardData +
    " custom:any customer:s expand:s[] metadata:m payment_method:s radar_options:any " +
    kOtherTypes;
const string kUpdateMethod =
    "allow_redisplay:(always|limited|unspecified) billing_details:" + kBilling +
    " card:{exp_month:i exp_year:i networks:{preferred:s}} expand:s[] metadata:m payto:any "
    "us_bank_account:any";

const std::vector<Operation>& operations() {
  using enum ObjectKind;
  const auto one = [](std::string_view method, std::string_view path, ObjectKind kind,
                      const string& fields, Answer (*execute)(Call&)) {
    return Operation{method, path, kind, false, parseSpecification(fields), execute};
  };
  const auto many = [](std::string_view path, ObjectKind kind, const string& fields,
                       Answer (*execute)(Call&)) {
    return Operation{"GET", path, kind, true, parseSpecification(fields), execute};
  };
  // Documents: "METHOD /path", whose parameters are in the specifications.
  const auto doc = [](std::string_view operation, Answer (*execute)(Call&)) {
    const auto blank = operation.find(' ');
    return Operation{operation.substr(0, blank),
                     operation.substr(blank + 1),
                     kDocument,
                     false,
                     parseSpecification(specificationOf(operation)),
                     execute};
  };
  const auto docs = [](std::string_view path, Answer (*execute)(Call&)) {
    return Operation{"GET",
                     path,
                     kDocument,
                     true,
                     parseSpecification(specificationOf("GET " + std::string(path))),
                     execute};
  };
  // A fixed path comes before the pattern that would take it for an id.
  static const std::vector<Operation> kOperations{
      one("POST", "/v1/payment_intents", kPayment, kCreatePayment, createPayment),
      many("/v1/payment_intents", kPayment, kPage + "created:range customer:s customer_account:s",
           listPayments),
      many("/v1/payment_intents/search", kPayment, kSearch, searchPayments),
      one("GET", "/v1/payment_intents/*", kPayment, kExpand + " client_secret:s", getPayment),
      one("POST", "/v1/payment_intents/*", kPayment, kUpdatePayment, updatePayment),
      one("POST", "/v1/payment_intents/*/confirm", kPayment, kConfirmPayment, confirmPaymentCall),
      one("POST", "/v1/payment_intents/*/capture", kPayment, kCapturePayment, capturePaymentCall),
      one("POST", "/v1/payment_intents/*/cancel", kPayment, kCancelPayment, cancelPaymentCall),

      many("/v1/charges", kCharge,
           kPage + "created:range customer:s payment_intent:s transfer_group:s", listCharges),
      one("GET", "/v1/charges/*", kCharge, kExpand, getCharge),

      one("POST", "/v1/refunds", kRefund, kCreateRefund, createRefund),
      many("/v1/refunds", kRefund, kPage + "charge:s created:range payment_intent:s", listRefunds),
      one("GET", "/v1/refunds/*", kRefund, kExpand, getRefund),
      one("POST", "/v1/refunds/*", kRefund, kExpand + " metadata:m", updateRefund),
      one("POST", "/v1/refunds/*/cancel", kRefund, kExpand, cancelRefund),

      one("POST", "/v1/customers", kCustomer, kCreateCustomer, createCustomer),
      many("/v1/customers", kCustomer, kPage + "created:range email:s test_clock:s", listCustomers),
      many("/v1/customers/search", kCustomer, kSearch, searchCustomers),
      one("GET", "/v1/customers/*", kCustomer, kExpand, getCustomer),
      one("POST", "/v1/customers/*", kCustomer, kUpdateCustomer, updateCustomer),
      one("DELETE", "/v1/customers/*", kNothing, "", deleteCustomer),
      many("/v1/customers/*/payment_methods", kMethod, kPage + "allow_redisplay:s type:s",
           listCustomerMethods),

      one("POST", "/v1/payment_methods", kMethod, kCreateMethod, createMethod),
      many("/v1/payment_methods", kMethod,
           kPage + "allow_redisplay:s customer:s customer_account:s type:s", listMethods),
      one("GET", "/v1/payment_methods/*", kMethod, kExpand, getMethod),
      one("POST", "/v1/payment_methods/*", kMethod, kUpdateMethod, updateMethod),
      one("POST", "/v1/payment_methods/*/attach", kMethod,
          "customer:s customer_account:s expand:s[]", attachMethod),
      one("POST", "/v1/payment_methods/*/detach", kMethod, kExpand, detachMethod),

      one("GET", "/v1/balance", kNothing, kExpand, getBalance),

      doc("POST /v1/setup_intents", createSetup),
      docs("/v1/setup_intents", listSetups),
      doc("GET /v1/setup_intents/*", getSetup),
      doc("POST /v1/setup_intents/*/confirm", confirmSetup),
      doc("POST /v1/setup_intents/*/cancel", cancelSetup),

      doc("POST /v1/products", createProduct),
      docs("/v1/products", listProducts),
      docs("/v1/products/search", searchProducts),
      doc("GET /v1/products/*", getProduct),
      doc("POST /v1/products/*", updateProduct),
      doc("DELETE /v1/products/*", deleteProduct),
      doc("POST /v1/prices", createPrice),
      docs("/v1/prices", listPrices),
      docs("/v1/prices/search", searchPrices),
      doc("GET /v1/prices/*", getPrice),
      doc("POST /v1/prices/*", updatePrice),

      doc("POST /v1/subscriptions", createSubscription),
      docs("/v1/subscriptions", listSubscriptions),
      docs("/v1/subscriptions/search", searchSubscriptions),
      doc("GET /v1/subscriptions/*", getSubscription),
      doc("POST /v1/subscriptions/*", updateSubscription),
      doc("POST /v1/subscriptions/*/resume", resumeSubscription),
      doc("DELETE /v1/subscriptions/*", cancelSubscription),

      doc("POST /v1/invoices", createInvoice),
      docs("/v1/invoices", listInvoices),
      docs("/v1/invoices/search", searchInvoices),
      doc("GET /v1/invoices/*", getInvoice),
      doc("POST /v1/invoices/*", updateInvoice),
      doc("POST /v1/invoices/*/finalize", finalizeInvoiceCall),
      doc("POST /v1/invoices/*/pay", payInvoiceCall),
      doc("POST /v1/invoices/*/send", sendInvoice),
      doc("POST /v1/invoices/*/void", voidInvoice),
      doc("POST /v1/invoiceitems", createInvoiceItem),
      docs("/v1/invoiceitems", listInvoiceItems),

      doc("POST /v1/payment_links", createLink),
      docs("/v1/payment_links", listLinks),
      doc("GET /v1/payment_links/*", getLink),
      doc("POST /v1/payment_links/*", updateLink),
      doc("POST /v1/checkout/sessions", createSession),
      docs("/v1/checkout/sessions", listSessions),
      doc("GET /v1/checkout/sessions/*", getSession),
      doc("POST /v1/checkout/sessions/*/expire", expireSession),

      doc("POST /v1/payouts", createPayout),
      docs("/v1/payouts", listPayouts),
      doc("GET /v1/payouts/*", getPayout),
      doc("POST /v1/payouts/*/cancel", cancelPayout),
      doc("POST /v1/payouts/*/reverse", reversePayout),
      doc("POST /v1/transfers", createTransfer),
      docs("/v1/transfers", listTransfers),
      doc("GET /v1/transfers/*", getTransfer),
      doc("POST /v1/transfers/*/reversals", reverseTransfer),

      docs("/v1/disputes", listDisputes),
      doc("GET /v1/disputes/*", getDispute),
      doc("POST /v1/disputes/*", updateDispute),
      doc("POST /v1/disputes/*/close", closeDispute),

      doc("GET /v1/account", getOwnAccount),
      doc("POST /v1/accounts", createAccount),
      docs("/v1/accounts", listAccounts),
      doc("GET /v1/accounts/*", getAccount),
      doc("POST /v1/accounts/*", updateAccount),
      doc("DELETE /v1/accounts/*", deleteAccount),
      doc("POST /v1/account_links", createAccountLink),
      doc("POST /v1/accounts/*/login_links", createLoginLink),

      docs("/v1/events", listEvents),
      doc("GET /v1/events/*", getEvent),
      doc("POST /v1/webhook_endpoints", createEndpoint),
      docs("/v1/webhook_endpoints", listEndpoints),
      doc("GET /v1/webhook_endpoints/*", getEndpoint),
      doc("POST /v1/webhook_endpoints/*", updateEndpoint),
      doc("DELETE /v1/webhook_endpoints/*", deleteEndpoint),

      one("POST", "/__sim/stripe/payment_links/*/pay", kDocument, "payment_method:s email:s",
          payLink),
      one("POST", "/__sim/stripe/checkout/sessions/*/complete", kDocument,
          "payment_method:s email:s", completeSession),
      one("POST", "/__sim/stripe/charges/*/dispute", kDocument, "amount:i reason:s", openDispute),
      one("POST", "/__sim/stripe/disputes/*/decide", kDocument, "outcome:(won|lost)!",
          decideDispute),
      one("POST", "/__sim/stripe/accounts/*/onboard", kDocument, "", onboardAccount),
  };
  return kOperations;
}

// Matches segment by segment; the one that "*" stands for is the id.
bool matchPath(std::string_view pattern, std::string_view path, std::string_view& id) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == path;
  const auto before = pattern.substr(0, star);
  const auto after = pattern.substr(star + 1);
  if (!path.starts_with(before) || path.size() < before.size() + after.size() + 1) return false;
  id = path.substr(before.size());
  if (!id.ends_with(after)) return false;
  id.remove_suffix(after.size());
  return !id.empty() && id.find('/') == std::string_view::npos;
}

}  // namespace

Match findOperation(std::string_view method, std::string_view path) {
  for (const auto& operation : operations()) {
    std::string_view id;
    if (operation.method == method && matchPath(operation.path, path, id)) {
      return {&operation, decodeUrl(id)};
    }
  }
  return {};
}

}  // namespace simulators::stripe
