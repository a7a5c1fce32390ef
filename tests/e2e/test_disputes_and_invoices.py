"""What payers contest and what providers bill: both come from the provider, and get an id here when they are first seen."""
import pytest

from support.resources import cannot, listed, wrong

DISPUTES, INVOICES = "/v1/disputes", "/v1/invoices"


@pytest.fixture
def dispute(four):
    """A payment at Razorpay that its payer contests."""
    payment = four.api.ok("POST", "/v1/payments/orders", {"provider": "razorpay", "amount": 5000, "currency": "INR"}, 201)
    handed = four.simulator.steer(f"razorpay/orders/{payment['provider_id']}/pay", {"outcome": "captured"})
    four.simulator.steer(f"razorpay/payments/{handed['razorpay_payment_id']}/dispute")
    newest = four.api.ok("GET", DISPUTES, params={"provider": "razorpay", "limit": 1})["data"][0]
    return newest


def test_a_dispute_gets_an_id_and_keeps_it(four, dispute):
    assert (dispute["object"], dispute["status"], dispute["amount"], dispute["currency"]) == ("dispute", "needs_response", 5000, "INR")
    assert dispute["id"] in listed(four.api, DISPUTES, provider="razorpay")
    assert dispute["id"] in listed(four.api, DISPUTES, source="gateway", status="needs_response")
    assert four.api.ok("GET", f"{DISPUTES}/{dispute['id']}")["provider_id"] == dispute["provider_id"]


def test_it_is_accepted(four, dispute):
    accepted = four.api.ok("POST", f"{DISPUTES}/{dispute['id']}/accept", {"reason": "goods were lost"})
    assert accepted["status"] in ("lost", "closed")
    assert four.api.transaction(accepted["transaction_id"])["operation"] == "disputes.accept"


def test_it_is_answered_with_evidence(four, dispute):
    path = f"{DISPUTES}/{dispute['id']}/evidence"
    assert "at least one piece" in four.api.problem("POST", path, {"submit": True}, 400)["detail"]
    wrong(four.api, path, {"documents": [{"type": "proof"}]}, "documents[0].id")
    answered = four.api.ok("POST", path, {"summary": "Delivered and signed for", "submit": False})
    assert answered["id"] == dispute["id"]
    assert four.api.transaction(answered["transaction_id"])["operation"] == "disputes.submit_evidence"


def test_who_cannot(four):
    cannot(four.api, DISPUTES, None, "twilio", ["paypal", "razorpay", "stripe"], method="GET")
    cannot(four.api, INVOICES, None, "twilio", ["paypal", "razorpay", "stripe"], method="GET")


def test_lists_need_to_know_whom_to_ask(four):
    assert four.api.problem("GET", INVOICES, None, 400)["code"] == "provider_required"
    assert four.api.problem("GET", INVOICES, None, 400, params={"provider": "stripe", "status": "paid"})["param"] == "status"
    four.api.ok("GET", INVOICES, params={"source": "gateway", "status": "paid"})


def test_an_invoice(four):
    made = four.api.ok("POST", "/v1/subscriptions", {"provider": "stripe", "customer_email": "ada@example.com",
                                                     "plan": {"name": "Monthly", "amount": 999, "currency": "USD", "interval": "month"}}, 201)
    [invoice] = four.api.ok("GET", INVOICES, params={"subscription": made["id"]})["data"]
    assert (invoice["amount"], invoice["currency"], invoice["subscription"]) == (999, "USD", made["id"])
    read = four.api.ok("GET", f"{INVOICES}/{invoice['id']}")
    assert (read["id"], read["number"]) == (invoice["id"], invoice["number"])
    four.api.problem("GET", f"{INVOICES}/inv_{'0' * 26}", None, 404)
