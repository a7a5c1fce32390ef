"""What the storage tests start and ask: a simulator of Stripe, a database of either kind, one gateway or more, and clients that pay.

Every request is kept with its answer, so that at the end the books can be compared: what a client was refused never reached the
provider, what it was told is kept, and a key moved money once. The runner prints one line for each case and the sum.
"""
import collections
import contextlib
import ctypes
import itertools
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
for folder in ("e2e", "postgres"):
    sys.path.insert(0, str(TESTS / folder))

import cluster as postgres  # noqa: E402
import requests  # noqa: E402
from support import processes  # noqa: E402
from support.processes import Gateway, Simulator  # noqa: E402
from support.waiting import eventually  # noqa: E402

ORDERS = "/v1/payments/orders"
CREDENTIALS = {"stripe": {"secret_key": "sk_test_storage00000000000canary"},
               "razorpay": {"key_id": "rzp_test_storagecana01", "key_secret": "storagecanarysecret0001", "account_number": "7878780080316316"},
               "paypal": {"client_id": "A" + "storageca" * 8, "client_secret": "E" + "storageca" * 8, "webhook_id": "3RN13029J36659323"}}
SETTLED_S = 60
_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def die_with_parent():
    """In a child: ends when its parent does, however that ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Skipped(Exception):
    """This machine can't make the fault."""


class Answer:
    def __init__(self, key, status=None, text=b"", headers=None, took=0.0):
        self.key, self.status, self.text, self.headers, self.took = key, status, text, headers or {}, took

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def outcome(self):
        """What a refusal says became of it: not_executed or unknown. Before there is an operation (a key that can't be looked up)
        nothing can have been executed, and nothing need be said."""
        if not self.status or self.status < 400:
            return None
        return self.json.get("outcome") or ("not_executed" if self.json.get("code") == "store_unreadable" else None)

    def __repr__(self):
        return f"{self.status} {self.text[:300]!r} after {self.took:.2f} s"


class Sqlite:
    kind = "sqlite"

    def __init__(self, folder):
        self.file = Path(folder) / "unigate.db"

    def settings(self):
        return {"url": f"sqlite:{self.file}"}

    def rows(self, sql):
        connection = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def close(self):
        """Its folder goes with the rig's."""


class Postgres:
    kind = "postgres"

    def __init__(self, cluster=None):
        self.cluster = cluster or postgres.Cluster()
        self.cluster.create()
        self.cluster.start()
        self.name = self.cluster.database()

    def settings(self):
        return {"url": self.cluster.url(self.name), "owner_url": self.cluster.url(self.name, postgres.OWNER)}

    def rows(self, sql):
        return [json.loads(line[0]) for line in self.cluster.sql(f"SELECT row_to_json(r) FROM ({sql}) r", self.name)]

    def close(self):
        self.cluster.destroy()


class Rig:
    def __init__(self, database, directory=None, gateways=1, providers=("stripe",), settings=None):
        self.directory = Path(directory or tempfile.mkdtemp(prefix="unigate-storage-"))
        self.database = database(self.directory) if callable(database) else database
        self.simulator = Simulator(self.directory, providers=providers)
        self.gateways = []
        self.answers = []  # of all clients, in the order in which they came
        self.newcomers = []  # email addresses of people whose registration was refused
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        for number in range(gateways):
            self.add_gateway(number, settings or {})

    def add_gateway(self, number, settings):
        folder = self.directory / f"gateway{number}"
        folder.mkdir()
        endpoints = {name: {"endpoints": {"test": {"api": self.simulator.url_of(name)}}} for name in self.simulator.providers}
        merged = {"providers": endpoints, "store": self.database.settings(), "log": {"level": "info"},
                  "vault": {"key_encryption_key": f"file:{self.directory}/gateway0/kek"}, **settings}
        self.gateways.append(Gateway(folder, merged))

    @property
    def gateway(self):
        return self.gateways[0]

    def __enter__(self):
        try:
            self.simulator.start()
            for gateway in self.gateways:
                self.start(gateway)
            org = self.gateway.organisation("Storage")
            self.org = org
            self.api_key = self.gateway.key(org)
            for provider in self.simulator.providers:
                self.gateway.service(org, CREDENTIALS[provider], provider)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for gateway in self.gateways:
            if gateway.process and gateway.process.running():
                os.kill(gateway.process.child.pid, signal.SIGCONT)
                gateway.kill()
        with contextlib.suppress(Exception):
            self.simulator.stop()
        self.database.close()
        if not os.environ.get("UNIGATE_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, gateway):
        """Seconds until it is ready."""
        if gateway is not self.gateway and (self.directory / "gateway0/kek").exists():
            shutil.copy(self.directory / "gateway0/kek", gateway.directory / "kek")
        began = time.monotonic()
        gateway.start(wait=False)
        while not (gateway.process.running() and self.ready(gateway)[0] == 200):
            if not gateway.process.running():
                raise AssertionError(f"the gateway ended with {gateway.process.child.returncode}:\n{gateway.process.output()[-3000:]}")
            if time.monotonic() - began > processes.START_S:
                raise AssertionError(f"the gateway is not ready: {self.ready(gateway)}")
            time.sleep(0.005)
        return time.monotonic() - began

    # ---- asking ----

    def call(self, method, path, body=None, key=None, gateway=None, timeout=60):
        headers = {"Authorization": f"Bearer {self.api_key}", **({"Idempotency-Key": key} if key else {})}
        began = time.monotonic()
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.request(method, (gateway or self.gateway).url + path, json=body, headers=headers, timeout=timeout)
        except requests.RequestException:
            return Answer(key, took=time.monotonic() - began)
        return Answer(key, response.status_code, response.content, response.headers, time.monotonic() - began)

    def pay(self, key=None, gateway=None, amount=1050, timeout=60, path=ORDERS, body=None):
        if key is None:
            with self.lock:
                key = f"storage-{next(self.numbers)}"
        body = body or {"amount": amount, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}
        answer = self.call("POST", path, body, key, gateway, timeout)
        with self.lock:
            self.answers.append(answer)
        return answer

    def in_background(self, *arguments, **options):
        """A payment whose answer is fetched with result()."""
        box = []
        thread = threading.Thread(target=lambda: box.append(self.pay(*arguments, **options)), daemon=True)
        thread.start()

        def result(timeout=90):
            thread.join(timeout)
            assert box, "a payment was not answered"
            return box[0]
        return result

    def ready(self, gateway=None):
        """Status of /ready and what it says."""
        try:
            response = requests.get((gateway or self.gateway).url + "/ready", timeout=5, proxies={"http": None})
        except requests.RequestException:
            return 0, ""
        return response.status_code, response.json().get("detail", "")

    def healthy(self, gateway=None):
        try:
            return requests.get((gateway or self.gateway).url + "/health", timeout=5, proxies={"http": None}).status_code == 200
        except requests.RequestException:
            return False

    def await_ready(self, timeout_s=20, gateway=None):
        """Seconds until /ready is 200 again."""
        began = time.monotonic()
        eventually(lambda: self.ready(gateway)[0] == 200, "the gateway is ready again by itself", timeout_s)
        return time.monotonic() - began

    def at_provider(self, path="/v1/payment_intents"):
        """The keys under which the provider was asked to create, one for each request."""
        return [seen["idempotency_key"] for seen in self.simulator.posts(path)]

    @contextlib.contextmanager
    def payers(self, count=4, pause_s=0.02, gateways=None):
        """Clients that pay one payment after the other while the block runs."""
        stop = threading.Event()

        def client(number):
            target = (gateways or self.gateways)[number % len(gateways or self.gateways)]
            while not stop.is_set():
                self.pay(gateway=target)
                stop.wait(random.uniform(0, 2 * pause_s))
        threads = [threading.Thread(target=client, args=(number,), daemon=True) for number in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(90)
        assert not any(thread.is_alive() for thread in threads), "a client was never answered"

    # ---- the books ----

    def operations(self):
        return {row["id"]: row for row in self.database.rows("SELECT * FROM operations")}

    def check_refused(self, answers=None):
        """Nothing was sent for what was refused as not executed: neither is there an operation nor a request at the provider."""
        refused = {a.key for a in (answers or self.answers) if a.outcome == "not_executed"}
        operations = self.operations()
        sent = {operations[key]["client_key"] if key in operations else key for key in self.at_provider()}
        strangers = [key for key in self.at_provider() if key not in operations]
        assert not strangers, f"the provider was asked for operations that are not stored: {strangers[:5]}"
        assert not refused & sent, f"refused, but the provider was asked: {sorted(refused & sent)[:5]}"
        return len(refused)

    def check_retry_after(self):
        for answer in self.answers:
            if answer.status == 503:
                assert int(answer.headers.get("Retry-After", "0")) >= 1, f"no Retry-After: {answer}"
                assert answer.outcome in ("not_executed", "unknown"), f"a 503 that does not say what became of it: {answer}"

    def await_settled(self, timeout_s=SETTLED_S):
        eventually(lambda: not self.database.rows("SELECT id FROM operations WHERE state NOT IN ('succeeded', 'failed', 'escalated')"),
                   "nothing is open any more", timeout_s, 0.1)

    def check_books(self, gateway=None):
        """Every client asks again under its key until it is told; then each key has moved money once and replays what it was told."""
        self.check_retry_after()
        first = {}
        for answer in self.answers:
            if answer.status in (201, 202):
                first.setdefault(answer.key, answer)
        keys = list(dict.fromkeys(answer.key for answer in self.answers))
        self.await_settled()
        for key in keys:
            def told(key=key):
                answer = self.pay(key, gateway)
                return answer if answer.status in (201, 202) else None
            answer = eventually(told, f"{key} is answered", SETTLED_S, 0.1)
            before = first.setdefault(key, answer)
            assert (answer.status, answer.text) == (before.status, before.text), f"{key} was told {before}, now {answer}"
        self.await_settled()
        operations = self.operations()
        by_client = collections.defaultdict(list)
        for entry in self.simulator.entries():
            if entry["type"] in ("charge", "capture"):
                row = operations.get(entry["idempotency_key"])
                assert row, f"the provider moved money for an unknown operation: {entry}"
                assert row["state"] == "succeeded" and row["amount"] == entry["amount"], f"{entry} does not fit {row['id']}"
                by_client[row["client_key"]].append(entry)
        wrong = {key: len(by_client[key]) for key in keys if len(by_client[key]) != 1}
        assert not wrong, f"keys that did not move money once: {dict(list(wrong.items())[:5])}"
        trail = {row["operation_id"]: row["n"] for row in self.database.rows(
            "SELECT operation_id, count(*) AS n FROM transaction_logs GROUP BY operation_id")}
        for row in operations.values():
            assert trail.get(row["id"]) == row["transition_seq"], f"{row['id']}: {row['transition_seq']} changes, {trail.get(row['id'])} rows"
        return len(keys)


def run_cases(cases, chosen=None):
    """Runs the functions, prints a line for each and the sum; the exit status."""
    passed = failed = skipped = 0
    for case in cases:
        name = case.__name__
        if chosen and name not in chosen:
            continue
        began = time.monotonic()
        try:
            said = " ".join((case() or "").split())
            passed += 1
            print(f"ok      {name} ({time.monotonic() - began:.1f} s){': ' + said if said else ''}", flush=True)
        except Skipped as reason:
            skipped += 1
            print(f"skipped {name}: {reason}", flush=True)
        except Exception as error:
            failed += 1
            if not isinstance(error, AssertionError) or os.environ.get("UNIGATE_KEEP"):
                traceback.print_exc()
            print(f"FAILED  {name} ({time.monotonic() - began:.1f} s): {' '.join(str(error).split())}", flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


def run_on_stores(measure, parser, options):
    """A program that does the same on both databases: reads the arguments into `options` and runs what `--store` leaves."""
    def sqlite():
        return measure(Sqlite)

    def postgres():
        return measure(Postgres())
    parser.add_argument("--store", choices=("sqlite", "postgres"), help="this database alone")
    arguments = parser.parse_args(namespace=options)
    return run_cases([sqlite, postgres], [arguments.store] if arguments.store else None)
