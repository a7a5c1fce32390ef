"""The measurements. Each takes a Plan, runs its variants interleaved for some rounds and returns samples by name."""
import json
import sqlite3
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from harness import durable as durable_payments
from harness import processes
from harness.servers import FastApi, Gateway, Haproxy, Nginx
from harness.wrk import load

HERE = Path(__file__).resolve().parent


@dataclass
class Plan:
    rounds: int
    seconds: int
    directory: Path
    simulator: object
    idle_connections: int = 10_000
    stored_operations: int = 100_000

    def each_round(self, what):
        for number in range(1, self.rounds + 1):
            print(f"  {what}: round {number} of {self.rounds}", flush=True)
            yield number


def _new_gateway(plan, name):
    gateway = Gateway(plan.directory, plan.simulator, name).set_up()
    gateway.start()
    return gateway


def _with_books_checked(plan, gateway, run):
    """Runs a load on the gateway and compares the provider's ledger, its 201s and its database with each other."""
    before = gateway.created()  # nothing is under way from here on
    offset, stored_before = plan.simulator.ledger_size(), gateway.succeeded()[0]
    result = run()
    created = gateway.created() - before
    keys = plan.simulator.keys_since(offset)
    stored, other = gateway.succeeded()
    # The generator hangs up on what is in flight when its time is over: these were paid but not counted by it.
    if not len(keys) == len(set(keys)) == created == stored - stored_before or other or created < result["requests"]:
        raise RuntimeError(f"the books differ: {len(keys)} movements ({len(set(keys))} keys) at the provider, {created} answers 201, "
                           f"{stored - stored_before} operations stored as succeeded, {other} in other states, "
                           f"{result['requests']} answers counted by the load generator")
    return result


def throughput(plan):
    """Requests a second and CPU a request of create and GET, for this gateway and its peers."""
    simulator = plan.simulator
    gateway = _new_gateway(plan, "unigate")
    targets = [simulator, gateway, Nginx(plan.directory, simulator), Haproxy(plan.directory, simulator),
               FastApi(plan.directory, simulator)]
    samples = defaultdict(list)
    for target in targets:  # warm-up: connections, caches, lazy imports
        load(target, target.create_kind, 1)
    for _ in plan.each_round("throughput"):
        simulator.reset()
        for target in targets:
            cpu = target.cpu_seconds()
            def run(target=target):
                return load(target, target.create_kind, plan.seconds)
            result = _with_books_checked(plan, gateway, run) if target is gateway else run()
            _note(samples, target, "create", result, cpu)
        for target in targets:
            target.make_paths()
            cpu = target.cpu_seconds()
            _note(samples, target, "get", load(target, "get", plan.seconds), cpu)
    for target in targets[1:]:
        target.stop()
    return samples


def _note(samples, target, what, result, cpu_before):
    samples[f"{what} {target.name} rate"].append(result["rate"])
    samples[f"{what} {target.name} cpu_us"].append((target.cpu_seconds() - cpu_before) / result["requests"] * 1e6)
    samples[f"{what} {target.name} p50_ms"].append(result["p50_ms"])
    samples[f"{what} {target.name} p99_ms"].append(result["p99_ms"])


def latency(plan, rate=1000):
    """Time of a create at a fixed rate, in front of a provider of 0 and of 200 ms, beside the direct call."""
    gateway = _new_gateway(plan, "unigate latency")
    samples = defaultdict(list)

    def paced(target):
        command = [sys.executable, str(HERE / "paced.py"), str(target.port), target.create_kind,
                   target.credential(target.create_kind), str(rate), str(plan.seconds)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=plan.seconds + 60)
        if done.returncode != 0:
            raise RuntimeError(f"paced load on {target.name}: {done.stderr[-1000:]}")
        return json.loads(done.stdout)

    load(gateway, "order", 1)
    for _ in plan.each_round("latency"):
        for delay in (0, 200):
            plan.simulator.delay(delay)
            direct = paced(plan.simulator)
            ours = _with_books_checked(plan, gateway, lambda: paced(gateway))
            for percent in ("p50", "p99"):
                samples[f"{delay} direct {percent}_ms"].append(direct[f"{percent}_ms"])
                samples[f"{delay} unigate {percent}_ms"].append(ours[f"{percent}_ms"])
                samples[f"{delay} added {percent}_ms"].append(ours[f"{percent}_ms"] - direct[f"{percent}_ms"])
            samples["late_p99_ms"].append(max(direct["late_p99_ms"], ours["late_p99_ms"]))
    plan.simulator.delay(0)
    gateway.stop()
    return samples


def in_flight(plan, connections=2000):
    """2,000 calls at a time against a provider of 200 ms."""
    gateway = _new_gateway(plan, "unigate in flight")
    nginx = Nginx(plan.directory, plan.simulator)
    samples = defaultdict(list)
    plan.simulator.delay(200)
    for _ in plan.each_round("in flight"):
        plan.simulator.reset()
        plan.simulator.delay(200)
        for target in (plan.simulator, gateway, nginx):
            cpu = target.cpu_seconds()
            def run(target=target):
                return load(target, target.create_kind, max(2, plan.seconds), connections)
            result = _with_books_checked(plan, gateway, run) if target is gateway else run()
            _note(samples, target, "create", result, cpu)
        samples["rss_mb"].append(processes.memory_mb(gateway.process.pid, "VmHWM"))
    plan.simulator.delay(0)
    gateway.stop()
    nginx.stop()
    return samples


def idle(plan):
    """Memory of idle connections, and the tail of 64 active ones beside them."""
    samples = defaultdict(list)
    gateway = _new_gateway(plan, "unigate idle")
    load(gateway, "order", 1)
    for _ in plan.each_round("idle connections"):
        plan.simulator.reset()
        alone = _with_books_checked(plan, gateway, lambda: load(gateway, "order", plan.seconds))
        before = processes.memory_mb(gateway.process.pid)
        holder = subprocess.Popen([sys.executable, str(HERE / "idle.py"), str(gateway.port), str(plan.idle_connections)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if holder.stdout.readline().strip() != "open":
                raise RuntimeError("the idle connections could not be opened; is `ulimit -n` large enough?")
            samples["growth_mb"].append(processes.memory_mb(gateway.process.pid) - before)
            beside = _with_books_checked(plan, gateway, lambda: load(gateway, "order", plan.seconds))
            closed = int(holder.communicate("", timeout=60)[0] or 0)
        finally:
            holder.kill()
            holder.wait()
        if closed:
            raise RuntimeError(f"{closed} of {plan.idle_connections} idle connections were closed by the gateway")
        for name, result in (("alone", alone), ("beside", beside)):
            samples[f"{name} p99_ms"].append(result["p99_ms"])
            samples[f"{name} rate"].append(result["rate"])
    gateway.stop()
    return samples


def durable(plan):
    """Payments a second on both databases, and what a commit costs."""
    return durable_payments.measure(plan, _with_books_checked)


def cold_start(plan):
    """Seconds from the start of the process to /ready, on no database and on one with many operations."""
    samples = defaultdict(list)
    filled = _new_gateway(plan, "unigate filled")
    filled.make_paths(1)
    filled.stop()
    _multiply(filled.database, plan.stored_operations)
    for _ in plan.each_round("cold start"):
        empty = Gateway(plan.directory, plan.simulator, "unigate empty")
        samples["empty_s"].append(empty.start())
        empty.stop()
        samples["filled_s"].append(filled.start())
        if filled.succeeded()[0] != plan.stored_operations:
            raise RuntimeError("the filled database does not hold what was written into it")
        filled.stop()
    return samples


def _multiply(database, count):
    """Fills a database that holds one payment with copies of it, under ids and keys of their own."""
    with sqlite3.connect(database) as rows:
        for table, changed in (("operations", {"id": "txn_", "client_key": "key-", "provider_key": "txn_", "resource_id": "pay_"}),
                               ("transaction_logs", {"operation_id": "txn_"}),
                               ("resources", {"id": "pay_", "provider_id": "pi_"})):
            columns = [row[1] for row in rows.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(f"printf('{changed[name]}%026d', n)" if name in changed else name for name in columns)
            rows.execute(f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count - 1}) "
                         f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}, numbers")
    rows.close()
