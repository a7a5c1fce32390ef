"""Fixtures: a whole stack (simulator, gateway, organisation, key) for each module, and one for each test that breaks it."""
import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.client import Client  # noqa: E402
from support.contract import Contract  # noqa: E402
from support.paths import GATEWAY, SIMULATORS  # noqa: E402
from support.processes import Gateway, Simulator  # noqa: E402

STRIPE_TEST_KEY = "sk_test_e2e0000000000000000canary"
_numbers = itertools.count()


def pytest_collection_modifyitems(items):
    missing = [str(program) for program in (GATEWAY, SIMULATORS) if not program.exists()]
    if missing:
        raise pytest.UsageError(f"not built: {', '.join(missing)}; run tests/run, or set UNIGATE_BUILD")


class Stack:
    """Simulator and gateway that know each other, one organisation with a test key and provider credentials."""

    def __init__(self, directory, contract, settings=None, **gateway_options):
        self.contract = contract
        self.directory = directory
        self.simulator = Simulator(directory)
        merged = {"providers": {"stripe": {"endpoints": {"test": {"api": self.simulator.url}}}}}
        merged.update(settings or {})
        self.gateway = Gateway(directory, merged, **gateway_options)
        self._clients = []

    def start(self):
        try:
            self.simulator.start()
            self.gateway.start()
            self.org = self.gateway.organisation()
            self.key = self.gateway.key(self.org)
            self.gateway.service(self.org, {"secret_key": STRIPE_TEST_KEY})
        except BaseException:
            self.stop()
            raise
        self.api = self.client(self.key)
        return self

    def client(self, key):
        client = Client(self.gateway.url, key, self.contract)
        self._clients.append(client)
        return client

    def newcomer(self, name="Other"):
        """A client of another organisation, with credentials of its own."""
        org = self.gateway.organisation(name)
        self.gateway.service(org, {"secret_key": STRIPE_TEST_KEY})
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
