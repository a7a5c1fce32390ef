#!/usr/bin/env python3
"""Writes the transcripts of the operations below, each with all ways in which it can fail. Run it after a change;
transcripts that are not of its making stay as they are.  python3 plugins/stripe/tests/transcripts/cases.py"""
import objects as made
from writing import (KNOWN, MARK, NEVER, NOW, OPERATION, Operation, answer, error, page, reads, request)

CUSTOMER = "cus_QXg1o8vcGmoR32"
NOTHING_DONE = dict(NEVER)


def other(theirs):
    """An object of somebody else's in the same list."""
    return {**theirs, "id": theirs["id"] + "0", "metadata": {}}


def get_of(path, theirs, fields=None):
    return [(request("GET", path, fields), answer(theirs))]


def refused_here(field, category="not_supported"):
    return {"category": category, "outcome": "not_executed", "field": field}


def payment_methods():
    theirs, ours = made.payment_method()
    path = f"/v1/payment_methods/{theirs['id']}"
    given = {"customer_provider_id": CUSTOMER, "payment_method": theirs["id"], "operation_id": OPERATION}
    attach = request("POST", path + "/attach", {"customer": CUSTOMER})
    op = Operation("payment_methods.attach", given, [(attach, answer(theirs))], ours, declines=True)
    named, named_ours = made.payment_method(metadata={"colour": "blue"})
    update = request("POST", path, {"metadata[colour]": "blue"}, "-m")
    more = {**given, "metadata": {"colour": "blue"}}
    op.also("with_metadata", more, [(attach, answer(theirs)), (update, answer(named))], named_ours)
    op.also("metadata_refused", more, [(attach, answer(theirs)), (update, error(
        400, "invalid_request_error", "Metadata values can have up to 500 characters"))],
        failure={"category": "invalid_request", "outcome": "unknown"})
    free, _ = made.payment_method(customer=None)
    op.query("done", get_of(path, theirs), ours).query("not_done", get_of(path, free), failure=NOTHING_DONE)
    foreign, foreign_ours = made.payment_method(customer="cus_another")
    op.query("elsewhere", get_of(path, foreign),
             failure={"category": "invalid_state", "outcome": "declined", "resource": foreign_ours})

    free, free_ours = made.payment_method(customer=None)
    free_ours = {**free_ours, "detached": True}
    gone = Operation("payment_methods.detach", {"provider_id": theirs["id"], "customer_provider_id": CUSTOMER},
                     [(request("POST", path + "/detach"), answer(free))], free_ours)
    gone.query("done", get_of(path, free), free_ours).query("not_done", get_of(path, theirs), failure=NOTHING_DONE)

    sent = request("GET", f"/v1/customers/{CUSTOMER}/payment_methods", {"limit": 3})
    Operation("payment_methods.list", {"customer_provider_id": CUSTOMER, "limit": 3},
              [(sent, answer(page("/v1/payment_methods", theirs)))], {"data": [ours], "has_more": False})


def setup_intents():
    theirs, ours = made.setup_intent()
    given = {"customer_provider_id": CUSTOMER, "usage": "off_session", **KNOWN}
    form = {"customer": CUSTOMER, "usage": "off_session", "automatic_payment_methods[enabled]": "true", **MARK}
    op = Operation("setup_intents.create", given, [(request("POST", "/v1/setup_intents", form), answer(theirs))], ours)
    op.lookup("/v1/setup_intents", other(theirs), theirs, ours)
    confirm = {**given, "confirm": True, "payment_method": "pm_card_visa"}
    sent = request("POST", "/v1/setup_intents", {**form, "payment_method": "pm_card_visa", "confirm": "true",
                                                 "automatic_payment_methods[allow_redirects]": "never"})
    last = {"type": "card_error", "code": "card_declined", "decline_code": "stolen_card", "message": "Declined."}
    failed, failed_ours = made.setup_intent(last_setup_error=last, ours={"failure": {
        "category": "fraud_suspected", "provider_code": "card_declined", "decline_code": "stolen_card",
        "provider_message": "Declined."}})
    declined = {"category": "fraud_suspected", "outcome": "declined", "decline_code": "stolen_card",
                "resource": failed_ours}
    op.also("declined", confirm, [(sent, error(402, **{"type_": "card_error", "message": "Declined.",
            "code": "card_declined", "decline_code": "stolen_card", "setup_intent": failed}))], failure=declined)
    window = request("GET", "/v1/setup_intents", {"limit": 100, "created[gte]": NOW - 600})
    op.query("found_declined", [(window, answer(page("/v1/setup_intents", failed)))], failure=declined, given=confirm)
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.stripe.com/3ds/1",
                                                             "return_url": "https://shop.example/back"}}
    needs, needs_ours = made.setup_intent("requires_action", next_action=action, ours={"next_action": {
        "type": "redirect", "url": "https://hooks.stripe.com/3ds/1", "provider_type": "redirect_to_url"}})
    sent = request("POST", "/v1/setup_intents", {**form, "payment_method": "pm_card_visa", "confirm": "true",
                                                 "return_url": "https://shop.example/back"})
    op.also("3d_secure", {**confirm, "return_url": "https://shop.example/back"}, [(sent, answer(needs))], needs_ours)
    reads("setup_intents", "/v1/setup_intents", theirs, ours, get_fields={})


def products_and_plans():
    theirs, ours = made.product(marks=made.MINE, description="All of it")
    given = {"name": "Gold plan", "description": "All of it", "image_url": "https://x.example/1.png",
             "url": "https://x.example", "category": "SERVICE", **KNOWN}
    form = {"name": "Gold plan", "description": "All of it", "images[0]": "https://x.example/1.png",
            "url": "https://x.example", "metadata[unigate_category]": "SERVICE", **MARK}
    op = Operation("products.create", given, [(request("POST", "/v1/products", form), answer(theirs))], ours)
    op.lookup("/v1/products", other(theirs), theirs, ours)
    reads("products", "/v1/products", theirs, ours, get_fields={}, list_fields={})

    theirs, ours = made.price(marks=made.MINE)
    given = {"amount": 2000, "currency": "USD", "interval": "month", "name": "Gold plan", **KNOWN}
    form = {"currency": "usd", "unit_amount": 2000, "recurring[interval]": "month", "product_data[name]": "Gold plan",
            "expand[0]": "product", **MARK}
    op = Operation("plans.create", given, [(request("POST", "/v1/prices", form), answer(theirs))], ours)
    op.lookup("/v1/prices", other(theirs), theirs, ours, fields={"expand[0]": "data.product"})
    marks = {**made.MINE, "unigate_interval": "quarter"}
    third, third_ours = made.price(count=6, marks=marks, amount=5120, currency="kwd",
                                   ours={"interval": "quarter", "interval_count": 2})
    op.also("quarter", {"amount": 5120, "currency": "KWD", "interval": "quarter", "interval_count": 2,
                        "product_provider_id": "prod_QXg1hqf4jFNsqG", "trial_days": 14, **KNOWN},
            [(request("POST", "/v1/prices", {
                "currency": "kwd", "unit_amount": 5120, "recurring[interval]": "month", "recurring[interval_count]": 6,
                "recurring[trial_period_days]": 14, "product": "prod_QXg1hqf4jFNsqG", "expand[0]": "product",
                "metadata[unigate_interval]": "quarter", **MARK}), answer(third))], third_ours)
    op.also("without_product", {"amount": 2000, "currency": "USD", "interval": "month", **KNOWN}, [],
            failure=refused_here("name", "invalid_request"))
    op.also("fraction_of_a_step", {**given, "amount": 5121, "currency": "KWD"}, [],
            failure=refused_here("amount", "invalid_request"))
    tiers = {**theirs, "id": "price_tiers", "unit_amount": None, "unit_amount_decimal": None}
    lists = reads("plans", "/v1/prices", theirs, ours, get_fields={"expand[0]": "product"},
                  list_fields={"type": "recurring", "expand[0]": "data.product"})
    lists.also("leaves_out_tiers", {"limit": 3}, [(request("GET", "/v1/prices", {
        "limit": 3, "type": "recurring", "expand[0]": "data.product"}),
        answer(page("/v1/prices", theirs, tiers, more=True)))],
        {"data": [ours], "has_more": True, "next_cursor": "price_tiers"})


EXPAND = {"expand[0]": "latest_invoice.confirmation_secret", "expand[1]": "pending_setup_intent"}
INCOMPLETE = {"payment_behavior": "default_incomplete",
              "payment_settings[save_default_payment_method]": "on_subscription"}
SUBSCRIPTION = "/v1/subscriptions/sub_1Pgc6rB7WZ01zgkW"
PLAN = {"amount": 2000, "currency": "USD", "interval": "month", "name": "Gold plan"}


def subscriptions_create():
    theirs, ours = made.subscription(default_payment_method="pm_1Pgc75B7WZ01zgkW", quantity=2,
                                     ours={"payment_method": "pm_1Pgc75B7WZ01zgkW"})
    given = {"plan_provider_id": "price_1PgafmB7WZ01zgkW", "customer_provider_id": CUSTOMER, "quantity": 2,
             "payment_method": "pm_1Pgc75B7WZ01zgkW", "trial_days": 7, **KNOWN}
    form = {"customer": CUSTOMER, "items[0][price]": "price_1PgafmB7WZ01zgkW", "items[0][quantity]": 2,
            "trial_period_days": 7, "default_payment_method": "pm_1Pgc75B7WZ01zgkW", **EXPAND, **MARK}
    post = request("POST", "/v1/subscriptions", form)
    op = Operation("subscriptions.create", given, [(post, answer(theirs))], ours, declines=True)
    op.lookup("/v1/subscriptions", other(theirs), theirs, ours, fields={"customer": CUSTOMER, "status": "all"})

    new = {k: v for k, v in given.items() if k not in ("plan_provider_id", "customer_provider_id", "trial_days")}
    new = {**new, "plan": PLAN, "customer_email": "jenny@example.com", "customer_name": "Jenny"}
    person = request("POST", "/v1/customers", {"email": "jenny@example.com", "name": "Jenny",
                                               "payment_method": "pm_1Pgc75B7WZ01zgkW", **MARK}, "-c")
    cost = request("POST", "/v1/prices", {
        "currency": "usd", "unit_amount": 2000, "recurring[interval]": "month", "product_data[name]": "Gold plan",
        "expand[0]": "product", **MARK}, "-p")
    last = request("POST", "/v1/subscriptions", {k: v for k, v in form.items() if k != "trial_period_days"})
    first = [(person, answer(made.customer()[0])), (cost, answer(made.price(marks=made.MINE)[0]))]
    op.also("plan_and_customer", new, [*first, (last, answer(theirs))], ours)
    op.also("plan_refused", new, [first[0], (cost, error(400, "invalid_request_error", "Invalid currency", param="currency"))],
            failure={"category": "invalid_request", "outcome": "declined", "field": "currency"})
    op.also("lost_after_plan", new, [*first, (last, "no_answer")], failure={"outcome": "unknown"})
    op.also("not_sent_after_plan", new, [*first, (last, "not_sent")], failure={"outcome": "unknown"})

    waits, waits_ours = made.subscription("incomplete", unified="pending", latest_invoice={
        "id": "in_1", "object": "invoice", "hosted_invoice_url": "https://invoice.stripe.com/i/1",
        "confirmation_secret": {"client_secret": "pi_1_secret_2", "type": "payment_intent"}}, ours={"next_action": {
            "type": "redirect", "url": "https://invoice.stripe.com/i/1", "provider_type": "confirm_payment",
            "data": {"client_secret": "pi_1_secret_2"}}})
    bare = {"plan_provider_id": "price_1PgafmB7WZ01zgkW", "customer_provider_id": CUSTOMER, **KNOWN}
    sent = {"customer": CUSTOMER, "items[0][price]": "price_1PgafmB7WZ01zgkW", **INCOMPLETE, **EXPAND, **MARK}
    op.also("payer_must_confirm", bare, [(request("POST", "/v1/subscriptions", {**sent, "trial_from_plan": "true"}),
                                          answer(waits))], waits_ours)
    setup, setup_ours = made.subscription("trialing", trial_end=NOW + 604800, pending_setup_intent={
        "id": "seti_1", "object": "setup_intent", "status": "requires_payment_method",
        "client_secret": "seti_1_secret_2"}, ours={"trial_end_unix_s": NOW + 604800, "next_action": {
            "type": "sdk", "provider_type": "confirm_setup", "data": {"client_secret": "seti_1_secret_2"}}})
    op.also("starts_later", {**bare, "start_unix_s": NOW + 604800},
            [(request("POST", "/v1/subscriptions", {**sent, "trial_end": NOW + 604800}), answer(setup))], setup_ours)

    # 1785000000 is 2026-07-25; 12 months later is 2027-07-25.
    total, total_ours = made.subscription(marks={**made.MINE, "unigate_total_count": "12"}, cancel_at=1816536000,
                                          ours={"total_count": 12})
    op.also("total_count", {**bare, "total_count": 12},
            [(request("GET", "/v1/prices/price_1PgafmB7WZ01zgkW"), answer(made.price()[0])),
             (request("POST", "/v1/subscriptions", {
                 **sent, "trial_from_plan": "true", "cancel_at": 1816536000, "proration_behavior": "none",
                 "metadata[unigate_total_count]": 12}), answer(total))], total_ours)
    inline = {**PLAN, "product_provider_id": "prod_QXg1hqf4jFNsqG", "interval": "quarter"}
    op.also("plan_in_the_item", {"plan": inline, "customer_provider_id": CUSTOMER, **KNOWN},
            [(request("POST", "/v1/subscriptions", {
                "customer": CUSTOMER, "items[0][price_data][currency]": "usd",
                "items[0][price_data][product]": "prod_QXg1hqf4jFNsqG", "items[0][price_data][unit_amount]": 2000,
                "items[0][price_data][recurring][interval]": "month",
                "items[0][price_data][recurring][interval_count]": 3, **INCOMPLETE, **EXPAND, **MARK}),
              answer(waits))], waits_ours)
    op.also("without_customer", {"plan": PLAN, **KNOWN}, [], failure=refused_here("customer", "invalid_request"))
    op.also("two_plans", {**bare, "plan": PLAN}, [], failure=refused_here("plan", "invalid_request"))
    word, word_ours = made.subscription("hibernating", unified="unknown")
    op.also("unknown_status", bare, [(request("POST", "/v1/subscriptions", {**sent, "trial_from_plan": "true"}),
                                      answer(word))], word_ours)


def subscriptions_change():
    theirs, ours = made.subscription()
    identifier = theirs["id"]
    get = get_of(SUBSCRIPTION, theirs, EXPAND)
    Operation("subscriptions.get", {"provider_id": identifier}, get, ours)
    sent = request("GET", "/v1/subscriptions", {"limit": 3, "customer": CUSTOMER, "price": "price_1", "status": "all"})
    Operation("subscriptions.list", {"limit": 3, "customer_provider_id": CUSTOMER, "plan_provider_id": "price_1"},
              [(sent, answer(page("/v1/subscriptions", theirs)))], {"data": [ours], "has_more": False})

    plan = made.price("price_new", 3000, expanded=False)
    changed, changed_ours = made.subscription(price_=plan, quantity=3)
    read = (request("GET", SUBSCRIPTION), answer(theirs))
    given = {"provider_id": identifier, "plan_provider_id": "price_new", "quantity": 3}
    form = {"items[0][id]": "si_QXhVnC2h0Jczwc", "items[0][price]": "price_new", "items[0][quantity]": 3}
    op = Operation("subscriptions.update", given, [read, (request("POST", SUBSCRIPTION, form), answer(changed))],
                   changed_ours, declines=True)
    op.query("done", get_of(SUBSCRIPTION, changed, EXPAND), changed_ours)
    op.query("not_done", get, failure=NOTHING_DONE)
    cost = request("GET", "/v1/prices/price_new")
    op.also("at_period_end", {**given, "at_period_end": True},
            [read, (cost, answer(plan[0])),
             (request("POST", SUBSCRIPTION, {**form, "proration_behavior": "none"}), answer(changed))], changed_ours)
    yearly = made.price("price_new", 3000, interval="year", expanded=False)
    op.also("other_interval_at_period_end", {**given, "at_period_end": True}, [read, (cost, answer(yearly[0]))],
            failure=refused_here("at_period_end"))
    named, named_ours = made.subscription(metadata={"team": "blue"})
    op.also("metadata_alone", {"provider_id": identifier, "metadata": {"team": "blue"}},
            [(request("POST", SUBSCRIPTION, {"metadata[team]": "blue"}), answer(named))], named_ours)
    total, total_ours = made.subscription(marks={**made.MINE, "unigate_total_count": "12"}, cancel_at=1816536000,
                                          ours={"total_count": 12})
    op.also("total_count", {"provider_id": identifier, "total_count": 12},
            [read, (request("POST", SUBSCRIPTION, {"cancel_at": 1816536000, "metadata[unigate_total_count]": 12}),
                    answer(total))], total_ours)

    gone, gone_ours = made.subscription("canceled", canceled_at=NOW + 5, ended_at=NOW + 5,
                                        ours={"canceled_unix_s": NOW + 5, "ended_unix_s": NOW + 5})
    op = Operation("subscriptions.cancel", {"provider_id": identifier, "reason": "too dear"},
                   [(request("DELETE", SUBSCRIPTION, {"cancellation_details[comment]": "too dear"}), answer(gone))],
                   gone_ours)
    op.query("done", get_of(SUBSCRIPTION, gone, EXPAND), gone_ours).query("not_done", get, failure=NOTHING_DONE)
    ends, ends_ours = made.subscription(cancel_at_period_end=True, canceled_at=NOW + 5,
                                        ours={"cancel_at_period_end": True, "canceled_unix_s": NOW + 5})
    later = {"provider_id": identifier, "at_period_end": True}
    op.also("at_period_end", later, [(request("POST", SUBSCRIPTION, {"cancel_at_period_end": "true"}), answer(ends))],
            ends_ours)
    op.query("at_period_end_done", get_of(SUBSCRIPTION, ends, EXPAND), ends_ours, given=later)

    rests, rests_ours = made.subscription(pause_collection={"behavior": "void", "resumes_at": None}, unified="paused")
    op = Operation("subscriptions.pause", {"provider_id": identifier},
                   [(request("POST", SUBSCRIPTION, {"pause_collection[behavior]": "void"}), answer(rests))], rests_ours)
    op.query("done", get_of(SUBSCRIPTION, rests, EXPAND), rests_ours).query("not_done", get, failure=NOTHING_DONE)
    op.query("canceled", get_of(SUBSCRIPTION, gone, EXPAND),
             failure={"category": "invalid_state", "outcome": "declined", "resource": gone_ours})

    look = (request("GET", SUBSCRIPTION, EXPAND), answer(rests))
    op = Operation("subscriptions.resume", {"provider_id": identifier},
                   [look, (request("POST", SUBSCRIPTION, {"pause_collection": ""}), answer(theirs))], ours,
                   declines=True)
    op.query("done", get, ours).query("not_done", get_of(SUBSCRIPTION, rests, EXPAND), failure=NOTHING_DONE)
    sleeps, _ = made.subscription("paused")
    op.also("after_trial", {"provider_id": identifier},
            [(request("GET", SUBSCRIPTION, EXPAND), answer(sleeps)),
             (request("POST", SUBSCRIPTION + "/resume", {}, "-r"), answer(theirs))], ours)
    op.also("runs_already", {"provider_id": identifier}, get, ours)
    op.also("canceled", {"provider_id": identifier}, get_of(SUBSCRIPTION, gone, EXPAND),
            failure={"category": "invalid_state", "outcome": "declined"})


def invoices():
    theirs, ours = made.invoice()
    reads("invoices", "/v1/invoices", theirs, ours, get_fields={"expand[0]": "payments"},
          list_fields={"customer": CUSTOMER, "subscription": "sub_1", "expand[0]": "data.payments"},
          given={"customer_provider_id": CUSTOMER, "subscription_provider_id": "sub_1"})


LINK = {"amount": 4200, "currency": "EUR", "description": "Two chairs", "reference": "order-7",
        "customer_email": "jenny@example.com", "return_url": "https://shop.example/thanks", **KNOWN}
ITEM = {"line_items[0][price_data][currency]": "eur", "line_items[0][price_data][unit_amount]": 4200,
        "line_items[0][price_data][product_data][name]": "Two chairs", "line_items[0][quantity]": 1,
        "payment_intent_data[description]": "Two chairs", "payment_intent_data[metadata][unigate_reference]": "order-7",
        "metadata[unigate_reference]": "order-7", "metadata[unigate_description]": "Two chairs",
        "metadata[unigate_customer_email]": "jenny@example.com", **MARK}


def payment_links():
    theirs, ours = made.payment_link()
    form = {**ITEM, "restrictions[completed_sessions][limit]": 1, "after_completion[type]": "redirect",
            "after_completion[redirect][url]": "https://shop.example/thanks", "expand[0]": "line_items"}
    op = Operation("payment_links.create", LINK, [(request("POST", "/v1/payment_links", form), answer(theirs))], ours)
    op.lookup("/v1/payment_links", other(theirs), theirs, ours, {"expand[0]": "data.line_items"}, created=False)
    visit, visit_ours = made.session()
    ends = {**LINK, "expires_unix_s": NOW + 7200}
    form = {**ITEM, "mode": "payment", "expires_at": NOW + 7200, "success_url": "https://shop.example/thanks",
            "customer_email": "jenny@example.com", "client_reference_id": "order-7"}
    op.also("expiring", ends, [(request("POST", "/v1/checkout/sessions", form), answer(visit))], visit_ours)
    window = request("GET", "/v1/checkout/sessions", {"limit": 100, "created[gte]": NOW - 600})
    op.query("expiring_found", [(window, answer(page("/v1/checkout/sessions", visit)))], visit_ours, given=ends)
    op.also("partial", {**LINK, "accept_partial": True}, [], failure=refused_here("accept_partial"))
    op.also("notify", {**LINK, "notify_sms": True}, [], failure=refused_here("notify_sms"))

    path = f"/v1/payment_links/{theirs['id']}"
    expand = {"expand[0]": "line_items"}
    op = Operation("payment_links.get", {"provider_id": theirs["id"]}, get_of(path, theirs, expand), ours)
    paid, paid_ours = made.payment_link(count=1, status="paid", paid=4200)
    op.also("paid", {"provider_id": theirs["id"]}, get_of(path, paid, expand), paid_ours)
    at = f"/v1/checkout/sessions/{visit['id']}"
    for name, status, payment_status, unified in (("session", "open", "unpaid", "active"),
                                                  ("session_paid", "complete", "paid", "paid"),
                                                  ("session_processing", "complete", "unpaid", "processing"),
                                                  ("session_expired", "expired", "unpaid", "expired")):
        one, one_ours = made.session(status, payment_status, unified, None if status != "open" else made.session()[0]["url"])
        op.also(name, {"provider_id": visit["id"]}, get_of(at, one), one_ours)

    first = request("GET", "/v1/payment_links", {"limit": 3, "expand[0]": "data.line_items"})
    op = Operation("payment_links.list", {"limit": 3}, [(first, answer(page("/v1/payment_links", theirs, more=True)))],
                   {"data": [ours], "has_more": True, "next_cursor": theirs["id"]})
    op.also("end_of_links", {"limit": 3}, [(first, answer(page("/v1/payment_links", theirs)))],
            {"data": [ours], "has_more": True, "next_cursor": "cs_"})
    of_link = {**visit, "id": "cs_test_of_a_link", "payment_link": theirs["id"]}
    op.also("sessions", {"limit": 3, "starting_after": "cs_"},
            [(request("GET", "/v1/checkout/sessions", {"limit": 3}),
              answer(page("/v1/checkout/sessions", visit, of_link, more=True)))],
            {"data": [visit_ours], "has_more": True, "next_cursor": "cs_test_of_a_link"})
    op.also("further_sessions", {"limit": 3, "starting_after": "cs_test_of_a_link"},
            [(request("GET", "/v1/checkout/sessions", {"limit": 3, "starting_after": "cs_test_of_a_link"}),
              answer(page("/v1/checkout/sessions")))], {"data": [], "has_more": False})
    op.also("by_time", {"limit": 3, "created_gte": NOW}, [], failure=refused_here("created_gte"))

    closed, closed_ours = made.payment_link(active=False, status="canceled")
    op = Operation("payment_links.cancel", {"provider_id": theirs["id"]},
                   [(request("POST", path, {"active": "false", **expand}), answer(closed))], closed_ours)
    op.query("done", get_of(path, closed, expand), closed_ours)
    op.query("not_done", get_of(path, theirs, expand), failure=NOTHING_DONE)
    op.query("paid", get_of(path, paid, expand),
             failure={"category": "invalid_state", "outcome": "declined", "resource": paid_ours})
    over, over_ours = made.session("expired", "unpaid", "canceled", None)
    op.also("session", {"provider_id": visit["id"]}, [(request("POST", at + "/expire"), answer(over))], over_ours)
    op.query("session_done", get_of(at, over), over_ours, given={"provider_id": visit["id"]})


def payouts():
    theirs, ours = made.payout()
    given = {"amount": 1100, "currency": "EUR", "destination": {"type": "bank_account",
             "provider_id": "ba_1NnmXDGPxmnHQRkJ"}, "mode": "standard", "purpose": "salary", "reference": "salary-7",
             "description": "July", **KNOWN}
    form = {"amount": 1100, "currency": "eur", "destination": "ba_1NnmXDGPxmnHQRkJ", "method": "standard",
            "description": "July", "metadata[unigate_reference]": "salary-7", "metadata[unigate_purpose]": "salary",
            **MARK}
    op = Operation("payouts.create", given, [(request("POST", "/v1/payouts", form), answer(theirs))], ours)
    op.lookup("/v1/payouts", other(theirs), theirs, ours)
    op.also("insufficient_funds", given, [(request("POST", "/v1/payouts", form), error(
        400, "invalid_request_error", "You have insufficient funds in your Stripe account.", "balance_insufficient"))],
        failure={"category": "insufficient_funds", "outcome": "declined", "provider_code": "balance_insufficient"})
    moved, moved_ours = made.transfer()
    to = {"amount": 400, "currency": "USD", "destination": {"type": "provider_account",
          "provider_id": "acct_1PgafTB7WZ01zgkW"}, **KNOWN}
    sent = request("POST", "/v1/transfers", {"amount": 400, "currency": "usd",
                                             "destination": "acct_1PgafTB7WZ01zgkW", **MARK})
    op.also("to_account", to, [(sent, answer(moved))], moved_ours)
    op.query("to_account_found", [(request("GET", "/v1/transfers", {
        "destination": "acct_1PgafTB7WZ01zgkW", "limit": 100, "created[gte]": NOW - 600}),
        answer(page("/v1/transfers", other(moved), moved)))], moved_ours, given=to)
    for currency in ("HUF", "TWD"):
        op.also(currency.lower() + "_in_part", {**given, "amount": 1150, "currency": currency}, [],
                failure=refused_here("amount", "invalid_request"))
    op.also("to_email", {**given, "destination": {"type": "email", "email": "jenny@example.com"}}, [],
            failure=refused_here("destination"))
    op.also("to_number", {**given, "destination": {"type": "bank_account", "account_number": "DE00"}}, [],
            failure=refused_here("destination"))
    op.also("other_amount_answered", given, [(request("POST", "/v1/payouts", form), answer({**theirs, "amount": 1}))],
            failure={"category": "bad_response", "outcome": "unknown"})

    reads("payouts", "/v1/payouts", theirs, ours, get_fields={})
    at = f"/v1/payouts/{theirs['id']}"
    op = Operation("payouts.get", {"provider_id": theirs["id"]}, get_of(at, theirs), ours)
    for status, unified, more in (("in_transit", "processing", {}), ("paid", "succeeded", {}),
                                  ("paid", "reversed", {"reversed_by": "po_2"}), ("canceled", "canceled", {}),
                                  ("levitating", "processing", {})):
        one, one_ours = made.payout(status, unified, **more)
        op.also(f"{unified}_{status}", {"provider_id": theirs["id"]}, get_of(at, one), one_ours)
    failed, failed_ours = made.payout("failed", "failed", failure_code="account_closed",
                                      failure_message="The bank account has been closed", failure={
                                          "category": "invalid_state", "provider_code": "account_closed",
                                          "provider_message": "The bank account has been closed"})
    op.also("failed", {"provider_id": theirs["id"]}, get_of(at, failed), failed_ours)
    back, back_ours = made.transfer(True)
    op.also("transfer", {"provider_id": moved["id"]}, get_of("/v1/transfers/" + moved["id"], moved), moved_ours)
    op.also("transfer_reversed", {"provider_id": moved["id"]}, get_of("/v1/transfers/" + moved["id"], back), back_ours)

    first = request("GET", "/v1/payouts", {"limit": 3, "created[gte]": NOW})
    op = Operation("payouts.list", {"limit": 3, "created_gte": NOW},
                   [(first, answer(page("/v1/payouts", theirs, more=True)))],
                   {"data": [ours], "has_more": True, "next_cursor": theirs["id"]})
    taken = {**theirs, "id": "po_taken", "amount": -500}
    op.also("end_of_payouts", {"limit": 3, "created_gte": NOW}, [(first, answer(page("/v1/payouts", theirs, taken)))],
            {"data": [ours], "has_more": True, "next_cursor": "tr_"})
    op.also("transfers", {"limit": 3, "starting_after": "tr_", "created_gte": NOW},
            [(request("GET", "/v1/transfers", {"limit": 3, "created[gte]": NOW}),
              answer(page("/v1/transfers", moved)))], {"data": [moved_ours], "has_more": False})

    stopped, stopped_ours = made.payout("canceled", "canceled")
    op = Operation("payouts.cancel", {"provider_id": theirs["id"]},
                   [(request("POST", at + "/cancel"), answer(stopped))], stopped_ours)
    op.query("done", get_of(at, stopped), stopped_ours).query("not_done", get_of(at, theirs), failure=NOTHING_DONE)
    paid, paid_ours = made.payout("paid", "succeeded")
    op.query("paid", get_of(at, paid), failure={"category": "invalid_state", "outcome": "declined",
                                                "resource": paid_ours})
    taken_back = {"id": "trr_1Pgc", "object": "transfer_reversal", "amount": 400, "created": NOW, "currency": "usd",
                  "transfer": back}
    mine = {"provider_id": moved["id"]}
    op.also("transfer", mine, [(request("POST", f"/v1/transfers/{moved['id']}/reversals", {"expand[0]": "transfer"}),
                                answer(taken_back))], back_ours)
    op.query("transfer_done", get_of("/v1/transfers/" + moved["id"], back), back_ours, given=mine)
    op.query("transfer_not_done", get_of("/v1/transfers/" + moved["id"], moved), failure=NOTHING_DONE, given=mine)


def disputes():
    theirs, ours = made.dispute()
    at = f"/v1/disputes/{theirs['id']}"
    reads("disputes", "/v1/disputes", theirs, ours, get_fields={},
          list_fields={"payment_intent": "pi_1PgafyB7WZ01zgkW"}, given={"payment_provider_id": "pi_1PgafyB7WZ01zgkW"})
    op = Operation("disputes.get", {"provider_id": theirs["id"]}, get_of(at, theirs), ours)
    for status, unified in (("warning_needs_response", "needs_response"), ("under_review", "under_review"),
                            ("warning_under_review", "under_review"), ("won", "won"), ("warning_closed", "closed"),
                            ("prevented", "closed"), ("lost", "lost"), ("of_tomorrow", "unknown")):
        one, one_ours = made.dispute(status, unified)
        op.also(status, {"provider_id": theirs["id"]}, get_of(at, one), one_ours)

    lost, lost_ours = made.dispute("lost", "lost")
    op = Operation("disputes.accept", {"provider_id": theirs["id"]},
                   [(request("POST", at + "/close"), answer(lost))], lost_ours)
    op.query("done", get_of(at, lost), lost_ours).query("not_done", get_of(at, theirs), failure=NOTHING_DONE)
    won, won_ours = made.dispute("won", "won")
    op.query("too_late", get_of(at, won), failure={"category": "invalid_state", "outcome": "declined",
                                                   "resource": won_ours})

    shown = {"customer_name": "Jane", "customer_email_address": "jane@example.com", "uncategorized_text": "line1\nline2",
             "shipping_carrier": "UPS", "shipping_date": "2026-07-25", "service_date": "2026-07-24",
             "receipt": "file_1", "shipping_documentation": "file_2"}
    held, held_ours = made.dispute("under_review", "under_review", 1, shown)
    given = {"provider_id": theirs["id"], "evidence": {
        "customer_name": "Jane", "customer_email": "jane@example.com", "summary": "line1\nline2",
        "shipping_carrier": "UPS", "shipped_unix_s": NOW, "service_unix_s": NOW - 86400,
        "documents": [{"type": "receipt", "provider_id": "file_1"}, {"type": "shipping_proof", "provider_id": "file_2"}]}}
    form = {f"evidence[{name}]": value for name, value in shown.items()}
    op = Operation("disputes.submit_evidence", given,
                   [(request("POST", at, {**form, "submit": "true"}), answer(held))], held_ours)
    op.query("done", get_of(at, held), held_ours).query("not_done", get_of(at, theirs), failure=NOTHING_DONE)
    draft, draft_ours = made.dispute(evidence=shown)
    op.also("draft", {**given, "submit": False}, [(request("POST", at, {**form, "submit": "false"}), answer(draft))],
            draft_ours)
    op.query("draft_done", get_of(at, draft), draft_ours, given={**given, "submit": False})
    op.query("draft_only", get_of(at, draft), failure=NOTHING_DONE)
    op.also("unknown_document", {"provider_id": theirs["id"], "evidence": {"documents": [
        {"type": "selfie", "provider_id": "file_1"}]}}, [], failure=refused_here("evidence.documents", "invalid_request"))
    op.also("part_of_it", {**given, "amount": 5, "currency": "USD"}, [], failure=refused_here("amount"))


def accounts():
    theirs, ours = made.account()
    given = {"email": "jenny@example.com", "country": "US", "business_type": "company", "business_name": "Chairs Ltd",
             **KNOWN}
    form = {"country": "US", "email": "jenny@example.com", "business_type": "company",
            "business_profile[name]": "Chairs Ltd", "controller[fees][payer]": "application",
            "controller[losses][payments]": "application", "controller[stripe_dashboard][type]": "express",
            "capabilities[card_payments][requested]": "true", "capabilities[transfers][requested]": "true", **MARK}
    post = request("POST", "/v1/accounts", form)
    op = Operation("accounts.create", given, [(post, answer(theirs))], ours)
    op.lookup("/v1/accounts", other(theirs), theirs, ours)
    url = "https://connect.stripe.com/setup/e/acct_1/x"
    link = {"object": "account_link", "created": NOW, "expires_at": NOW + 300, "url": url}
    pages = {"refresh_url": "https://shop.example/again", "return_url": "https://shop.example/back"}
    fields = {"account": theirs["id"], "type": "account_onboarding", **pages}
    op.also("with_link", {**given, **pages},
            [(post, answer(theirs)), (request("POST", "/v1/account_links", fields, "-l"), answer(link))],
            {**ours, "onboarding_url": url})
    op.also("link_refused", {**given, **pages},
            [(post, answer(theirs)), (request("POST", "/v1/account_links", fields, "-l"), error(
                400, "invalid_request_error", "Not a valid URL", "url_invalid", param="return_url"))],
            failure={"category": "invalid_request", "outcome": "unknown", "retry": "never", "resource": ours})
    op.also("unknown_business", {**given, "business_type": "guild"}, [],
            failure=refused_here("business_type", "invalid_request"))
    at = "/v1/accounts/" + theirs["id"]
    op = Operation("accounts.get", {"provider_id": theirs["id"]}, get_of(at, theirs), ours)
    for name, flags in (("active", (True, True, True)), ("restricted", (True, False, True))):
        one, one_ours = made.account(*flags, name)
        op.also(name, {"provider_id": theirs["id"]}, get_of(at, one), one_ours)
    op = Operation("accounts.onboarding_link", {"provider_id": theirs["id"], **pages},
                   [(request("POST", "/v1/account_links", fields), answer(link))],
                   {"url": url, "expires_unix_s": NOW + 300})
    op.query("lost", [], failure=NOTHING_DONE)
    login = {"object": "login_link", "created": NOW, "url": "https://connect.stripe.com/express/acct_1/y"}
    op = Operation("accounts.dashboard_link", {"provider_id": theirs["id"]},
                   [(request("POST", at + "/login_links"), answer(login))], {"url": login["url"]})
    op.query("lost", [], failure=NOTHING_DONE)


def found(path, *objects, more=None):
    return {"object": "search_result", "url": path, "has_more": more is not None, "next_page": more,
            "data": list(objects)}


def search():
    theirs, ours = made.payment()
    path = "/v1/payment_intents/search"
    given = {"kind": "payment", "status": "succeeded", "metadata": {"order_id": "6735"}, "limit": 10}
    sent = request("GET", path, {"query": "status:'succeeded' AND metadata['order_id']:'6735'", "limit": 10})
    op = Operation("search.query", given, [(sent, answer(found(path, theirs, more="page2")))],
                   {"data": [{"kind": "payment", "resource": ours}], "has_more": True, "next_cursor": "page2"})
    op.also("further", {"kind": "payment", "amount": 1099, "currency": "USD", "customer_provider_id": CUSTOMER,
                        "reference": "order-7", "created_gte": 1, "created_lt": 2, "starting_after": "page2"},
            [(request("GET", path, {"query": f"customer:'{CUSTOMER}' AND amount:1099 AND currency:'usd' AND "
                                             "metadata['unigate_reference']:'order-7' AND created>=1 AND created<2",
                                    "page": "page2"}), answer(found(path, theirs)))],
            {"data": [{"kind": "payment", "resource": ours}], "has_more": False})
    op.also("quotes", {"kind": "customer", "text": "O'Hara \\", "email": "a@b.c"},
            [(request("GET", "/v1/customers/search", {"query": "name~'O\\'Hara \\\\' AND email:'a@b.c'"}),
              answer(found(path)))], {"data": [], "has_more": False})
    for kind, collection, pair in (("customer", "customers", made.customer()), ("product", "products", made.product()),
                                   ("plan", "prices", made.price()), ("subscription", "subscriptions",
                                   made.subscription()), ("invoice", "invoices", made.invoice())):
        at = f"/v1/{collection}/search"
        op.also(kind, {"kind": kind, "metadata": {"a": "b"}},
                [(request("GET", at, {"query": "metadata['a']:'b'"}), answer(found(at, pair[0])))],
                {"data": [{"kind": kind, "resource": pair[1]}], "has_more": False})
    op.also("nothing_to_look_for", {"kind": "payment"}, [], failure=refused_here("text", "invalid_request"))
    op.also("refunds", {"kind": "refund", "text": "x"}, [], failure=refused_here("kind"))
    op.also("subscription_by_email", {"kind": "subscription", "email": "a@b.c"}, [], failure=refused_here("email"))


def webhook_endpoints():
    theirs, ours = made.webhook_endpoint("whsec_1234567890")
    given = {"url": theirs["url"], "events": theirs["enabled_events"], **KNOWN}
    form = {"url": theirs["url"], "enabled_events[0]": "payment_intent.succeeded",
            "enabled_events[1]": "charge.refunded", "api_version": "2026-07-29.dahlia", **MARK}
    op = Operation("webhook_endpoints.create", given,
                   [(request("POST", "/v1/webhook_endpoints", form), answer(theirs))], ours)
    theirs, ours = made.webhook_endpoint()
    op.lookup("/v1/webhook_endpoints", other(theirs), theirs, ours, created=False)
    reads("webhook_endpoints", "/v1/webhook_endpoints", theirs, ours, list_fields={})
    at = "/v1/webhook_endpoints/" + theirs["id"]
    gone = {"id": theirs["id"], "object": "webhook_endpoint", "deleted": True}
    op = Operation("webhook_endpoints.delete", {"provider_id": theirs["id"]},
                   [(request("DELETE", at), answer(gone))], {"provider_id": theirs["id"]})
    op.query("done", [(request("GET", at), error(404, "invalid_request_error", "No such webhook endpoint",
                                                 "resource_missing", param="id"))], {"provider_id": theirs["id"]})
    op.query("not_done", get_of(at, theirs), failure=NOTHING_DONE)


if __name__ == "__main__":
    for write_group in (payment_methods, setup_intents, products_and_plans, subscriptions_create,
                        subscriptions_change, invoices, payment_links, payouts, disputes, accounts, search,
                        webhook_endpoints):
        write_group()
