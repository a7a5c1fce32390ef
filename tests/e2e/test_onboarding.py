"""From a pasted .env file to payments: what is found, what the token is worth, what is stored, and that nothing leaks."""
import json

import pytest
import requests

from conftest import CREDENTIALS
from support.client import new_key
from support.people import PASSWORD, Person, bearer

STRIPE_KEY = "sk_test_51OnboardingCanaryKey0001"
RAZORPAY_SECRET = "onboardingcanarysecret02"
PAYPAL_SECRET = "E" + "onboardingcanary3" * 3
TWILIO_TOKEN = "0ca0a5e4" * 4
AWS_SECRET = "wJalrXUtnFEMIOnboardingCanaryKEY5"
SECRETS = (STRIPE_KEY, RAZORPAY_SECRET, PAYPAL_SECRET, TWILIO_TOKEN, AWS_SECRET)

ENV = f"""\ufeff# Shop, development
NODE_ENV=development
PORT=3000

export STRIPE_SECRET_KEY="{STRIPE_KEY}"   # from the dashboard
NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY=pk_test_51OnboardingPublic01
RAZORPAY_KEY_ID='rzp_test_Onboarding0001'
RAZORPAY_KEY_SECRET='{RAZORPAY_SECRET}'
PAYPAL_CLIENT_ID=A{"onboarding" * 6}
PAYPAL_CLIENT_SECRET={PAYPAL_SECRET}
TWILIO_ACCOUNT_SID={CREDENTIALS["twilio"]["account_sid"]}\r
TWILIO_AUTH_TOKEN: {TWILIO_TOKEN}
TWILIO_PHONE_NUMBER=+15005550006
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
AWS_SECRET_ACCESS_KEY={AWS_SECRET}
SESSION_NAME=shop
"""


@pytest.fixture(scope="module")
def running(make_stack):
    """Simulators of all four providers and a gateway; nothing is stored yet but an organisation and a key."""
    stack = make_stack(providers=tuple(CREDENTIALS))
    stack.store_credentials = lambda org: None
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def newcomer(running):
    """A client of an organisation of its own, without services."""
    return running.client(running.gateway.key(running.gateway.organisation("Newcomer")))


def parse(api, text=ENV):
    return api.ok("POST", "/api/onboarding/parse", {"env_content": text})


def found(review, provider):
    return next(each for each in review["services"] if each["provider"] == provider)


def test_a_pasted_file_becomes_payments_and_a_message(running, newcomer):
    review = parse(newcomer)
    assert [each["provider"] for each in review["services"]] == ["paypal", "razorpay", "stripe", "twilio"]
    for each in review["services"]:
        assert each["confidence"] == "high", each
        assert each["complete"]["test"] is True, each
    assert found(review, "stripe")["environment"] == "test"
    assert found(review, "paypal")["environment"] == "unknown"
    assert found(review, "stripe")["credentials"][0] == {
        "name": "secret_key", "variable": "STRIPE_SECRET_KEY", "value": "****0001", "environment": "test", "problem": None}
    assert {"name": "webhook_secret", "required": False} == {
        key: found(review, "stripe")["missing"][0][key] for key in ("name", "required")}
    assert review["no_provider_installed"] == [
        {"service": "aws", "name": "Amazon Web Services", "variables": ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]}]
    assert review["unknown"] == ["NODE_ENV", "PORT", "SESSION_NAME"]
    assert not any(secret in json.dumps(review) for secret in SECRETS)
    # Nothing is stored by looking.
    assert not any(each["configured"] for each in newcomer.ok("GET", "/api/services")["data"])

    result = newcomer.ok("POST", "/api/onboarding/configure", {"token": review["token"], "environment": "test"}, 201)
    assert [(each["provider"], each["status"], each["verified"]) for each in result["services"]] == [
        (provider, "connected", True) for provider in ("paypal", "razorpay", "stripe", "twilio")], result
    key = result["api_key"]["api_key"]
    assert key.startswith("unf_test_")

    shop = running.client(key)
    assert shop.pay(1050, "USD", provider="stripe")["status"] == "succeeded"
    for provider, currency in (("razorpay", "INR"), ("paypal", "USD")):
        payment = shop.ok("POST", "/v1/payments/orders", {"amount": 5000, "currency": currency, "provider": provider}, 201,
                          idempotency_key=new_key())
        assert payment["provider"] == provider
    message = shop.ok("POST", "/v1/sms", {"to": "+15005550010", "message": "Welcome"}, 201, idempotency_key=new_key())
    assert message["provider"] == "twilio"

    # The key is for the unified API alone.
    shop.problem("GET", "/api/services", status=403)
    # Of what was stored, no more than the last four characters come back.
    services = newcomer.ok("GET", "/api/services")["data"]
    assert {each["provider"]: each["status"] for each in services} == dict.fromkeys(
        ("paypal", "razorpay", "stripe", "twilio"), "active")
    assert not any(secret in json.dumps(services) for secret in SECRETS)


def test_somebody_new_registers_logs_in_pastes_and_pays(running):
    """From nothing, by requests alone: no command line, no key from elsewhere."""
    visitor = running.client(None)
    person = Person.register(visitor, organisation="Shop")
    person = Person(visitor, visitor.ok("POST", "/api/auth/login", {"email": person.email, "password": PASSWORD}))
    mine = bearer(person.access)
    review = visitor.ok("POST", "/api/onboarding/parse", {"env_content": ENV}, headers=mine)
    result = visitor.ok("POST", "/api/onboarding/configure", {"token": review["token"], "environment": "test"}, 201, headers=mine)
    assert {each["status"] for each in result["services"]} == {"connected"}
    shop = running.client(result["api_key"]["api_key"])
    assert shop.pay(1050, "USD", provider="stripe")["status"] == "succeeded"
    for provider, currency in (("razorpay", "INR"), ("paypal", "USD")):
        shop.ok("POST", "/v1/payments/orders", {"amount": 5000, "currency": currency, "provider": provider}, 201, idempotency_key=new_key())
    shop.ok("POST", "/v1/sms", {"to": "+15005550010", "message": "Welcome"}, 201, idempotency_key=new_key())
    assert {row["actor"] for row in visitor.ok("GET", "/api/audit?action=service.configure", headers=mine)["data"]}
    # A colleague who did not paste has no use for the token.
    other = Person.register(visitor, organisation="Elsewhere")
    visitor.problem("POST", "/api/onboarding/configure", {"token": review["token"]}, 400, headers=bearer(other.access))


def test_pasted_secrets_are_in_no_file_log_or_metric(running, newcomer):
    review = parse(newcomer)
    newcomer.problem("POST", "/api/onboarding/configure", {"token": review["token"], "features": {"nobody": ["payments"]}}, 422)
    newcomer.ok("POST", "/api/onboarding/configure", {"token": review["token"]}, 201)
    running.gateway.stop()
    try:
        kept = {path.name: path.read_bytes() for path in running.gateway.directory.glob("**/*")
                if path.is_file() and not path.name.startswith("simulator")}
        assert any(name.endswith(".db") for name in kept) or "postgres" in running.gateway.settings["store"]["url"]
        for secret in SECRETS:
            assert [name for name, content in kept.items() if secret.encode() in content] == []
        assert review["token"].encode() not in kept[running.gateway.process.log.name]
    finally:
        running.gateway.start()
    metrics = requests.get(running.gateway.metrics_url, timeout=10).text
    assert not any(secret in metrics for secret in SECRETS)


def test_a_token_is_good_for_who_pasted_alone(running, newcomer):
    token = parse(newcomer)["token"]
    other_org = running.client(running.gateway.key(running.gateway.organisation("Other")))
    for api, text in ((other_org, token), (running.api, token), (newcomer, token[:-4] + "AAAA"), (newcomer, "obt_nonsense"),
                      (newcomer, "")):
        problem = api.problem("POST", "/api/onboarding/configure", {"token": text}, 400)
        assert problem["code"] == "onboarding_token_invalid"
        assert "Paste the file again" in problem["detail"]


def test_what_fails_is_said_for_each_service_and_not_stored(running, newcomer):
    text = ENV.replace(PAYPAL_SECRET, "wrong" + PAYPAL_SECRET).replace(TWILIO_TOKEN, "wrong" + TWILIO_TOKEN)
    result = newcomer.ok("POST", "/api/onboarding/configure", {"token": parse(newcomer, text)["token"]}, 201)
    by_provider = {each["provider"]: each for each in result["services"]}
    for provider in ("paypal", "twilio"):
        assert by_provider[provider]["status"] == "failed"
        assert by_provider[provider]["problem"]["code"] == "credentials_refused", by_provider[provider]
    assert by_provider["stripe"]["status"] == "connected"
    stored = {each["provider"] for each in newcomer.ok("GET", "/api/services")["data"] if each["configured"]}
    assert stored == {"stripe", "razorpay"}


def test_a_provider_that_is_away_is_told_from_one_that_refuses(running, newcomer):
    running.simulator.fault("error_500_before", method="GET", prefix="/v1/balance", times=1, provider="stripe")
    text = f"STRIPE_SECRET_KEY={STRIPE_KEY}"
    try:
        problem = newcomer.problem("POST", "/api/onboarding/configure", {"token": parse(newcomer, text)["token"]}, 422)
    finally:
        running.simulator.clear_faults()
    assert problem["code"] == "no_service_connected"
    assert problem["services"][0]["problem"]["code"] == "provider_trouble"
    assert not any(each["configured"] for each in newcomer.ok("GET", "/api/services")["data"])


def test_only_chosen_services_and_features_are_connected(running, newcomer):
    token = parse(newcomer)["token"]
    result = newcomer.ok("POST", "/api/onboarding/configure", {"token": token, "features": {"stripe": ["payments", "customers"]}},
                         201)
    assert [each["provider"] for each in result["services"]] == ["stripe"]
    assert sorted(result["services"][0]["features"]) == ["customers", "payments"]
    shop = running.client(result["api_key"]["api_key"])
    payment = shop.pay()
    problem = shop.problem("POST", f"/v1/payments/orders/{payment['id']}/refunds", {}, 403, idempotency_key=new_key())
    assert problem["code"] == "feature_disabled"
    assert "PUT /api/services/stripe/features" in problem["detail"]


def test_live_keys_are_not_taken_for_test(newcomer):
    text = "STRIPE_SECRET_KEY=sk_live_51OnboardingCanary0009\nSTRIPE_PUBLISHABLE_KEY=pk_test_51OnboardingPublic01"
    review = parse(newcomer, text)
    service = found(review, "stripe")
    assert service["environment"] == "mixed"
    assert "STRIPE_PUBLISHABLE_KEY for test, STRIPE_SECRET_KEY for live" in service["warnings"][0]
    problem = newcomer.problem("POST", "/api/onboarding/configure", {"token": review["token"]}, 422)
    assert problem["services"][0]["problem"]["code"] == "credentials_missing"
    assert problem["services"][0]["problem"]["param"] == "credentials.secret_key"


def test_unreadable_files_are_refused_with_the_line(newcomer):
    problem = newcomer.problem("POST", "/api/onboarding/parse", {"env_content": "A=1\nB=" + "x" * 20_000}, 400)
    assert problem["param"] == "env_content"
    assert "Line 2" in problem["detail"]
    newcomer.problem("POST", "/api/onboarding/parse", {"env_content": 1}, 400)
    newcomer.problem("POST", "/api/onboarding/parse", {}, 400)
    newcomer.problem("POST", "/api/onboarding/parse", {"env_content": "A=1\n" * 100_000}, 400)


def test_onboarding_needs_its_scope(running):
    weak = running.client(running.gateway.key(running.org, "test", "payments:write"))
    weak.problem("POST", "/api/onboarding/parse", {"env_content": ""}, 403)
    # Who may do little gets a key that may do no more.
    some = running.client(running.gateway.key(running.gateway.organisation("Some"), "test", "onboarding:write,payments:read"))
    result = some.ok("POST", "/api/onboarding/configure", {"token": parse(some)["token"], "features": {"stripe": ["payments"]}}, 201)
    assert result["api_key"]["scopes"] == ["payments:read"]


def test_import_from_a_terminal_reviews_before_it_stores(running, tmp_path):
    org = running.gateway.organisation("Terminal")
    file = tmp_path / ".env"
    file.write_text(ENV)
    arguments = ("service", "import", "--env-file", file, "--org", org)
    looked = running.gateway.run(*arguments, check=False)
    assert looked.returncode == 1
    assert "STRIPE_SECRET_KEY" in looked.stdout and "Amazon Web Services: seen" in looked.stdout
    assert "add --yes" in looked.stderr
    assert not any(secret in looked.stdout + looked.stderr for secret in SECRETS)
    assert running.gateway.json("service", "list", "--org", org) == []

    done = running.gateway.json(*arguments, "--yes")
    assert {each["provider"]: each["status"] for each in done["services"]} == dict.fromkeys(
        ("paypal", "razorpay", "stripe", "twilio"), "connected")
    assert running.client(done["api_key"]["api_key"]).pay(provider="stripe")["status"] == "succeeded"
