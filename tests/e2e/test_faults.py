"""A provider in trouble: what cannot be known is said to be unknown, then resolved; money moves at most once."""
import pytest

from support.client import new_key
from support.waiting import eventually

ORDERS = "/v1/payments/orders"
BODY = {"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}
RESOLVED_S = 60


def resolved(api, payment_id):
    return eventually(lambda: (p := api.payment(payment_id))["status"] != "processing" and p, "the outcome is found out", RESOLVED_S, 0.1)


def charges(simulator):
    return [entry for entry in simulator.entries() if entry["type"] in ("charge", "capture")]


@pytest.mark.parametrize("kind, more", [
    ("error_500_after", {"stored": "result"}), ("error_500_after", {"stored": "error"}),
    ("drop_after", {}), ("drop_after", {"reset": True}), ("drop_before", {}), ("truncate", {}),
], ids=["500 after, result kept", "500 after, error kept", "dropped after", "reset after", "dropped before", "truncated"])
def test_an_unclear_answer_is_processing_then_succeeded_once(api, simulator, kind, more):
    simulator.fault(kind, prefix="/v1/payment_intents", **more)
    key = new_key()
    first = api.post(ORDERS, BODY, idempotency_key=key)
    assert first.status_code == 202, first.text
    payment = first.json()
    assert (payment["status"], payment["amount"], payment["currency"]) == ("processing", 1050, "USD")
    final = resolved(api, payment["id"])
    assert (final["status"], final["amount_captured"]) == ("succeeded", 1050)
    [charge] = charges(simulator)
    assert charge["amount"] == 1050
    record = api.transaction(payment["transaction_id"])
    assert record["state"] == "succeeded"
    assert "unknown" in [t["to"] for t in record["transitions"]]
    again = api.post(ORDERS, BODY, idempotency_key=key)
    assert again.json()["id"] == payment["id"] and again.headers["Idempotent-Replayed"] == "true"
    assert len(charges(simulator)) == 1


def test_a_500_without_execution_is_found_out_too(api, simulator):
    simulator.fault("error_500_before", prefix="/v1/payment_intents")
    response = api.post(ORDERS, BODY)
    assert response.status_code == 202
    final = resolved(api, response.json()["id"])
    # Carried out by a later attempt, or proven never to have been: but what is said is what happened.
    assert (final["status"], final["amount_captured"], len(charges(simulator))) in [("succeeded", 1050, 1), ("failed", 0, 0)]


def test_an_error_that_its_key_replays_is_found_out_behind_newer_payments(api, simulator):
    simulator.fault("error_500_before", prefix="/v1/payment_intents", stored="error")
    response = api.post(ORDERS, BODY)
    assert response.status_code == 202
    newer = [api.pay()["id"] for _ in range(120)]  # more than a page of the provider's list
    final = resolved(api, response.json()["id"])
    assert (final["status"], final["amount_captured"], len(charges(simulator))) == ("failed", 0, len(newer))


def test_every_attempt_carries_the_same_provider_key(api, simulator):
    simulator.fault("drop_before", prefix="/v1/payment_intents", times=2)
    payment = api.post(ORDERS, BODY).json()
    resolved(api, payment["id"])
    seen = simulator.posts("/v1/payment_intents")
    assert len(seen) >= 2 and len({s["idempotency_key"] for s in seen}) == 1


@pytest.mark.parametrize("action, path, kind", [
    ("capture", "/capture", "drop_after"), ("capture", "/capture", "error_500_after"), ("refunds", "/v1/refunds", "drop_after"),
    ("refunds", "/v1/refunds", "truncate"), ("cancel", "/cancel", "drop_after"), ("confirm", "/confirm", "drop_after"),
])
def test_the_other_operations_are_resolved_too(api, simulator, action, path, kind):
    payment = api.pay(confirm=action != "confirm", capture_method="automatic" if action in ("refunds", "confirm") else "manual")
    simulator.fault(kind, suffix=path)
    response = api.post(f"{ORDERS}/{payment['id']}/{action}", {}, idempotency_key=new_key())
    assert response.status_code == 202 and response.json()["status"] == "processing", response.text
    body = response.json()
    if action == "refunds":
        refund = eventually(lambda: (r := api.ok("GET", f"/v1/payments/refunds/{body['id']}"))["status"] == "succeeded" and r,
                            "the refund is resolved", RESOLVED_S, 0.1)
        assert refund["amount"] == 1050
        assert api.payment(payment["id"])["amount_refunded"] == 1050
    else:
        final = resolved(api, payment["id"])
        assert final["status"] == ("canceled" if action == "cancel" else "succeeded")
    [movement] = simulator.movements()
    assert movement["captured"] == (0 if action == "cancel" else 1050)
    assert movement["refunded"] == (1050 if action == "refunds" else 0)
    assert movement["captures"] <= 1 and movement["refunds"] <= 1


def test_a_decline_found_out_late_is_a_failure_not_a_success(api, simulator):
    simulator.fault("drop_before", prefix="/v1/payment_intents")
    response = api.post(ORDERS, {**BODY, "payment_method": "pm_card_chargeDeclined"})
    assert response.status_code == 202
    final = resolved(api, response.json()["id"])
    assert final["status"] == "failed"
    assert final["failure"]["category"] == "card_declined"
    assert charges(simulator) == []


def test_a_rate_limited_provider_executed_nothing(api, simulator):
    simulator.fault("status_429", prefix="/v1/payment_intents", times=-1)
    problem = api.post(ORDERS, BODY, timeout=90)
    assert problem.status_code in (429, 503), problem.text
    assert problem.json()["outcome"] == "not_executed" and problem.json()["retryable"] is True
    assert int(problem.headers["Retry-After"]) >= 1
    assert simulator.entries() == []


def test_a_provider_that_is_down_charges_nothing(fresh):
    fresh.simulator.stop()
    response = fresh.api.post(ORDERS, BODY, idempotency_key="down-1", timeout=90)
    assert response.status_code in (502, 503), response.text
    problem = response.json()
    assert (problem["outcome"], problem["retryable"], problem["provider"]) == ("not_executed", True, "stripe")
    assert fresh.api.transaction(problem["transaction_id"])["state"] == "failed"
    fresh.simulator.start()
    assert fresh.simulator.entries() == []
    assert fresh.api.pay()["status"] == "succeeded"
    assert len(charges(fresh.simulator)) == 1


def test_reads_survive_a_provider_that_is_down(fresh):
    payment = fresh.api.pay()
    fresh.simulator.stop()
    assert fresh.api.payment(payment["id"]) == payment
    assert fresh.api.ok("GET", ORDERS)["data"][0]["id"] == payment["id"]
    problem = fresh.api.get("/v1/balance").json()
    assert problem["status"] in (502, 503) and problem["retryable"] is True


def test_a_slow_provider_does_not_hold_up_others(api, simulator):
    from concurrent.futures import ThreadPoolExecutor
    from time import monotonic
    simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=2000, times=20)
    with ThreadPoolExecutor(20) as pool:
        started = monotonic()
        slow = [pool.submit(lambda: api.pay()) for _ in range(20)]
        eventually(lambda: len(simulator.posts("/v1/payment_intents")) == 20, "twenty are under way", 10)
        answered = monotonic()
        api.ok("GET", ORDERS)
        assert monotonic() - answered < 1
        assert all(s.result()["status"] == "succeeded" for s in slow)
        assert monotonic() - started < 15
