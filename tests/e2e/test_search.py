"""GET /v1/search: everything that an organisation has, found by whatever somebody remembers of it."""
import pytest

from support.client import new_key

SEARCH = "/v1/search"


def found(api, q, **params):
    page = api.ok("GET", SEARCH, params={"q": q, "limit": 100, **params})
    return [(hit["type"], hit["resource"]["id"]) for hit in page["data"]]


@pytest.fixture(scope="module")
def shop(make_stack):
    """An organisation with a customer, three payments and a refund."""
    running = make_stack().start()
    api = running.api
    ada = api.ok("POST", "/v1/customers", {"email": "Ada@Example.com", "name": "Ada 100%_Lovelace", "phone": "+447911123456"}, 201,
                 idempotency_key=new_key())
    small = api.pay(500, reference="order-1", metadata={"table": "7"})
    large = api.pay(150000, "EUR", reference="order-2", customer=ada["id"], payment_method="pm_card_visa", description="Two tickets")
    declined = api.pay(700, status=402, payment_method="pm_card_chargeDeclined", reference="order-3")
    failed = api.transaction(declined["transaction_id"])["resource"]
    refund = api.ok("POST", "/v1/payments/refunds", {"payment": small["id"], "amount": 200}, 201, idempotency_key=new_key())
    yield running, {"ada": ("customer", ada["id"]), "small": ("payment", small["id"]), "large": ("payment", large["id"]),
                    "failed": ("payment", failed), "refund": ("refund", refund["id"])}, {"small": small, "ada": ada}
    running.stop()


@pytest.mark.parametrize("q, wanted", [
    ("ada@example.com", ["ada"]), ("ADA@EXAMPLE.COM", ["ada"]), ("lovelace", ["ada"]), ('"100%_love"', ["ada"]), ("+447911123456", ["ada"]),
    ("ada lovelace", ["ada"]), ("ada tickets", []), ("100_", []), ("order-1", ["small"]), ("order-", []), ('"two tickets"', ["large"]),
    ("amount:500", ["small"]), ("amount>=500 amount<1000 type:payment", ["failed", "small"]), ("amount>700", ["large"]),
    ("currency:eur", ["large"]), ("status:succeeded type:payment", ["large", "small"]), ("status:failed", ["failed"]),
    ("metadata[table]:7", ["small"]), ("metadata[table]:8", []), ("email:ada@example.com", ["ada"]), ("reference:order-2", ["large"]),
    ("provider:stripe type:refund", ["refund"]), ("provider:elsewhere", []), ("created>2020-01-01 type:customer", ["ada"]),
    ("created<2020-01-01", []), ("name:ada status:active", ["ada"]),
])
def test_finds_by_what_is_remembered(shop, q, wanted):
    running, made, _ = shop
    assert found(running.api, q) == [made[name] for name in wanted]


def test_finds_by_ids_and_what_belongs_to_them(shop):
    running, made, documents = shop
    api = running.api
    assert found(api, documents["small"]["id"]) == [made["small"]]
    assert found(api, f"id:{documents['small']['id']}") == [made["small"]]
    assert found(api, documents["small"]["provider_id"]) == [made["small"]]
    assert found(api, f"payment:{documents['small']['id']}") == [made["refund"]]
    assert found(api, f"customer:{documents['ada']['id']}") == [made["large"]]
    [hit] = api.ok("GET", SEARCH, params={"q": documents["small"]["id"]})["data"]
    assert hit == {"type": "payment", "resource": api.ok("GET", "/v1/payments/orders", params={"reference": "order-1"})["data"][0]}


def test_types_narrow_it_down(shop):
    running, made, _ = shop
    assert found(running.api, "created>2020-01-01", types="customer,refund") == [made["refund"], made["ada"]]
    assert running.api.problem("GET", SEARCH, None, 400, params={"q": "a", "types": "payment,cat"})["param"] == "types"
    assert running.api.problem("GET", SEARCH, None, 400, params={"q": "type:cat"})["param"] == "q"


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_cover_everything_once(shop, limit):
    api = shop[0].api
    everything = found(api, "created>2020-01-01")
    assert len(everything) == 5
    collected, cursor = [], None
    while True:
        page = api.ok("GET", SEARCH, params={"q": "created>2020-01-01", "limit": limit, **({"starting_after": cursor} if cursor else {})})
        collected += [(hit["type"], hit["resource"]["id"]) for hit in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
        assert len(page["data"]) == limit
    assert collected == everything


@pytest.mark.parametrize("q, named", [
    ("stauts:failed", "status"), ("amount:19.99", "amount:19.99"), ("created>yesterday", "created>yesterday"),
    ('"open', "not closed"), ("status:", "status:"), ("currency:EURO", "currency:EURO"), ("https://example.com", "in quotes"),
])
def test_a_bad_term_is_named(shop, q, named):
    problem = shop[0].api.problem("GET", SEARCH, None, 400, params={"q": q})
    assert problem["param"] == "q" and named in problem["detail"]


def test_bad_parameters(shop):
    api = shop[0].api
    assert api.problem("GET", SEARCH, None, 400)["param"] == "q"
    assert api.problem("GET", SEARCH, None, 400, params={"q": "a", "starting_after": "cat"})["param"] == "starting_after"
    assert api.problem("GET", SEARCH, None, 400, params={"q": "a", "limit": "0"})["param"] == "limit"
    assert api.problem("GET", SEARCH, None, 422, params={"q": "4242424242424242"})["code"] == "card_number_refused"


@pytest.mark.parametrize("q", ["' OR 1=1 --", '"%"', '"_"', '"\\\\"', "%", "😀"])
def test_signs_that_mean_something_elsewhere_mean_nothing(shop, q):
    assert [kind for kind, _ in found(shop[0].api, q)] in ([], ["customer"])  # the customer's name has % and _


def test_never_anothers(shop):
    running, _, documents = shop
    other = running.newcomer()
    assert found(other, "created>2020-01-01") == []
    assert found(other, documents["small"]["id"]) == []
    assert found(other, documents["ada"]["provider_id"]) == []
    live = running.client(running.gateway.key(running.org, "live"))
    assert found(live, "created>2020-01-01") == []


def test_a_key_finds_no_more_than_it_may_read(shop):
    running, made, _ = shop
    narrow = running.client(running.gateway.key(running.org, "test", "search:read,customers:read"))
    assert found(narrow, "created>2020-01-01") == [made["ada"]]
    assert narrow.problem("GET", SEARCH, None, 403, params={"q": "a", "types": "payment"})["code"] == "scope_missing"
    without = running.client(running.gateway.key(running.org, "test", "payments:read"))
    assert without.problem("GET", SEARCH, None, 403, params={"q": "a"})["code"] == "scope_missing"


def test_what_is_deleted_is_not_found(make_stack):
    running = make_stack().start()
    try:
        customer = running.api.ok("POST", "/v1/customers", {"name": "Gone"}, 201)
        assert found(running.api, "gone") == [("customer", customer["id"])]
        running.api.ok("DELETE", f"/v1/customers/{customer['id']}")
        assert found(running.api, "gone") == []
    finally:
        running.stop()


def test_asks_the_provider(shop):
    running, made, documents = shop
    hits = running.api.ok("GET", SEARCH, params={"q": "metadata[table]:7", "types": "payment", "provider": "stripe"})["data"]
    assert [(hit["type"], hit["resource"]["provider_id"]) for hit in hits] == [("payment", documents["small"]["provider_id"])]
    assert hits[0]["resource"]["id"] == documents["small"]["id"]
    assert running.api.problem("GET", SEARCH, None, 400, params={"q": "a", "provider": "stripe"})["param"] == "types"
    refused = running.api.problem("GET", SEARCH, None, 422, params={"q": "amount>5", "types": "payment", "provider": "stripe"})
    assert refused["param"] == "q" and "range" in refused["detail"]
