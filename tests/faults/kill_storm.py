#!/usr/bin/env python3
"""Kills the gateway (kill -9) at random moments under a mixed load, with faults at the provider, and then compares every
operation with the provider's own ledger. Prints one line for each round; ends with 1 when an invariant of money was broken.

    python3 tests/faults/kill_storm.py --rounds 100 [--seed N] [--threads 6]

Needs what tests/e2e needs (tests/requirements.txt); UNIGATE_BUILD, UNIGATE_SIMULATORS and UNIGATE_PLUGINS work as there.
What is checked after each round, by the number of the invariant:

  I1  one movement at most for each operation, and for each key of a client
  I2  every movement belongs to an operation, with its amount and currency
  I3  what a client was told is there after the restart
  I4  a replay is byte-identical
  I5  another body under a used key is refused
  I6  nothing is open once the faults are over (60 s)
  I9  one audit row for each transition
  I10 captured and refunded amounts of each payment are the provider's, and its status fits
  I11 nothing is "failed" here that the provider has done, nor the reverse
"""
import argparse
import collections
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import requests  # noqa: E402
from support.processes import Gateway, Simulator  # noqa: E402

ORDERS = "/v1/payments/orders"
REFUNDS = "/v1/payments/refunds"
PROVIDER_KEY = "sk_test_storm000000000000canary"
SETTLED_S = 60
INVARIANTS = ("I1", "I2", "I3", "I4", "I5", "I6", "I9", "I10", "I11")
MOVES_MONEY = ("charge", "capture", "refund")


class Wish:
    """One thing a client wants, under one key, with every answer it got."""

    def __init__(self, key, path, body):
        self.key = key
        self.path = path
        self.body = body
        self.answers = []  # (status, bytes, replayed)
        self.asked = False

    def stored(self):
        """The answer that must come again, if it is one that the gateway keeps."""
        return next((a for a in self.answers if a[0] in (200, 201, 202, 402, 422) and not refusal_of_key(a)), None)

    def settled(self):
        return self.stored() is not None


def refusal_of_key(answer):
    """Refusals that are no stored answer of an operation."""
    status, text, _ = answer
    return status == 422 and b"transaction_id" not in text


def other_body(wish):
    if wish.path in (ORDERS, REFUNDS):
        return {**wish.body, "metadata": {"other": "body"}}
    if wish.path.endswith("/cancel"):
        return {"reason": "abandoned"}
    return {"amount": wish.body.get("amount", 50) + 1}


class Storm:
    def __init__(self, directory, seed, threads):
        self.random = random.Random(seed)
        self.threads = threads
        self.directory = Path(directory)
        self.simulator = Simulator(self.directory)
        endpoints = {"stripe": {"endpoints": {"test": {"api": self.simulator.url}}}}
        self.gateway = Gateway(self.directory, {"providers": endpoints, "log": {"level": "warn"}})
        self.wishes = []
        self.payments = []  # ids of payments that a client was told of
        self.lock = threading.Lock()
        self.next_key = 0
        self.violations = []  # of this round: (invariant, text)
        self.known_violations = set()
        self.kills = 0

    def start(self):
        self.simulator.start()
        self.gateway.start()
        org = self.gateway.organisation("Storm")
        self.api_key = self.gateway.key(org)
        self.gateway.service(org, {"secret_key": PROVIDER_KEY})

    def stop(self):
        self.gateway.stop()
        self.simulator.stop()

    # ---- clients ----

    def send(self, session, wish, body=None, timeout=40):
        headers = {"Authorization": f"Bearer {self.api_key}", "Idempotency-Key": wish.key}
        wish.asked = True
        try:
            response = session.post(self.gateway.url + wish.path, json=wish.body if body is None else body,
                                    headers=headers, timeout=timeout)
        except requests.RequestException:
            return None  # killed: the client doesn't know
        answer = (response.status_code, response.content, "Idempotent-Replayed" in response.headers)
        if body is None:
            with self.lock:
                wish.answers.append(answer)
                if answer[0] in (200, 201, 202) and wish.path == ORDERS:
                    self.payments.append(json.loads(answer[1])["id"])
        return answer

    def wish(self, path, body):
        with self.lock:
            self.next_key += 1
            made = Wish(f"storm-{self.next_key}", path, body)
            self.wishes.append(made)
        return made

    def new_wish(self, rng):
        kind = rng.random()
        amount = rng.randrange(100, 5000)
        currency = rng.choice(["USD", "EUR", "JPY"])
        with self.lock:
            known = self.payments[-60:]
        if kind < 0.45 or not known:
            card = "pm_card_chargeDeclined" if rng.random() < 0.1 else "pm_card_visa"
            return self.wish(ORDERS, {"amount": amount, "currency": currency, "confirm": True, "payment_method": card,
                                      "capture_method": rng.choice(["automatic", "manual"])})
        if kind < 0.75:
            body = {"amount": rng.randrange(1, 100)} if rng.random() < 0.3 else {}
            return self.wish(f"{ORDERS}/{rng.choice(known)}/capture", body)
        if kind < 0.80:
            return self.wish(f"{ORDERS}/{rng.choice(known)}/cancel", {})
        body = {"payment": rng.choice(known)}
        if rng.random() < 0.7:
            body["amount"] = rng.randrange(1, 120)
        return self.wish(REFUNDS, body)

    def client(self, seed, stop):
        rng = random.Random(seed)
        with requests.Session() as session:
            session.trust_env = False
            while not stop.is_set():
                wish = self.new_wish(rng)
                if rng.random() < 0.15:  # the same key twice at once
                    twin = threading.Thread(target=self.alone, args=(wish,))
                    twin.start()
                    self.send(session, wish)
                    twin.join()
                elif rng.random() < 0.1:
                    self.send(session, wish, timeout=0.05)  # a client that gives up
                else:
                    self.send(session, wish)
                stop.wait(rng.uniform(0.0, 0.03))

    def alone(self, wish):
        with requests.Session() as session:
            self.send(session, wish)

    # ---- one round ----

    def add_faults(self):
        kinds = [
            {"kind": "delay", "delay_ms": self.random.randrange(100, 2500)},
            {"kind": "status_429"},
            {"kind": "error_500_before"},
            {"kind": "error_500_before", "stored": "error"},
            {"kind": "error_500_after", "stored": "error"},
            {"kind": "error_500_after", "stored": "result"},
            {"kind": "drop_before"},
            {"kind": "drop_before", "reset": True},
            {"kind": "drop_after"},
            {"kind": "drop_after", "reset": True},
            {"kind": "truncate"},
            {"kind": "slow_headers", "delay_ms": 20},
        ]
        for _ in range(self.random.randrange(3, 9)):
            fault = dict(self.random.choice(kinds))
            suffix = self.random.choice(["", "", "", "/capture"])
            prefix = self.random.choice(["/v1/", "/v1/payment_intents", "/v1/refunds"])
            self.simulator.fault(fault.pop("kind"), prefix=prefix, suffix=suffix if prefix != "/v1/refunds" else "",
                                 times=self.random.randrange(1, 4), **fault)

    def round(self, number):
        before = len(self.wishes)
        self.violations = []
        self.simulator.clear_faults()
        self.add_faults()
        stop = threading.Event()
        clients = [threading.Thread(target=self.client, args=(self.random.random(), stop)) for _ in range(self.threads)]
        for client in clients:
            client.start()
        for _ in range(self.random.choice([1, 1, 1, 2])):
            time.sleep(self.random.uniform(0.05, 1.2))
            self.gateway.kill()
            self.kills += 1
            self.gateway.restart()
        time.sleep(self.random.uniform(0.0, 0.3))
        stop.set()
        self.gateway.kill()
        self.kills += 1
        for client in clients:
            client.join()
        self.gateway.restart()
        self.simulator.clear_faults()
        took = self.await_settled()
        self.ask_again()
        self.await_settled()
        self.check()
        counts = collections.Counter(name for name, _ in self.violations)
        print(f"{number:5d} {self.kills:6d} {len(self.wishes) - before:6d} {took:7.1f}  "
              + " ".join(f"{counts[name]:3d}" for name in INVARIANTS), flush=True)
        for name, text in self.violations[:20]:
            print(f"      {name}: {text}", flush=True)
        return counts

    def violated(self, name, text):
        """Notes it once, in the round that finds it."""
        if (name, text) not in self.known_violations:
            self.known_violations.add((name, text))
            self.violations.append((name, text))

    def rows(self, sql):
        connection = sqlite3.connect(f"file:{self.directory}/unigate.db?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def await_settled(self):
        started = time.monotonic()
        while True:
            open_ones = self.rows("SELECT id, operation, state FROM operations "
                                  "WHERE state NOT IN ('succeeded', 'failed', 'escalated')")
            took = time.monotonic() - started
            if not open_ones:
                return took
            if took > SETTLED_S:
                for row in open_ones:
                    self.violated("I6", f"{row['id']} {row['operation']} is {row['state']}")
                return took
            time.sleep(0.05)

    def ask_again(self):
        """Every client asks again under its key until it has an answer, then once more, then with another body."""
        with requests.Session() as session:
            session.trust_env = False
            for wish in [w for w in self.wishes if not getattr(w, "closed", False)]:
                wish.closed = True
                deadline = time.monotonic() + SETTLED_S
                while not wish.settled() and time.monotonic() < deadline:
                    answer = self.send(session, wish)
                    if answer is None or answer[0] in (409, 429, 502, 503):
                        refused = answer is not None and b"payment_processing" in answer[1]
                        if refused and not self.exists(wish):
                            break  # its payment came to nothing
                        time.sleep(0.05)
                    elif refusal_of_key(answer) or answer[0] in (400, 404):
                        break
                if wish.settled():
                    self.send(session, wish)
                    other = self.send(session, wish, body=other_body(wish))
                    if other is None or other[0] != 422:
                        self.violated("I5", f"{wish.key} {wish.path}: another body was answered {other and other[0]}")

    def exists(self, wish):
        payment = wish.body.get("payment") or wish.path.split("/")[4]
        rows = self.rows(f"SELECT provider_id FROM resources WHERE id = '{payment}'")
        return bool(rows) and rows[0]["provider_id"] != ""

    # ---- the books ----

    def check(self):
        operations = {row["id"]: row for row in self.rows("SELECT * FROM operations")}
        moved = collections.defaultdict(list)
        for entry in self.simulator.entries():
            if entry["type"] in MOVES_MONEY:
                moved[entry["idempotency_key"]].append(entry)
        self.check_movements(operations, moved)
        self.check_answers(operations)
        self.check_audit(operations)
        self.check_books()

    def check_movements(self, operations, moved):
        for key, entries in moved.items():
            if len(entries) > 1:
                self.violated("I1", f"{key} moved money {len(entries)} times")
            row = operations.get(key)
            if row is None:
                self.violated("I2", f"the provider has a movement of the unknown operation {key}")
                continue
            for entry in entries:
                amount_known = row["amount"] > 0 and row["operation"] != "payments.confirm"
                if amount_known and entry["amount"] != row["amount"] or entry["currency"].upper() != row["currency"]:
                    self.violated("I2", f"{key}: {entry['amount']} {entry['currency']} at the provider, "
                                        f"{row['amount']} {row['currency']} here")
            if row["state"] != "succeeded":
                self.violated("I11", f"{key} {row['operation']} is {row['state']}, but the provider moved money")
        by_client = collections.defaultdict(set)
        for key in moved:
            if key in operations and operations[key]["client_key"]:
                by_client[operations[key]["client_key"]].add(key)
        for client, keys in by_client.items():
            if len(keys) > 1:
                self.violated("I1", f"the client's key {client} moved money {len(keys)} times")
        for row in operations.values():
            moves = row["operation"] in ("payments.capture", "refunds.create")
            if moves and row["state"] == "succeeded" and row["id"] not in moved:
                self.violated("I11", f"{row['id']} {row['operation']} succeeded, but the provider moved nothing")

    def check_answers(self, operations):
        by_client = {row["client_key"]: row for row in operations.values() if row["client_key"]}
        for wish in self.wishes:
            first = wish.stored()
            if first is None:
                continue
            row = by_client.get(wish.key)
            if row is None:
                self.violated("I3", f"{wish.key} was answered {first[0]} and is not known any more")
                continue
            kept = (row["response_status"], row["response_body"].encode())
            for answer in wish.answers:
                if answer[0] in (200, 201, 202, 402, 422) and not refusal_of_key(answer) and answer[:2] != kept:
                    self.violated("I4", f"{wish.key}: {answer[0]} {answer[1][:120]} was told, {kept[0]} "
                                        f"{kept[1][:120]} is kept")
            if first[0] in (200, 201) and row["state"] != "succeeded" or first[0] == 402 and row["state"] != "failed":
                self.violated("I11", f"{wish.key} was told {first[0]}, the operation is {row['state']}")

    def check_audit(self, operations):
        seen = {row["operation_id"]: row for row in self.rows(
            "SELECT operation_id, count(*) AS n, max(seq) AS last FROM operation_transitions GROUP BY operation_id")}
        for row in operations.values():
            trail = seen.get(row["id"])
            if trail is None or trail["n"] != row["transition_seq"] or trail["last"] != row["transition_seq"]:
                self.violated("I9", f"{row['id']}: {row['transition_seq']} transitions, {trail and trail['n']} audit rows")

    def check_books(self):
        theirs = collections.defaultdict(lambda: {"captured": 0, "refunded": 0})
        for payment in self.simulator.movements():
            theirs[payment["payment"]] = payment
        for row in self.rows("SELECT * FROM resources WHERE kind = 'payment'"):
            document = json.loads(row["document"])
            at_provider = theirs[row["provider_id"]]
            ours = (document["amount_captured"], document["amount_refunded"])
            wanted = (at_provider["captured"], at_provider["refunded"])
            if ours != wanted:
                self.violated("I10", f"{row['id']} {row['status']}: captured and refunded {ours} here, {wanted} there")
            if (row["status"] == "succeeded") != (at_provider["captured"] > 0):
                self.violated("I10", f"{row['id']} is {row['status']} and has {at_provider['captured']} captured")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="for the same choices again (the timing differs)")
    parser.add_argument("--threads", type=int, default=6)
    parser.add_argument("--keep", action="store_true", help="leave the directory with database, ledger and logs")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 30)
    directory = tempfile.mkdtemp(prefix="unigate-kill-storm-")
    print(f"seed {seed}, in {directory}")
    print("round  kills   keys settled  " + " ".join(f"{name:>3}" for name in INVARIANTS), flush=True)
    storm = Storm(directory, seed, arguments.threads)
    total = collections.Counter()
    try:
        storm.start()
        for number in range(1, arguments.rounds + 1):
            total += storm.round(number)
    finally:
        storm.stop()
    operations = len(storm.rows("SELECT id FROM operations"))
    broken = sum(total.values())
    print(f"{arguments.rounds} rounds, {storm.kills} kills, {len(storm.wishes)} keys, {operations} operations, "
          f"{broken} violations" + (f" ({dict(total)})" if broken else ""))
    if broken == 0 and not arguments.keep:
        shutil.rmtree(directory)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
