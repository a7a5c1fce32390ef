"""Every field check: refused with the field's name and the remedy, before anything reaches the provider."""
import pytest

from support.client import new_key

ORDERS = "/v1/payments/orders"
GOOD = {"amount": 1050, "currency": "USD"}


@pytest.mark.parametrize("amount, currency, hint", [
    (10.5, "USD", "1050"), (0.01, "EUR", "1"), (12.345, "KWD", "12345"), (10.0, "USD", "1000"), ("10.50", "USD", "1050"),
])
def test_a_decimal_amount_names_the_right_integer(api, amount, currency, hint):
    problem = api.problem("POST", ORDERS, {"amount": amount, "currency": currency}, 400)
    assert problem["param"] == "amount" and hint in problem["detail"].split()[-1] + problem["detail"]
    assert "minor units" in problem["detail"]


def test_ten_and_a_half_dollars_is_1050(api):
    problem = api.problem("POST", ORDERS, {"amount": 10.5, "currency": "USD"}, 400)
    assert "1050" in problem["detail"] and problem["param"] == "amount"


@pytest.mark.parametrize("field, value", [
    ("amount", 0), ("amount", -5), ("amount", 100_000_000_000), ("amount", True), ("amount", None), ("amount", []),
    ("currency", "US"), ("currency", "USDX"), ("currency", "XXX"), ("currency", "ZZZ"), ("currency", 840), ("currency", ""),
    ("provider", 5), ("provider", ""), ("connection", "cable"), ("capture_method", "later"), ("confirm", "yes"), ("confirm", 1),
    ("payment_method", ""), ("payment_method", "p" * 256), ("payment_method", {}), ("customer", ""), ("customer", "c" * 65),
    ("customer_email", "not an address"), ("customer_email", "a" * 250 + "@x.io"), ("customer_name", "n" * 257),
    ("customer_phone", "555-0006"), ("customer_phone", "+0123456789"),
    ("description", "d" * 1001), ("reference", ""), ("reference", "r" * 201), ("reference", "a\u0000b"),
    ("return_url", "shop.example.com"), ("return_url", "javascript:alert(1)"), ("return_url", "ftp://example.com/"),
    ("return_url", "https://example.com/" + "u" * 2048), ("return_url", "https://example.com/a b"),
    ("statement_descriptor", "s" * 23), ("metadata", "text"), ("metadata", []), ("metadata", {f"k{i}": "v" for i in range(51)}),
])
def test_each_field_is_checked_and_named(stack, api, field, value):
    before = len(stack.simulator.requests())
    problem = api.problem("POST", ORDERS, {**GOOD, field: value}, 400)
    assert problem["param"] == field
    assert field in problem["detail"]
    assert len(stack.simulator.requests()) == before


@pytest.mark.parametrize("metadata, param", [
    ({"": "v"}, "metadata."), ({"k" * 41: "v"}, "metadata."), ({"k": "v" * 501}, "metadata.k"), ({"k": 1}, "metadata.k"),
    ({"k": None}, "metadata.k"), ({"k": {"deep": "er"}}, "metadata.k"), ({"k[0]": "v"}, "metadata."),
])
def test_metadata_is_checked_key_by_key(api, metadata, param):
    assert api.problem("POST", ORDERS, {**GOOD, "metadata": metadata}, 400)["param"].startswith(param)


def test_the_largest_of_everything_is_accepted(api):
    payment = api.ok("POST", ORDERS, {
        "amount": 99_999_999, "currency": "usd", "description": "d" * 1000, "reference": "r" * 200, "customer_name": "n" * 256,
        "return_url": "https://example.com/" + "u" * 2028, "statement_descriptor": "s" * 22,
        "metadata": {f"{i:040}": "v" * 500 for i in range(40)}}, 201)
    assert len(payment["metadata"]) == 40


def test_texts_are_counted_in_characters_and_come_back_whole(api):
    text = "naïve café 日本語 🎉 " * 50
    payment = api.ok("POST", ORDERS, {**GOOD, "description": text.strip(), "metadata": {"名": "値"}}, 201)
    assert payment["description"] == text.strip() and payment["metadata"] == {"名": "値"}


@pytest.mark.parametrize("path, body, param", [
    (ORDERS, {"currency": "USD"}, "amount"), (ORDERS, {"amount": 1}, "currency"), ("/v1/payments/refunds", {}, "payment"),
])
def test_missing_fields_are_named(api, path, body, param):
    assert api.problem("POST", path, body, 400)["param"] == param


@pytest.mark.parametrize("path, body, param, near", [
    (ORDERS, {**GOOD, "curency": "USD"}, "curency", "currency"), (ORDERS, {**GOOD, "descripton": "x"}, "descripton", "description"),
    ("/v1/customers", {"e_mail": "a@b.io"}, "e_mail", "email"), ("/v1/payments/refunds", {"payment": "pay_1", "amout": 1}, "amout", "amount"),
])
def test_unknown_fields_are_refused_with_a_suggestion(api, path, body, param, near):
    problem = api.problem("POST", path, body, 400)
    assert problem["param"] == param and near in problem["detail"]


def test_all_faults_come_at_once(api):
    problem = api.problem("POST", ORDERS, {"amount": -1, "currency": "?", "confirm": "no"}, 400)
    assert {"amount", "currency", "confirm"} == {fault["param"] for fault in problem["errors"]}


@pytest.mark.parametrize("data", [
    b"", b"{", b"[]", b'"text"', b"5", b"null", b"{}x", b'{"amount":1050,"amount":1,"currency":"USD"}', b'{"amount":NaN,"currency":"USD"}',
    b'{"amount":1e3,"currency":"USD"}', b'{"amount":9223372036854775808,"currency":"USD"}', b"{'amount':1}", b'{"amount":1,}', b'\xef\xbb\xbf{"amount":1}',
    b'{"amount":1050,"currency":"USD","description":"\xff\xfe"}', b'{"amount":1050,"currency":"USD","description":"\\ud800"}', b'{"a":' * 100 + b"1" + b"}" * 100,
    b'{"amount":1050,"currency":"USD"}\n{"amount":1050,"currency":"USD"}', b'{"amount":01050,"currency":"USD"}', b'{"amount":+1050,"currency":"USD"}',
])
def test_malformed_json_is_a_400(stack, api, data):
    before = len(stack.simulator.requests())
    api.problem("POST", ORDERS, None, 400, data=data)
    assert len(stack.simulator.requests()) == before


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data; boundary=x"])
def test_other_content_types_are_a_415(api, content_type):
    problem = api.problem("POST", ORDERS, None, 415, data=b'{"amount":1050,"currency":"USD"}', headers={"Content-Type": content_type})
    assert "application/json" in problem["detail"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_may_carry_parameters(api, content_type):
    api.ok("POST", ORDERS, None, 201, data=b'{"amount":1050,"currency":"USD"}', headers={"Content-Type": content_type})


def test_a_body_above_one_mebibyte_is_a_413(api):
    body = b'{"amount":1050,"currency":"USD","description":"' + b"x" * 1_048_576 + b'"}'
    problem = api.problem("POST", ORDERS, None, 413, data=body)
    assert "1048576" in problem["detail"].replace(",", "").replace(" ", "") or "1 MiB" in problem["detail"]
    assert api.pay()["status"] == "succeeded"


CARDS = ["4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "378282246310005"]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("body", [
    lambda card: {**GOOD, "payment_method": card}, lambda card: {**GOOD, "description": f"Card {card}, thanks"},
    lambda card: {**GOOD, "metadata": {"card": card}}, lambda card: {**GOOD, "customer": card}, lambda card: {**GOOD, "metadata": {card: "x"}},
], ids=["payment_method", "description", "metadata", "customer", "metadata key"])
def test_card_numbers_are_refused_and_never_repeated(stack, api, card, body):
    before = len(stack.simulator.requests())
    response = api.post(ORDERS, body(card))
    assert response.status_code == 422, response.text
    assert card not in response.text and card.replace(" ", "").replace("-", "") not in response.text
    assert len(stack.simulator.requests()) == before
    assert card not in stack.gateway.log()


def test_a_card_number_as_a_number_or_in_the_query_is_refused(api):
    api.problem("POST", "/v1/customers", None, 422, data=b'{"phone":4242424242424242}')
    api.problem("GET", ORDERS, None, 422, params={"reference": "4242424242424242"})


def test_digits_that_are_no_card_number_pass(api):
    api.ok("POST", ORDERS, {**GOOD, "reference": "4242424242424241", "description": "order 1234567890123"}, 201)


def test_nothing_but_requests_the_contract_knows(api):
    api.problem("GET", ORDERS, None, 400, data=b"{}")
    assert api.request("PUT", ORDERS, body={}).status_code == 405
    assert "POST" in api.request("PATCH", ORDERS, body={}).headers["Allow"]
    assert api.request("GET", "/v1/nothing").status_code == 404
    assert api.post("/v1/payments/orders/", GOOD, idempotency_key=new_key()).status_code == 404
