"""The edge: headers, ids, traces, service routes, and requests that are no HTTP."""
import json
import re
import socket

import pytest
import requests

from support.processes import wait_closed

ORDERS = "/v1/payments/orders"


def raw(stack, data, timeout_s=15):
    """Sends bytes and reads until the gateway closes; the status of the first answer and all that came."""
    with socket.create_connection(("127.0.0.1", stack.gateway.port), timeout=10) as connection:
        connection.sendall(data)
        received = wait_closed(connection, timeout_s)
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", received)
    return (int(match[1]) if match else None), received


def test_request_ids_are_kept_or_made(api):
    kept = api.get(ORDERS, headers={"X-Request-Id": "checkout-42_a.b"})
    assert kept.headers["X-Request-Id"] == "checkout-42_a.b"
    made = {api.get(ORDERS, headers={"X-Request-Id": bad}).headers["X-Request-Id"] for bad in ("x" * 65, "a b", "<script>")}
    assert len(made) == 3 and all(re.fullmatch(r"[A-Za-z0-9._-]{1,64}", each) for each in made)
    problem = api.get("/v1/nothing", headers={"X-Request-Id": "lost-1"}).json()
    assert problem["request_id"] == "lost-1"


def test_traces_are_continued_in_the_log(stack, api):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    api.get(ORDERS, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "X-Request-Id": "traced-1"})
    api.get(ORDERS, headers={"traceparent": "00-nonsense", "X-Request-Id": "traced-2"})
    def lines(request_id):
        return [line for line in stack.gateway.log().splitlines() if request_id in line]
    assert any(trace in line for line in lines("traced-1"))
    assert lines("traced-2") and not any("nonsense" in line for line in lines("traced-2"))


def test_every_log_line_is_json(stack, api):
    api.pay()
    lines = [line for line in stack.gateway.log().splitlines() if not line.startswith("unigate ")]  # that one is for people
    assert lines and all(isinstance(json.loads(line), dict) for line in lines)


def test_rate_limit_headers_count_down(api):
    first, second = api.get(ORDERS), api.get(ORDERS)
    assert re.fullmatch(r'"default";q=\d+;w=60', first.headers["RateLimit-Policy"])
    left = [int(re.search(r"r=(\d+)", r.headers["RateLimit"])[1]) for r in (first, second)]
    assert left[0] >= left[1] > 0


def test_service_routes_need_no_key(stack):
    anonymous = stack.client(None)
    assert anonymous.ok("GET", "/health")["status"] == "ok"
    assert anonymous.ok("GET", "/ready")["status"] == "ready"
    assert anonymous.get("/docs").status_code == 200


def test_openapi_json_is_the_contract(stack, contract):
    served = stack.client(None).ok("GET", "/openapi.json")
    assert served == json.loads(json.dumps(contract.document))


def test_unknown_paths_and_methods(api):
    assert api.get("/v2/payments").json()["code"]
    response = api.request("DELETE", ORDERS)
    assert response.status_code == 405
    assert {m.strip() for m in response.headers["Allow"].split(",")} in ({"GET", "POST"}, {"GET", "HEAD", "POST"})


def test_metrics_count_requests_on_their_own_listener(stack, api):
    api.pay()
    assert api.get("/metrics").status_code == 404
    text = requests.get(stack.gateway.metrics_url, timeout=5).text
    assert re.search(r'\{[^}]*route="[^"]*/v1/payments/orders"[^}]*status="201"[^}]*\} [1-9]', text) or \
        re.search(r'\{[^}]*status="201"[^}]*route="[^"]*/v1/payments/orders"[^}]*\} [1-9]', text), text[:3000]


def test_connections_are_kept_alive_and_pipelined_answers_come_in_order(stack):
    with socket.create_connection(("127.0.0.1", stack.gateway.port), timeout=10) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: one\r\n\r\nGET /ready HTTP/1.1\r\nHost: x\r\nX-Request-Id: two\r\nConnection: close\r\n\r\n")
        received = wait_closed(connection)
    assert re.findall(rb"X-Request-Id: (\w+)", received) == [b"one", b"two"]


def test_expect_100_continue(stack):
    with socket.create_connection(("127.0.0.1", stack.gateway.port), timeout=10) as connection:
        connection.sendall(b"POST /v1/payments/orders HTTP/1.1\r\nHost: x\r\nX-Platform-Key: " + stack.key.encode() +
                           b"\r\nContent-Type: application/json\r\nContent-Length: 32\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b'{"amount":1050,"currency":"USD"}')
        assert wait_closed(connection).startswith(b"HTTP/1.1 201 ")


def test_a_chunked_body_is_read(stack):
    status, _ = raw(stack, b"POST /v1/payments/orders HTTP/1.1\r\nHost: x\r\nX-Platform-Key: " + stack.key.encode() +
                    b"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                    b'10\r\n{"amount":1050,"\r\n10\r\ncurrency":"USD"}\r\n0\r\n\r\n')
    assert status == 201


REQUEST = b"POST /v1/payments/orders HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s"


@pytest.mark.parametrize("data, wanted", [
    (REQUEST % (b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"), 400),
    (REQUEST % (b"Content-Length: 5\r\nContent-Length: 5", b"hello"), 400),
    (REQUEST % (b"Content-Length: +5", b"hello"), 400),
    (REQUEST % (b"Content-Length: 5, 5", b"hello"), 400),
    (REQUEST % (b"Content-Length: 0x5", b"hello"), 400),
    (REQUEST % (b"Transfer-Encoding: gzip, chunked", b"0\r\n\r\n"), 400),
    (REQUEST % (b"Transfer-Encoding: chunked", b"zz\r\nhello\r\n0\r\n\r\n"), 400),
    (b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\nHost: x\n\n", 400),
    (b"GET /health HTTP/3.0\r\nHost: x\r\n\r\n", 400),
    (b"G@T /health HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    (b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"".join(b"A%d: b\r\n" % i for i in range(120)) + b"\r\n", 431),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 20000 + b"\r\n\r\n", 431),
    (REQUEST % (b"Content-Length: 1048577", b""), 413),
])
def test_what_is_no_http_is_refused_and_closed(stack, data, wanted):
    status, received = raw(stack, data)
    assert status == wanted, received[:300]
    assert len(re.findall(rb"^HTTP/1\.1 \d", received, re.MULTILINE)) == 1
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == wanted
