#!/usr/bin/env python3
"""Two gateways on one PostgreSQL: one of them is paused, stopped or killed with calls in flight, and the other takes its work over.

    python3 tests/faults/lease.py [--only CASE ...] [--rounds 3]

A process that was paused for longer than its lease (6 s) and comes back changes nothing that was taken over, sends nothing for it,
says "unknown" to its clients, and serves on. After a clean stop the other does not wait for the lease; after a kill it waits that long.
"""
import argparse
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rig import Postgres, Rig, eventually, run_cases  # noqa: E402

LEASE_S = 6.0  # WorkerLease::kLeaseMs
BEAT_S = 1.0
LOCK_TIMEOUT_S = 1.0  # of a statement of the gateway
BUSY_S = 4.0  # what a busy machine may add before we call it late
ROUNDS = 3


class Pair(Rig):
    """Two gateways and who they are."""

    def __init__(self):
        super().__init__(Postgres(), gateways=2)

    def owners(self):
        return {row["id"]: row["process_id"] for row in self.database.rows("SELECT id, process_id FROM workers")}

    def worker_of(self, gateway):
        pid = gateway.process.child.pid
        return next(worker for worker, process in self.owners().items() if process == pid)

    def log_of(self, client_key):
        return self.database.rows("SELECT l.* FROM transaction_logs l JOIN operations o ON o.id = l.operation_id"
                                  f" WHERE o.client_key = '{client_key}' ORDER BY l.seq")

    def row_of(self, client_key):
        return self.database.rows(f"SELECT * FROM operations WHERE client_key = '{client_key}'")[0]

    def in_flight(self, gateway, names, delay_ms):
        """Payments of one gateway that are at the provider when this returns; their results."""
        self.simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=delay_ms, times=len(names))
        before = len(self.at_provider())
        results = {name: self.in_background(name, gateway=gateway) for name in names}
        eventually(lambda: len(self.at_provider()) >= before + len(names), "all are at the provider")
        self.simulator.clear_faults()
        return results

    def await_resolved(self, names, timeout_s):
        began = time.monotonic()
        eventually(lambda: all(self.row_of(name)["state"] == "succeeded" for name in names), "the other has resolved them", timeout_s, 0.1)
        return time.monotonic() - began

    def requests_of(self, names):
        ids = {self.row_of(name)["id"] for name in names}
        return sum(key in ids for key in self.at_provider())

    def check_log(self, names, first, second):
        """Each was begun by the first and ended by the second, and nothing came after that end."""
        for name in names:
            log = self.log_of(name)
            assert [row["seq"] for row in log] == list(range(1, len(log) + 1)), log
            assert log[0]["actor"] == first and log[-1]["actor"] == second, [(row["to_state"], row["actor"]) for row in log]
            assert [row["to_state"] for row in log].count("succeeded") == 1, log
            assert self.row_of(name)["owner"] == second


def paused_with_calls_in_flight():
    with Pair() as pair:
        one, other = pair.gateways
        first, second = pair.worker_of(one), pair.worker_of(other)
        names = [f"paused-{i}" for i in range(8)]
        results = pair.in_flight(one, names, 1500)
        os.kill(one.process.child.pid, signal.SIGSTOP)
        # The provider's answers arrive while it stands still.
        took = pair.await_resolved(names, 4 * LEASE_S)
        assert took > LEASE_S - BEAT_S - 0.5, f"taken over after {took:.1f} s, while the lease was held"
        sent = pair.requests_of(names)
        os.kill(one.process.child.pid, signal.SIGCONT)
        for name, result in results.items():
            answer = result()
            known = answer.status == 503 and answer.outcome == "unknown" or answer.status == 201
            assert known, f"{name} was told {answer}"
        time.sleep(2 * BEAT_S)
        assert pair.requests_of(names) == sent, "the one that came back sent for what was taken over"
        pair.check_log(names, first, second)
        pair.await_ready(20, one)
        fresh = pair.pay(gateway=one)
        assert fresh.status == 201, f"the one that came back does not serve: {fresh}"
        return f"{pair.check_books(other)} keys, resolved {took:.1f} s after the pause began"


def comes_back_while_the_other_resolves():
    """The answers that it finds when it comes back are true, but the operations are not its any more."""
    with Pair() as pair:
        one, other = pair.gateways
        first, second = pair.worker_of(one), pair.worker_of(other)
        names = [f"late-{i}" for i in range(6)]
        results = pair.in_flight(one, names, 1500)
        os.kill(one.process.child.pid, signal.SIGSTOP)
        pair.simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=4000, times=len(names))
        eventually(lambda: all(row["owner"] == second for row in map(pair.row_of, names)), "the other takes them over", 4 * LEASE_S, 0.05)
        os.kill(one.process.child.pid, signal.SIGCONT)
        for name, result in results.items():
            answer = result()
            assert answer.status == 503 and answer.outcome == "unknown", f"{name} was told {answer}"
        pair.await_resolved(names, 60)
        pair.check_log(names, first, second)
        return f"{pair.check_books(other)} keys"


def paused_before_a_retry():
    """What it was about to send again when it was paused is sent by the other; it sends nothing when it comes back."""
    with Pair() as pair:
        one, other = pair.gateways
        names = [f"retry-{i}" for i in range(6)]
        pair.simulator.fault("drop_before", prefix="/v1/payment_intents", times=len(names))
        answers = [pair.in_background(name, gateway=one) for name in names]
        for answer in answers:
            assert answer().status in (201, 202, 503), answer()
        pair.simulator.fault("drop_before", prefix="/v1/payment_intents", times=-1)
        time.sleep(0.5)
        os.kill(one.process.child.pid, signal.SIGSTOP)
        time.sleep(0.5)
        pair.simulator.clear_faults()
        pair.await_resolved(names, 60)
        sent = pair.requests_of(names)
        os.kill(one.process.child.pid, signal.SIGCONT)
        time.sleep(3 * BEAT_S)
        assert pair.requests_of(names) == sent, "the one that came back sent for what was taken over"
        pair.await_ready(20, one)
        assert pair.pay(gateway=one).status == 201
        return f"{pair.check_books(other)} keys"


def paused_under_load():
    """At random moments, in the middle of commits too: the other goes on, and nothing happens twice."""
    with Pair() as pair:
        for round_ in range(ROUNDS):
            one = pair.gateways[round_ % 2]
            other = pair.gateways[(round_ + 1) % 2]
            with pair.payers(6, 0.01, gateways=pair.gateways):
                time.sleep(random.uniform(0.5, 1.5))
                os.kill(one.process.child.pid, signal.SIGSTOP)
                began = time.monotonic()
                while time.monotonic() - began < LEASE_S + 2 * BEAT_S:
                    answer = pair.pay(gateway=other)
                    assert answer.status in (201, 503), answer
                    time.sleep(0.2)
                answer = pair.pay(gateway=other)
                os.kill(one.process.child.pid, signal.SIGCONT)
                assert answer.status == 201, f"the other does not serve while one is paused: {answer}"
            pair.await_ready(20, one)
            assert pair.pay(gateway=one).status == 201
        return f"{pair.check_books()} keys, {ROUNDS} pauses"


def holds_the_usage():
    """A process that stops in the middle of counting calls holds rows that all count on; nobody waits for it."""
    with Pair() as pair:
        pair.pay()
        eventually(lambda: pair.database.rows("SELECT calls FROM usage_months"), "calls are counted")
        held = threading.Thread(target=pair.database.cluster.sql, daemon=True, args=(
            "BEGIN; UPDATE usage_months SET calls = calls; SELECT pg_sleep(8); ROLLBACK", pair.database.name))
        held.start()
        answers = []
        while held.is_alive():
            answers += [pair.pay(gateway=gateway) for gateway in pair.gateways]
        slowest = max(answer.took for answer in answers)
        assert {answer.status for answer in answers} == {201}, next(answer for answer in answers if answer.status != 201)
        assert slowest < LOCK_TIMEOUT_S, f"a payment waited {slowest:.1f} s for the row"
        calls = 1 + len(answers)
        eventually(lambda: pair.database.rows("SELECT sum(calls) AS n FROM usage_months")[0]["n"] == calls, "all calls are counted later", 30)
        return f"{calls} calls, {pair.check_books()} keys, none longer than {slowest:.2f} s"


def stopped_cleanly():
    """What a process leaves open when it is stopped is taken up at once, not after its lease."""
    with Pair() as pair:
        one, other = pair.gateways
        names = [f"stopped-{i}" for i in range(6)]
        pair.simulator.fault("drop_after", prefix="/v1/payment_intents", times=-1)
        for result in [pair.in_background(name, gateway=one) for name in names]:
            assert result().status in (202, 503), result()
        worker = pair.worker_of(one)
        assert one.stop() == 0
        assert worker not in pair.owners(), "it did not say that it goes"
        pair.simulator.clear_faults()
        second = pair.worker_of(other)
        began = time.monotonic()
        eventually(lambda: any(row["owner"] == second for row in map(pair.row_of, names)), "the other takes one over", LEASE_S + BUSY_S, 0.05)
        took = time.monotonic() - began
        pair.await_resolved(names, 60)
        assert took < LEASE_S - BEAT_S, f"taken over only after {took:.1f} s"
        return f"{pair.check_books(other)} keys, the first taken over after {took:.1f} s"


def killed():
    with Pair() as pair:
        one, other = pair.gateways
        first, second = pair.worker_of(one), pair.worker_of(other)
        names = [f"killed-{i}" for i in range(8)]
        pair.in_flight(one, names, 1500)
        one.kill()
        began = time.monotonic()
        eventually(lambda: all(row["owner"] == second for row in map(pair.row_of, names)), "the other takes them over",
                   LEASE_S + 1 + BUSY_S, 0.05)
        took = time.monotonic() - began
        assert took > LEASE_S - BEAT_S - 0.5, f"taken over after {took:.1f} s, while the lease was held"
        pair.await_resolved(names, 60)
        pair.check_log(names, first, second)
        return f"{pair.check_books(other)} keys, taken over {took:.1f} s after the kill"


CASES = [paused_with_calls_in_flight, comes_back_while_the_other_resolves, paused_before_a_retry, paused_under_load, holds_the_usage,
         stopped_cleanly, killed]


def main():
    global ROUNDS
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=[case.__name__ for case in CASES])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pauses under load (3)")
    arguments = parser.parse_args()
    ROUNDS = arguments.rounds
    return run_cases(CASES, arguments.only)


if __name__ == "__main__":
    sys.exit(main())
