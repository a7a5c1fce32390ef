"""Accounts under the platform's own: onboarding, what they may do, and payments on their behalf."""
from urllib.parse import parse_qsl, urlsplit

import pytest

from support.client import new_key

ORDERS = "/v1/payments/orders"
CONNECT = "/api/connect/stripe"
URLS = {"return_url": "https://shop.example/done", "refresh_url": "https://shop.example/again"}
FEE_BASIS_POINTS = 250


@pytest.fixture(scope="module")
def platform(make_stack):
    """A gateway that keeps a fee, knows its own address and sends owners on to a page of the operator's."""
    running = make_stack().start()
    running.gateway.stop()
    running.gateway.settings["providers"]["stripe"]["connect"] = {"fee_basis_points": FEE_BASIS_POINTS, "return_url": "https://shop.example/welcome"}
    running.gateway.settings["server"]["public_url"] = "https://pay.example"
    running.gateway.write_settings()
    running.gateway.restart()
    yield running
    running.stop()


def onboard(client, status=200, **body):
    return client.ok("POST", f"{CONNECT}/onboard", {"email": "ada@example.com", "country": "US", **URLS, **body}, status)


def sent(stack, path):
    """The form that was posted last to a path of the provider."""
    return dict(parse_qsl(stack.simulator.posts(path)[-1]["body"], strict_parsing=True))


def test_onboarding_makes_one_account_and_a_new_link_each_time(platform):
    api = platform.newcomer()
    before = len(platform.simulator.posts("/v1/accounts"))
    first = onboard(api)
    assert first["object"] == "connect_onboarding" and first["url"].startswith("https://") and first["expires_at"]
    assert onboard(api)["account"] == first["account"]
    assert onboard(api, email="someone@else.example")["account"] == first["account"]
    assert len(platform.simulator.posts("/v1/accounts")) == before + 1
    assert onboard(api, reference="merchant-2")["account"] != first["account"]
    assert api.ok("GET", f"/v1/accounts/{first['account']}")["reference"] == "default"
    assert sent(platform, "/v1/account_links")["return_url"] == URLS["return_url"]


def test_status_and_dashboard_are_of_the_account(platform):
    api = platform.newcomer()
    assert api.problem("GET", f"{CONNECT}/status", None, 404)["code"] == "not_connected"
    account = onboard(api)["account"]
    status = api.ok("GET", f"{CONNECT}/status")
    assert status["account"] == account and status["fee_basis_points"] == FEE_BASIS_POINTS
    assert isinstance(status["charges_enabled"], bool) and isinstance(status["requirements"], list)
    assert api.ok("GET", f"{CONNECT}/status?account={account}") == status
    assert api.problem("POST", f"{CONNECT}/dashboard", None, 422)["outcome"] == "declined"  # its owner has not completed it
    platform.simulator.steer(f"stripe/accounts/{status['provider_id']}/onboard")
    assert api.ok("GET", f"{CONNECT}/status")["charges_enabled"] is True
    link = api.ok("POST", f"{CONNECT}/dashboard")
    assert link["object"] == "connect_dashboard" and link["account"] == account and link["url"].startswith("https://")
    assert platform.newcomer().problem("GET", f"{CONNECT}/status?account={account}", None, 404)["code"] == "not_connected"


def test_bad_requests_make_no_account(platform):
    api = platform.newcomer()
    before = len(platform.simulator.requests())
    for body, param in (({"return_url": URLS["return_url"]}, "refresh_url"), ({"refresh_url": URLS["refresh_url"]}, "return_url"),
                        ({}, "email"), ({"email": "none"}, "email"), ({"email": "a@b.example", "color": "red"}, "color")):
        assert api.problem("POST", f"{CONNECT}/onboard", body, 400)["param"] == param
    assert api.problem("POST", "/api/connect/nobody/onboard", {"email": "a@b.example"}, 400)
    assert len(platform.simulator.requests()) == before


def test_the_gateways_own_pages_take_the_owner_back(platform):
    api, visitor = platform.newcomer(), platform.client(None)
    account = api.ok("POST", f"{CONNECT}/onboard", {"email": "ada@example.com", "country": "US"})["account"]
    form = sent(platform, "/v1/account_links")
    assert form["refresh_url"].startswith("https://pay.example/connect/stripe/refresh?state=")
    refresh, done = (urlsplit(form[name]) for name in ("refresh_url", "return_url"))

    again = visitor.get(f"{refresh.path}?{refresh.query}")
    assert again.status_code == 303 and again.headers["Location"].startswith("https://")
    assert again.headers["Location"] != form["refresh_url"]
    back = visitor.get(f"{done.path}?{done.query}")
    assert back.status_code == 303 and back.headers["Location"] == f"https://shop.example/welcome?account={account}"
    for state in ("", "?state=x", f"?{refresh.query[:-4]}AAAA", f"?{refresh.query}A"):
        refused = visitor.get(f"{refresh.path}{state}")
        assert refused.status_code == 400, refused.text
    assert account not in refresh.query


@pytest.mark.parametrize("amount, fee", [(1000, 25), (1999, 49), (79, 1), (80, 2), (99_999_999, 2_499_999)])
def test_a_payment_carries_the_account_and_the_fee(platform, amount, fee):
    api = platform.newcomer()
    account = onboard(api)["account"]
    provider_id = api.ok("GET", f"/v1/accounts/{account}")["provider_id"]
    payment = api.pay(amount, connection="connect")
    assert (payment["connection"], payment["account"], payment["platform_fee"]) == ("connect", account, fee)
    form = sent(platform, "/v1/payment_intents")
    assert form["transfer_data[destination]"] == provider_id
    assert form.get("application_fee_amount", "0") == str(fee)
    assert api.ok("GET", f"{ORDERS}/{payment['id']}")["platform_fee"] == fee


def test_a_named_account_takes_the_payment(platform):
    api = platform.newcomer()
    onboard(api)
    other = onboard(api, reference="merchant-2")["account"]
    payment = api.pay(connection="connect", account=other)
    assert payment["account"] == other
    assert api.pay(400, account=other, connection=None, status=400)["param"] == "account"
    assert api.pay(connection="connect", account="acct_" + "0" * 26, status=422)["code"] == "unknown_account"
    assert platform.newcomer().pay(connection="connect", account=other, status=422)["code"] == "unknown_account"
    assert platform.newcomer().pay(connection="connect", status=422)["code"] == "not_connected"


def test_what_is_captured_in_part_pays_its_part_of_the_fee(platform):
    api = platform.newcomer()
    onboard(api)
    payment = api.pay(2000, connection="connect", capture_method="manual")
    api.ok("POST", f"{ORDERS}/{payment['id']}/capture", {"amount": 1001}, idempotency_key=new_key())
    form = sent(platform, f"/v1/payment_intents/{payment['provider_id']}/capture")
    assert (form["amount_to_capture"], form["application_fee_amount"]) == ("1001", "25")  # 50 x 1001 / 2000, rounded down


def test_a_refund_takes_both_shares_back(platform):
    api = platform.newcomer()
    onboard(api)
    payment = api.pay(2000, connection="connect")
    api.ok("POST", f"{ORDERS}/{payment['id']}/refunds", {"amount": 500}, 201, idempotency_key=new_key())
    form = sent(platform, "/v1/refunds")
    assert (form["reverse_transfer"], form["refund_application_fee"]) == ("true", "true")
    plain = api.pay(2000)
    assert plain["account"] is None and plain["platform_fee"] is None
    api.ok("POST", f"{ORDERS}/{plain['id']}/refunds", {}, 201, idempotency_key=new_key())
    assert "reverse_transfer" not in sent(platform, "/v1/refunds")


def test_without_an_address_of_its_own_the_gateway_asks_for_urls(stack):
    api = stack.newcomer()
    before = len(stack.simulator.requests())
    assert api.problem("POST", f"{CONNECT}/onboard", {"email": "a@b.example", "country": "US"}, 422)["code"] == "public_url_missing"
    assert len(stack.simulator.requests()) == before


def test_scopes_hold(stack):
    client = stack.client(stack.gateway.key(stack.org, "test", scopes="connect:read"))
    assert client.problem("POST", f"{CONNECT}/onboard", {"email": "a@b.example", **URLS}, 403)["code"] == "scope_missing"
    assert client.problem("GET", f"{CONNECT}/status", None, 404)["code"] == "not_connected"
