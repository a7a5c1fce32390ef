"""The record of every operation, with each change of its state."""


def test_a_payments_record_shows_its_way(api):
    payment = api.pay(1050, idempotency_key="record-1")
    record = api.transaction(payment["transaction_id"])
    assert (record["operation"], record["state"], record["resource"]) == ("payments.create", "succeeded", payment["id"])
    assert (record["amount"], record["currency"], record["provider"]) == (1050, "USD", "stripe")
    assert (record["attempts"], record["idempotency_key"], record["error"]) == (1, "record-1", None)
    assert record["finished_at"] and record["own_ms"] >= 0 and record["provider_ms"] > 0
    states = [t["to"] for t in record["transitions"]]
    assert (states[0], states[-1]) == ("intent", "succeeded")
    assert [t["from"] for t in record["transitions"]][1:] == states[:-1]


def test_a_declines_record_says_why(api):
    problem = api.pay(status=402, payment_method="pm_card_chargeDeclined")
    record = api.transaction(problem["transaction_id"])
    assert (record["state"], record["outcome"]) == ("failed", "declined")
    assert record["error"]["category"] == "card_declined"


def test_lists_the_newest_first_and_by_status(api):
    first = api.pay()["transaction_id"]
    second = api.pay(status=402, payment_method="pm_card_chargeDeclined")["transaction_id"]
    listed = [t["id"] for t in api.ok("GET", "/v1/transactions", params={"limit": 2})["data"]]
    assert listed == [second, first]
    failed = api.ok("GET", "/v1/transactions", params={"status": "failed", "limit": 1})["data"]
    assert [t["id"] for t in failed] == [second]


def test_unknown_transaction_is_a_404(api):
    api.problem("GET", f"/v1/transactions/txn_{'0' * 26}", None, 404)
