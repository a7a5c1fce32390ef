"""Refunds: whole, in parts, and never more than was taken."""
import pytest

from support.client import new_key

ORDERS = "/v1/payments/orders"
REFUNDS = "/v1/payments/refunds"


def test_refunds_in_parts_until_nothing_is_left(api, simulator):
    payment = api.pay(1000)
    first = api.ok("POST", f"{ORDERS}/{payment['id']}/refunds", {"amount": 300, "reason": "requested_by_customer"}, 201)
    assert (first["payment"], first["amount"], first["currency"], first["status"]) == (payment["id"], 300, "USD", "succeeded")
    assert first["reason"] == "requested_by_customer"
    after_first = api.payment(payment["id"])
    assert (after_first["amount_refunded"], after_first["refund_status"]) == (300, "partial")
    rest = api.ok("POST", REFUNDS, {"payment": payment["id"], "metadata": {"why": "all"}}, 201, idempotency_key=new_key())
    assert (rest["amount"], rest["metadata"]) == (700, {"why": "all"})
    after_all = api.payment(payment["id"])
    assert (after_all["amount_refunded"], after_all["refund_status"], after_all["status"]) == (1000, "full", "succeeded")
    [movement] = simulator.movements()
    assert (movement["captured"], movement["refunded"], movement["refunds"]) == (1000, 1000, 2)


def test_location_leads_to_the_refund(api):
    payment = api.pay()
    response = api.post(f"{ORDERS}/{payment['id']}/refunds", {"amount": 100})
    assert response.status_code == 201
    assert response.headers["Location"] == f"{REFUNDS}/{response.json()['id']}"
    assert api.get(response.headers["Location"]).json() == response.json()


@pytest.mark.parametrize("taken_back, asked", [(0, 1051), (800, 300)])
def test_refuses_more_than_is_left(api, simulator, taken_back, asked):
    payment = api.pay()
    if taken_back:
        api.ok("POST", REFUNDS, {"payment": payment["id"], "amount": taken_back}, 201)
    problem = api.problem("POST", REFUNDS, {"payment": payment["id"], "amount": asked}, 422)
    assert problem["retryable"] is False
    assert [m["refunded"] for m in simulator.movements()] == [taken_back]


def test_refuses_a_payment_that_took_nothing(api, simulator):
    payment = api.pay(capture_method="manual")
    api.problem("POST", REFUNDS, {"payment": payment["id"]}, 422)
    assert [m["refunded"] for m in simulator.movements()] == [0]


def test_refund_of_an_unknown_payment_is_a_404(api):
    assert api.problem("POST", REFUNDS, {"payment": "pay_" + "0" * 26}, 404)["param"] == "payment"
    api.problem("POST", f"{ORDERS}/pay_{'0' * 26}/refunds", None, 404)
    api.problem("GET", f"{REFUNDS}/re_{'0' * 26}", None, 404)


def test_one_key_gives_back_once(api, simulator):
    payment = api.pay()
    key = new_key()
    first = api.post(REFUNDS, {"payment": payment["id"], "amount": 200}, idempotency_key=key)
    again = api.post(REFUNDS, {"payment": payment["id"], "amount": 200}, idempotency_key=key)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [m["refunded"] for m in simulator.movements()] == [200]


def test_lists_the_refunds_of_a_payment(api):
    payment, other = api.pay(), api.pay()
    mine = [api.ok("POST", REFUNDS, {"payment": payment["id"], "amount": 10 + i}, 201)["id"] for i in range(3)]
    api.ok("POST", REFUNDS, {"payment": other["id"]}, 201)
    listed = api.ok("GET", REFUNDS, params={"payment": payment["id"]})["data"]
    assert [refund["id"] for refund in listed] == mine[::-1]
