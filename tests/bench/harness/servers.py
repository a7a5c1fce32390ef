"""What is measured: the provider's simulator, this gateway, and the peers in front of the same simulator."""
import http.client
import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
import uuid
from pathlib import Path

from harness import processes

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
BUILD = ROOT / os.environ.get("UNIGATE_BUILD", "build/release")
PROVIDER_KEY = "sk_test_bench00000000000000"
GATEWAY_PROVIDER_KEY = "sk_test_bench00000000000gate"  # its last four characters mark the gateway's lines in the ledger
BODY = {"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa", "reference": "order-1"}
INTENT = ("amount=1050&currency=usd&capture_method=automatic&payment_method=pm_card_visa&confirm=true"
          "&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never")


def ask(port, method, path, body=None, headers=()):
    """Status and text of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


class Server:
    """One measured server. `process` is the root of its processes."""
    create_kind = "intent"  # what wrk sends to create a payment
    process = None

    def __init__(self, name, directory):
        self.name = name
        self.directory = directory / re.sub(r"\W+", "-", name)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self.paths_file = self.directory / "paths.txt"
        self.log = self.directory / "log.txt"

    def credential(self, kind):
        return PROVIDER_KEY

    def make_paths(self, count=64):
        """Creates payments and notes the paths that wrk asks for them."""
        with open(self.paths_file, "w") as out:
            for _ in range(count):
                headers = {"Authorization": f"Bearer {self.credential('get')}", "Idempotency-Key": uuid.uuid4().hex}
                if self.create_kind == "order":
                    path, body = "/v1/payments/orders", json.dumps(BODY)
                    headers["Content-Type"] = "application/json"
                else:
                    path, body = "/v1/payment_intents", INTENT
                    headers["Content-Type"] = "application/x-www-form-urlencoded"
                status, text = ask(self.port, "POST", path, body, headers)
                if status not in (200, 201):
                    raise RuntimeError(f"{self.name}: {status} {text}")
                out.write(f"{path}/{json.loads(text)['id']}\n")

    def cpu_seconds(self):
        return processes.cpu_seconds(self.process.pid)

    def stop(self):
        if self.process:
            processes.stop(self.process)
            self.process = None


class Simulator(Server):
    def __init__(self, directory):
        super().__init__("direct", directory)
        self.ledger = self.directory / "ledger.jsonl"
        program = next((path for path in (BUILD / "tests/simulators/unigate-simulators", ROOT / "build/sim/unigate-simulators")
                        if path.exists()), None)
        if program is None:
            raise RuntimeError(f"the simulator is missing: cmake --build {BUILD} --target unigate-simulators")
        self.port = processes.free_port()
        self.process = processes.start(
            [program, "--stripe-port", self.port, "--ledger", self.ledger, "--no-journal"], self.log)
        processes.wait_for_http(self.port, "/__sim/faults", self.process)

    def delay(self, milliseconds):
        ask(self.port, "DELETE", "/__sim/faults")
        if milliseconds:
            fault = {"provider": "stripe", "kind": "delay", "delay_ms": milliseconds, "times": -1,
                     "match": {"method": "POST", "path_prefix": "/v1/payment_intents"}}
            status, text = ask(self.port, "POST", "/__sim/faults", json.dumps(fault), {"Content-Type": "application/json"})
            if status not in (200, 201):
                raise RuntimeError(f"the simulator refused the delay: {status} {text}")

    def reset(self):
        """Forgets its objects, so that the first round and the last find the same simulator."""
        ask(self.port, "POST", "/__sim/reset")

    def ledger_size(self):
        return self.ledger.stat().st_size

    def keys_since(self, offset):
        """The idempotency key of every movement of the gateway's money that was written after `offset`."""
        with open(self.ledger, "rb") as ledger:
            ledger.seek(offset)
            return [re.search(rb'"idempotency_key":"([^"]*)"', line)[1] for line in ledger
                    if b'"rec":"movement"' in line and b'"key_last4":"gate"' in line]


class Gateway(Server):
    """unigate with a database of its own on disk."""
    create_kind = "order"

    def __init__(self, directory, simulator, folder="unigate", store=None):
        """`store`: the section of the configuration; a SQLite file of its own when not given."""
        super().__init__(folder, directory)
        self.name = "unigate"
        self.program = BUILD / "bin/unigate"
        if not self.program.exists():
            raise RuntimeError(f"the gateway is missing: cmake --build {BUILD} --target unigate plugins/stripe.so")
        self.database = self.directory / "unigate.db"
        self.config = self.directory / "unigate.yaml"
        self.port, self.metrics_port = processes.free_port(), processes.free_port()
        store = json.dumps(store or {"url": f"sqlite:{self.database}"})
        self.config.write_text(f"""
server: {{ listen: "127.0.0.1:{self.port}", metrics_listen: "127.0.0.1:{self.metrics_port}" }}
store: {store}
vault: {{ key_encryption_key: "file:{self.directory}/kek" }}
plugins: {{ directories: ["{BUILD}/plugins"] }}
providers: {{ stripe: {{ endpoints: {{ test: {{ api: "http://127.0.0.1:{simulator.port}" }} }} }} }}
upstream: {{ allow_loopback_http: true }}
limits: {{ default_per_minute: 10000000 }}
log: {{ level: warn }}
""")
        self._command("keygen", "--out", self.directory / "kek")

    def _command(self, *arguments):
        done = subprocess.run([str(self.program), *map(str, arguments)], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"unigate {arguments[0]}: {done.stderr or done.stdout}")
        return done.stdout

    def set_up(self):
        """An organisation, its key and its account at the provider."""
        config = ("--config", self.config, "--json")
        org = json.loads(self._command("org", "create", *config, "--name", "Bench"))["org_id"]
        key = self._command("key", "create", *config, "--org", org, "--environment", "test", "--scopes", "*")
        self.key = json.loads(key)["api_key"]
        account = self.directory / "account.json"
        account.write_text(json.dumps({"secret_key": GATEWAY_PROVIDER_KEY}))
        self._command("service", "set", *config, "--org", org, "--provider", "stripe", "--environment", "test", "--from", account)
        return self

    def credential(self, kind):
        return self.key

    def start(self):
        """Seconds until it was ready."""
        self.process = processes.start([self.program, "serve", "--config", self.config], self.log)
        return processes.wait_for_http(self.port, "/ready", self.process)

    def metric(self, name):
        """The sum of a metric's values over the label sets whose text starts with `name`."""
        _, text = ask(self.metrics_port, "GET", "/metrics")
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))

    def created(self):
        """How many 201 it has answered, once nothing is under way."""
        deadline = time.monotonic() + 60
        while self.metric("unigate_http_requests_in_flight") or self.metric("unigate_provider_calls_in_flight"):
            if time.monotonic() > deadline:
                raise RuntimeError("requests are still under way a minute after the load ended")
            time.sleep(0.02)
        return int(self.metric('unigate_http_requests_total{method="POST",route="/v1/payments/orders",status="201"}'))

    def succeeded(self):
        """How many operations the database holds as succeeded, and how many in any other state."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30) as rows:
            counts = dict(rows.execute("SELECT state, count(*) FROM operations GROUP BY state"))
        rows.close()
        return counts.pop("succeeded", 0), sum(counts.values())


class _Proxy(Server):
    template = ""

    def __init__(self, directory, simulator):
        super().__init__(self.kind, directory)
        self.port = processes.free_port()
        text = (HERE / "peers" / self.template).read_text()
        for name, value in (("DIRECTORY", self.directory), ("PORT", self.port), ("PROVIDER_PORT", simulator.port)):
            text = text.replace(f"@{name}@", str(value))
        self.config = self.directory / self.template.removesuffix(".in")
        self.config.write_text(text)
        self.process = processes.start(self.command(), self.log)
        processes.wait_for_http(self.port, "/__sim/faults", self.process)


class Nginx(_Proxy):
    kind, template = "nginx", "nginx.conf.in"

    def command(self):
        return ["nginx", "-e", "stderr", "-p", self.directory, "-c", self.config]


class Haproxy(_Proxy):
    kind, template = "haproxy", "haproxy.cfg.in"

    def command(self):
        return ["haproxy", "-db", "-f", self.config]


class FastApi(Server):
    """The naive peer; its packages come from PyPI once, into a virtual environment."""
    create_kind = "order"
    source = HERE / "peers/fastapi_peer"

    def __init__(self, directory, simulator):
        super().__init__("fastapi", directory)
        self.key = "bench_" + uuid.uuid4().hex
        python = self.installed(directory / "venv")
        environment = {**os.environ, "PEER_PROVIDER": f"http://127.0.0.1:{simulator.port}", "PEER_PROVIDER_KEY": PROVIDER_KEY,
                       "PEER_API_KEY": self.key, "PEER_DATABASE": str(self.directory / "peer.db"), "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([python, "app.py"], cwd=self.source, env=environment, check=True, timeout=60)
        self.port = processes.free_port()
        self.process = processes.start(
            [python, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", self.port, "--workers", os.environ.get("PEER_WORKERS", os.cpu_count()),
             "--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"],
            self.log, cwd=self.source, env=environment)
        processes.wait_for_http(self.port, "/ready", self.process)

    def installed(self, venv):
        wanted, stamp = (self.source / "requirements.txt").read_text(), venv / ".installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            print(f"installing {self.source.relative_to(ROOT)}/requirements.txt into {venv.relative_to(ROOT)}", flush=True)
            subprocess.run(["python3", "-m", "venv", "--clear", venv], check=True, timeout=120)
            subprocess.run([venv / "bin/pip", "install", "-q", "--disable-pip-version-check", "-r", self.source / "requirements.txt"],
                           check=True, timeout=600)
            stamp.write_text(wanted)
        return venv / "bin/python"

    def credential(self, kind):
        return self.key
