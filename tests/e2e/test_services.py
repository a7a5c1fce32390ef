"""The services of an organisation: credentials, features, two live sets with fall-back, checks, alarms."""
import datetime
import json

import pytest
import requests

from support.client import new_key
from support.revoking_proxy import RevokingProxy
from support.waiting import eventually

KEY = "sk_test_services0000000000canary"
NEXT_KEY = "sk_test_services0000000001canary"
ONE = "/api/services/stripe"


@pytest.fixture(scope="module")
def running(make_stack):
    stack = make_stack()
    stack.proxy = RevokingProxy(stack.simulator.url)
    stack.gateway.settings["providers"]["stripe"]["endpoints"]["test"]["api"] = stack.proxy.url
    stack.gateway.write_settings()
    stack.store_credentials = lambda org: None
    stack.start()
    yield stack
    stack.stop()
    stack.proxy.stop()


@pytest.fixture
def api(running):
    running.simulator.clear_faults()
    running.proxy.revoked.clear()
    return running.client(running.gateway.key(running.gateway.organisation("Shop")))


def configure(api, status=200, **body):
    return api.ok("POST", ONE + "/configure", {"credentials": {"secret_key": KEY}, **body}, status)


def later(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_every_installed_provider_is_listed_configured_or_not(api):
    services = api.ok("GET", "/api/services")["data"]
    assert "stripe" in [each["provider"] for each in services]
    assert {each["status"] for each in services} == {"not_configured"}

    service = configure(api)
    assert service["status"] == "active"
    assert service["last_verified_at"] is not None
    secret = next(each for each in service["credentials"] if each["name"] == "secret_key")
    assert secret == {"name": "secret_key", "secret": True, "required": True, "configured": True, "last4": "nary"}
    assert KEY not in json.dumps(api.ok("GET", "/api/services"))
    api.problem("GET", "/api/services/nobody", status=404)


def test_credentials_take_effect_at_once_and_so_does_their_going(api):
    api.problem("POST", "/v1/payments/orders", {"amount": 100, "currency": "USD", "provider": "stripe"}, 422,
                idempotency_key=new_key())
    configure(api)
    assert api.pay(provider="stripe")["status"] == "succeeded"
    assert api.request("DELETE", ONE).status_code == 204
    problem = api.problem("POST", "/v1/payments/orders", {"amount": 100, "currency": "USD", "provider": "stripe"}, 422,
                          idempotency_key=new_key())
    assert problem["code"] == "provider_not_configured"
    api.problem("DELETE", ONE, status=404)


@pytest.mark.parametrize("credentials,code,param", [
    ({"secret_key": "nonsense"}, "invalid_credentials", "credentials.secret_key"),
    ({"secret_key": "sk_live_0000000000000000"}, "invalid_credentials", "credentials.secret_key"),
    ({"secret": KEY}, "invalid_credentials", "credentials"),
    ({"publishable_key": "pk_test_0000000000000000"}, "credentials_missing", "credentials.secret_key"),
    ({"secret_key": KEY + "\n"}, "invalid_credentials", "credentials.secret_key"),
])
def test_credentials_that_cannot_be_right_change_nothing(api, credentials, code, param):
    problem = api.problem("POST", ONE + "/configure", {"credentials": credentials}, 422)
    assert (problem["code"], problem["param"]) == (code, param)
    assert not any(value in json.dumps(problem) for value in credentials.values())
    assert api.ok("GET", ONE)["configured"] is False


def test_a_probe_that_fails_keeps_what_was_there(api, running):
    configure(api)
    running.simulator.fault("error_500_before", method="GET", prefix="/v1/balance", times=1)
    problem = api.problem("POST", ONE + "/configure", {"credentials": {"secret_key": NEXT_KEY}}, 502)
    assert problem["code"] == "provider_trouble"
    assert api.pay()["status"] == "succeeded"


def test_a_feature_that_is_off_is_a_403_on_every_way_to_it(api):
    configure(api)
    payment = api.pay()
    key = new_key()
    refund = api.ok("POST", f"/v1/payments/orders/{payment['id']}/refunds", {"amount": 50}, 201, idempotency_key=key)
    service = api.ok("PUT", ONE + "/features", {"features": {"refunds": False}})
    assert service["features"]["refunds"] is False and service["features"]["payments"] is True
    problem = api.problem("POST", f"/v1/payments/orders/{payment['id']}/refunds", {"amount": 50}, 403, idempotency_key=new_key())
    assert (problem["code"], problem["outcome"]) == ("feature_disabled", "not_executed")
    # What was done before stays done: a replay is no call.
    again = api.ok("POST", f"/v1/payments/orders/{payment['id']}/refunds", {"amount": 50}, 201, idempotency_key=key)
    assert again["id"] == refund["id"]
    # Raw calls could do the same, so they are off too, unless they are switched on by name.
    assert service["features"]["passthrough"] is False
    for method in ("GET", "POST"):
        raw = api.problem(method, "/v1/passthrough/stripe/v1/refunds", status=403, idempotency_key=new_key())
        assert raw["code"] == "feature_disabled"
    api.ok("PUT", ONE + "/features", {"features": {"passthrough": True}})
    assert api.get("/v1/passthrough/stripe/v1/refunds").status_code == 200
    # And nobody is picked whose feature is off.
    api.ok("PUT", ONE + "/features", {"features": {"payments": False, "balance": False}})
    assert api.problem("POST", "/v1/payments/orders", {"amount": 100, "currency": "USD"}, 403,
                       idempotency_key=new_key())["code"] == "feature_disabled"
    assert api.problem("GET", "/v1/balance?provider=stripe", status=403)["code"] == "feature_disabled"
    api.ok("PUT", ONE + "/features", {"features": {"payments": True}})
    assert api.pay()["status"] == "succeeded"


def test_unknown_features_are_named(api):
    configure(api)
    problem = api.problem("PUT", ONE + "/features", {"features": {"teleport": True}}, 422)
    assert problem["code"] == "unknown_feature" and "payments" in problem["detail"]
    api.problem("PUT", ONE + "/features", {"features": {}}, 400)
    api.problem("PUT", ONE + "/features", {"features": {"payments": "yes"}}, 400)


def test_two_live_credentials_fall_back_on_401(api, running):
    configure(api)
    service = configure(api, credentials={"secret_key": NEXT_KEY}, keep_previous=True)
    assert service["previous"]["since"] is not None
    assert api.pay()["status"] == "succeeded"
    assert api.ok("GET", ONE)["working"] == "newest"

    running.proxy.revoked.add(NEXT_KEY)
    running.proxy.seen.clear()
    assert api.pay()["status"] == "succeeded"
    tries = [status for method, path, status in running.proxy.seen if (method, path) == ("POST", "/v1/payment_intents")]
    assert tries == [401, 200]
    service = api.ok("GET", ONE)
    assert (service["working"], service["status"]) == ("previous", "degraded")
    metrics = requests.get(running.gateway.metrics_url, timeout=10).text
    assert "unigate_credential_fallbacks_total 1" in metrics
    # The next call begins with what works.
    running.proxy.seen.clear()
    assert api.pay()["status"] == "succeeded"
    assert 401 not in [status for _, _, status in running.proxy.seen]

    # A check tries both, and says why the newest are refused.
    service = api.ok("POST", ONE + "/verify")
    assert service["working"] == "previous"
    assert service["last_check"]["problem"]["code"] == "credentials_refused"
    running.proxy.revoked.clear()
    assert api.ok("POST", ONE + "/verify")["working"] == "newest"
    # The next change forgets the previous ones.
    assert api.ok("POST", ONE + "/configure", {})["previous"] is None


def test_a_check_says_what_is_wrong(api, running):
    configure(api)
    running.proxy.revoked.add(KEY)
    service = api.ok("POST", ONE + "/verify")
    assert (service["working"], service["status"]) == ("none", "failing")
    assert service["last_check"]["problem"]["code"] == "credentials_refused"
    running.proxy.revoked.clear()
    service = api.ok("POST", ONE + "/verify", {"environment": "test"})
    assert (service["working"], service["status"]) == ("newest", "active")
    api.problem("POST", "/api/services/paypal/verify", status=404)
    api.problem("POST", ONE + "/verify", {"environment": "live"}, 400)


def test_credentials_that_end_raise_an_alarm(api, running):
    assert configure(api, expires_at=later(30))["alarm"] is None
    assert configure(api, expires_at=later(5))["alarm"] == "expiring"
    api.problem("POST", ONE + "/configure", {"credentials": {"secret_key": KEY}, "expires_at": later(-1)}, 400)
    running.gateway.stop()
    running.gateway.start()
    eventually(lambda: 'unigate_credentials_ending{alarm="expiring"} 1' in requests.get(running.gateway.metrics_url, timeout=10).text,
               "the alarm is in the metrics")
    eventually(lambda: "credentials of a provider account end soon" in running.gateway.log(), "the alarm is in the log")
    assert configure(api)["alarm"] is None


def test_organisations_see_their_own_services_alone(api, running):
    configure(api)
    other = running.client(running.gateway.key(running.gateway.organisation("Other")))
    assert other.ok("GET", ONE)["configured"] is False
    other.problem("DELETE", ONE, status=404)
    other.problem("PUT", ONE + "/features", {"features": {"payments": False}}, 404)
    assert api.ok("GET", ONE)["configured"] is True


def test_changes_of_services_are_in_the_audit_chain(api):
    configure(api)
    api.ok("PUT", ONE + "/features", {"features": {"refunds": False}})
    api.request("DELETE", ONE)
    actions = [each["action"] for each in api.ok("GET", "/api/audit?limit=10")["data"]]
    assert actions[:3] == ["service.disconnect", "service.features", "service.configure"]


def test_services_need_their_scopes(running):
    reader = running.client(running.gateway.key(running.org, "test", "services:read"))
    reader.ok("GET", "/api/services")
    reader.problem("POST", ONE + "/configure", {"credentials": {"secret_key": KEY}}, 403)
    reader.problem("DELETE", ONE, status=403)
