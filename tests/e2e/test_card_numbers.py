"""No card number comes in, whatever the route, the place and the spelling; nothing that looks alike is refused."""
import uuid
from urllib.parse import quote

import pytest
import requests
import yaml

from support.paths import OPENAPI

CARD = "4242424242424242"
WIDE = "".join(chr(0xFF10 + int(c)) for c in CARD)
SPELLED = ["4242 4242 4242 4242", "4242-4242-4242-4242", "4242.4242.4242.4242", "4242\u00a04242\u20094242\u202f4242", WIDE,
           "".join(chr(0x0660 + int(c)) for c in CARD), "4242\u200b4242\u200b4242\u200b4242", "card 4242424242424242, thanks",
           '{"number": "4242424242424242"}', "3782 822463 10005", "6200000000000005", "4242%204242%204242%204242"]
ORDERS = "/v1/payments/orders"


def routes():
    document = yaml.safe_load(OPENAPI.read_text())
    return [(method.upper(), path) for path, item in document["paths"].items() for method in item if method in ("get", "post", "put", "patch", "delete")]


@pytest.mark.parametrize("method, path", routes())
def test_every_route_refuses_a_card_number_in_path_query_header_and_body(stack, method, path):
    session = requests.Session()

    def send(target, **options):
        return session.request(method, stack.gateway.url + target, timeout=30, allow_redirects=False, headers={
            "Authorization": f"Bearer {stack.key}", **options.pop("headers", {})}, **options)
    plain = "/".join("x" if part.startswith("{") else part for part in path.split("/"))
    asked = [send(plain, headers={"Idempotency-Key": CARD}), send(plain, headers={"X-Customer": "4242 4242 4242 4242"}),
             send(f"{plain}/{CARD}")]
    if "{" in path:
        asked.append(send("/".join(CARD if part.startswith("{") else part for part in path.split("/"))))
    for answer in asked:
        assert answer.status_code == 422 and answer.json()["code"] == "card_number_refused", answer.text
        assert CARD not in answer.text and "4242 4242 4242 4242" not in answer.text
    query = send(f"{plain}?note={CARD}")
    assert query.status_code in (401, 403, 404, 422) and CARD not in query.text
    if method in ("POST", "PUT", "PATCH"):
        body = send(plain, json={"note": {"deep": ["x", "4242 4242 4242 4242"]}})
        # Where there is no body, or no such provider, that is said first.
        assert body.status_code in (400, 401, 403, 404, 422) and "4242 4242 4242 4242" not in body.text


@pytest.mark.parametrize("spelled", SPELLED)
def test_every_spelling_is_refused(stack, api, simulator, spelled):
    body = {"amount": 1050, "currency": "USD"}
    for more in ({"description": spelled}, {"metadata": {"note": spelled}}, {"metadata": {spelled[:40]: "x"}}, {"reference": spelled}):
        answer = api.request("POST", ORDERS, body={**body, **more})
        assert answer.status_code == 422 and answer.json()["code"] == "card_number_refused", (more, answer.text)
        assert spelled not in answer.text
    assert not simulator.requests()
    assert spelled not in stack.gateway.log()


@pytest.mark.parametrize("path, options", [
    ("v1/tokens", {"data": "card[number]=4242+4242+4242+4242"}), ("v1/tokens", {"data": f"note={quote(WIDE)}"}),
    ("v1/tokens", {"data": "card[number]=9999999999999995"}), ("v1/tokens", {"json": {"card": {"number": 9999999999999995}}}),
    ("v1/tokens", {"json": {"a": [{"b": "\\u0034242424242424242"}]}}), (f"v1/x/{CARD}", {"data": "a=1"}), ("v1/x", {"headers": {"X-Note": CARD}, "data": "a=1"}),
])
def test_the_pass_through_refuses_them_too(stack, simulator, path, options):
    headers = {"Authorization": f"Bearer {stack.key}", "Content-Type": "application/x-www-form-urlencoded", **options.pop("headers", {})}
    if "json" in options:
        headers.pop("Content-Type")
    answer = requests.post(f"{stack.gateway.url}/v1/passthrough/stripe/{path}", headers=headers, timeout=30, **options)
    assert answer.status_code == 422 and answer.json()["code"] == "card_number_refused", answer.text
    assert not simulator.requests()


def test_what_only_looks_alike_is_taken(api):
    for value in ("1790000000123456", "+49 171 12345678", str(uuid.uuid4()), "304-1234567-1234567", "DE89 3704 0044 0532 0130 00",
                  "20261121031456123", "1Z999AA10123456784", "4242424242424241"):
        api.ok("POST", ORDERS, {"amount": 1050, "currency": "USD", "reference": value, "metadata": {"order": value}}, 201)

