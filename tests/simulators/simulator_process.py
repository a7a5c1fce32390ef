"""Starts unigate-simulators for a test and talks to it; used by the tests of this folder and by those that need a provider."""

import json
import os
import pathlib
import signal
import subprocess

import requests

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
KEY = "sk_test_simulator00000001"
INTENTS = "/v1/payment_intents"
READY_SECONDS = 60


def find_binary():
    """The binary that UNIGATE_SIMULATORS names, else the newest one in a build directory; None if there is none."""
    named = os.environ.get("UNIGATE_SIMULATORS")
    if named:
        return pathlib.Path(named)
    built = list(ROOT.glob("build/*/unigate-simulators"))
    built += ROOT.glob("build/*/tests/simulators/unigate-simulators")
    built = [path for path in built if path.is_file()]
    return max(built, key=lambda path: path.stat().st_mtime) if built else None


class Simulator:
    """One running process. Use as a context manager; start() again on the same ledger is a restart."""

    def __init__(self, ledger, *options, providers=("stripe",)):
        self.ledger = pathlib.Path(ledger)
        self.options = options
        self.providers = providers
        self.process = None
        self.ports = dict.fromkeys(providers, 0)

    def start(self):
        command = [str(find_binary()), "--ledger", str(self.ledger)]
        for provider, port in self.ports.items():
            command += [f"--{provider}-port", str(port)]
        self.process = subprocess.Popen([*command, *self.options], stdout=subprocess.PIPE, text=True)
        for _ in self.providers:
            line = self.process.stdout.readline()
            assert " ready on 127.0.0.1:" in line, line
            provider, address = line.split(" ready on ")
            self.ports[provider] = int(address.rsplit(":", 1)[1])
        return self

    @property
    def port(self):
        """Of the first provider, which also answers the control endpoints."""
        return self.ports[self.providers[0]]

    @port.setter
    def port(self, port):
        self.ports[self.providers[0]] = port

    def url_of(self, provider):
        return f"http://127.0.0.1:{self.ports[provider]}"

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(timeout=READY_SECONDS)
        self.process.stdout.close()
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def lines(self):
        return [json.loads(line) for line in self.ledger.read_text().splitlines()]

    # The control endpoints.
    def add_fault(self, kind, match=None, **fields):
        fault = {"provider": self.providers[0], "kind": kind, "match": match or {}, **fields}
        answer = requests.post(f"{self.url}/__sim/faults", json=fault, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    def clear_faults(self):
        assert requests.delete(f"{self.url}/__sim/faults", timeout=30).status_code == 200

    def control(self, name):
        answer = requests.get(f"{self.url}/__sim/{name}", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def steer(self, name, body=None, status=200):
        """POSTs to a control endpoint and returns its answer."""
        answer = requests.post(f"{self.url}/__sim/{name}", json=body or {}, timeout=30)
        assert answer.status_code == status, answer.text
        return answer.json()

    def advance(self, seconds):
        """Moves simulated time forward; what becomes due has happened afterwards."""
        return self.steer("clock", {"advance_s": seconds})

    def movements(self):
        return self.control("movements")["payments"]

    def ledger_entries(self):
        return self.control("ledger")["entries"]

    def wait_for_requests(self, count):
        """Until the simulator has taken up that many requests, answered or not."""
        while self.control("requests?limit=1")["count"] < count:
            pass


def form(value, name=""):
    """Nested dicts and lists as the pairs of a bracketed form."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else str(value)
        return [(name, text)]
    return [pair for key, part in items for pair in form(part, f"{name}[{key}]" if name else str(key))]


class StripeClient:
    """Speaks Stripe's API to a simulator. `observe(method, url, headers, body, response)` sees each exchange."""

    def __init__(self, simulator, key=KEY, observe=None):
        self.simulator = simulator
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key}"
        self.observe = observe

    def call(self, method, path, params=None, idempotency_key=None, headers=None, timeout=30):
        all_headers = dict(headers or {})
        if idempotency_key:
            all_headers["Idempotency-Key"] = idempotency_key
        pairs = form(params or {})
        in_body = method == "POST"
        response = self.session.request(
            method,
            self.simulator.url + path,
            params=None if in_body else pairs,
            data=pairs if in_body else None,
            headers=all_headers,
            timeout=timeout,
        )
        if self.observe:
            self.observe(response)
        return response

    def post(self, path, params=None, idempotency_key=None, **options):
        return self.call("POST", path, params, idempotency_key, **options)

    def get(self, path, params=None, **options):
        return self.call("GET", path, params, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    def pay(self, amount=2000, currency="usd", method="pm_card_visa", **params):
        """Creates and confirms a payment; returns the response."""
        options = {k: params.pop(k) for k in ("idempotency_key", "headers", "timeout") if k in params}
        body = {"amount": amount, "currency": currency, "payment_method": method, "confirm": True, **params}
        return self.post("/v1/payment_intents", body, **options)


def error_of(response, status):
    """The error body of an answer that must have that status."""
    assert response.status_code == status, response.text
    return response.json()["error"]


def refused(stripe, status=400, path=INTENTS, **params):
    """The error of a POST that must be refused."""
    return error_of(stripe.post(path, params), status)
