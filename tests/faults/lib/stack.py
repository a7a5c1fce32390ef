"""Everything that a fault test starts: simulators of all four providers, a database, one gateway or two, a tenant with credentials.

Gateways run from stripped copies of the program and its plugins, for a start reads them in full and a sweep starts a thousand times.
"""
import http.client
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "postgres")]

from cluster import OWNER, Cluster, binaries  # noqa: E402
from support import processes  # noqa: E402
from support.paths import GATEWAY, PLUGINS, SIMULATORS  # noqa: E402
from support.processes import Gateway, Simulator  # noqa: E402

PROVIDERS = ("stripe", "razorpay", "paypal", "twilio")
# Made up; the simulators take whatever has the right form.
CREDENTIALS = {
    "stripe": {"secret_key": "sk_test_faults0000000000canary"},
    "razorpay": {"key_id": "rzp_test_faultcanary01", "key_secret": "faultcanarysecret00000001", "account_number": "7878780080316316"},
    "paypal": {"client_id": "A" + "faultcana" * 8, "client_secret": "E" + "faultcana" * 8, "webhook_id": "3RN13029J36659323"},
    "twilio": {"account_sid": "AC" + "0fa01cafe0" * 3 + "00", "auth_token": "0fa01cafe0" * 3 + "00", "from_number": "+15005550006",
               "verify_service_sid": "VA00000000000000000000000000000001"},
}
ENDPOINTS = {"twilio": ("api", "verify", "lookups", "messaging")}
START_S = 30


class SqliteStore:
    name = "sqlite"

    def __init__(self, directory):
        self.file = Path(directory) / "unigate.db"

    def settings(self):
        return {"url": f"sqlite:{self.file}"}

    def source(self):
        """How the checker names this database."""
        return f"sqlite:{self.file}"

    def destroy(self):
        pass


class PostgresStore:
    name = "postgres"

    def __init__(self, _directory):
        self.cluster = Cluster()
        self.cluster.create()
        self.cluster.start()
        self.database = self.cluster.database()

    def settings(self):
        return {"url": self.cluster.url(self.database), "owner_url": self.cluster.url(self.database, OWNER)}

    def source(self):
        return self.cluster.url(self.database, "admin")

    def destroy(self):
        self.cluster.destroy()


STORES = {"sqlite": SqliteStore, "postgres": PostgresStore}


def lean_copies(directory):
    """The program and its plugins without what debuggers want; where both are."""
    place = Path(directory) / "program"
    plugins = place / "plugins"
    plugins.mkdir(parents=True)
    subprocess.run(["strip", "--strip-debug", "-o", place / "unigate", GATEWAY], check=True)
    for manifest in PLUGINS.rglob("*.plugin.yaml"):
        library = manifest.parent / (manifest.name.removesuffix(".plugin.yaml") + ".so")
        if library.exists() and library.stem in PROVIDERS:
            subprocess.run(["strip", "--strip-debug", "-o", plugins / library.name, library], check=True)
            shutil.copy(manifest, plugins)
    return place / "unigate", plugins


class QuickGateway(Gateway):
    """A gateway whose readiness is asked for every few milliseconds."""

    def wait_ready(self):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if not self.process.running():
                raise AssertionError(f"the gateway ended with {self.process.child.returncode}:\n{self.process.output()[-4000:]}")
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/ready")
                if connection.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.004)
        raise AssertionError(f"the gateway was not ready within {START_S} s:\n{self.process.output()[-4000:]}")

    @property
    def pid(self):
        return self.process.child.pid


class Stack:
    def __init__(self, directory, store="sqlite", gateways=1, threads=1, log="warn"):
        self.directory = Path(directory)
        self.simulator = Simulator(self.directory, providers=PROVIDERS)
        self.store = STORES[store](self.directory)
        program, plugins = lean_copies(self.directory)
        self.gateways = [self._gateway(number, program, plugins, threads, log) for number in range(gateways)]
        self.api_key = None

    def _gateway(self, number, program, plugins, threads, log):
        folder = self.directory / f"gateway{number}"
        folder.mkdir()
        endpoints = {
            provider: {"endpoints": {"test": dict.fromkeys(ENDPOINTS.get(provider, ("api",)), self.simulator.url_of(provider))}}
            for provider in PROVIDERS}
        settings = {"providers": endpoints, "log": {"level": log}, "store": self.store.settings(),
                    "vault": {"key_encryption_key": f"file:{self.directory}/gateway0/kek"},
                    "server": {"threads": threads, "docs_directory": None},
                    "limits": {"connections_per_address_max": 16384}}
        return QuickGateway(folder, settings, plugins=(plugins,), program=program)

    @property
    def gateway(self):
        return self.gateways[0]

    def start(self):
        try:
            self.simulator.start()
            for gateway in self.gateways:
                gateway.start()
            org = self.gateway.organisation("Storm")
            self.api_key = self.gateway.key(org)
            for provider in PROVIDERS:
                self.gateway.service(org, CREDENTIALS[provider], provider)
            self._fill_accounts()
        except BaseException:
            self.stop()
            raise
        return self

    def _fill_accounts(self):
        """More money than any run spends, where the provider wants to see some: Twilio's balance, Stripe's for payouts."""
        self.ask("GET", "/v1/balance?provider=twilio")  # the account is there from its first request on
        self.simulator.steer("twilio/balance", {"units": 10 ** 12, "account": CREDENTIALS["twilio"]["account_sid"]})
        self.ask("POST", "/v1/payments/orders", {"provider": "stripe", "amount": 99_999_999, "currency": "USD", "confirm": True,
                                                 "payment_method": "pm_card_bypassPending"})

    def ask(self, method, path, body=None, key=None, timeout_s=60):
        """One request to the first gateway that must succeed; the document."""
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=timeout_s)
        headers = {"Authorization": f"Bearer {self.api_key}", **({"Idempotency-Key": key} if key else {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        assert response.status in (200, 201), f"{method} {path}: {response.status} {text[:500]}"
        return json.loads(text)

    def seeds(self):
        """What subscriptions need, made once: (tag, item)."""
        monthly = {"name": "Monthly", "amount": 999, "interval": "month"}
        plans = {provider: self.ask("POST", "/v1/plans", {**monthly, "provider": provider, "currency": currency})["id"]
                 for provider, currency in (("stripe", "USD"), ("razorpay", "INR"), ("paypal", "USD"))}
        customer = self.ask("POST", "/v1/customers", {"provider": "stripe", "email": "ada@example.com"})["id"]
        method = self.ask("POST", f"/v1/customers/{customer}/payment-methods", {"payment_method": "pm_card_visa"})["id"]
        return [("stripe.subscriber", {"plan": plans["stripe"], "customer": customer, "method": method}),
                ("razorpay.plan", {"plan": plans["razorpay"]}), ("paypal.plan", {"plan": plans["paypal"]})]

    def stop(self):
        for gateway in self.gateways:
            if gateway.process and gateway.process.running():
                gateway.stop()
        if self.simulator.process and self.simulator.process.running():
            self.simulator.stop()
        self.store.destroy()


def missing_programs():
    return [str(program) for program in (GATEWAY, SIMULATORS) if not program.exists()]


__all__ = ["PROVIDERS", "Stack", "binaries", "missing_programs", "processes"]
