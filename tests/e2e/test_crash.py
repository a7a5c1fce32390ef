"""kill -9 at the worst moments: nothing promised is lost, nothing is charged twice."""
import pytest

from support.waiting import eventually, in_background

ORDERS = "/v1/payments/orders"
BODY = {"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}
RESOLVED_S = 60


def charges(simulator):
    return [entry for entry in simulator.entries() if entry["type"] in ("charge", "capture")]


@pytest.mark.parametrize("fault", [
    {"kind": "delay", "delay_ms": 1500}, {"kind": "slow_headers", "delay_ms": 1500},
], ids=["before the provider answers", "while the provider answers"])
def test_killed_between_intent_and_answer(fresh, fault):
    fresh.simulator.fault(prefix="/v1/payment_intents", **fault)
    client = in_background(lambda: fresh.api.post(ORDERS, BODY, idempotency_key="crash-1"))
    eventually(lambda: fresh.simulator.posts("/v1/payment_intents"), "the request is at the provider")
    fresh.gateway.kill()
    client.join(10)
    fresh.gateway.restart()

    def finished():
        listed = fresh.api.ok("GET", ORDERS)["data"]
        return listed and listed[0]["status"] == "succeeded" and listed
    [payment] = eventually(finished, "the payment is resolved after the restart", RESOLVED_S, 0.1)
    assert (payment["amount_captured"], payment["currency"]) == (1050, "USD")
    assert [c["amount"] for c in charges(fresh.simulator)] == [1050]
    again = fresh.api.post(ORDERS, BODY, idempotency_key="crash-1")
    assert again.status_code in (201, 202) and again.json()["id"] == payment["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len({s["idempotency_key"] for s in fresh.simulator.posts("/v1/payment_intents")}) == 1
    assert len(charges(fresh.simulator)) == 1


def test_killed_while_many_are_under_way(fresh):
    fresh.simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=800, times=30)
    clients = [in_background(lambda i=i: fresh.api.post(ORDERS, BODY, idempotency_key=f"many-{i}")) for i in range(30)]
    eventually(lambda: len(fresh.simulator.posts("/v1/payment_intents")) >= 15, "half of them are at the provider")
    fresh.gateway.kill()
    for client in clients:
        client.join(10)
    fresh.gateway.restart()
    final = {}

    def all_finished():
        for i in range(30):
            if i not in final:
                answer = fresh.api.post(ORDERS, BODY, idempotency_key=f"many-{i}")
                if answer.status_code in (201, 202) and fresh.api.payment(answer.json()["id"])["status"] == "succeeded":
                    final[i] = answer.json()["id"]
        return len(final) == 30
    eventually(all_finished, "all thirty are resolved", RESOLVED_S, 0.2)
    assert len(set(final.values())) == 30
    assert len(charges(fresh.simulator)) == 30
    assert fresh.api.ok("GET", "/v1/transactions", params={"limit": 100, "status": "unknown"})["data"] == []


def test_what_was_answered_is_there_after_a_crash(fresh):
    answers = {f"kept-{i}": fresh.api.post(ORDERS, BODY, idempotency_key=f"kept-{i}") for i in range(10)}
    fresh.gateway.kill()
    fresh.gateway.restart()
    for key, answer in answers.items():
        assert fresh.api.payment(answer.json()["id"]) == answer.json()
        again = fresh.api.post(ORDERS, BODY, idempotency_key=key)
        assert again.content == answer.content and again.headers["Idempotent-Replayed"] == "true"
    assert len(charges(fresh.simulator)) == 10


def test_unknown_outcomes_survive_restarts_while_the_provider_is_down(fresh):
    fresh.simulator.fault("drop_after", prefix="/v1/payment_intents")
    payment = fresh.api.post(ORDERS, BODY).json()
    fresh.simulator.stop()
    fresh.gateway.kill()
    fresh.gateway.restart()
    assert fresh.api.payment(payment["id"])["status"] == "processing"
    fresh.simulator.start()
    eventually(lambda: fresh.api.payment(payment["id"])["status"] == "succeeded", "resolved when the provider is back", RESOLVED_S, 0.1)
    assert len(charges(fresh.simulator)) == 1
