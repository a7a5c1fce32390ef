"""Money to others."""
import pytest

from support.resources import cannot, found_out, listed, make, wrong
from support.waiting import eventually

PATH = "/v1/payouts"
VPA = {"provider": "razorpay", "amount": 2500, "currency": "INR", "mode": "UPI", "purpose": "payout",
       "destination": {"type": "vpa", "vpa": "ada@exampleupi", "name": "Ada"}}
BANK = {"provider": "razorpay", "amount": 150000, "currency": "INR", "mode": "IMPS", "purpose": "payout", "reference": "payout-7",
        "destination": {"type": "bank_account", "name": "Ada Lovelace", "account_number": "765432123456789", "ifsc": "HDFC0000053"}}
EMAIL = {"provider": "paypal", "amount": 2000, "currency": "USD", "destination": {"type": "email", "email": "ada@example.com"}}


def test_to_a_bank_account(four_apart):
    payout = make(four_apart.api, PATH, BANK, "payouts.create")
    assert (payout["amount"], payout["currency"], payout["mode"], payout["reference"]) == (150000, "INR", "IMPS", "payout-7")
    assert payout["destination"]["type"] == "bank_account" and payout["destination"]["account_number"].endswith("6789")
    assert "765432123456789" not in str(payout)
    assert payout["id"] in listed(four_apart.api, PATH, reference="payout-7")
    four_apart.simulator.advance(3600, "razorpay")
    sent = eventually(lambda: (p := four_apart.api.ok("GET", f"{PATH}/{payout['id']}"))["status"] == "succeeded" and p, "it has arrived", 20)
    assert sent["bank_reference"]


@pytest.mark.parametrize("body", [VPA, EMAIL], ids=["UPI", "e-mail"])
def test_to_an_address(four, body):
    payout = make(four.api, PATH, body, "payouts.create")
    assert (payout["amount"], payout["currency"]) == (body["amount"], body["currency"])
    assert payout["status"] in ("pending", "processing", "succeeded")
    record = four.api.transaction(payout["transaction_id"])
    assert (record["amount"], record["currency"]) == (body["amount"], body["currency"])


def test_account_numbers_are_nowhere_kept(four):
    make(four.api, PATH, {**BANK, "destination": {**BANK["destination"], "account_number": "98765000012345"}}, "payouts.create")
    assert "98765000012345" not in four.gateway.log()


def test_more_than_there_is(four):
    problem = four.api.problem("POST", PATH, {"provider": "stripe", "amount": 99999999, "currency": "USD", "destination": {"type": "provider_account"}}, 402)
    assert problem["outcome"] == "declined" and problem["code"] == "insufficient_funds"


def test_who_cannot(four):
    cannot(four.api, PATH, {k: v for k, v in EMAIL.items() if k != "provider"}, "twilio", ["paypal", "razorpay", "stripe"])


@pytest.mark.parametrize("change, param", [
    ({"amount": 20.5}, "amount"), ({"destination": None}, "destination"), ({"destination": {"type": "pigeon"}}, "destination.type"),
    ({"destination": {"type": "bank_account"}}, "destination.account_number"), ({"destination": {"type": "vpa"}}, "destination.vpa"),
    ({"destination": {"type": "email", "email": "ada"}}, "destination.email"), ({"destination": {"type": "phone", "phone": "0123"}}, "destination.phone"),
    ({"destination": {"type": "email", "email": "a@b.c", "iban": "x"}}, "destination.iban"), ({"reference": ""}, "reference"),
])
def test_wrong_fields_are_named(four, change, param):
    body = {**EMAIL, **change}
    wrong(four.api, PATH, {k: v for k, v in body.items() if v is not None}, param)


@pytest.mark.parametrize("body, prefix", [(BANK, "/v1/payouts"), (EMAIL, "/v1/payments/payouts")], ids=["razorpay", "paypal"])
def test_a_lost_answer_is_found_out_and_money_moves_once(four, body, prefix):
    before = len(listed(four.api, PATH, source="provider", provider="razorpay")) if body is BANK else None
    payout = found_out(four, PATH, {**body, "reference": f"lost-{body['provider']}"}, body["provider"], prefix)
    assert four.api.ok("GET", f"{PATH}/{payout['id']}")["provider_id"]
    if before is not None:
        assert len(listed(four.api, PATH, source="provider", provider="razorpay")) == before + 1
