"""A third party's plugin: built out of the tree against the installed SDK, dropped into a directory, called over REST."""
import shutil
import subprocess

import pytest

from support.example_pay import ExamplePay
from support.paths import BUILD, PLUGINS, ROOT
from support.waiting import eventually

ORDERS = "/v1/payments/orders"
KEY = "ex_test_0123456789canary"


def built(source, directory, prefix):
    """Configures and builds an example as its author would; the directory of the library and its manifest."""
    build = directory / f"build-{source.name}"
    for command in (["cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}"], ["cmake", "--build", build]):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return build / "plugins"


@pytest.fixture(scope="module")
def installed_sdk(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("sdk")
    done = subprocess.run(["cmake", "--install", BUILD, "--component", "unigate-sdk", "--prefix", prefix], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return prefix


@pytest.fixture(scope="module")
def build_example(installed_sdk, tmp_path_factory):
    """Builds an example from a copy outside of the tree, once; gives the directory of library and manifest."""
    done = {}

    def build(folder):
        if folder not in done:
            source = tmp_path_factory.mktemp("author") / folder
            shutil.copytree(ROOT / "sdk-plugin-api" / "examples" / folder, source)
            done[folder] = built(source, source.parent, installed_sdk)
        return done[folder]
    return build


@pytest.fixture(scope="module", params=[("minimal-c", "example"), ("one-request", "one_request")], ids=["C11", "C++"])
def dropped(request, build_example, tmp_path_factory, make_stack):
    """A stack whose gateway found the plugin in a directory of its own, and the provider behind it."""
    folder, name = request.param
    made = build_example(folder)
    directory = tmp_path_factory.mktemp("plugins")
    directory.chmod(0o755)
    for file in (f"{name}.so", f"{name}.plugin.yaml"):
        shutil.copy(made / file, directory / file)
        (directory / file).chmod(0o644)
    provider = ExamplePay(KEY)
    stack = make_stack(plugins=(PLUGINS, directory))
    stack.gateway.settings["providers"][name] = {"endpoints": {"test": {"api": provider.url}}}
    stack.gateway.write_settings()
    stack.start()
    stack.gateway.service(stack.org, {"api_key": KEY}, provider=name)
    yield stack, provider, name
    stack.stop()
    provider.stop()


def test_is_listed(dropped):
    stack, _, name = dropped
    listed = {p["id"]: p for p in stack.api.ok("GET", "/v1/providers")["data"]}
    assert (listed[name]["state"], listed[name]["configured"], listed[name]["version"]) == ("loaded", True, "1.0.0")
    assert set(listed[name]["operations"]) == {"payments.create", "payments.get"}
    assert listed["stripe"]["state"] == "loaded"


def test_takes_a_payment_through_the_same_route(dropped):
    stack, provider, name = dropped
    payment = stack.api.ok("POST", ORDERS, {"amount": 1050, "currency": "eur", "provider": name, "reference": "order-7"}, 201, idempotency_key=f"{name}-1")
    assert (payment["provider"], payment["status"], payment["amount"], payment["currency"]) == (name, "succeeded", 1050, "EUR")
    assert (payment["amount_captured"], payment["reference"]) == (1050, "order-7")
    assert provider.charges[payment["provider_id"]]["amount"] == 1050
    assert stack.api.payment(payment["id"]) == payment
    raw = stack.api.ok("GET", f"{ORDERS}/{payment['id']}", params={"include": "raw"})["raw"]
    assert raw["id"] == payment["provider_id"]
    again = stack.api.post(ORDERS, {"amount": 1050, "currency": "eur", "provider": name, "reference": "order-7"}, idempotency_key=f"{name}-1")
    assert again.json() == payment and again.headers["Idempotent-Replayed"] == "true"


def test_a_pasted_env_file_finds_it_by_its_manifest_alone(dropped):
    stack, _, name = dropped
    api = stack.client(stack.gateway.key(stack.gateway.organisation("Newcomer")))
    review = api.ok("POST", "/api/onboarding/parse", {"env_content": f"{name.upper()}_API_KEY={KEY}\nPORT=80"})
    found, = review["services"]
    assert (found["provider"], found["confidence"], found["environment"]) == (name, "high", "test")
    assert KEY not in str(review)
    # Its manifest names no operation to try credentials with: they are stored as they are, and that is said.
    result = api.ok("POST", "/api/onboarding/configure", {"token": review["token"]}, 201)
    assert (result["services"][0]["status"], result["services"][0]["verified"]) == ("connected", False)
    shop = stack.client(result["api_key"]["api_key"])
    assert shop.ok("POST", ORDERS, {"amount": 100, "currency": "EUR", "provider": name}, 201)["status"] == "succeeded"


def test_a_payment_needs_no_reference(dropped):
    stack, _, name = dropped
    assert stack.api.ok("POST", ORDERS, {"amount": 99, "currency": "EUR", "provider": name}, 201)["reference"] is None


def test_its_decline_is_a_402(dropped):
    stack, _, name = dropped
    problem = stack.api.problem("POST", ORDERS, {"amount": 666, "currency": "EUR", "provider": name}, 402)
    assert (problem["provider"], problem["outcome"], problem["provider_code"]) == (name, "declined", "refused")


def test_its_unclear_answer_is_resolved_with_the_same_key(dropped):
    stack, provider, name = dropped
    before = len(provider.charges)
    provider.status_for_next = [500]
    payment = stack.api.ok("POST", ORDERS, {"amount": 1234, "currency": "EUR", "provider": name}, 202)
    assert payment["status"] == "processing"
    eventually(lambda: stack.api.payment(payment["id"])["status"] == "succeeded", "resolved", 60, 0.1)
    assert len(provider.charges) == before + 1
    keys = {key for method, _, key in provider.requests[-2:] if method == "POST"}
    assert len(keys) == 1


def test_what_it_cannot_do_is_a_501_with_who_can(dropped):
    stack, _, name = dropped
    payment = stack.api.ok("POST", ORDERS, {"amount": 50, "currency": "EUR", "provider": name}, 201)
    problem = stack.api.problem("POST", f"{ORDERS}/{payment['id']}/refunds", {}, 501)
    assert (problem["outcome"] if "outcome" in problem else "not_executed") == "not_executed"
    assert problem["providers"] == ["paypal", "razorpay", "stripe"]


def test_two_that_can_and_none_named_is_a_400_that_lists_them(dropped):
    stack, _, name = dropped
    problem = stack.api.problem("POST", ORDERS, {"amount": 50, "currency": "EUR"}, 400)
    assert problem["param"] == "provider" and sorted(problem["providers"]) == sorted([name, "stripe"])


def test_only_one_that_can_needs_no_name(dropped):
    assert dropped[0].api.ok("POST", "/v1/customers", {}, 201)["provider"] == "stripe"


def test_a_configured_default_is_taken(dropped):
    stack, _, name = dropped
    stack.gateway.stop()
    stack.gateway.settings["routing"] = {"defaults": {"payments.create": name}}
    stack.gateway.write_settings()
    stack.gateway.restart()
    try:
        assert stack.api.ok("POST", ORDERS, {"amount": 50, "currency": "EUR"}, 201)["provider"] == name
        assert stack.api.pay(provider="stripe")["provider"] == "stripe"
    finally:
        stack.gateway.stop()
        del stack.gateway.settings["routing"]
        stack.gateway.write_settings()
        stack.gateway.restart()


def test_its_key_is_in_no_log_and_reached_only_its_provider(dropped):
    stack, provider, name = dropped
    stack.api.ok("POST", ORDERS, {"amount": 51, "currency": "EUR", "provider": name}, 201)
    assert provider.requests
    assert KEY not in stack.gateway.log()
    assert KEY not in stack.simulator.ledger_file.read_text()


def test_a_file_that_others_can_write_is_refused(build_example, tmp_path_factory, make_stack):
    directory = tmp_path_factory.mktemp("open")
    directory.chmod(0o755)
    for file in ("example.so", "example.plugin.yaml"):
        shutil.copy(build_example("minimal-c") / file, directory / file)
    (directory / "example.so").chmod(0o666)
    stack = make_stack(plugins=(PLUGINS, directory)).start()
    try:
        [shown] = [p for p in stack.api.ok("GET", "/v1/providers")["data"] if p["id"] == "example"]
        assert shown["state"] == "refused" and "writ" in shown["reason"]
    finally:
        stack.stop()
