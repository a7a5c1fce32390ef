"""What durability costs: payments a second on both databases with 1, 16 and 64 clients, the time of a commit, and the same disk
under a plain loop of single inserts (SQLite: this process; PostgreSQL: pgbench), interleaved in one run."""
import re
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from harness import report
from harness.servers import Gateway, ask
from harness.wrk import load

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "postgres"))

import cluster as postgres  # noqa: E402

CLIENTS = (1, 16, 64)
# About what a payment writes: an operation's row and its resource's.
ROW = "x" * 1500


def quantile(buckets, q):
    """Of a histogram's [(upper bound, cumulated count)], straight lines within a bucket."""
    total = buckets[-1][1]
    below, start = 0, 0.0
    for bound, count in buckets:
        if count >= q * total and count > below:
            end = bound if bound != float("inf") else start
            return start + (end - start) * (q * total - below) / (count - below)
        below, start = count, bound
    return start


class Commits:
    """The gateway's own figures about its commits between two moments."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.before = self.read()

    def read(self):
        _, text = ask(self.gateway.metrics_port, "GET", "/metrics")
        found = {"jobs": [], "commit": []}
        sums = {}
        for line in text.splitlines():
            match = re.match(r'unigate_store_(batch_jobs|commit_seconds)_bucket\{le="([^"]*)"\} (\S+)', line)
            if match:
                found["jobs" if match[1] == "batch_jobs" else "commit"].append((float(match[2].replace("+Inf", "inf")), float(match[3])))
            match = re.match(r"unigate_store_(batch_jobs|commit_seconds)_(sum|count) (\S+)", line)
            if match:
                sums[match[1], match[2]] = float(match[3])
        return found, sums

    def since(self):
        """Commits, jobs in one on average, and a commit's p50 and p99 in ms."""
        (now, sums), (then, old) = self.read(), self.before
        commit = [(bound, count - before[1]) for (bound, count), before in zip(now["commit"], then["commit"])]
        commits = sums["batch_jobs", "count"] - old["batch_jobs", "count"]
        jobs = sums["batch_jobs", "sum"] - old["batch_jobs", "sum"]
        return commits, jobs / max(1, commits), quantile(commit, 0.5) * 1e3, quantile(commit, 0.99) * 1e3


class PostgresGateway(Gateway):
    def __init__(self, directory, simulator, server):
        self.server = server
        self.rows_of = server.database()
        super().__init__(directory, simulator, "unigate postgres", store={
            "url": server.url(self.rows_of), "owner_url": server.url(self.rows_of, postgres.OWNER)})

    def succeeded(self):
        counts = {state: int(count) for state, count in
                  self.server.sql("SELECT state, count(*) FROM operations GROUP BY state", self.rows_of)}
        return counts.pop("succeeded", 0), sum(counts.values())


class SqliteLoop:
    """One row, one durable commit, again and again: what the file system gives a single writer."""

    def __init__(self, directory):
        file = directory / "loop.db"
        for old in directory.glob("loop.db*"):
            old.unlink()
        self.rows = sqlite3.connect(file, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=1000"):
            self.rows.execute(f"PRAGMA {pragma}").fetchall()
        self.rows.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")

    def run(self, seconds):
        times = []
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            self.rows.execute("INSERT INTO rows (text) VALUES (?)", (ROW,))
            times.append(time.perf_counter() - began)
        times.sort()
        return len(times) / seconds, times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3


class PostgresLoop:
    """The same by pgbench, from one client or more."""

    def __init__(self, directory, server):
        self.server = server
        self.name = server.database()
        self.directory = directory
        server.sql("CREATE TABLE rows (id BIGSERIAL PRIMARY KEY, text TEXT)", self.name)
        self.script = directory / "insert.sql"
        self.script.write_text(f"INSERT INTO rows (text) VALUES ('{ROW}');\n")

    def run(self, seconds, clients):
        for old in self.directory.glob("pgbench_log*"):
            old.unlink()
        done = subprocess.run([postgres.binaries() / "pgbench", "-n", "-M", "prepared", "-f", self.script, "-c", str(clients), "-j", "1",
                               "-T", str(seconds), "-l", "--log-prefix", self.directory / "pgbench_log", "-h", "127.0.0.1",
                               "-p", str(self.server.port), "-U", "admin", self.name], capture_output=True, text=True, timeout=seconds + 60)
        if done.returncode != 0:
            raise RuntimeError(f"pgbench: {done.stderr[-1000:]}")
        times = sorted(int(line.split()[2]) for file in self.directory.glob("pgbench_log*") for line in file.read_text().splitlines())
        return len(times) / seconds, times[len(times) // 2] / 1e3, times[int(len(times) * 0.99)] / 1e3


def measure(plan, books_checked):
    """`books_checked`: (plan, gateway, run) -> its result, once ledger, answers and database agree."""
    samples = defaultdict(list)
    with ExitStack() as stack:
        server = stack.enter_context(postgres.Cluster())
        gateways = {"SQLite": Gateway(plan.directory, plan.simulator, "unigate durable"),
                    "PostgreSQL": PostgresGateway(plan.directory, plan.simulator, server)}
        for gateway in gateways.values():
            gateway.set_up()
            gateway.start()
            stack.callback(gateway.stop)
            load(gateway, "order", 1)
        sqlite_loop, postgres_loop = SqliteLoop(plan.directory), PostgresLoop(plan.directory, server)
        for _ in plan.each_round("durable"):
            plan.simulator.reset()
            for clients in CLIENTS:
                for name, gateway in gateways.items():
                    commits = Commits(gateway)
                    result = books_checked(plan, gateway, lambda g=gateway, c=clients: load(g, "order", plan.seconds, c))
                    note(samples, f"{name} {clients}", result["rate"], result["p50_ms"], result["p99_ms"])
                    for what, value in zip(("commits", "jobs", "commit p50", "commit p99"), commits.since()):
                        samples[f"{name} {clients} {what}"].append(value / plan.seconds if what == "commits" else value)
                note(samples, f"pgbench {clients}", *postgres_loop.run(plan.seconds, clients))
            note(samples, "sqlite3 loop", *sqlite_loop.run(plan.seconds))
    return samples


def note(samples, name, rate, p50, p99):
    for what, value in (("rate", rate), ("p50", p50), ("p99", p99)):
        samples[f"{name} {what}"].append(value)


def show(samples):
    rows = []
    for clients in CLIENTS:
        base = samples[f"SQLite {clients} rate"]
        for name in ("SQLite", "PostgreSQL"):
            key = f"{name} {clients}"
            rows.append([str(clients), name, report.spread(samples[f"{key} rate"]),
                         f"{report.median(report.ratios(samples[f'{key} rate'], base)):.2f}",
                         report.spread(samples[f"{key} p50"], 2), report.spread(samples[f"{key} p99"], 2),
                         report.spread(samples[f"{key} commits"]), f"{report.median(samples[f'{key} jobs']):.1f}",
                         report.spread(samples[f"{key} commit p50"], 2), report.spread(samples[f"{key} commit p99"], 2)])
    report.table("durable payments (two commits each)", ["clients", "database", "payments/s", "of SQLite", "p50 ms", "p99 ms", "commits/s",
                                                         "jobs a commit", "commit p50 ms", "commit p99 ms"], rows)
    raw = [["sqlite3, one loop"] + loop(samples, "sqlite3 loop", samples["SQLite 1 commits"])]
    raw += [[f"pgbench, {clients} client{'s' if clients > 1 else ''}"]
            + loop(samples, f"pgbench {clients}", samples[f"PostgreSQL {clients} commits"]) for clients in CLIENTS]
    report.table("one row, one commit, on the same disk", ["", "commits/s", "p50 ms", "p99 ms", "the gateway's commits/s of these"], raw)


def loop(samples, name, commits):
    return [report.spread(samples[f"{name} rate"]), report.spread(samples[f"{name} p50"], 2), report.spread(samples[f"{name} p99"], 2),
            f"{report.median(report.ratios(commits, samples[f'{name} rate'])):.2f}"]
