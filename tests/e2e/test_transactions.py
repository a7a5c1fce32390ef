"""The record of every operation, with each attempt and each change of its state."""
import pytest

from support.waiting import eventually


def test_a_payments_record_shows_its_way(api):
    payment = api.pay(1050, idempotency_key="record-1")
    record = api.transaction(payment["transaction_id"])
    assert (record["operation"], record["state"], record["resource"]) == ("payments.create", "succeeded", payment["id"])
    assert (record["amount"], record["currency"], record["provider"]) == (1050, "USD", "stripe")
    assert (record["attempt_count"], record["idempotency_key"], record["error"]) == (1, "record-1", None)
    assert record["finished_at"] and record["own_ms"] >= 0 and record["provider_ms"] > 0
    states = [t["to"] for t in record["transitions"]]
    assert (states[0], states[-1]) == ("intent", "succeeded")
    assert [t["from"] for t in record["transitions"]][1:] == states[:-1]
    assert {t["actor"][:4] for t in record["transitions"]} == {"wrk_"}
    [attempt] = record["attempts"]
    assert (attempt["number"], attempt["action"], attempt["outcome"]) == (1, "execute", "done")
    assert attempt["started_at"] <= attempt["ended_at"] and attempt["provider_request_id"].startswith("req_")
    assert (attempt["own_ms"], attempt["provider_ms"]) == pytest.approx((record["own_ms"], record["provider_ms"]), abs=5)
    assert record["why"] == attempt["reason"] == "the provider did it"
    assert (record["recovery"]["mode"], record["recovery"]["next_at"], record["escalated"]) == ("native", None, None)
    assert record["recovery"]["window_seconds"] == 86_400


def test_every_attempt_is_shown_with_its_own_times(api, simulator):
    simulator.fault("drop_after", prefix="/v1/payment_intents")
    response = api.post("/v1/payments/orders", {"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"})
    assert response.status_code == 202
    transaction_id = response.json()["transaction_id"]
    record = eventually(lambda: (r := api.transaction(transaction_id))["state"] == "succeeded" and r, "it is found out", 60, 0.1)
    first, *_, last = record["attempts"]
    assert (first["number"], first["action"], first["outcome"]) == (1, "execute", "unknown")
    assert (last["action"], last["outcome"]) == ("resend", "done")
    assert [a["number"] for a in record["attempts"]] == list(range(1, record["attempt_count"] + 1))
    assert first["ended_at"] <= last["started_at"] and last["provider_ms"] > 0


def test_a_declines_record_says_why(api):
    problem = api.pay(status=402, payment_method="pm_card_chargeDeclined")
    record = api.transaction(problem["transaction_id"])
    assert (record["state"], record["outcome"]) == ("failed", "declined")
    assert record["error"]["category"] == "card_declined"
    assert record["why"].startswith("the provider declined: ")
    assert [a["outcome"] for a in record["attempts"]] == ["declined"]


def test_lists_the_newest_first_and_by_status(api):
    first = api.pay()["transaction_id"]
    second = api.pay(status=402, payment_method="pm_card_chargeDeclined")["transaction_id"]
    listed = [t["id"] for t in api.ok("GET", "/v1/transactions", params={"limit": 2})["data"]]
    assert listed == [second, first]
    failed = api.ok("GET", "/v1/transactions", params={"status": "failed", "limit": 1})["data"]
    assert [t["id"] for t in failed] == [second]


def test_unknown_transaction_is_a_404(api):
    api.problem("GET", f"/v1/transactions/txn_{'0' * 26}", None, 404)
