"""What is sold, and what recurs."""
import pytest

from support.resources import cannot, found_out, listed, make, wrong

PRODUCTS, PLANS = "/v1/products", "/v1/plans"
PLAN = {"name": "Monthly", "amount": 999, "interval": "month"}
CURRENCY = {"stripe": "USD", "razorpay": "INR", "paypal": "USD"}


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
def test_a_product_and_a_plan_of_it(four, provider):
    product = make(four.api, PRODUCTS, {"provider": provider, "name": "Video streaming", "description": "All films"}, "products.create")
    assert (product["name"], product["description"], product["status"]) == ("Video streaming", "All films", "active")
    plan = make(four.api, PLANS, {**PLAN, "currency": "USD", "product": product["id"], "metadata": {"tier": "gold"}}, "plans.create")
    assert plan["provider"] == provider  # the product tells where
    assert (plan["product"], plan["product_provider_id"]) == (product["id"], product["provider_id"])
    assert (plan["amount"], plan["currency"], plan["interval"], plan["interval_count"]) == (999, "USD", "month", 1)
    assert plan["id"] in listed(four.api, PLANS, product=product["id"])
    assert plan["id"] in listed(four.api, PLANS, **{"metadata[tier]": "gold"})
    assert product["id"] in listed(four.api, PRODUCTS, source="provider", provider=provider)


@pytest.mark.parametrize("provider", CURRENCY)
@pytest.mark.parametrize("interval, count", [("day", 7), ("week", 1), ("month", 1), ("quarter", 1), ("year", 1)])
def test_every_interval(four, provider, interval, count):
    plan = make(four.api, PLANS, {**PLAN, "provider": provider, "currency": CURRENCY[provider], "interval": interval,
                                  "interval_count": count}, "plans.create")
    # What was asked for, whatever the provider's own words for it are.
    assert (plan["interval"], plan["interval_count"], plan["amount"]) == (interval, count, 999)


def test_who_cannot(four):
    cannot(four.api, PRODUCTS, {"name": "Video"}, "razorpay", ["paypal", "stripe"])
    cannot(four.api, PLANS, {**PLAN, "currency": "USD"}, "twilio", ["paypal", "razorpay", "stripe"])


@pytest.mark.parametrize("change, param", [
    ({"amount": 9.99}, "amount"), ({"amount": None}, "amount"), ({"currency": "DOLLAR"}, "currency"), ({"interval": "fortnight"}, "interval"),
    ({"interval_count": 0}, "interval_count"), ({"name": None}, "product"), ({"trial_days": -1}, "trial_days"), ({"prize": 1}, "prize"),
    ({"provider": "nobody"}, "provider"),
])
def test_wrong_fields_are_named(four, change, param):
    body = {**PLAN, "currency": "USD", "provider": "stripe", **change}
    wrong(four.api, PLANS, {k: v for k, v in body.items() if v is not None}, param)


def test_an_unknown_product_is_named(four):
    wrong(four.api, PLANS, {**PLAN, "currency": "USD", "product": "prod_" + "0" * 26}, "product", 422)
    four.api.problem("GET", f"{PRODUCTS}/prod_{'0' * 26}", None, 404)


def test_a_lost_answer_is_found_out(four):
    product = found_out(four, PRODUCTS, {"provider": "stripe", "name": "Lost and found"}, "stripe", "/v1/products")
    assert four.api.ok("GET", f"{PRODUCTS}/{product['id']}")["status"] == "active"
