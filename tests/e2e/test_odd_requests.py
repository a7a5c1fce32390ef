"""What a careless or hostile client sends: headers given twice, card numbers in odd places, values that may be misread as money."""
import http.client
import json
import socket
import uuid

import pytest

ORDERS = "/v1/payments/orders"
GOOD = {"amount": 1050, "currency": "USD"}
CARD = "4242424242424242"


def send(stack, headers, method="POST", path=ORDERS, body=GOOD):
    """Sends headers as a list of pairs, so that a name may come twice. Gives status, headers and problem or resource."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.gateway.port, timeout=30)
    data = b"" if body is None else json.dumps(body).encode()
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    if data:
        connection.putheader("Content-Length", str(len(data)))
    connection.endheaders(data or None)
    response = connection.getresponse()
    answer = response.read().decode()
    connection.close()
    return response, answer


def signed(stack, *more, json_type=True):
    typed = [("Content-Type", "application/json")] if json_type else []
    return [("Authorization", f"Bearer {stack.key}"), *typed, *more]


def test_a_key_given_twice_is_refused(stack, simulator):
    other = stack.gateway.key(stack.org)
    for twice in ([("Authorization", f"Bearer {stack.key}"), ("Authorization", f"Bearer {other}")],
                  [("X-Platform-Key", stack.key), ("x-platform-key", other)]):
        response, answer = send(stack, [*twice, ("Content-Type", "application/json")])
        assert response.status == 401 and twice[0][0] in json.loads(answer)["detail"]
    assert not simulator.requests()


def test_an_empty_platform_key_is_named(stack):
    response, answer = send(stack, signed(stack, ("X-Platform-Key", "")))
    assert response.status == 401 and "empty" in json.loads(answer)["detail"]


def test_two_idempotency_keys_are_refused(stack, simulator):
    response, answer = send(stack, signed(stack, ("Idempotency-Key", "a"), ("Idempotency-Key", "b")))
    assert response.status == 400 and json.loads(answer)["param"] == "Idempotency-Key"
    assert not simulator.requests()


def test_two_content_types_and_an_encoded_body_are_refused(stack):
    for more in ([("Content-Type", "text/plain")], [("Content-Encoding", "gzip")]):
        response, answer = send(stack, signed(stack, *more))
        assert response.status == 415 and json.loads(answer)["param"] == more[0][0]


def test_a_card_number_is_no_idempotency_key(stack, api, simulator):
    for key in (CARD, "4242-4242-4242-4242", f'"{CARD}"'):
        problem = api.problem("POST", ORDERS, GOOD, 422, idempotency_key=key)
        assert (problem["code"], problem["param"]) == ("card_number_refused", "Idempotency-Key")
    assert not simulator.requests()
    stored = b"".join(file.read_bytes() for file in stack.directory.glob("unigate.db*"))
    assert CARD.encode() not in stored


def test_a_uuid_of_digits_is_an_idempotency_key(api):
    for key in ("42424242-4242-4242-8716-446655440000", "order-42424242-4242-4242-8716-446655440000"):
        uuid.UUID(key[-36:])
        assert api.ok("POST", ORDERS, {**GOOD, "reference": key}, 201, idempotency_key=key)["reference"] == key


@pytest.mark.parametrize("path, status", [
    (f"{ORDERS}?{CARD}=1", 422), (f"{ORDERS}?metadata[{CARD}]=1", 422), (f"{ORDERS}?metadata[{CARD}]=", 422), (f"/health?{CARD}=1", 422),
    (f"{ORDERS}/{CARD}", 422), (f"/v1/providers/{CARD}/capabilities", 422), (f"/{CARD}", 422),
])
def test_a_card_number_in_the_url_is_not_repeated(stack, path, status):
    response, answer = send(stack, signed(stack, json_type=False), "GET", path, None)
    assert response.status == status and CARD not in answer
    assert CARD not in stack.gateway.log()


@pytest.mark.parametrize("data", [f'{{"{CARD}":1,"{CARD}":2}}', f'{{"amount":{CARD}.5,"currency":"USD"}}', f'{{"amount":1,"currency":"USD","{CARD}":1}}'])
def test_a_card_number_in_a_faulty_body_is_not_repeated(stack, api, data):
    response = api.request("POST", ORDERS, data=data.encode())
    assert response.status_code in (400, 422) and CARD not in response.text
    assert CARD not in stack.gateway.log()


def test_a_card_number_is_no_request_id_and_no_method(stack, api):
    kept = api.get("/health", headers={"X-Request-Id": CARD}).headers["X-Request-Id"]
    assert kept.startswith("req_") and CARD not in kept
    response, answer = send(stack, [], CARD, "/health", None)
    assert response.status == 405 and CARD not in answer
    assert CARD not in stack.gateway.log()


def test_a_duplicate_member_is_named_without_a_false_place(api):
    problem = api.problem("POST", ORDERS, None, 400, data=b'{"amount":1,"amount":2,"currency":"USD"}')
    assert '"amount"' in problem["detail"] and "byte" not in problem["detail"]


def test_whole_numbers_in_quotes_are_not_multiplied(api):
    """1050 in quotes is probably minor units already; telling 105000 would charge a hundredfold."""
    detail = api.problem("POST", ORDERS, {"amount": "1050", "currency": "USD"}, 400)["detail"]
    assert "105000" not in detail and "quotes" in detail


@pytest.mark.parametrize("route", ["capture", "refunds"])
def test_a_null_amount_does_not_pass_for_all_of_it(api, simulator, route):
    payment = api.pay(capture_method="manual") if route == "capture" else api.pay()
    before = len(simulator.requests())
    problem = api.problem("POST", f"{ORDERS}/{payment['id']}/{route}", {"amount": None}, 400)
    assert problem["param"] == "amount" and "null" in problem["detail"]
    assert len(simulator.requests()) == before


def test_nothing_was_made_before_the_epoch(api):
    api.pay()
    assert api.ok("GET", ORDERS, params={"created[lt]": "1970-01-01T00:00:00Z"})["data"] == []


@pytest.mark.parametrize("name", ["metadata[]", "metadata[k][x]", "metadata", "metadata[k"])
def test_a_misspelt_metadata_filter_says_how_it_is_written(api, name):
    assert "metadata[key]" in api.problem("GET", ORDERS, None, 400, params={name: "v"})["detail"]


def test_head_is_allowed_wherever_get_is(stack, api):
    assert api.request("DELETE", "/health").headers["Allow"] == "GET, HEAD"
    response, answer = send(stack, [], "HEAD", "/health", None)
    assert response.status == 200 and answer == ""


@pytest.mark.parametrize("data, status, word", [
    (b"GET /health HTTP/1.1\r\n\r\n", 400, "Host"), (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "8192"),
    (b"POST /v1/payments/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", 413, "1048576"),
])
def test_what_the_edge_refuses_has_an_id_and_a_limit(stack, data, status, word):
    with socket.create_connection(("127.0.0.1", stack.gateway.port), timeout=30) as connection:
        connection.sendall(data)
        response = http.client.HTTPResponse(connection)
        response.begin()
        problem = json.loads(response.read())
    assert response.status == status and word in problem["detail"]
    assert problem["request_id"] == response.headers["X-Request-Id"] and problem["request_id"].startswith("req_")
