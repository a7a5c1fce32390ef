"""Objects of Stripe's in the shape of its published examples, cut down to what matters, and what each must become."""
OPERATION = "txn_01K0TXN0000000000000001"
NOW = 1785000000
MINE = {"unigate_operation": OPERATION}


def both(theirs, ours, kind, id_, metadata=None, marks=None, created=NOW):
    """The common members of an object and of what it becomes."""
    theirs = {"id": id_, "object": kind, **theirs, "livemode": False, "metadata": {**(metadata or {}), **(marks or {})}}
    ours = {"provider_id": id_, **ours, "metadata": metadata or {}, "livemode": False, "created_unix_s": created}
    if created:
        theirs["created"] = created
    return theirs, ours


def payment_method(id_="pm_1Pgc75B7WZ01zgkW", customer="cus_QXg1o8vcGmoR32", metadata=None):
    theirs = {"allow_redisplay": "unspecified", "billing_details": {"email": "jenny@example.com", "name": None},
              "card": {"brand": "visa", "country": "US", "exp_month": 8, "exp_year": 2030, "funding": "credit",
                       "last4": "4242"}, "customer": customer, "type": "card"}
    ours = {"type": "card", "provider_type": "card", "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030}
    if customer:
        ours["customer_provider_id"] = customer
    return both(theirs, ours, "payment_method", id_, metadata)


def setup_intent(status="requires_payment_method", ours=None, **more):
    theirs = {"application": None, "client_secret": "seti_1Pgag7_secret_QXg2", "customer": "cus_QXg1o8vcGmoR32",
              "description": None, "last_setup_error": None, "next_action": None, "payment_method": None,
              "payment_method_types": ["card"], "status": status, "usage": "off_session", **more}
    made = {"status": status, "usage": "off_session", "client_secret": "seti_1Pgag7_secret_QXg2", "next_action": None,
            "customer_provider_id": "cus_QXg1o8vcGmoR32", "failure": None, **(ours or {})}
    return both(theirs, made, "setup_intent", "seti_1Pgag7B7WZ01zgkW", None, MINE)


def product(id_="prod_QXg1hqf4jFNsqG", marks=None, description=None):
    theirs = {"active": True, "default_price": None, "description": description, "images": [], "name": "Gold plan",
              "url": None}
    ours = {"name": "Gold plan", "active": True, **({"description": description} if description else {})}
    return both(theirs, ours, "product", id_, None, marks)


def price(id_="price_1PgafmB7WZ01zgkW", amount=2000, currency="usd", interval="month", count=1, marks=None, ours=None,
          metadata=None, expanded=True):
    theirs = {"active": True, "billing_scheme": "per_unit", "currency": currency, "nickname": None,
              "product": product()[0] if expanded else "prod_QXg1hqf4jFNsqG",
              "recurring": {"interval": interval, "interval_count": count, "meter": None, "usage_type": "licensed",
                            "trial_period_days": None},
              "type": "recurring", "unit_amount": amount, "unit_amount_decimal": str(amount)}
    made = {"product_provider_id": "prod_QXg1hqf4jFNsqG", "amount": amount, "currency": currency.upper(),
            "interval": interval, "interval_count": count, "active": True, **(ours or {})}
    if expanded:
        made["name"] = "Gold plan"
    return both(theirs, made, "price", id_, metadata, marks)


def subscription(status="active", ours=None, customer="cus_QXg1o8vcGmoR32", quantity=1, marks=None, metadata=None,
                 price_=None, unified=None, **more):
    one = (price_ or price(expanded=False))[0]
    theirs = {"billing_cycle_anchor": NOW, "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None,
              "collection_method": "charge_automatically", "currency": "usd", "customer": customer,
              "default_payment_method": None, "ended_at": None,
              "items": {"object": "list", "has_more": False, "url": "/v1/subscription_items", "data": [
                  {"id": "si_QXhVnC2h0Jczwc", "object": "subscription_item", "current_period_start": NOW,
                   "current_period_end": NOW + 2678400, "price": one, "quantity": quantity}]},
              "latest_invoice": None, "pause_collection": None, "pending_setup_intent": None, "start_date": NOW,
              "status": status, "trial_end": None, **more}
    made = {"status": unified or status, "plan_provider_id": one["id"], "customer_provider_id": customer,
            "quantity": quantity, "amount": one["unit_amount"] * quantity, "currency": "USD",
            "current_period_start_unix_s": NOW, "current_period_end_unix_s": NOW + 2678400, "start_unix_s": NOW,
            "cancel_at_period_end": False, "next_action": None, **(ours or {})}
    return both(theirs, made, "subscription", "sub_1Pgc6rB7WZ01zgkW", metadata, MINE if marks is None else marks)


def invoice():
    theirs = {"amount_due": 1000, "amount_paid": 0, "amount_remaining": 1000, "collection_method": "charge_automatically",
              "currency": "usd", "customer": "cus_QXg1o8vcGmoR32", "description": None, "due_date": 1787592000,
              "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1/test_1", "invoice_pdf": None,
              "number": "ABCD-0001", "parent": {"type": "subscription_details", "quote_details": None,
                                                "subscription_details": {"metadata": {},
                                                                         "subscription": "sub_1Pgc6rB7WZ01zgkW"}},
              "payments": {"object": "list", "has_more": False, "url": "/v1/invoice_payments", "data": [
                  {"id": "inpay_1", "object": "invoice_payment", "is_default": True, "status": "open",
                   "payment": {"type": "payment_intent", "payment_intent": "pi_1PgafyB7WZ01zgkW"}}]},
              "status": "open", "status_transitions": {"finalized_at": NOW, "paid_at": None}, "total": 1000}
    ours = {"number": "ABCD-0001", "status": "open", "amount": 1000, "amount_paid": 0, "amount_due": 1000,
            "currency": "USD", "customer_provider_id": "cus_QXg1o8vcGmoR32",
            "subscription_provider_id": "sub_1Pgc6rB7WZ01zgkW", "payment_provider_id": "pi_1PgafyB7WZ01zgkW",
            "hosted_url": "https://invoice.stripe.com/i/acct_1/test_1", "due_unix_s": 1787592000}
    return both(theirs, ours, "invoice", "in_1NnmX4GPxmnHQRkJ")


MARKS_OF_LINK = {**MINE, "unigate_reference": "order-7", "unigate_description": "Two chairs",
                 "unigate_customer_email": "jenny@example.com"}
OURS_OF_LINK = {"amount": 4200, "currency": "EUR", "description": "Two chairs", "reference": "order-7",
                "customer_email": "jenny@example.com"}


def payment_link(active=True, count=0, status="active", paid=None):
    theirs = {"active": active, "currency": "eur", "line_items": {
        "object": "list", "has_more": False, "url": "/v1/payment_links/plink_1NnmXHGPxmnHQRkJ/line_items", "data": [
            {"id": "li_1", "object": "item", "amount_subtotal": 4200, "amount_total": 4200, "currency": "eur",
             "description": "Two chairs", "quantity": 1}]},
        "restrictions": {"completed_sessions": {"count": count, "limit": 1}},
        "url": "https://buy.stripe.com/test_8wM8zidDVf0X9Xy6oo"}
    ours = {"status": status, "url": "https://buy.stripe.com/test_8wM8zidDVf0X9Xy6oo", **OURS_OF_LINK}
    if paid is not None:
        ours["amount_paid"] = paid
    return both(theirs, ours, "payment_link", "plink_1NnmXHGPxmnHQRkJ", None, MARKS_OF_LINK, created=0)


def session(status="open", payment_status="unpaid", unified="active", url="https://checkout.stripe.com/c/pay/cs_test_a1"):
    theirs = {"amount_subtotal": 4200, "amount_total": 4200, "client_reference_id": "order-7", "currency": "eur",
              "customer": None, "customer_details": {"email": "jenny@example.com", "name": None, "phone": None},
              "customer_email": "jenny@example.com", "expires_at": NOW + 7200, "mode": "payment",
              "payment_intent": None, "payment_link": None, "payment_status": payment_status, "status": status,
              "success_url": "https://shop.example/thanks", "url": url}
    ours = {"status": unified, "url": url or "", **OURS_OF_LINK, "expires_unix_s": NOW + 7200}
    if payment_status == "paid":
        ours["amount_paid"] = 4200
    return both(theirs, ours, "checkout.session", "cs_test_a1YS1URlnyQCN5fU", None, MARKS_OF_LINK)


def payout(status="pending", unified="processing", failure=None, amount=1100, currency="eur", **more):
    theirs = {"amount": amount, "arrival_date": 1785110400, "automatic": False, "currency": currency,
              "description": "July", "destination": "ba_1NnmXDGPxmnHQRkJ", "failure_code": None,
              "failure_message": None, "method": "standard", "reversed_by": None, "source_type": "card",
              "status": status, "trace_id": {"status": "supported", "value": "TRACE-9"}, "type": "bank_account", **more}
    ours = {"status": unified, "amount": amount, "currency": currency.upper(),
            "destination": {"type": "bank_account", "provider_id": "ba_1NnmXDGPxmnHQRkJ"}, "mode": "standard",
            "reference": "salary-7", "purpose": "salary", "description": "July", "arrival_unix_s": 1785110400,
            "bank_reference": "TRACE-9", "failure": failure}
    return both(theirs, ours, "payout", "po_1NnmXDGPxmnHQRkJ", None,
                {**MINE, "unigate_reference": "salary-7", "unigate_purpose": "salary"})


def transfer(reversed_=False):
    theirs = {"amount": 400, "amount_reversed": 400 if reversed_ else 0, "currency": "usd", "description": None,
              "destination": "acct_1PgafTB7WZ01zgkW", "destination_payment": "py_QXhWZR8SdWquhf",
              "reversed": reversed_, "source_type": "card", "transfer_group": None}
    ours = {"status": "reversed" if reversed_ else "succeeded", "amount": 400, "currency": "USD",
            "destination": {"type": "provider_account", "provider_id": "acct_1PgafTB7WZ01zgkW"},
            "reference": OPERATION, "failure": None}
    return both(theirs, ours, "transfer", "tr_1Pgc7BB7WZ01zgkW", None, MINE)


def dispute(status="needs_response", unified="needs_response", count=0, evidence=None):
    theirs = {"amount": 1000, "balance_transactions": [], "charge": "ch_1NnlpSGPxmnHQRkJ", "currency": "usd",
              "evidence": {"customer_name": None, "uncategorized_text": None, **(evidence or {})},
              "evidence_details": {"due_by": 1785772799, "has_evidence": count > 0, "past_due": False,
                                   "submission_count": count},
              "is_charge_refundable": False, "payment_intent": "pi_1PgafyB7WZ01zgkW", "reason": "fraudulent",
              "status": status}
    ours = {"payment_provider_id": "pi_1PgafyB7WZ01zgkW", "status": unified, "amount": 1000, "currency": "USD",
            "reason": "fraudulent", "evidence_due_unix_s": 1785772799, "evidence_submitted": count > 0}
    return both(theirs, ours, "dispute", "dp_1NnmX5GPxmnHQRkJ")


def account(charges=False, payouts=False, submitted=False, status="pending", ours=None):
    theirs = {"business_profile": {"name": "Chairs Ltd", "support_phone": None}, "business_type": "company",
              "charges_enabled": charges, "country": "US", "default_currency": "usd", "details_submitted": submitted,
              "email": "jenny@example.com", "payouts_enabled": payouts,
              "requirements": {"currently_due": ["external_account", "tos_acceptance.date"], "disabled_reason":
                               "requirements.past_due", "errors": [], "past_due": ["tos_acceptance.date"]},
              "type": "express"}
    made = {"status": status, "email": "jenny@example.com", "country": "US", "business_name": "Chairs Ltd",
            "business_type": "company", "reference": OPERATION, "charges_enabled": charges, "payouts_enabled": payouts,
            "requirements": ["tos_acceptance.date", "external_account"], **(ours or {})}
    return both(theirs, made, "account", "acct_1PgafTB7WZ01zgkW", None, MINE)


def webhook_endpoint(secret=None):
    theirs = {"api_version": "2026-07-29.dahlia", "application": None, "description": None,
              "enabled_events": ["payment_intent.succeeded", "charge.refunded"], "status": "enabled",
              "url": "https://gw.example.com/webhooks/stripe/t0", **({"secret": secret} if secret else {})}
    ours = {"url": "https://gw.example.com/webhooks/stripe/t0",
            "events": ["payment_intent.succeeded", "charge.refunded"], "enabled": True,
            **({"secret": secret} if secret else {})}
    theirs, ours = both(theirs, ours, "webhook_endpoint", "we_1Pgc6yB7WZ01zgkW", None, MINE)
    del ours["metadata"]
    return theirs, ours


def customer(id_="cus_QXg1o8vcGmoR32"):
    theirs = {"balance": 0, "description": None, "email": "jenny@example.com", "name": "Jenny", "phone": None}
    ours = {"email": "jenny@example.com", "name": "Jenny", "phone": None, "description": None}
    theirs, ours = both(theirs, ours, "customer", id_)
    del ours["livemode"]
    return theirs, ours


def payment():
    theirs = {"amount": 1099, "amount_capturable": 0, "amount_received": 1099, "capture_method": "automatic",
              "client_secret": "pi_1_secret_2", "currency": "usd", "customer": "cus_QXg1o8vcGmoR32",
              "description": None, "last_payment_error": None, "latest_charge": "ch_1", "next_action": None,
              "payment_method": "pm_1Pgc75B7WZ01zgkW", "status": "succeeded"}
    ours = {"status": "succeeded", "amount": 1099, "currency": "USD", "amount_captured": 1099,
            "capture_method": "automatic", "next_action": None, "client_secret": "pi_1_secret_2",
            "payment_method": "pm_1Pgc75B7WZ01zgkW", "customer_provider_id": "cus_QXg1o8vcGmoR32",
            "reference": "order-7", "failure": None}
    return both(theirs, ours, "payment_intent", "pi_1PgafyB7WZ01zgkW", {"order_id": "6735"},
                {**MINE, "unigate_reference": "order-7"})
