"""The books against the providers': nothing is told of books that agree, and each kind of difference is."""
import json
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import CREDENTIALS
from support.client import new_key
from support.provider_side import Books, ProviderSide, made_up_id
from support.waiting import eventually

ORDERS = "/v1/payments/orders"
KINDS = ("missing", "extra", "amount", "currency", "state", "duplicate")
BANK = {"type": "bank_account", "name": "Ada Lovelace", "account_number": "765432123456789", "ifsc": "HDFC0000053"}


def post(stack, path, body, status=201):
    return stack.api.ok("POST", path, body, status, idempotency_key=new_key())


def refund(stack, payment, amount):
    return post(stack, f"{ORDERS}/{payment['id']}/refunds", {"amount": amount})


def stripe_paid(stack, amount=1050, **more):
    return post(stack, ORDERS, {"provider": "stripe", "amount": amount, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa", **more})


def razorpay_paid(stack, amount=50000, confirmed=True):
    order = post(stack, ORDERS, {"provider": "razorpay", "amount": amount, "currency": "INR"})
    handed = stack.simulator.steer(f"razorpay/orders/{order['provider_id']}/pay", {"outcome": "captured"})
    paid = post(stack, f"{ORDERS}/{order['id']}/confirm", {"checkout_result": handed}, 200) if confirmed else order
    return {**paid, "made_by": order["transaction_id"]}  # what the provider's order carries


def paypal_approved(stack, amount=1999, **more):
    order = post(stack, ORDERS, {"provider": "paypal", "amount": amount, "currency": "USD", "return_url": "https://shop.example/r", **more})
    stack.simulator.steer(f"paypal/orders/{order['provider_id']}/approve")
    return {**post(stack, f"{ORDERS}/{order['id']}/confirm", {}, 200), "made_by": order["transaction_id"]}


def keep_stripe_books(stack):
    for amount in (1050, 900, 50):
        stripe_paid(stack, amount)
    stripe_paid(stack, 5000, payment_method="pm_card_bypassPending")  # at hand at once, for the payout
    refund(stack, stripe_paid(stack, 2000), 300)
    refund(stack, stripe_paid(stack, 500), 500)
    stack.api.post(ORDERS, {"provider": "stripe", "amount": 700, "currency": "USD", "confirm": True, "payment_method": "pm_card_chargeDeclined"},
                   idempotency_key=new_key())
    post(stack, ORDERS, {"provider": "stripe", "amount": 700, "currency": "USD"})  # nobody has paid it
    stripe_paid(stack, 800, capture_method="manual")
    part = stripe_paid(stack, 1000, capture_method="manual")
    post(stack, f"{ORDERS}/{part['id']}/capture", {"amount": 600}, 200)
    given_up = stripe_paid(stack, 1000, capture_method="manual")
    post(stack, f"{ORDERS}/{given_up['id']}/cancel", {}, 200)
    post(stack, "/v1/payouts", {"provider": "stripe", "amount": 100, "currency": "USD", "destination": {"type": "provider_account", "id": "acct_1A2b3C4d5E6f7G8h"}})


def keep_razorpay_books(stack):
    razorpay_paid(stack, 100)
    refund(stack, razorpay_paid(stack), 20000)
    razorpay_paid(stack, 700, confirmed=False)  # paid, and the shop has not been told
    post(stack, ORDERS, {"provider": "razorpay", "amount": 5000, "currency": "INR"})
    post(stack, "/v1/payouts", {"provider": "razorpay", "amount": 2500, "currency": "INR", "mode": "IMPS", "destination": BANK})


def keep_paypal_books(stack):
    paypal_approved(stack)
    refund(stack, paypal_approved(stack), 99)
    post(stack, ORDERS, {"provider": "paypal", "amount": 500, "currency": "USD", "return_url": "https://shop.example/r"})
    parts = paypal_approved(stack, 1000, capture_method="manual")
    for amount in (300, 400):
        post(stack, f"{ORDERS}/{parts['id']}/capture", {"amount": amount}, 200)
    paypal_approved(stack, 1000, capture_method="manual")
    post(stack, "/v1/payouts", {"provider": "paypal", "amount": 2000, "currency": "USD", "destination": {"type": "email", "email": "ada@example.com"}})


def keep_twilio_books(stack):
    for number in range(3):
        post(stack, "/v1/sms", {"to": f"+1415555010{number}", "message": "Your order has left."})


KEEPERS = {"stripe": keep_stripe_books, "razorpay": keep_razorpay_books, "paypal": keep_paypal_books, "twilio": keep_twilio_books}


@pytest.fixture(scope="module")
def shop(make_stack):
    """Books with everything that happens in a shop at each provider."""
    running = make_stack(providers=tuple(CREDENTIALS)).start()
    for keep in KEEPERS.values():
        keep(running)
    running.providers = ProviderSide(running.simulator, CREDENTIALS)
    yield running
    running.stop()


def reconcile(stack, provider, *words, since="1h", status=0):
    done = stack.gateway.run("reconcile", "--org", stack.org, "--provider", provider, "--since", since, "--json", *words,
                             check=False, timeout_s=120)
    assert done.returncode == status, (done.returncode, done.stdout[-3000:], done.stderr)
    return json.loads(done.stdout)


def told(report):
    """What was found: (kind, our resource or the provider's id)."""
    return sorted((each["kind"], each["ours"]["resource"] if each["ours"] else each["provider_side"]["provider_id"])
                  for each in report["differences"])


@pytest.mark.parametrize("provider", list(KEEPERS))
def test_books_that_agree(shop, provider):
    report = reconcile(shop, provider)
    assert report["status"] == "finished" and report["difference_count"] == 0 and not any(report["counts"].values())
    assert report["agreed_count"] > 2 and report["pending_count"] == 0
    for total in report["totals"]:
        assert total["ours"] == total["provider_side"] and total["ours"]["count"] > 0
    assert all(each["how"] == "listed" for each in report["coverage"] if (provider, each["resource_kind"]) != ("paypal", "payout"))
    # What the provider had newer news of has been read: the next one finds nothing behind.
    assert reconcile(shop, provider)["caught_up_count"] == 0


def test_what_was_made_elsewhere_is_foreign(shop):
    shop.providers.stripe_payment()
    shop.providers.razorpay_order()
    shop.providers.paypal_order()
    shop.providers.twilio_message()
    for provider in KEEPERS:
        report = reconcile(shop, provider)
        assert report["foreign_count"] >= 1 and len(report["foreign"]) == report["foreign_count"]


def test_an_operation_under_way_is_pending(shop):
    shop.simulator.fault("drop_before", prefix="/v1/payment_intents", times=1000)
    started = post(shop, ORDERS, {"provider": "stripe", "amount": 4321, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}, 202)
    report = reconcile(shop, "stripe")
    assert report["difference_count"] == 0
    assert [each["resource"] for each in report["pending"]] == [started["id"]]
    assert report["pending"][0]["transaction_state"] == "in_flight"
    shop.simulator.clear_faults()
    eventually(lambda: shop.api.payment(started["id"])["status"] != "processing", "it is found out", 60, 0.2)
    assert reconcile(shop, "stripe")["pending_count"] == 0


def test_nothing_is_wrong_at_the_edges_of_the_range(shop):
    """Operations made just before and after: on which side of an edge a movement lies is not ours to say."""
    for provider in ("stripe", "razorpay", "paypal"):
        for seconds in range(0, 6):
            edge = (datetime.now(timezone.utc) - timedelta(seconds=seconds, milliseconds=400)).isoformat().replace("+00:00", "Z")
            assert reconcile(shop, provider, since=edge)["difference_count"] == 0
            assert reconcile(shop, provider, "--until", edge)["difference_count"] == 0


def test_a_provider_that_limits_the_rate_is_waited_for(shop):
    shop.simulator.fault("status_429", method="GET", prefix="/v1/payment_intents", times=2)
    assert reconcile(shop, "stripe")["difference_count"] == 0
    assert [r["status"] for r in shop.simulator.requests() if r["path"].startswith("/v1/payment_intents")].count(429) == 2


def test_refused_credentials_fail_the_run(make_stack):
    running = make_stack(providers=("razorpay",)).start()
    try:
        running.api.ok("GET", "/v1/balance", params={"provider": "razorpay"})  # from now on that secret is the account's
        running.gateway.service(running.org, {**CREDENTIALS["razorpay"], "key_secret": "e2ecanarysecret0000000002"}, "razorpay")
        done = running.gateway.run("reconcile", "--provider", "razorpay", "--since", "1h", check=False)
        assert done.returncode == 1 and "provider_credentials_refused" in done.stderr
        [stored] = running.api.ok("GET", "/v1/reconciliations")["data"]
        assert stored["status"] == "failed" and stored["failure"]["code"] == "provider_credentials_refused"
    finally:
        running.stop()


def seed_stripe(shop, books):
    missing, amount, captured, currency, failed, twin, held, dashboard = (stripe_paid(shop, 5000 + i) for i in range(8))
    hold = stripe_paid(shop, 6000, capture_method="manual")
    payback = refund(shop, held, 100)
    shop.gateway.stop()
    extra = shop.providers.stripe_payment(made_up_id())
    shop.providers.stripe_payment(twin["transaction_id"], amount=twin["amount"])
    shop.providers.stripe(f"payment_intents/{hold['provider_id']}/capture")
    returned = shop.providers.stripe("refunds", payment_intent=dashboard["provider_id"], amount=77)
    with Books(shop.gateway) as edited:
        invented = edited.invent(missing["transaction_id"], missing["id"], "pi_3NeverMadeAtTheProvider")
        edited.edit(amount["id"], amount=amount["amount"] + 1)
        edited.edit(captured["id"], amount_captured=captured["amount"] - 1)
        edited.edit(currency["id"], currency="EUR")
        edited.fail(failed["transaction_id"], failed["id"])
        edited.edit(payback["id"], amount=99)
    return [("missing", invented), ("extra", extra["id"]), ("extra", returned["id"]), ("amount", amount["id"]), ("amount", captured["id"]),
            ("amount", payback["id"]), ("currency", currency["id"]), ("state", failed["id"]), ("state", hold["id"]), ("duplicate", twin["id"])]


def seed_razorpay(shop, books):
    missing, amount, currency, failed, twin, dashboard = (razorpay_paid(shop, 5000 + i) for i in range(6))
    sent = post(shop, "/v1/payouts", {"provider": "razorpay", "amount": 2600, "currency": "INR", "mode": "IMPS", "destination": BANK})
    shop.gateway.stop()
    extra = shop.providers.razorpay_order(made_up_id())
    shop.providers.razorpay_order(twin["made_by"], amount=twin["amount"])
    paid = shop.providers.razorpay_payment_of(dashboard["provider_id"])
    returned = shop.providers.razorpay(f"payments/{paid}/refund", {"amount": 100, "notes": {"unigate_payment": dashboard["provider_id"]}})
    with Books(shop.gateway) as edited:
        invented = edited.invent(missing["transaction_id"], missing["id"], "order_NeverMadeThere1")
        edited.edit(amount["id"], amount=amount["amount"] + 1)
        edited.edit(currency["id"], currency="USD")
        edited.edit(failed["id"], status="canceled")
        edited.edit(sent["id"], status="failed")
    return [("missing", invented), ("extra", extra["id"]), ("extra", returned["id"]), ("amount", amount["id"]), ("currency", currency["id"]),
            ("state", failed["id"]), ("state", sent["id"]), ("duplicate", twin["id"])]


def seed_paypal(shop, books):
    missing, amount, currency, failed, twin, partly = (paypal_approved(shop, 5000 + i) for i in range(6))
    payback = refund(shop, partly, 100)
    sent = post(shop, "/v1/payouts", {"provider": "paypal", "amount": 2100, "currency": "USD", "destination": {"type": "email", "email": "bo@example.com"}})
    shop.gateway.stop()
    extra = shop.providers.paypal_order(made_up_id())
    shop.providers.paypal_order(twin["made_by"], value=f"{twin['amount'] / 100:.2f}")
    with Books(shop.gateway) as edited:
        invented = edited.invent(missing["transaction_id"], missing["id"], "0NEVERMADETHERE01")
        edited.edit(amount["id"], amount=amount["amount"] + 1)
        edited.edit(currency["id"], currency="EUR")
        edited.edit(failed["id"], status="canceled")
        edited.edit(payback["id"], amount=99)
        edited.edit(sent["id"], amount=2101)
    return [("missing", invented), ("extra", extra["id"]), ("amount", amount["id"]), ("amount", payback["id"]), ("amount", sent["id"]),
            ("currency", currency["id"]), ("state", failed["id"]), ("duplicate", twin["id"])]


def seed_twilio(shop, books):
    lost, failed = (post(shop, "/v1/sms", {"to": f"+1415555020{i}", "message": "Seeded"}) for i in range(2))
    eventually(lambda: shop.api.ok("GET", f"/v1/sms/{failed['id']}")["status"] == "delivered", "it has arrived", 20)
    shop.gateway.stop()
    with Books(shop.gateway) as edited:
        invented = edited.invent(lost["transaction_id"], lost["id"], "SM" + "0" * 32)
        edited.edit(failed["id"], status="failed")
    return [("missing", invented), ("state", failed["id"])]


@pytest.mark.parametrize("provider, seed", [("stripe", seed_stripe), ("razorpay", seed_razorpay), ("paypal", seed_paypal), ("twilio", seed_twilio)])
def test_each_kind_of_difference_is_found(shop, provider, seed):
    wanted = seed(shop, Books)
    report = reconcile(shop, provider, status=1)
    shop.gateway.restart()
    assert told(report) == sorted(wanted)
    assert provider == "twilio" or set(kind for kind, count in report["counts"].items() if count) == set(KINDS)
    assert report["difference_count"] == sum(report["counts"].values()) == len(wanted)
    # The same by the API, from the process that serves.
    started = shop.api.ok("POST", "/v1/reconciliations", {"provider": provider, "since": report["since"]}, 202)
    assert started["status"] == "running" and started["origin"] == "api"
    ended = eventually(lambda: (r := shop.api.ok("GET", f"/v1/reconciliations/{started['id']}"))["status"] != "running" and r, "it has ended", 60)
    assert ended["status"] == "finished" and told(ended) == sorted(wanted)
    assert "unigate_reconcile_differences{" in shop.api.session.get(shop.gateway.metrics_url).text


def test_for_people(shop):
    done = shop.gateway.run("reconcile", "--org", shop.org, "--provider", "stripe", "--since", "1h", check=False)
    assert done.returncode == 1
    for word in ("missing", "duplicate", "differences:", "payment  listed:", "USD"):
        assert word in done.stdout, done.stdout


def test_reports_are_listed_and_read(shop):
    page = shop.api.ok("GET", "/v1/reconciliations", params={"limit": 2, "provider": "stripe"})
    assert len(page["data"]) == 2 and page["has_more"] and {each["provider"] for each in page["data"]} == {"stripe"}
    assert "differences" not in page["data"][0]
    further = shop.api.ok("GET", "/v1/reconciliations", params={"limit": 2, "provider": "stripe", "starting_after": page["next_cursor"]})
    assert not {each["id"] for each in further["data"]} & {each["id"] for each in page["data"]}
    assert "differences" in shop.api.ok("GET", f"/v1/reconciliations/{page['data'][0]['id']}")


def test_others_see_nothing_of_it(shop):
    [mine] = shop.api.ok("GET", "/v1/reconciliations", params={"limit": 1})["data"]
    other = shop.newcomer()
    assert other.ok("GET", "/v1/reconciliations")["data"] == []
    other.problem("GET", f"/v1/reconciliations/{mine['id']}", status=404)
    reader = shop.client(shop.gateway.key(shop.org, "test", "reconciliations:read"))
    assert reader.ok("GET", f"/v1/reconciliations/{mine['id']}")["id"] == mine["id"]
    reader.problem("POST", "/v1/reconciliations", {"provider": "stripe", "since": "2026-01-01T00:00:00Z"}, 403)


@pytest.mark.parametrize("body, param", [
    ({"since": "2026-01-01T00:00:00Z"}, "provider"), ({"provider": "acme", "since": "2026-01-01T00:00:00Z"}, "provider"),
    ({"provider": "stripe"}, "since"), ({"provider": "stripe", "since": "yesterday"}, "since"),
    ({"provider": "stripe", "since": "2999-01-01T00:00:00Z"}, "since"), ({"provider": "stripe", "since": "2000-01-01T00:00:00Z"}, "since"),
    ({"provider": "stripe", "since": "2026-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"}, "until"),
    ({"provider": "stripe", "since": "2026-01-01T00:00:00Z", "speed": 9}, "speed"),
])
def test_wrong_fields_are_named(shop, body, param):
    problem = shop.api.problem("POST", "/v1/reconciliations", body)
    assert param in [problem.get("param")] + [each["param"] for each in problem.get("errors", [])], problem


@pytest.mark.parametrize("words, status, said", [
    (("--since", "1h"), 2, "--provider"), (("--provider", "stripe"), 2, "--since"),
    (("--provider", "stripe", "--since", "soon"), 2, "--since must be"),
    (("--provider", "stripe", "--since", "1h", "--until", "2999-01-01T00:00:00Z"), 2, "--until"),
    (("--provider", "stripe", "--since", "2000-01-01T00:00:00Z"), 2, "366 days"),
    (("--provider", "stripe", "--since", "1h", "--environment", "moon"), 2, "--environment"),
    (("--provider", "acme", "--since", "1h", "--org", "{org}"), 1, "no provider acme"),
    (("--provider", "stripe", "--since", "1h", "--org", "org_none"), 1, "there are: "),
    (("--provider", "stripe", "--since", "1h", "--org", "{org}", "--environment", "live"), 1, "no live credentials"),
    (("--provider", "stripe", "--since", "1h"), 1, "several organisations"),
])
def test_a_mistake_on_the_command_line(shop, words, status, said):
    done = shop.gateway.run("reconcile", *(word.format(org=shop.org) for word in words), check=False)
    assert done.returncode == status and said in done.stderr, (done.returncode, done.stderr)


def test_by_a_schedule_once_for_each_period(make_stack):
    running = make_stack({"reconcile": {"every_hours": 744, "look_back_hours": 2}}).start()
    try:
        running.api.pay()
        [report] = eventually(lambda: [r for r in running.api.ok("GET", "/v1/reconciliations")["data"] if r["status"] == "finished"],
                              "the schedule has run", 30, 0.2)
        assert report["origin"] == "schedule" and report["difference_count"] == 0
        running.gateway.stop()
        running.gateway.restart()
        time.sleep(3)  # the first look of the schedule is a second after the start
        assert [r["id"] for r in running.api.ok("GET", "/v1/reconciliations")["data"]] == [report["id"]]
    finally:
        running.stop()
