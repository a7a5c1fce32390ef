"""One key, at most one movement of money; whoever asks again gets the same bytes."""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from support.client import new_key
from support.waiting import eventually

ORDERS = "/v1/payments/orders"
BODY = {"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}


def test_replays_the_same_bytes(api, simulator):
    key = new_key()
    first = api.post(ORDERS, BODY, idempotency_key=key)
    again = api.post(ORDERS, BODY, idempotency_key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert len(simulator.posts("/v1/payment_intents")) == 1
    assert [m["captured"] for m in simulator.movements()] == [1050]


def test_order_and_spaces_of_the_body_do_not_matter(api, simulator):
    key = new_key()
    first = api.request("POST", ORDERS, data=b'{"amount": 1050, "currency": "USD"}', idempotency_key=key)
    again = api.request("POST", ORDERS, data=b'{"currency":"USD","amount":1050}', idempotency_key=key)
    assert first.content == again.content and again.headers["Idempotent-Replayed"] == "true"


def test_bare_and_quoted_keys_are_one(api):
    key = new_key()
    first = api.post(ORDERS, BODY, idempotency_key=key)
    again = api.post(ORDERS, BODY, idempotency_key=f'"{key}"')
    assert first.content == again.content and again.headers["Idempotent-Replayed"] == "true"


def test_replay_outlives_later_changes_of_the_payment(api):
    key = new_key()
    first = api.post(ORDERS, BODY, idempotency_key=key)
    api.ok("POST", f"{ORDERS}/{first.json()['id']}/refunds", {"amount": 50}, 201)
    assert api.post(ORDERS, BODY, idempotency_key=key).content == first.content


def test_another_amount_under_the_same_key_is_a_422(api, simulator):
    key = new_key()
    api.pay(idempotency_key=key)
    problem = api.problem("POST", ORDERS, {**BODY, "amount": 2000}, 422, idempotency_key=key)
    assert problem["retryable"] is False and "key" in problem["detail"].lower()
    assert len(simulator.posts("/v1/payment_intents")) == 1


def test_another_route_under_the_same_key_is_a_422(api):
    key = new_key()
    payment = api.pay(idempotency_key=key)
    api.problem("POST", f"{ORDERS}/{payment['id']}/refunds", {"amount": 1}, 422, idempotency_key=key)


def test_a_decline_is_replayed_too(api, simulator):
    key = new_key()
    body = {**BODY, "payment_method": "pm_card_chargeDeclined"}
    first = api.post(ORDERS, body, idempotency_key=key)
    again = api.post(ORDERS, body, idempotency_key=key)
    assert first.status_code == again.status_code == 402
    assert first.content == again.content and again.headers["Idempotent-Replayed"] == "true"
    assert len(simulator.posts("/v1/payment_intents")) == 1


def test_a_refused_request_does_not_use_up_its_key(api):
    key = new_key()
    api.problem("POST", ORDERS, {**BODY, "amount": 10.5}, 400, idempotency_key=key)
    assert api.post(ORDERS, BODY, idempotency_key=key).status_code == 201


def test_without_a_key_each_request_is_its_own(api, simulator):
    ids = {api.post(ORDERS, BODY).json()["id"] for _ in range(2)}
    assert len(ids) == 2
    assert [m["captured"] for m in simulator.movements()] == [1050, 1050]


def test_keys_belong_to_one_organisation(stack, simulator):
    key = new_key()
    mine = stack.api.post(ORDERS, BODY, idempotency_key=key)
    theirs = stack.newcomer().post(ORDERS, BODY, idempotency_key=key)
    assert theirs.status_code == 201 and "Idempotent-Replayed" not in theirs.headers
    assert mine.json()["id"] != theirs.json()["id"]


def test_fifty_at_once_move_money_once(api, simulator):
    key, start = new_key(), Barrier(50)

    def post():
        start.wait()
        return api.post(ORDERS, BODY, idempotency_key=key)

    with ThreadPoolExecutor(50) as pool:
        answers = [future.result() for future in [pool.submit(post) for _ in range(50)]]
    done = [a for a in answers if a.status_code == 201]
    assert done and {a.status_code for a in answers} <= {201, 409}
    assert len({a.content for a in done}) == 1
    assert all(int(a.headers["Retry-After"]) >= 1 for a in answers if a.status_code == 409)
    assert [m["captured"] for m in simulator.movements()] == [1050]
    assert len(simulator.posts("/v1/payment_intents")) == 1


def test_in_flight_is_a_409_and_then_the_answer(api, simulator):
    key = new_key()
    simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=1500)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: api.post(ORDERS, BODY, idempotency_key=key))
        eventually(lambda: simulator.posts("/v1/payment_intents"), "the provider has the first request")
        problem = api.post(ORDERS, BODY, idempotency_key=key)
        assert problem.status_code == 409 and problem.json()["retryable"] is True
        assert int(problem.headers["Retry-After"]) >= 1
        assert api.problem("POST", ORDERS, {**BODY, "amount": 1}, 422, idempotency_key=key)
        assert first.result().status_code == 201
    assert api.post(ORDERS, BODY, idempotency_key=key).content == first.result().content


@pytest.mark.parametrize("key", ["x" * 256, "with space", '"unclosed', ""])
def test_malformed_keys_are_refused(api, simulator, key):
    problem = api.problem("POST", ORDERS, BODY, 400, idempotency_key=key)
    assert "idempotency-key" in (problem.get("param", "") + problem["detail"]).lower()
    assert simulator.posts("/v1/payment_intents") == []


def test_the_longest_key_is_accepted(api):
    assert api.post(ORDERS, BODY, idempotency_key="k" * 215 + new_key()).status_code == 201


def test_the_providers_key_is_never_the_clients(api, simulator):
    key = new_key()
    api.pay(idempotency_key=key)
    [seen] = simulator.posts("/v1/payment_intents")
    assert seen["idempotency_key"] and key not in seen["idempotency_key"]
    assert 10 <= len(seen["idempotency_key"]) <= 36
