"""Fixtures: a whole stack (simulator, gateway, organisation, key) for each module, and one for each test that breaks it."""
import itertools
import sys
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.client import Client  # noqa: E402
from support.contract import Contract  # noqa: E402
from support.paths import GATEWAY, SIMULATORS  # noqa: E402
from support.processes import Gateway, Simulator  # noqa: E402

STRIPE_TEST_KEY = "sk_test_e2e0000000000000000canary"
# Made up; the simulators take whatever has the right form.
CREDENTIALS = {
    "stripe": {"secret_key": STRIPE_TEST_KEY},
    "razorpay": {"key_id": "rzp_test_e2ecanary0001", "key_secret": "e2ecanarysecret0000000001", "account_number": "7878780080316316"},
    "paypal": {"client_id": "A" + "e2ecanary" * 8, "client_secret": "E" + "e2ecanary" * 8, "webhook_id": "3RN13029J36659323"},
    "twilio": {"account_sid": "AC" + "0e2ecafe" * 4, "auth_token": "beef0e2e" * 4, "from_number": "+15005550006"},
}
ENDPOINTS = {"twilio": ("api", "verify", "lookups", "messaging")}
_numbers = itertools.count()


def pytest_collection_modifyitems(items):
    missing = [str(program) for program in (GATEWAY, SIMULATORS) if not program.exists()]
    if missing:
        raise pytest.UsageError(f"not built: {', '.join(missing)}; run tests/run, or set UNIGATE_BUILD")


class Stack:
    """Simulators and gateway that know each other, one organisation with a test key and provider credentials."""

    def __init__(self, directory, contract, settings=None, providers=("stripe",), **gateway_options):
        self.contract = contract
        self.directory = directory
        self.simulator = Simulator(directory, providers=providers)
        merged = {"providers": {
            provider: {"endpoints": {"test": dict.fromkeys(ENDPOINTS.get(provider, ("api",)), self.simulator.url_of(provider))}}
            for provider in providers}}
        merged.update(settings or {})
        self.gateway = Gateway(directory, merged, **gateway_options)
        self._clients = []

    def start(self):
        try:
            self.simulator.start()
            self.gateway.start()
            self.org = self.gateway.organisation()
            self.key = self.gateway.key(self.org)
            self.store_credentials(self.org)
        except BaseException:
            self.stop()
            raise
        self.api = self.client(self.key)
        return self

    def store_credentials(self, org):
        for provider in self.simulator.providers:
            more = {"verify_service_sid": self._verify_service()} if provider == "twilio" else {}
            self.gateway.service(org, {**CREDENTIALS[provider], **more}, provider)

    def _verify_service(self):
        """Made at Twilio once, as its console would."""
        login = (CREDENTIALS["twilio"]["account_sid"], CREDENTIALS["twilio"]["auth_token"])
        url = self.simulator.url_of("twilio") + "/v2/Services"
        services = requests.get(url, auth=login, timeout=30).json()["services"]
        return (services or [requests.post(url, auth=login, data={"FriendlyName": "Shop"}, timeout=30).json()])[0]["sid"]

    def client(self, key):
        client = Client(self.gateway.url, key, self.contract)
        self._clients.append(client)
        return client

    def newcomer(self, name="Other"):
        """A client of another organisation, with credentials of its own."""
        org = self.gateway.organisation(name)
        self.store_credentials(org)
        return self.client(self.gateway.key(org))

    def stop(self):
        for client in self._clients:
            client.session.close()
        self.gateway.stop()
        self.simulator.stop()


@pytest.fixture(scope="session")
def contract():
    return Contract()


@pytest.fixture(scope="session")
def make_stack(tmp_path_factory, contract):
    """Starts stacks on demand; a failing start leaves its logs in the test's message."""
    def make(settings=None, **options):
        return Stack(tmp_path_factory.mktemp(f"stack{next(_numbers)}"), contract, settings, **options)
    return make


@pytest.fixture(scope="module")
def stack(make_stack):
    running = make_stack().start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def all_providers(make_stack):
    running = make_stack(providers=tuple(CREDENTIALS)).start()
    yield running
    running.stop()


@pytest.fixture
def four(all_providers):
    """A stack with all four providers, one for all tests; its faults are cleared."""
    all_providers.simulator.clear_faults()
    yield all_providers
    all_providers.simulator.clear_faults()


@pytest.fixture
def four_apart(make_stack):
    """All four providers for one test, which may move their time; what they date is strange to all others from then on."""
    running = make_stack(providers=tuple(CREDENTIALS)).start()
    yield running
    running.stop()


@pytest.fixture
def fresh(make_stack):
    """A stack that a test may break."""
    running = make_stack().start()
    yield running
    running.stop()


@pytest.fixture
def api(stack):
    return stack.api


@pytest.fixture
def simulator(stack):
    """The module's simulator with its ledger and faults cleared."""
    stack.simulator.reset()
    return stack.simulator
