"""The real programs as child processes: the provider simulators and the gateway, each in a directory of its own."""
import json
import os
import random
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import requests
import yaml

from support.paths import DOCS, GATEWAY, PLUGINS, SIMULATORS
from support.waiting import eventually

START_S = 120.0  # a debug build on a busy machine takes its time


# Below what Linux gives to outgoing connections, which could take a port between its choice and the server's start.
_ports = random.SystemRandom().sample(range(12000, 32000), 20000)


def free_port():
    """A port of 127.0.0.1 that nothing listens on, never the same twice in a process."""
    while True:
        port = _ports.pop()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Process:
    """A child with its output in a file; its standard input is empty."""

    def __init__(self, command, log, env=None):
        self.log = Path(log)
        with open(self.log, "ab") as output:
            self.child = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **(env or {})}, start_new_session=True)

    def running(self):
        return self.child.poll() is None

    def terminate(self, timeout_s=40):
        """SIGTERM and wait. Returns the exit status."""
        if self.running():
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout_s)

    def kill(self):
        if self.running():
            self.child.kill()
        return self.child.wait(10)

    def output(self):
        return self.log.read_text(errors="replace")


class Simulator:
    """`unigate-simulators` and its control interface. `providers` are those that it stands in for; what steers one of them
    is asked of its own port."""

    def __init__(self, directory, port=None, delay_ms=0, providers=("stripe",), pace=1):
        self.directory = Path(directory)
        self.ledger_file = self.directory / "simulator.jsonl"
        self.ports = {provider: port if port and provider == providers[0] else free_port() for provider in providers}
        self.delay_ms = delay_ms
        self.pace = pace
        self.process = None
        self.session = requests.Session()
        self.session.trust_env = False

    @property
    def providers(self):
        return tuple(self.ports)

    @property
    def port(self):
        return next(iter(self.ports.values()))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def url_of(self, provider):
        return f"http://127.0.0.1:{self.ports[provider]}"

    def start(self):
        ready = self.directory / "simulator.ready"
        ready.unlink(missing_ok=True)
        ports = [part for provider, port in self.ports.items() for part in (f"--{provider}-port", port)]
        pace = ["--pace", self.pace] if self.pace != 1 else []
        self.process = Process(
            [SIMULATORS, *ports, "--ledger", self.ledger_file, "--ready-file", ready, "--delay-ms", self.delay_ms, *pace],
            self.directory / "simulator.log")
        eventually(lambda: ready.exists() or not self.process.running(), "the simulator is ready", START_S)
        assert self.process.running(), f"the simulator ended:\n{self.process.output()}"
        return self

    def stop(self):
        self.session.close()
        if self.process:
            self.process.terminate()

    def _control(self, method, path, provider=None, **arguments):
        url = self.url_of(provider) if provider in self.ports else self.url
        response = self.session.request(method, f"{url}/__sim/{path}", timeout=30, **arguments)
        assert response.status_code == 200, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def fault(self, kind, *, method="POST", prefix="/v", suffix="", times=1, provider="stripe", **more):
        match = {"method": method, "path_prefix": prefix}
        if suffix:
            match["path_suffix"] = suffix
        return self._control("POST", "faults", provider, json={
            "provider": provider, "kind": kind, "times": times, "match": match, **more})

    def clear_faults(self):
        for provider in self.ports:
            self._control("DELETE", "faults", provider)

    def faults(self):
        return self._control("GET", "faults")["faults"]

    def reset(self):
        self._control("POST", "reset")

    def steer(self, path, body=None):
        """Makes something happen at a provider: a payer pays, a message arrives."""
        return self._control("POST", path, path.split("/")[0], json=body or {})

    def ask(self, path):
        return self._control("GET", path, path.split("/")[0])

    def advance(self, seconds, provider=None):
        """Moves simulated time forward; what becomes due has happened afterwards."""
        return self._control("POST", "clock", provider, json={"advance_s": seconds})

    def follow(self, url):
        """The payer goes where a link leads."""
        return self.session.get(url, allow_redirects=False, timeout=10)

    def requests(self, provider=None):
        """Requests seen, the oldest first: provider, method, path, idempotency_key, status, replayed, fault."""
        return [seen for seen in self._control("GET", "requests")["requests"] if provider in (None, seen.get("provider"))]

    def posts(self, path):
        return [seen for seen in self.requests() if seen["method"] == "POST" and seen["path"] == path]

    def movements(self):
        """What happened to the money of each payment: payment, captured, refunded, metadata, ..."""
        return self._control("GET", "movements")["payments"]

    def entries(self):
        return self._control("GET", "ledger")["entries"]


def store_settings(directory):
    """SQLite in the folder, or with UNIGATE_TEST_POSTGRES (see tests/postgres/cluster.py) a new database of that server."""
    server = os.environ.get("UNIGATE_TEST_POSTGRES")
    if not server:
        return {"url": f"sqlite:{directory}/unigate.db"}
    name = f"e2e_{os.getpid()}_{time.monotonic_ns()}"
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", server, "-c", f"CREATE DATABASE {name} OWNER unigate_owner"], check=True)
    address = server[server.index("@"):server.rindex("/")]
    return {"url": f"postgresql://unigate{address}/{name}", "owner_url": f"postgresql://unigate_owner{address}/{name}"}


class Gateway:
    """`unigate` with a configuration, a database and a key-encryption key of its own."""

    def __init__(self, directory, settings=None, plugins=(PLUGINS,), env=None, program=GATEWAY):
        self.directory = Path(directory)
        self.program = program
        self.port = free_port()
        self.metrics_port = free_port()
        self.env = env or {}
        self.process = None
        self.tls = False
        self.settings = {
            "server": {"listen": f"127.0.0.1:{self.port}", "metrics_listen": f"127.0.0.1:{self.metrics_port}",
                       "docs_directory": str(DOCS)},
            "store": store_settings(self.directory),
            "vault": {"key_encryption_key": f"file:{self.directory}/kek"},
            "plugins": {"directories": [str(p) for p in plugins]},
            "upstream": {"allow_loopback_http": True},
            "limits": {"default_per_minute": 1_000_000, "login_per_minute": 0},
            "log": {"level": "debug"},
        }
        for section, values in (settings or {}).items():
            self.settings.setdefault(section, {}).update(values)
        self.write_settings()

    @property
    def config(self):
        return self.directory / "unigate.yaml"

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def metrics_url(self):
        return f"http://127.0.0.1:{self.metrics_port}/metrics"

    def write_settings(self):
        self.config.write_text(yaml.safe_dump(self.settings, sort_keys=False))

    def make_key_encryption_key(self):
        if not (self.directory / "kek").exists():
            self.run("keygen", "--out", self.directory / "kek", with_config=False)
            assert stat.S_IMODE((self.directory / "kek").stat().st_mode) == 0o400

    def start(self, wait=True):
        self.make_key_encryption_key()
        self.process = Process([self.program, "serve", "--config", self.config], self.directory / "gateway.log", self.env)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        def ready():
            if not self.process.running():
                raise AssertionError(f"the gateway ended with {self.process.child.returncode}:\n{self.process.output()[-4000:]}")
            try:
                return requests.get(f"{self.url}/ready", timeout=2, verify=False).status_code == 200
            except requests.ConnectionError:
                return False
        eventually(ready, "the gateway is ready", START_S)

    def stop(self):
        """SIGTERM. Returns the exit status."""
        return self.process.terminate() if self.process else None

    def kill(self):
        """kill -9, as a power cut would."""
        self.process.kill()

    def restart(self):
        assert not self.process.running()
        return self.start()

    def log(self):
        return self.process.output()

    def run(self, *arguments, with_config=True, check=True, env=None, timeout_s=60):
        """A subcommand. Returns the finished process, with text output."""
        command = [str(self.program), *[str(a) for a in arguments]]
        if with_config:
            command += ["--config", str(self.config)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s,
                              cwd=self.directory, env={**os.environ, **self.env, **(env or {})})
        if check:
            assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json").stdout)

    def organisation(self, name="Acme"):
        return self.json("org", "create", "--name", name)["org_id"]

    def key(self, org, environment="test", scopes="*", *more):
        return self.json("key", "create", "--org", org, "--environment", environment, "--scopes", scopes, *more)["api_key"]

    def service(self, org, credentials, provider="stripe", environment="test"):
        file = self.directory / f"{provider}.{environment}.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(credentials))
        return self.run("service", "set", "--org", org, "--provider", provider, "--environment", environment,
                        "--from", file, "--json")


def wait_closed(connection, timeout_s=10):
    """Reads until the other side closes; what came."""
    connection.settimeout(timeout_s)
    received = b""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        chunk = connection.recv(65536)
        if not chunk:
            return received
        received += chunk
    raise AssertionError(f"still open after {timeout_s} s; received {received[:500]!r}")
