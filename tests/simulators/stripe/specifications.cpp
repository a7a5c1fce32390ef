#include "stripe/specifications.hpp"

#include <stdexcept>

namespace simulators::stripe {
namespace {

struct Row {
  std::string_view operation;
  std::string_view fields;
};

// clang-format off
constexpr Row kRows[] = {
    {"POST /v1/setup_intents",
     "allowed_payment_method_types:s[] attach_to_self:b "
     "automatic_payment_methods:{allow_redirects:s enabled:b!} confirm:b confirmation_token:s "
     "customer:s customer_account:s description:s excluded_payment_method_types:s[] expand:s[] "
     "flow_directions:s[] mandate_data:{customer_acceptance:any!}? metadata:m on_behalf_of:s "
     "payment_method:s payment_method_configuration:s payment_method_data:{acss_debit:any "
     "affirm:any afterpay_clearpay:any alipay:any allow_redisplay:s alma:any amazon_pay:any "
     "au_becs_debit:any bacs_debit:any bancontact:any billie:any billing_details:any bizum:any "
     "blik:any boleto:any cashapp:any crypto:any customer_balance:any eps:any fpx:any "
     "giropay:any grabpay:any ideal:any interac_present:any kakao_pay:any klarna:any "
     "konbini:any kr_card:any link:any mb_way:any metadata:m mobilepay:any multibanco:any "
     "naver_pay:any nz_bank_account:any oxxo:any p24:any pay_by_bank:any payco:any paynow:any "
     "paypal:any payto:any pix:any promptpay:any radar_options:any revolut_pay:any "
     "samsung_pay:any satispay:any scalapay:any sepa_debit:any sofort:any sunbit:any swish:any "
     "twint:any type:s! upi:any us_bank_account:any wechat_pay:any zip:any} "
     "payment_method_options:{acss_debit:any amazon_pay:any bacs_debit:any bizum:any card:any "
     "card_present:any klarna:any link:any paypal:any payto:any pix:any sepa_debit:any upi:any "
     "us_bank_account:any} payment_method_types:s[] return_url:s single_use:{amount:i! "
     "currency:s!} usage:s use_stripe_sdk:b"},
    {"GET /v1/setup_intents",
     "attach_to_self:b created:range customer:s customer_account:s expand:s[] payment_method:s "
     "ending_before:s limit:i starting_after:s"},
    {"GET /v1/setup_intents/*",
     "client_secret:s expand:s[]"},
    {"POST /v1/setup_intents/*/confirm",
     "allowed_payment_method_types:s[] confirmation_token:s expand:s[] "
     "mandate_data:{customer_acceptance:any}? payment_method:s "
     "payment_method_data:{acss_debit:any affirm:any afterpay_clearpay:any alipay:any "
     "allow_redisplay:s alma:any amazon_pay:any au_becs_debit:any bacs_debit:any "
     "bancontact:any billie:any billing_details:any bizum:any blik:any boleto:any cashapp:any "
     "crypto:any customer_balance:any eps:any fpx:any giropay:any grabpay:any ideal:any "
     "interac_present:any kakao_pay:any klarna:any konbini:any kr_card:any link:any mb_way:any "
     "metadata:m mobilepay:any multibanco:any naver_pay:any nz_bank_account:any oxxo:any "
     "p24:any pay_by_bank:any payco:any paynow:any paypal:any payto:any pix:any promptpay:any "
     "radar_options:any revolut_pay:any samsung_pay:any satispay:any scalapay:any "
     "sepa_debit:any sofort:any sunbit:any swish:any twint:any type:s! upi:any "
     "us_bank_account:any wechat_pay:any zip:any} payment_method_options:{acss_debit:any "
     "amazon_pay:any bacs_debit:any bizum:any card:any card_present:any klarna:any link:any "
     "paypal:any payto:any pix:any sepa_debit:any upi:any us_bank_account:any} return_url:s "
     "use_stripe_sdk:b"},
    {"POST /v1/setup_intents/*/cancel",
     "cancellation_reason:(abandoned|duplicate|requested_by_customer) expand:s[]"},
    {"POST /v1/products",
     "name:s! active:b default_price_data:{currency:s! currency_options:any "
     "custom_unit_amount:any metadata:m recurring:any "
     "tax_behavior:(unspecified|exclusive|inclusive) unit_amount:i unit_amount_decimal:s} "
     "description:s expand:s[] id:s images:s[] marketing_features:{name:s!}[] metadata:m "
     "package_dimensions:{height:n! length:n! weight:n! width:n!} shippable:b "
     "statement_descriptor:s tax_code:s type:(good|service) unit_label:s url:s"},
    {"GET /v1/products",
     "active:b created:range expand:s[] ids:s[] shippable:b type:(good|service) url:s "
     "ending_before:s limit:i starting_after:s"},
    {"GET /v1/products/search",
     "query:s! expand:s[] limit:i page:s"},
    {"GET /v1/products/*",
     "expand:s[]"},
    {"POST /v1/products/*",
     "active:b default_price:s description:s expand:s[] images:s[]? "
     "marketing_features:{name:s!}[]? metadata:m name:s package_dimensions:{height:n! "
     "length:n! weight:n! width:n!}? shippable:b statement_descriptor:s tax_code:s "
     "unit_label:s url:s"},
    {"DELETE /v1/products/*",
     ""},
    {"POST /v1/prices",
     "currency:s! active:b billing_scheme:(per_unit|tiered) currency_options:any "
     "custom_unit_amount:{enabled:b! maximum:i minimum:i preset:i} expand:s[] lookup_key:s "
     "metadata:m nickname:s product:s product_data:{active:b id:s metadata:m name:s! "
     "statement_descriptor:s tax_code:s unit_label:s} "
     "recurring:{interval:(day|month|week|year)! interval_count:i meter:s trial_period_days:n "
     "usage_type:(licensed|metered)} tax_behavior:(unspecified|exclusive|inclusive) "
     "tiers:{flat_amount:i flat_amount_decimal:s unit_amount:i unit_amount_decimal:s "
     "up_to:any!}[] tiers_mode:s transfer_lookup_key:b transform_quantity:{divide_by:i! "
     "round:s!} unit_amount:i unit_amount_decimal:s"},
    {"GET /v1/prices",
     "active:b created:range currency:s expand:s[] lookup_keys:s[] product:s "
     "recurring:{interval:(day|month|week|year) meter:s usage_type:(licensed|metered)} "
     "type:(recurring|one_time) ending_before:s limit:i starting_after:s"},
    {"GET /v1/prices/search",
     "query:s! expand:s[] limit:i page:s"},
    {"GET /v1/prices/*",
     "expand:s[]"},
    {"POST /v1/prices/*",
     "active:b currency_options:any? expand:s[] lookup_key:s metadata:m nickname:s "
     "tax_behavior:(unspecified|exclusive|inclusive) transfer_lookup_key:b"},
    {"POST /v1/subscriptions",
     "add_invoice_items:{discountable:b discounts:any metadata:m period:any price:s "
     "price_data:any quantity:i tax_rates:s[]?}[] application_fee_percent:n? "
     "automatic_tax:{enabled:b! liability:any} backdate_start_date:i billing_cycle_anchor:i "
     "billing_cycle_anchor_config:{day_of_month:n! hour:n minute:n month:n second:n} "
     "billing_mode:{flexible:any type:s!} billing_schedules:{applies_to:any bill_until:any! "
     "key:s}[] billing_thresholds:{amount_gte:i reset_billing_cycle_anchor:b}? cancel_at:s "
     "cancel_at_period_end:b collection_method:(charge_automatically|send_invoice) currency:s "
     "customer:s customer_account:s days_until_due:i default_payment_method:s default_source:s "
     "default_tax_rates:s[]? description:s discounts:{coupon:s discount:s promotion_code:s}[]? "
     "expand:s[] invoice_settings:{account_tax_ids:s[]? custom_fields:any? description:s "
     "footer:s issuer:any} items:{billing_thresholds:any? discounts:any? metadata:m plan:s "
     "price:s price_data:any quantity:i tax_rates:s[]?}[] metadata:m off_session:b "
     "on_behalf_of:s "
     "payment_behavior:(allow_incomplete|default_incomplete|error_if_incomplete|pending_if_incomplete) "
     "payment_settings:{payment_method_options:any payment_method_types:s[]? "
     "save_default_payment_method:s} "
     "pending_invoice_item_interval:{interval:(day|month|week|year)! interval_count:i}? "
     "proration_behavior:s transfer_data:{amount_percent:n destination:s!} trial_end:any "
     "trial_from_plan:b trial_period_days:i trial_settings:{end_behavior:any!}"},
    {"GET /v1/subscriptions",
     "automatic_tax:{enabled:b!} collection_method:(charge_automatically|send_invoice) "
     "created:range current_period_end:range current_period_start:range customer:s "
     "customer_account:s expand:s[] plan:s price:s status:s test_clock:s ending_before:s "
     "limit:i starting_after:s"},
    {"GET /v1/subscriptions/search",
     "query:s! expand:s[] limit:i page:s"},
    {"GET /v1/subscriptions/*",
     "expand:s[]"},
    {"POST /v1/subscriptions/*",
     "add_invoice_items:{discountable:b discounts:any metadata:m period:any price:s "
     "price_data:any quantity:i tax_rates:s[]?}[] application_fee_percent:n? "
     "automatic_tax:{enabled:b! liability:any} billing_cycle_anchor:(now|unchanged) "
     "billing_schedules:{applies_to:any bill_until:any key:s}[]? "
     "billing_thresholds:{amount_gte:i reset_billing_cycle_anchor:b}? cancel_at:s "
     "cancel_at_period_end:b cancellation_details:{comment:s feedback:s} "
     "collection_method:(charge_automatically|send_invoice) days_until_due:i "
     "default_payment_method:s default_source:s default_tax_rates:s[]? description:s "
     "discounts:{coupon:s discount:s promotion_code:s}[]? expand:s[] "
     "invoice_settings:{account_tax_ids:s[]? custom_fields:any? description:s footer:s "
     "issuer:any} items:{billing_thresholds:any? clear_usage:b deleted:b discounts:any? id:s "
     "metadata:m plan:s price:s price_data:any quantity:i tax_rates:s[]?}[] metadata:m "
     "off_session:b on_behalf_of:s "
     "pause_collection:{behavior:(keep_as_draft|mark_uncollectible|void)! resumes_at:i}? "
     "payment_behavior:(allow_incomplete|default_incomplete|error_if_incomplete|pending_if_incomplete) "
     "payment_settings:{payment_method_options:any payment_method_types:s[]? "
     "save_default_payment_method:s} "
     "pending_invoice_item_interval:{interval:(day|month|week|year)! interval_count:i}? "
     "proration_behavior:s proration_date:i transfer_data:{amount_percent:n destination:s!}? "
     "trial_end:any trial_from_plan:b trial_settings:{end_behavior:any!}"},
    {"DELETE /v1/subscriptions/*",
     "cancellation_details:{comment:s feedback:s} expand:s[] invoice_now:b prorate:b"},
    {"POST /v1/subscriptions/*/resume",
     "billing_cycle_anchor:s expand:s[] proration_behavior:s proration_date:i"},
    {"POST /v1/invoices",
     "account_tax_ids:s[]? application_fee_amount:i auto_advance:b automatic_tax:{enabled:b! "
     "liability:any} automatically_finalizes_at:n "
     "collection_method:(charge_automatically|send_invoice) currency:s custom_fields:{name:s! "
     "value:s!}[]? customer:s customer_account:s days_until_due:i default_payment_method:s "
     "default_source:s default_tax_rates:s[] description:s discounts:{coupon:s discount:s "
     "promotion_code:s}[]? due_date:i effective_at:i expand:s[] footer:s "
     "from_invoice:{action:(revision)! invoice:s!} issuer:{account:s type:s!} metadata:m "
     "number:s on_behalf_of:s payment_settings:{default_mandate:s payment_method_options:any "
     "payment_method_types:s[]?} pending_invoice_items_behavior:s "
     "rendering:{amount_tax_display:(exclude_tax|include_inclusive_tax)? pdf:any template:s "
     "template_version:n?} shipping_cost:{shipping_rate:s shipping_rate_data:any} "
     "shipping_details:{address:any! name:s! phone:s} statement_descriptor:s subscription:s "
     "transfer_data:{amount:i destination:s!}"},
    {"GET /v1/invoices",
     "collection_method:(charge_automatically|send_invoice) created:range customer:s "
     "customer_account:s due_date:range expand:s[] status:s subscription:s ending_before:s "
     "limit:i starting_after:s"},
    {"GET /v1/invoices/search",
     "query:s! expand:s[] limit:i page:s"},
    {"GET /v1/invoices/*",
     "expand:s[]"},
    {"POST /v1/invoices/*",
     "account_tax_ids:s[]? application_fee_amount:i auto_advance:b automatic_tax:{enabled:b! "
     "liability:any} automatically_finalizes_at:n "
     "collection_method:(charge_automatically|send_invoice) custom_fields:{name:s! "
     "value:s!}[]? days_until_due:i default_payment_method:s default_source:s "
     "default_tax_rates:s[]? description:s discounts:{coupon:s discount:s promotion_code:s}[]? "
     "due_date:i effective_at:i? expand:s[] footer:s issuer:{account:s type:s!} metadata:m "
     "number:s on_behalf_of:s payment_settings:{default_mandate:s payment_method_options:any "
     "payment_method_types:s[]?} "
     "rendering:{amount_tax_display:(exclude_tax|include_inclusive_tax)? pdf:any template:s "
     "template_version:n?} shipping_cost:{shipping_rate:s shipping_rate_data:any}? "
     "shipping_details:{address:any! name:s! phone:s}? statement_descriptor:s "
     "transfer_data:{amount:i destination:s!}?"},
    {"POST /v1/invoices/*/finalize",
     "auto_advance:b expand:s[]"},
    {"POST /v1/invoices/*/pay",
     "expand:s[] forgive:b mandate:s off_session:b paid_out_of_band:b payment_method:s "
     "source:s"},
    {"POST /v1/invoices/*/send",
     "expand:s[]"},
    {"POST /v1/invoices/*/void",
     "expand:s[]"},
    {"POST /v1/invoiceitems",
     "amount:i currency:s customer:s customer_account:s description:s discountable:b "
     "discounts:{coupon:s discount:s promotion_code:s}[]? expand:s[] invoice:s metadata:m "
     "period:{end:i! start:i!} price_data:{currency:s! product:s! "
     "tax_behavior:(unspecified|exclusive|inclusive) unit_amount:i unit_amount_decimal:s} "
     "pricing:{price:s} quantity:i quantity_decimal:s subscription:s "
     "tax_behavior:(unspecified|exclusive|inclusive) tax_code:s tax_rates:s[] "
     "unit_amount_decimal:s"},
    {"GET /v1/invoiceitems",
     "created:range customer:s customer_account:s expand:s[] invoice:s pending:b "
     "ending_before:s limit:i starting_after:s"},
    {"POST /v1/payment_links",
     "line_items:{adjustable_quantity:any price:s price_data:any quantity:i!}[]! "
     "after_completion:{hosted_confirmation:any redirect:any type:s!} allow_promotion_codes:b "
     "application_fee_amount:i application_fee_percent:n automatic_tax:{enabled:b! "
     "liability:any} billing_address_collection:s "
     "consent_collection:{payment_method_reuse_agreement:any promotions:s terms_of_service:s} "
     "currency:s custom_fields:{dropdown:any key:s! label:any! numeric:any optional:b text:any "
     "type:s!}[] custom_text:{after_submit:any? shipping_address:any? submit:any? "
     "terms_of_service_acceptance:any?} customer_creation:s expand:s[] inactive_message:s "
     "invoice_creation:{enabled:b! invoice_data:any} managed_payments:{enabled:b} metadata:m "
     "name_collection:{business:any individual:any} on_behalf_of:s "
     "optional_items:{adjustable_quantity:any price:s! quantity:n!}[] "
     "payment_intent_data:{capture_method:s description:s metadata:m setup_future_usage:s "
     "statement_descriptor:s statement_descriptor_suffix:s transfer_group:s} "
     "payment_method_collection:s payment_method_options:{card:any} payment_method_types:s[] "
     "phone_number_collection:{enabled:b!} restrictions:{completed_sessions:any!} "
     "shipping_address_collection:{allowed_countries:s[]!} "
     "shipping_options:{shipping_rate:s}[] submit_type:s subscription_data:{description:s "
     "invoice_settings:any metadata:m trial_period_days:i trial_settings:any} "
     "tax_id_collection:{enabled:b! required:s} transfer_data:{amount:i destination:s!}"},
    {"GET /v1/payment_links",
     "active:b expand:s[] ending_before:s limit:i starting_after:s"},
    {"GET /v1/payment_links/*",
     "expand:s[]"},
    {"POST /v1/payment_links/*",
     "active:b after_completion:{hosted_confirmation:any redirect:any type:s!} "
     "allow_promotion_codes:b automatic_tax:{enabled:b! liability:any} "
     "billing_address_collection:s consent_collection:{payment_method_reuse_agreement:any "
     "promotions:s terms_of_service:s} custom_fields:{dropdown:any key:s! label:any! "
     "numeric:any optional:b text:any type:s!}[]? custom_text:{after_submit:any? "
     "shipping_address:any? submit:any? terms_of_service_acceptance:any?} customer_creation:s "
     "expand:s[] inactive_message:s invoice_creation:{enabled:b! invoice_data:any} "
     "line_items:{adjustable_quantity:any id:s! quantity:i}[] metadata:m "
     "name_collection:{business:any individual:any}? optional_items:{adjustable_quantity:any "
     "price:s! quantity:n!}[]? payment_intent_data:{description:s metadata:m "
     "setup_future_usage:s statement_descriptor:s statement_descriptor_suffix:s "
     "transfer_group:s} payment_method_collection:s payment_method_options:{card:any?}? "
     "payment_method_types:s[]? phone_number_collection:{enabled:b!} "
     "restrictions:{completed_sessions:any!}? "
     "shipping_address_collection:{allowed_countries:s[]!}? "
     "shipping_options:{shipping_rate:s}[]? submit_type:s "
     "subscription_data:{invoice_settings:any metadata:m trial_period_days:n? "
     "trial_settings:any?} tax_id_collection:{enabled:b! required:s}"},
    {"POST /v1/checkout/sessions",
     "adaptive_pricing:{enabled:b} after_expiration:{recovery:any} allow_promotion_codes:b "
     "automatic_tax:{enabled:b! liability:any} billing_address_collection:s "
     "branding_settings:{background_color:s border_style:s button_color:s display_name:s "
     "font_family:s icon:any logo:any} cancel_url:s client_reference_id:s "
     "consent_collection:{payment_method_reuse_agreement:any promotions:s terms_of_service:s} "
     "currency:s custom_fields:{dropdown:any key:s! label:any! numeric:any optional:b text:any "
     "type:s!}[] custom_text:{after_submit:any? shipping_address:any? submit:any? "
     "terms_of_service_acceptance:any?} customer:s customer_account:s customer_creation:s "
     "customer_email:s customer_update:{address:s name:s shipping:s} discounts:{coupon:s "
     "promotion_code:s}[] excluded_payment_method_types:s[] expand:s[] expires_at:i "
     "integration_identifier:s invoice_creation:{enabled:b! invoice_data:any} "
     "line_items:{adjustable_quantity:any metadata:m price:s price_data:any quantity:i "
     "tax_rates:s[]}[] locale:s managed_payments:{enabled:b} metadata:m mode:s "
     "name_collection:{business:any individual:any} optional_items:{adjustable_quantity:any "
     "price:s! quantity:n!}[] origin_context:s payment_intent_data:{application_fee_amount:i "
     "capture_method:s description:s metadata:m on_behalf_of:s receipt_email:s "
     "setup_future_usage:s shipping:any statement_descriptor:s statement_descriptor_suffix:s "
     "transfer_data:any transfer_group:s} payment_method_collection:s "
     "payment_method_configuration:s payment_method_data:{allow_redisplay:s} "
     "payment_method_options:{acss_debit:any affirm:any afterpay_clearpay:any alipay:any "
     "alma:any amazon_pay:any au_becs_debit:any bacs_debit:any bancontact:any billie:any "
     "boleto:any card:any cashapp:any crypto:any customer_balance:any demo_pay:any eps:any "
     "fpx:any giropay:any grabpay:any ideal:any kakao_pay:any klarna:any konbini:any "
     "kr_card:any link:any mobilepay:any multibanco:any naver_pay:any oxxo:any p24:any "
     "pay_by_bank:any payco:any paynow:any paypal:any payto:any pix:any revolut_pay:any "
     "samsung_pay:any satispay:any scalapay:any sepa_debit:any sofort:any sunbit:any swish:any "
     "twint:any upi:any us_bank_account:any wechat_pay:any} payment_method_types:s[] "
     "permissions:{update_shipping_details:s} phone_number_collection:{enabled:b!} "
     "redirect_on_completion:s return_url:s "
     "saved_payment_method_options:{allow_redisplay_filters:s[] payment_method_remove:s "
     "payment_method_save:s} setup_intent_data:{description:s metadata:m on_behalf_of:s} "
     "shipping_address_collection:{allowed_countries:s[]!} shipping_options:{shipping_rate:s "
     "shipping_rate_data:any}[] submit_type:s subscription_data:{application_fee_percent:n "
     "billing_cycle_anchor:i billing_cycle_anchor_config:any billing_mode:any "
     "default_tax_rates:s[] description:s invoice_settings:any metadata:m on_behalf_of:s "
     "pending_invoice_item_interval:any proration_behavior:s transfer_data:any trial_end:i "
     "trial_period_days:i trial_settings:any} success_url:s tax_id_collection:{enabled:b! "
     "required:s} ui_mode:s wallet_options:{link:any}"},
    {"GET /v1/checkout/sessions",
     "created:range customer:s customer_account:s customer_details:{email:s!} expand:s[] "
     "payment_intent:s payment_link:s status:(expired|complete|open) subscription:s "
     "ending_before:s limit:i starting_after:s"},
    {"GET /v1/checkout/sessions/*",
     "expand:s[]"},
    {"POST /v1/checkout/sessions/*/expire",
     "expand:s[]"},
    {"POST /v1/payouts",
     "amount:i! currency:s! description:s destination:s expand:s[] metadata:m "
     "method:(instant|standard) payout_method:s source_type:(card|fpx|bank_account) "
     "statement_descriptor:s"},
    {"GET /v1/payouts",
     "arrival_date:range created:range destination:s expand:s[] status:s ending_before:s "
     "limit:i starting_after:s"},
    {"GET /v1/payouts/*",
     "expand:s[]"},
    {"POST /v1/payouts/*/cancel",
     "expand:s[]"},
    {"POST /v1/payouts/*/reverse",
     "expand:s[] metadata:m"},
    {"POST /v1/transfers",
     "currency:s! destination:s! amount:i description:s expand:s[] metadata:m "
     "source_transaction:s source_type:(card|fpx|bank_account) transfer_group:s"},
    {"GET /v1/transfers",
     "created:range destination:s expand:s[] transfer_group:s ending_before:s limit:i "
     "starting_after:s"},
    {"GET /v1/transfers/*",
     "expand:s[]"},
    {"POST /v1/transfers/*/reversals",
     "amount:i description:s expand:s[] metadata:m refund_application_fee:b"},
    {"GET /v1/account",
     "expand:s[]"},
    {"POST /v1/accounts",
     "account_token:s business_profile:{annual_revenue:any estimated_worker_count:n mcc:s "
     "minority_owned_business_designation:s[] monthly_estimated_revenue:any name:s "
     "product_description:s support_address:any support_email:s support_phone:s support_url:s "
     "url:s} business_type:s capabilities:{acss_debit_payments:any affirm_payments:any "
     "afterpay_clearpay_payments:any alma_payments:any amazon_pay_payments:any "
     "app_distribution:any au_becs_debit_payments:any bacs_debit_payments:any "
     "bancontact_payments:any bank_transfer_payments:any billie_payments:any "
     "bizum_payments:any blik_payments:any boleto_payments:any card_issuing:any "
     "card_payments:any cartes_bancaires_payments:any cashapp_payments:any crypto_payments:any "
     "eps_payments:any fpx_payments:any gb_bank_transfer_payments:any giropay_payments:any "
     "grabpay_payments:any ideal_payments:any india_international_payments:any "
     "jcb_payments:any jp_bank_transfer_payments:any kakao_pay_payments:any "
     "klarna_payments:any konbini_payments:any kr_card_payments:any legacy_payments:any "
     "link_payments:any mb_way_payments:any mobilepay_payments:any multibanco_payments:any "
     "mx_bank_transfer_payments:any naver_pay_payments:any "
     "nz_bank_account_becs_debit_payments:any oxxo_payments:any p24_payments:any "
     "pay_by_bank_payments:any payco_payments:any paynow_payments:any payto_payments:any "
     "pix_payments:any promptpay_payments:any revolut_pay_payments:any "
     "samsung_pay_payments:any satispay_payments:any scalapay_payments:any "
     "sepa_bank_transfer_payments:any sepa_debit_payments:any sofort_payments:any "
     "sunbit_payments:any swish_payments:any tax_reporting_us_1099_k:any "
     "tax_reporting_us_1099_misc:any transfers:any treasury:any twint_payments:any "
     "upi_payments:any us_bank_account_ach_payments:any us_bank_transfer_payments:any "
     "zip_payments:any} company:{address:any address_kana:any address_kanji:any "
     "administrative_address:any directors_provided:b directorship_declaration:any "
     "executives_provided:b export_license_id:s export_purpose_code:s name:s name_kana:s "
     "name_kanji:s owners_provided:b ownership_declaration:any ownership_exemption_reason:s "
     "phone:s principal_place_of_business:any registration_date:any? registration_number:s "
     "representative_declaration:any structure:s tax_id:s tax_id_registrar:s vat_id:s "
     "verification:any} controller:{fees:any losses:any requirement_collection:s "
     "stripe_dashboard:any} country:s default_currency:s "
     "documents:{bank_account_ownership_verification:any company_license:any "
     "company_memorandum_of_association:any company_ministerial_decree:any "
     "company_registration_verification:any company_tax_id_verification:any "
     "proof_of_address:any proof_of_ultimate_beneficial_ownership:any} email:s expand:s[] "
     "external_account:any groups:{payments_pricing:s} individual:{address:any "
     "address_kana:any address_kanji:any dob:any? email:s first_name:s first_name_kana:s "
     "first_name_kanji:s full_name_aliases:s[]? gender:s id_number:s id_number_secondary:s "
     "last_name:s last_name_kana:s last_name_kanji:s maiden_name:s metadata:m phone:s "
     "political_exposure:s registered_address:any relationship:any ssn_last_4:s "
     "verification:any} metadata:m settings:{bacs_debit_payments:any branding:any "
     "card_issuing:any card_payments:any invoices:any payments:any payouts:any treasury:any} "
     "tos_acceptance:{date:i ip:s service_agreement:s user_agent:s} "
     "type:(custom|express|standard)"},
    {"GET /v1/accounts",
     "created:range expand:s[] ending_before:s limit:i starting_after:s"},
    {"GET /v1/accounts/*",
     "expand:s[]"},
    {"POST /v1/accounts/*",
     "account_token:s business_profile:{annual_revenue:any estimated_worker_count:n mcc:s "
     "minority_owned_business_designation:s[] monthly_estimated_revenue:any name:s "
     "product_description:s support_address:any support_email:s support_phone:s support_url:s "
     "url:s} business_type:s capabilities:{acss_debit_payments:any affirm_payments:any "
     "afterpay_clearpay_payments:any alma_payments:any amazon_pay_payments:any "
     "app_distribution:any au_becs_debit_payments:any bacs_debit_payments:any "
     "bancontact_payments:any bank_transfer_payments:any billie_payments:any "
     "bizum_payments:any blik_payments:any boleto_payments:any card_issuing:any "
     "card_payments:any cartes_bancaires_payments:any cashapp_payments:any crypto_payments:any "
     "eps_payments:any fpx_payments:any gb_bank_transfer_payments:any giropay_payments:any "
     "grabpay_payments:any ideal_payments:any india_international_payments:any "
     "jcb_payments:any jp_bank_transfer_payments:any kakao_pay_payments:any "
     "klarna_payments:any konbini_payments:any kr_card_payments:any legacy_payments:any "
     "link_payments:any mb_way_payments:any mobilepay_payments:any multibanco_payments:any "
     "mx_bank_transfer_payments:any naver_pay_payments:any "
     "nz_bank_account_becs_debit_payments:any oxxo_payments:any p24_payments:any "
     "pay_by_bank_payments:any payco_payments:any paynow_payments:any payto_payments:any "
     "pix_payments:any promptpay_payments:any revolut_pay_payments:any "
     "samsung_pay_payments:any satispay_payments:any scalapay_payments:any "
     "sepa_bank_transfer_payments:any sepa_debit_payments:any sofort_payments:any "
     "sunbit_payments:any swish_payments:any tax_reporting_us_1099_k:any "
     "tax_reporting_us_1099_misc:any transfers:any treasury:any twint_payments:any "
     "upi_payments:any us_bank_account_ach_payments:any us_bank_transfer_payments:any "
     "zip_payments:any} company:{address:any address_kana:any address_kanji:any "
     "administrative_address:any directors_provided:b directorship_declaration:any "
     "executives_provided:b export_license_id:s export_purpose_code:s name:s name_kana:s "
     "name_kanji:s owners_provided:b ownership_declaration:any ownership_exemption_reason:s "
     "phone:s principal_place_of_business:any registration_date:any? registration_number:s "
     "representative_declaration:any structure:s tax_id:s tax_id_registrar:s vat_id:s "
     "verification:any} default_currency:s documents:{bank_account_ownership_verification:any "
     "company_license:any company_memorandum_of_association:any company_ministerial_decree:any "
     "company_registration_verification:any company_tax_id_verification:any "
     "proof_of_address:any proof_of_registration:any "
     "proof_of_ultimate_beneficial_ownership:any} email:s expand:s[] external_account:any "
     "groups:{payments_pricing:s} individual:{address:any address_kana:any address_kanji:any "
     "dob:any? email:s first_name:s first_name_kana:s first_name_kanji:s "
     "full_name_aliases:s[]? gender:s id_number:s id_number_secondary:s last_name:s "
     "last_name_kana:s last_name_kanji:s maiden_name:s metadata:m phone:s political_exposure:s "
     "registered_address:any relationship:any ssn_last_4:s verification:any} metadata:m "
     "settings:{bacs_debit_payments:any branding:any card_issuing:any card_payments:any "
     "invoices:any payments:any payouts:any sepa_debit_payments:any treasury:any} "
     "tos_acceptance:{date:i ip:s service_agreement:s user_agent:s}"},
    {"DELETE /v1/accounts/*",
     ""},
    {"POST /v1/account_links",
     "account:s! type:s! collect:(currently_due|eventually_due) "
     "collection_options:{fields:(currently_due|eventually_due) "
     "future_requirements:(include|omit)} expand:s[] refresh_url:s return_url:s"},
    {"POST /v1/accounts/*/login_links",
     "expand:s[]"},
    {"GET /v1/disputes",
     "charge:s created:range expand:s[] payment_intent:s ending_before:s limit:i "
     "starting_after:s"},
    {"GET /v1/disputes/*",
     "expand:s[]"},
    {"POST /v1/disputes/*",
     "evidence:{access_activity_log:s billing_address:s cancellation_policy:s "
     "cancellation_policy_disclosure:s cancellation_rebuttal:s customer_communication:s "
     "customer_email_address:s customer_name:s customer_purchase_ip:s customer_signature:s "
     "duplicate_charge_documentation:s duplicate_charge_explanation:s duplicate_charge_id:s "
     "enhanced_evidence:any? product_description:s receipt:s refund_policy:s "
     "refund_policy_disclosure:s refund_refusal_explanation:s service_date:s "
     "service_documentation:s shipping_address:s shipping_carrier:s shipping_date:s "
     "shipping_documentation:s shipping_tracking_number:s uncategorized_file:s "
     "uncategorized_text:s} expand:s[] metadata:m submit:b"},
    {"POST /v1/disputes/*/close",
     "expand:s[]"},
    {"GET /v1/events",
     "created:range delivery_success:b expand:s[] type:s types:s[] ending_before:s limit:i "
     "starting_after:s"},
    {"GET /v1/events/*",
     "expand:s[]"},
    {"POST /v1/webhook_endpoints",
     "enabled_events:s[]! url:s! api_version:s connect:b description:s expand:s[] metadata:m"},
    {"GET /v1/webhook_endpoints",
     "expand:s[] ending_before:s limit:i starting_after:s"},
    {"GET /v1/webhook_endpoints/*",
     "expand:s[]"},
    {"POST /v1/webhook_endpoints/*",
     "description:s disabled:b enabled_events:s[] expand:s[] metadata:m url:s"},
    {"DELETE /v1/webhook_endpoints/*",
     ""},
};
// clang-format on

}  // namespace

std::string_view specificationOf(std::string_view operation) {
  for (const auto& row : kRows) {
    if (row.operation == operation) return row.fields;
  }
  throw std::logic_error("no specification of " + std::string(operation));
}

}  // namespace simulators::stripe
