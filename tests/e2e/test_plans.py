"""Plans: how many calls a month and how many services an organisation has, and what it has used."""
import sqlite3
import time
from contextlib import closing

import pytest

from support.database import rows
from support.waiting import eventually

ORDERS = "/v1/payments/orders"
PLANS = {"free": {"calls_per_month": 10, "services": 1}, "pro": {"calls_per_month": 100, "services": 5}, "enterprise": {}}


@pytest.fixture
def planned(make_stack):
    running = make_stack({"plans": PLANS, "limits": {"default_plan": "free"}}, providers=("stripe", "razorpay")).start()
    # One service alone is stored.
    with closing(sqlite3.connect(f"{running.gateway.directory}/unigate.db", timeout=30)) as database, database:
        database.execute("DELETE FROM secrets WHERE account_id IN (SELECT id FROM provider_accounts WHERE provider = 'razorpay')")
        database.execute("DELETE FROM provider_accounts WHERE provider = 'razorpay'")
    yield running
    running.stop()


def test_a_plan_allows_so_many_calls_and_says_when_it_renews(planned):
    answers = [planned.api.get(ORDERS) for _ in range(14)]
    assert [a.status_code for a in answers] == [200] * 10 + [429] * 4
    problem = answers[-1].json()
    assert (problem["code"], problem["plan"], problem["limit"], problem["limit_value"]) == ("plan_limit_reached", "free", "calls_per_month", 10)
    assert problem["renews_at"] > time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    assert int(answers[-1].headers["Retry-After"]) > 0

    usage = planned.api.ok("GET", "/api/usage")
    assert usage["plan"] == "free" and usage["renews_at"] == problem["renews_at"]
    assert usage["calls"] == {"used": 10, "test": 10, "live": 0, "limit": 10, "remaining": 0}
    assert usage["services"] == {"used": 1, "limit": 1, "remaining": 0}
    assert usage["months"][0]["used"] == 10 and len(usage["months"]) == 3

    # Another plan counts a moment later, in the process that serves.
    assert planned.gateway.json("org", "plan", "--org", planned.org, "--plan", "pro")["plan"] == "pro"
    eventually(lambda: planned.api.get(ORDERS).status_code == 200, "the new plan counts", 10, 0.2)
    assert planned.gateway.json("org", "plan", "--org", planned.org) == {"org_id": planned.org, "plan": "pro"}
    told = planned.gateway.run("org", "plan", "--org", planned.org, "--plan", "gold", check=False)
    assert told.returncode == 1 and "free" in told.stderr


def test_what_was_counted_survives_a_restart_and_a_kill(planned):
    planned.gateway.run("org", "plan", "--org", planned.org, "--plan", "pro")
    for _ in range(20):
        planned.api.ok("GET", ORDERS)
    planned.gateway.stop()
    planned.gateway.start()
    assert planned.api.ok("GET", "/api/usage")["calls"]["used"] == 20
    for _ in range(20):
        planned.api.ok("GET", ORDERS)
    # A second later all is durable.
    eventually(lambda: rows(planned.gateway, "SELECT SUM(calls) FROM usage_months") == [(40,)], "written", 10)
    planned.gateway.kill()
    planned.gateway.restart()
    assert planned.api.ok("GET", "/api/usage")["calls"]["used"] == 40


def test_a_call_over_the_plan_reaches_no_provider(planned):
    statuses = [planned.api.post(ORDERS, {"amount": 1050, "currency": "USD"}, idempotency_key=f"plan-{i}").status_code for i in range(15)]
    assert statuses == [201] * 10 + [429] * 5
    assert len(planned.simulator.posts("/v1/payment_intents")) == 10


def test_one_organisation_uses_nothing_of_anothers(planned):
    other = planned.newcomer()
    assert [other.get(ORDERS).status_code for _ in range(12)].count(200) == 10
    assert planned.api.ok("GET", "/api/usage")["calls"]["used"] == 0
    assert planned.api.get(ORDERS).status_code == 200


def test_a_plan_has_room_for_so_many_services(planned):
    """The organisation has one already; another can't come by the API, the same one can be configured anew."""
    problem = planned.api.problem("POST", "/api/services/razorpay/configure", {
        "credentials": {"key_id": "rzp_test_plan0000000001", "key_secret": "plankeysecret00000000001"}}, status=403)
    assert (problem["code"], problem["limit"], problem["limit_value"]) == ("plan_limit_reached", "services", 1)
    planned.api.ok("POST", "/api/services/stripe/configure", {"credentials": {"secret_key": "sk_test_e2e0000000000000canary2"}})


def test_without_plans_nothing_is_limited_and_all_is_counted(api):
    for _ in range(15):
        api.ok("GET", ORDERS)
    usage = api.ok("GET", "/api/usage", params={"months": 1})
    assert usage["plan"] is None and usage["calls"]["used"] >= 15
    assert usage["calls"]["limit"] is None and usage["calls"]["remaining"] is None
    assert api.problem("GET", "/api/usage", params={"months": 99})["param"] == "months"


def test_usage_needs_its_scope(stack):
    poor = stack.client(stack.gateway.key(stack.org, "test", "payments:read"))
    assert poor.problem("GET", "/api/usage", status=403)["code"] == "scope_missing"
