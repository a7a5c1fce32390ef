#!/usr/bin/env python3
"""Reconciles large books: makes operations through the gateway at three providers, compares (nothing may be found), makes the
books and the providers differ in a known way, in six kinds, and compares again: all of it must be found, and nothing else.

    python3 tests/faults/reconcile_scale.py [--operations 10000] [--differences 100] [--seed N] [--threads 12] [--keep]

Needs what tests/e2e needs; UNIGATE_BUILD, UNIGATE_SIMULATORS and UNIGATE_PLUGINS work as there. Ends with "N passed, N failed".
"""
import argparse
import collections
import http.client
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from support.processes import Gateway, Simulator  # noqa: E402
from support.provider_side import Books, ProviderSide, made_up_id  # noqa: E402

ORDERS = "/v1/payments/orders"
KINDS = ("missing", "extra", "amount", "currency", "state", "duplicate")
CREDENTIALS = {
    "stripe": {"secret_key": "sk_test_scale0000000000canary"},
    "razorpay": {"key_id": "rzp_test_scalecanary01", "key_secret": "scalecanarysecret00000001", "account_number": "7878780080316316"},
    "paypal": {"client_id": "A" + "scale" * 12, "client_secret": "E" + "scale" * 12},
}
# Of the operations, and of the differences.
SHARES = {"stripe": 0.76, "razorpay": 0.14, "paypal": 0.10}


class Caller:
    """Requests over one kept connection for each thread and address."""

    def __init__(self, key):
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.local = threading.local()

    def post(self, port, path, body, wanted, key=None):
        connections = self.local.__dict__.setdefault("connections", {})
        connection = connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=60))
        headers = {**self.headers, "Idempotency-Key": key} if key else {"Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == wanted, f"{path}: {answer.status} {text[:500]}"
        return json.loads(text) if text else None


class Shop:
    def __init__(self, directory, threads):
        self.directory = directory
        self.simulator = Simulator(directory, providers=tuple(CREDENTIALS)).start()
        endpoints = {name: {"endpoints": {"test": {"api": self.simulator.url_of(name)}}} for name in CREDENTIALS}
        self.gateway = Gateway(directory, {"providers": endpoints, "log": {"level": "warn"}})
        self.gateway.start()
        self.org = self.gateway.organisation()
        self.caller = Caller(self.gateway.key(self.org))
        for provider, fields in CREDENTIALS.items():
            self.gateway.service(self.org, fields, provider)
        self.providers = ProviderSide(self.simulator, CREDENTIALS)
        self.threads = threads
        self.paid = collections.defaultdict(list)  # provider: payments

    def close(self):
        self.gateway.stop()
        self.simulator.stop()

    def ask(self, path, body, wanted=201):
        return self.caller.post(self.gateway.port, path, body, wanted, made_up_id("key-"))

    def steer(self, provider, path, body):
        return self.caller.post(self.simulator.ports[provider], f"/__sim/{provider}/{path}", body, 200)

    # ---- one sale at each provider; how many operations it took ----

    def sell_stripe(self, number):
        payment = self.ask(ORDERS, {"provider": "stripe", "amount": 500 + number, "currency": "USD", "confirm": True,
                                    "payment_method": "pm_card_visa", "reference": f"order-{number}"})
        self.paid["stripe"].append(payment)
        if number % 7 != 0:
            return 1
        self.ask(f"{ORDERS}/{payment['id']}/refunds", {"amount": 100 + number % 50})
        return 2

    def sell_razorpay(self, number):
        order = self.ask(ORDERS, {"provider": "razorpay", "amount": 50000 + number, "currency": "INR"})
        handed = self.steer("razorpay", f"orders/{order['provider_id']}/pay", {"outcome": "captured"})
        self.paid["razorpay"].append(self.ask(f"{ORDERS}/{order['id']}/confirm", {"checkout_result": handed}, 200) | {"made_by": order["transaction_id"]})
        return 2

    def sell_paypal(self, number):
        order = self.ask(ORDERS, {"provider": "paypal", "amount": 2000 + number, "currency": "EUR", "return_url": "https://shop.example/r"})
        self.steer("paypal", f"orders/{order['provider_id']}/approve", {})
        self.paid["paypal"].append(self.ask(f"{ORDERS}/{order['id']}/confirm", {}, 200) | {"made_by": order["transaction_id"]})
        return 2

    def sell(self, operations):
        with ThreadPoolExecutor(self.threads) as pool:
            for provider, share in SHARES.items():
                for_one = 8 / 7 if provider == "stripe" else 2
                list(pool.map(getattr(self, f"sell_{provider}"), range(int(operations * share / for_one) + 1)))

    # ---- what differs ----

    def at_the_provider(self, provider, mark, amount):
        """A movement that the gateway did not make; the provider's id of it."""
        if provider == "stripe":
            return self.providers.stripe_payment(mark, amount=amount)["id"]
        if provider == "razorpay":
            return self.providers.razorpay_order(mark, amount=amount)["id"]
        return self.providers.paypal_order(mark, value=f"{amount / 100:.2f}", currency="EUR")["id"]

    def seed(self, rng, total):
        """Returns {provider: {(kind, our resource or the provider's id)}}."""
        seeded = collections.defaultdict(set)
        left = total
        plans = []
        for provider, share in SHARES.items():
            wanted = left if provider == "paypal" else round(total * share)
            left -= wanted
            kinds = [KINDS[i % len(KINDS)] for i in range(wanted)]
            plans.append((provider, list(zip(kinds, rng.sample(self.paid[provider], wanted)))))
        for provider, plan in plans:  # by the provider's own interface
            for kind, payment in plan:
                if kind == "extra":
                    seeded[provider].add((kind, self.at_the_provider(provider, made_up_id(), 777)))
                if kind == "duplicate":
                    self.at_the_provider(provider, payment.get("made_by", payment["transaction_id"]), payment["amount"])
                    seeded[provider].add((kind, payment["id"]))
        with Books(self.gateway) as books:
            for provider, plan in plans:
                for kind, payment in plan:
                    found = self.edit(books, rng, kind, payment)
                    if found:
                        seeded[provider].add((kind, found))
        return seeded

    def edit(self, books, rng, kind, payment):
        if kind == "missing":
            return books.invent(payment.get("made_by", payment["transaction_id"]), payment["id"], f"{payment['provider_id'][:-6]}000000")
        if kind == "amount":
            field = rng.choice(("amount", "amount_captured"))
            books.edit(payment["id"], **{field: payment[field] + rng.choice((-1, 1, 1000))})
        elif kind == "currency":
            books.edit(payment["id"], currency="GBP")
        elif kind == "state" and rng.random() < 0.5:
            books.edit(payment["id"], status="canceled")
        elif kind == "state":
            books.fail(payment.get("made_by", payment["transaction_id"]), payment["id"])
        else:
            return None
        return payment["id"]

    def reconcile(self, provider):
        began = time.monotonic()
        done = self.gateway.run("reconcile", "--provider", provider, "--since", "24h", "--json", check=False, timeout_s=300)
        assert done.returncode in (0, 1) and done.stdout, f"{provider}: {done.returncode} {done.stderr}"
        report = json.loads(done.stdout)
        assert report["status"] == "finished", report["failure"]
        report["seconds"] = time.monotonic() - began
        return report


def told(report):
    return {(each["kind"], each["ours"]["resource"] if each["ours"] else each["provider_side"]["provider_id"]) for each in report["differences"]}


class Results:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, holds, what):
        self.passed += bool(holds)
        self.failed += not holds
        print(f"{'ok    ' if holds else 'FAILED'} {what}", flush=True)


def show(when, reports):
    print(f"{when:<8} {'provider':<9} {'checked':>8} {'agree':>7} {'pages':>6} {'looks':>6} {'foreign':>8} {'seconds':>8}  differences")
    for provider, report in reports.items():
        pages = sum(each["pages"] for each in report["coverage"])
        kinds = " ".join(f"{kind} {count}" for kind, count in report["counts"].items() if count)
        print(f"{'':<8} {provider:<9} {report['checked_count']:>8} {report['agreed_count']:>7} {pages:>6} {report['second_look_count']:>6} "
              f"{report['foreign_count']:>8} {report['seconds']:>8.1f}  {kinds or 'none'}", flush=True)


def run(options, directory):
    results = Results()
    rng = random.Random(options.seed)
    shop = Shop(directory, options.threads)
    try:
        began = time.monotonic()
        shop.sell(options.operations)
        with sqlite3.connect(directory / "unigate.db") as database:
            (made,) = database.execute("SELECT count(*) FROM operations WHERE state = 'succeeded'").fetchone()
        print(f"{made} operations in {time.monotonic() - began:.1f} s", flush=True)
        results.check(made >= options.operations, f"at least {options.operations} operations were made")
        clean = {provider: shop.reconcile(provider) for provider in SHARES}
        show("before", clean)
        for provider, report in clean.items():
            results.check(report["difference_count"] == 0, f"{provider}: no false alarm in books that agree")
        shop.gateway.stop()
        seeded = shop.seed(rng, options.differences)
        shop.gateway.restart()
        found = {provider: shop.reconcile(provider) for provider in SHARES}
        show("after", found)
        for provider, report in found.items():
            missed, false = seeded[provider] - told(report), told(report) - seeded[provider]
            results.check(not missed, f"{provider}: all {len(seeded[provider])} seeded differences are found" + (f"; missed {sorted(missed)[:5]}" if missed else ""))
            results.check(not false and report["difference_count"] == len(seeded[provider]), f"{provider}: nothing else is told"
                          + (f"; but {sorted(false)[:5]}" if false else ""))
        total = sum(len(each) for each in seeded.values())
        kinds = {kind for each in seeded.values() for kind, _ in each}
        results.check(total == options.differences and len(kinds) == len(KINDS), f"{total} differences of {len(kinds)} kinds among {made} operations")
    finally:
        shop.close()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--differences", type=int, default=100)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--threads", type=int, default=12)
    parser.add_argument("--keep", action="store_true", help="leave the directory with logs and books")
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="unigate-reconcile-"))
    began = time.monotonic()
    try:
        results = run(options, directory)
    finally:
        if options.keep:
            print(f"kept {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s in all")
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
