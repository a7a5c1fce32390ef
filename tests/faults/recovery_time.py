#!/usr/bin/env python3
"""How long recovery takes: a database with 100,000 operations, 1,000 of them in doubt at a kill -9.

    python3 tests/faults/recovery_time.py [--store sqlite|postgres] [--operations 100000] [--doubtful 1000] [--runs 3] [--assert]

Half of those in doubt are payments at Stripe (resent under the same key), half are orders at Razorpay (looked up by our reference);
of each, half were carried out by the provider before the kill. Prints the medians. Always holds: everything is resolved, and each
has one movement or object. With --assert also: a payment is accepted within 2 s of the start, 99 % are resolved within 30 s.
"""
import argparse
import collections
import json
import re
import sqlite3
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import requests  # noqa: E402
from rig import CREDENTIALS, ORDERS, Rig, eventually, run_on_stores  # noqa: E402

ACCEPTS_S = 2.0
RESOLVED_S = 30.0
PATIENCE_S = 300.0
CREATE = {"stripe": "/v1/payment_intents", "razorpay": "/v1/orders"}
BODIES = {"stripe": {"provider": "stripe", "amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"},
          "razorpay": {"provider": "razorpay", "amount": 50000, "currency": "INR"}}
OPTIONS = argparse.Namespace(operations=100_000, doubtful=1_000, runs=3, bounds=False)


def quoted(value):
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


class Writer:
    """SQL in bulk, past the gateway, which is not running."""

    def __init__(self, database):
        self.database = database
        self.padded = "printf('%021d', n)" if database.kind == "sqlite" else "lpad(n::text, 21, '0')"

    def run(self, statements):
        if self.database.kind == "sqlite":
            connection = sqlite3.connect(self.database.file)
            connection.executescript("BEGIN;" + ";".join(statements) + ";COMMIT;")
            connection.close()
        else:
            self.database.cluster.sql("BEGIN;" + ";".join(statements) + ";COMMIT", self.database.name)

    def copies(self, table, row, changed, first, count):
        """Inserts copies of a row numbered n; `changed` names the columns' expressions."""
        columns = ", ".join(row)
        values = ", ".join(changed.get(name, quoted(value)) for name, value in row.items())
        if self.database.kind == "sqlite":
            numbers = f"WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {first + count - 1}) "
            return f"INSERT INTO {table} ({columns}) {numbers}SELECT {values} FROM numbers"
        return f"INSERT INTO {table} ({columns}) SELECT {values} FROM generate_series({first}, {first + count - 1}) AS numbers(n)"

    def multiply(self, rig, operation, prefix, first, count):
        """Copies an operation with its log and its resource. `prefix`: five characters that begin the copies' ids."""
        row = rig.database.rows(f"SELECT * FROM operations WHERE id = '{operation}'")[0]
        new_id = f"'txn_{prefix}' || {self.padded}"
        kind = row["resource_id"].split("_")[0]
        resource_id = f"'{kind}_{prefix}' || {self.padded}"
        statements = [self.copies("operations", row, {
            "id": new_id, "provider_key": new_id, "client_key": f"'{prefix}-' || n", "resource_id": resource_id,
            "input": f"replace({quoted(row['input'])}, '{operation}', {new_id})",
            "response_body": f"replace({quoted(row['response_body'])}, '{row['resource_id']}', {resource_id})"}, first, count)]
        for log in rig.database.rows(f"SELECT * FROM transaction_logs WHERE operation_id = '{operation}'"):
            statements.append(self.copies("transaction_logs", log, {"operation_id": new_id}, first, count))
        for resource in rig.database.rows(f"SELECT * FROM resources WHERE id = '{row['resource_id']}'"):
            statements.append(self.copies("resources", resource, {"id": resource_id, "provider_id": f"'made_{prefix}' || {self.padded}"},
                                          first, count))
        self.run(statements)
        return [f"txn_{prefix}{n:021d}" for n in range(first, first + count)]


class Past:
    """What providers were asked before the kill and carried out, though nobody heard of it."""

    def __init__(self, rig):
        self.rig = rig
        self.models = {}
        for line in rig.simulator.ledger_file.read_text().splitlines():
            record = json.loads(line)
            if record.get("rec") == "request" and record.get("path") in CREATE.values() and record["method"] == "POST":
                self.models[record["provider"]] = record

    def carry_out(self, provider, model_id, ids):
        model = self.models[provider]
        url = self.rig.simulator.url_of(provider) + CREATE[provider]
        secrets = CREDENTIALS[provider]
        login = (secrets["key_id"], secrets["key_secret"]) if provider == "razorpay" else (secrets["secret_key"], "")

        def ask(operation):
            body = (model.get("body") or model.get("params")).replace(model_id, operation)
            kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
            headers = {"Content-Type": kind, **({"Idempotency-Key": operation} if provider == "stripe" else {})}
            response = requests.post(url, body, auth=login, headers=headers, timeout=60, proxies={"http": None})
            assert response.status_code == 200, response.text
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ask, ids))


def models(rig, fault=False):
    """One payment at each provider: the id of its operation. With a fault it is in doubt, and the gateway dead."""
    if fault:
        for provider, path in CREATE.items():
            rig.simulator.fault("delay", prefix=path, delay_ms=6_000, provider=provider)
    before = {provider: len(rig.at_provider(path)) for provider, path in CREATE.items()}
    keys = {provider: f"{'doubt' if fault else 'model'}-{provider}-{time.monotonic_ns()}" for provider in CREATE}
    if fault:
        for provider, key in keys.items():
            rig.in_background(key, body=BODIES[provider])
        for provider, path in CREATE.items():
            eventually(lambda p=path, n=before[provider]: len(rig.at_provider(p)) > n, f"{provider} is being asked")
        rig.gateway.kill()
        rig.simulator.clear_faults()
    else:
        for provider, key in keys.items():
            answer = rig.pay(key, body=BODIES[provider])
            assert answer.status == 201, answer
    return {provider: rig.database.rows(f"SELECT id FROM operations WHERE client_key = '{key}'")[0]["id"] for provider, key in keys.items()}


def open_count(rig):
    return rig.database.rows("SELECT count(*) AS n FROM operations WHERE state = 'intent' OR state = 'sent' OR state = 'unknown'"
                             " OR state = 'received'")[0]["n"]


def one_run(rig, writer, number, model_ids, past):
    """Kills, adds those in doubt, starts. Seconds until it accepts, until 99 % are resolved, and until all are."""
    doubts = models(rig, fault=True)
    made = {}
    quarter = max(1, OPTIONS.doubtful // 4)
    for provider, letter in (("stripe", "S"), ("razorpay", "R")):
        ids = writer.multiply(rig, doubts[provider], f"D{letter}{number:03d}", 1, 2 * quarter)
        past.carry_out(provider, model_ids[provider], ids[:quarter])
        made[provider] = ids
    in_doubt = open_count(rig)
    began = time.monotonic()
    rig.start(rig.gateway)
    answer = rig.pay(body=BODIES["stripe"])
    accepted = time.monotonic() - began
    assert answer.status == 201, answer
    most = None
    while True:
        left = open_count(rig)
        now = time.monotonic() - began
        if most is None and left <= in_doubt // 100:
            most = now
        if left == 0:
            break
        assert now < PATIENCE_S, f"{left} of {in_doubt} are still open after {now:.0f} s"
        time.sleep(0.05)
    check_once(rig, made)
    return accepted, most, now


def check_once(rig, made):
    """Succeeded means that the provider has it once; failed, which only a look-up that finds nothing may say, that it has it not."""
    states = {row["id"]: row["state"] for row in rig.database.rows("SELECT id, state FROM operations WHERE id LIKE 'txn_D%'")}
    charged = collections.Counter(entry["idempotency_key"] for entry in rig.simulator.entries() if entry["type"] == "charge")
    receipts = collections.Counter()
    for line in rig.simulator.ledger_file.read_text().splitlines():
        record = json.loads(line) if '"rec":"request"' in line else {}
        if record.get("path") == CREATE["razorpay"] and record["method"] == "POST" and not record.get("skipped"):
            receipts.update(re.findall(r"txn_[0-9A-Z]{26}", record.get("body") or record.get("params") or "")[:1])
    for operation in made["stripe"]:
        assert states[operation] == "succeeded" and charged[operation] == 1, f"{operation}: {states[operation]}, {charged[operation]} charges"
    for operation in made["razorpay"]:
        wanted = {"succeeded": 1, "failed": 0}.get(states[operation])
        assert receipts[operation] == wanted, f"{operation}: {states[operation]}, {receipts[operation]} orders"


def measured(database):
    with Rig(database, providers=("stripe", "razorpay")) as rig:
        writer = Writer(rig.database)
        model_ids = models(rig)
        rig.gateway.stop()
        began = time.monotonic()
        for first in range(0, OPTIONS.operations, 20_000):
            writer.multiply(rig, model_ids["stripe"], "H0000", first, min(20_000, OPTIONS.operations - first))
        filled = time.monotonic() - began
        rig.start(rig.gateway)
        past = Past(rig)
        runs = [one_run(rig, writer, number, model_ids, past) for number in range(1, OPTIONS.runs + 1)]
        accepted, most, everything = (statistics.median(column) for column in zip(*runs))
        said = (f"{OPTIONS.operations} operations (filled in {filled:.0f} s), {OPTIONS.doubtful} in doubt, median of {OPTIONS.runs}: "
                f"accepts after {accepted:.2f} s, 99 % resolved after {most:.1f} s, all after {everything:.1f} s")
        if OPTIONS.bounds:
            assert accepted <= ACCEPTS_S and most <= RESOLVED_S, said
        return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--operations", type=int, default=OPTIONS.operations)
    parser.add_argument("--doubtful", type=int, default=OPTIONS.doubtful)
    parser.add_argument("--runs", type=int, default=OPTIONS.runs)
    parser.add_argument("--assert", dest="bounds", action="store_true", help="the times are bounds")
    return run_on_stores(measured, parser, OPTIONS)


if __name__ == "__main__":
    sys.exit(main())
