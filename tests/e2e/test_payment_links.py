"""A page to pay at, by link."""
import pytest

from support.resources import cannot, found_out, listed, make, wrong

PATH = "/v1/payment-links"
LINK = {"amount": 2500, "description": "Two tickets"}
CURRENCY = {"stripe": "USD", "razorpay": "INR", "paypal": "USD"}


@pytest.mark.parametrize("provider", CURRENCY)
def test_a_link(four, provider):
    link = make(four.api, PATH, {**LINK, "provider": provider, "currency": CURRENCY[provider], "reference": f"basket-{provider}",
                                 "metadata": {"basket": "7"}}, "payment_links.create")
    assert (link["status"], link["amount"], link["currency"], link["description"]) == ("active", 2500, CURRENCY[provider], "Two tickets")
    assert link["short_url"].startswith("http") and link["reference"] == f"basket-{provider}"
    assert link["id"] in listed(four.api, PATH, reference=f"basket-{provider}")
    assert link["id"] in listed(four.api, PATH, **{"metadata[basket]": "7", "provider": provider})


def test_a_reference_is_the_clients_or_none(four):
    link = make(four.api, PATH, {**LINK, "provider": "razorpay", "currency": "INR"}, "payment_links.create")
    assert link["reference"] is None


def test_whom_it_is_for(four):
    link = make(four.api, PATH, {**LINK, "provider": "razorpay", "currency": "INR", "accept_partial": True,
                                 "customer": {"name": "Ada", "email": "ada@example.com", "phone": "+919876543210"},
                                 "notify": {"sms": False, "email": True}, "expires_at": "2036-12-24T18:00:00Z"}, "payment_links.create")
    assert link["customer"] == {"name": "Ada", "email": "ada@example.com", "phone": "+919876543210"}
    assert link["accept_partial"] is True and link["expires_at"] == "2036-12-24T18:00:00.000Z"


def test_somebody_pays(four):
    link = make(four.api, PATH, {**LINK, "provider": "razorpay", "currency": "INR"}, "payment_links.create")
    four.simulator.steer(f"razorpay/payment_links/{link['provider_id']}/pay")
    paid = four.api.ok("GET", f"{PATH}/{link['id']}")
    assert (paid["status"], paid["amount_paid"]) == ("paid", 2500)


@pytest.mark.parametrize("provider", ["stripe", "razorpay"])
def test_nobody_pays_a_canceled_one(four, provider):
    link = make(four.api, PATH, {**LINK, "provider": provider, "currency": CURRENCY[provider]}, "payment_links.create")
    canceled = four.api.ok("POST", f"{PATH}/{link['id']}/cancel")
    assert canceled["status"] == "canceled"
    assert four.api.ok("GET", f"{PATH}/{link['id']}")["status"] == "canceled"


def test_who_cannot(four):
    cannot(four.api, PATH, {**LINK, "currency": "USD"}, "twilio", ["paypal", "razorpay", "stripe"])
    link = four.api.ok("POST", PATH, {**LINK, "provider": "paypal", "currency": "USD"}, 201)
    assert four.api.problem("POST", f"{PATH}/{link['id']}/cancel", None, 501)["providers"] == ["razorpay", "stripe"]


@pytest.mark.parametrize("change, param", [
    ({"amount": "25.00"}, "amount"), ({"amount": 0}, "amount"), ({"currency": "XXZ"}, "currency"), ({"reference": "x" * 41}, "reference"),
    ({"customer": {"email": "nobody"}}, "customer.email"), ({"customer": {"fax": "1"}}, "customer.fax"), ({"notify": {"sms": 1}}, "notify.sms"),
    ({"expires_at": "tomorrow"}, "expires_at"), ({"return_url": "ftp://x"}, "return_url"), ({"metadata": {"a": 1}}, "metadata.a"),
])
def test_wrong_fields_are_named(four, change, param):
    wrong(four.api, PATH, {**LINK, "currency": "USD", "provider": "stripe", **change}, param)


@pytest.mark.parametrize("provider, prefix", [("stripe", "/v1/payment_links"), ("razorpay", "/v1/payment_links"), ("paypal", "/v2/checkout/orders")])
def test_a_lost_answer_is_found_out(four, provider, prefix):
    link = found_out(four, PATH, {**LINK, "provider": provider, "currency": CURRENCY[provider]}, provider, prefix)
    found = four.api.ok("GET", f"{PATH}/{link['id']}")
    assert found["status"] == "active" and found["short_url"]
