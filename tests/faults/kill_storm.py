#!/usr/bin/env python3
"""Kills gateways (kill -9) at random moments under a mixed load of all providers and kinds, with faults at the providers, and then
compares everything with the providers' ledgers.

    python3 tests/faults/kill_storm.py [--kills 100] [--store sqlite|postgres] [--rate 200] [--seed N]

With SQLite one gateway serves, with PostgreSQL two, of which one or both are killed. Requests arrive at a steady rate whoever is
alive; clients that got no answer, and some that did, ask again under their keys; some send another body, or the same twice at once,
or give up after 50 ms. After every --phase kills the load stops, the faults end, all must settle within 60 s, and the books are compared.
"""
import argparse
import asyncio
import collections
import heapq
import itertools
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from checker import Books, Checker, audit_by, print_report  # noqa: E402
from lib import books  # noqa: E402
from lib.crowd import Crowd, another_body  # noqa: E402
from lib.kinds import KINDS, LASTING, MORE  # noqa: E402
from lib.program import begin, end, run  # noqa: E402
from lib.stack import STORES, Stack  # noqa: E402

WEIGHTS = {"payments.create stripe": 8, "payments.create stripe manual": 4, "payments.create stripe unconfirmed": 2,
           "payments.create razorpay": 3, "payments.create paypal": 3, "payments.create paypal manual": 2,
           "payments.confirm stripe": 2, "payments.confirm razorpay": 3, "payments.confirm paypal": 3,
           "payments.confirm paypal manual": 2, "payments.capture stripe": 3, "refunds.create stripe": 3, "messages.create twilio": 2}
USED_AGAIN = {"refunds.create": 0.5, "payments.capture": 0.15, "payments.confirm": 0.1}
UNDER_WAY_MAX = 600  # requests of which nobody knows the end yet; beyond that the load waits
SAMPLE = 1500  # wishes that are asked again in the end although nothing was wrong with them

PATHS = {
    "stripe": ("/v1/", "/v1/payment_intents", "/v1/refunds", "/v1/payouts", "/v1/subscriptions", "/v1/customers"),
    "razorpay": ("/v1/", "/v1/orders", "/v1/payments", "/v1/payouts", "/v1/payment_links"),
    "paypal": ("/v1/", "/v2/", "/v2/checkout/orders", "/v2/payments", "/v1/payments/payouts"),
    "twilio": ("/2010-04-01/",),
}


def faults(rng):
    """What goes wrong next at some provider."""
    kind = rng.choice([
        {"kind": "delay", "delay_ms": rng.randrange(100, 2500)},
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
    ])
    provider = rng.choice(list(PATHS))
    method = "GET" if rng.random() < 0.15 else "POST"
    return {**kind, "provider": provider, "method": method, "prefix": rng.choice(PATHS[provider]), "times": rng.randrange(1, 4)}


class Storm:
    def __init__(self, directory, arguments):
        self.arguments = arguments
        self.random = random.Random(arguments.seed)
        self.directory = Path(directory)
        self.stack = Stack(directory, arguments.store, gateways=2 if arguments.store == "postgres" else 1, threads=2)
        self.crowd = None
        self.watch = None
        self.kinds = KINDS + MORE
        self.weights = [WEIGHTS.get(kind.name, 1) for kind in self.kinds]
        self.kills = 0
        self.known = set()  # violations that an earlier phase has found
        self.again = []  # heap of (when, number, wish): clients that will ask again
        self.numbers = itertools.count()
        self.tasks = set()
        self.settled = []
        self.loaded_s = 0.0
        self.asked = self.answered = 0

    # ---- load ----

    def pick(self):
        while True:
            [kind] = self.random.choices(self.kinds, self.weights)
            if self.crowd.stock.has(kind.needs):
                return kind

    def fresh(self):
        kind = self.pick()
        lasting = kind.needs in LASTING
        item = self.crowd.stock.items[kind.needs][0] if kind.needs and not lasting else None
        wish = self.crowd.new_wish(kind)
        if item and self.random.random() < USED_AGAIN.get(kind.operation, 0):
            self.crowd.stock.items[kind.needs].append(item)
        return wish

    def later(self, wish):
        heapq.heappush(self.again, (time.monotonic() + self.random.uniform(0.3, 3.0), next(self.numbers), wish))

    async def request(self, wish, body=None):
        timeout_s = 0.05 if self.random.random() < 0.05 else 20.0
        await self.crowd.send(wish, body, timeout_s=timeout_s)
        if body is None and not wish.kept() and not wish.refused():
            self.later(wish)

    def arrive(self):
        """One arrival: as a rule something new, else what a client does who is not sure."""
        if self.again and self.again[0][0] <= time.monotonic():
            return self.begin(self.request(heapq.heappop(self.again)[2]))
        chance = self.random.random()
        wishes = self.crowd.wishes
        if chance < 0.06 and wishes:
            return self.begin(self.request(self.random.choice(wishes[-2000:])))
        if chance < 0.10 and wishes:
            wish = self.random.choice(wishes[-500:])
            return self.begin(self.request(wish, another_body(wish))) if wish.kept() else None
        wish = self.fresh()
        self.begin(self.request(wish))
        if chance < 0.15:
            self.begin(self.request(wish))

    def begin(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def load(self, stop):
        began, base = time.monotonic(), self.crowd.asked
        while not stop.is_set():
            due = base + self.arguments.rate * (time.monotonic() - began)
            while self.crowd.asked < due and len(self.tasks) < UNDER_WAY_MAX:
                self.arrive()
                await asyncio.sleep(0)
            await asyncio.sleep(0.004)
        for task in list(self.tasks):
            await task
        return time.monotonic() - began

    async def trouble(self, stop):
        """Faults at the providers, a few at a time."""
        while not stop.is_set():
            for _ in range(self.random.randrange(2, 7)):
                fault = faults(self.random)
                await asyncio.to_thread(self.stack.simulator.fault, fault.pop("kind"), **fault)
            await asyncio.sleep(1.0)

    # ---- kills ----

    async def kill(self):
        gateways = self.stack.gateways
        chosen = gateways if len(gateways) == 1 or self.random.random() < 0.25 else [self.random.choice(gateways)]
        for gateway in chosen:
            gateway.kill()
            self.kills += 1
        await asyncio.sleep(self.random.choice([0, 0, 0, 0.3]))
        for gateway in chosen:
            gateway.start(wait=False)
        for gateway in chosen:
            await asyncio.to_thread(gateway.wait_ready)

    async def phase(self, kills):
        stop = asyncio.Event()
        before = self.crowd.asked, self.crowd.answered, len(self.crowd.wishes)
        load, trouble = asyncio.create_task(self.load(stop)), asyncio.create_task(self.trouble(stop))
        goal = self.kills + kills
        while self.kills < goal:
            await asyncio.sleep(self.random.uniform(0.2, 2.2))
            await self.kill()
        stop.set()
        await trouble
        took = await load
        self.loaded_s += took
        asked, answered = self.crowd.asked - before[0], self.crowd.answered - before[1]
        self.asked, self.answered = self.asked + asked, self.answered + answered
        self.stack.simulator.clear_faults()
        print(f"{self.kills:5d} kills: {asked / took:.0f} requests a second for {took:.0f} s, {answered / took:.0f} of them answered; "
              f"{len(self.crowd.wishes) - before[2]} keys", flush=True)
        return await self.judge(before[2])

    async def judge(self, first):
        database = self.crowd.database()
        took, open_ones = await self.crowd.settle(database)
        self.settled.append(took)
        unsure = [wish for wish in self.crowd.wishes if not wish.kept() and not wish.refused()]
        recent = self.crowd.wishes[first:]
        sample = self.random.sample(recent, min(SAMPLE, len(recent)))
        self.again.clear()
        await self.crowd.ask_all_again(list({wish.key: wish for wish in unsure + sample}.values()), database)
        await self.crowd.settle(database)
        await self.crowd.providers_act()
        self.watch.read()
        record = Books.read(database, [self.stack.simulator.url], self.stack.simulator.ledger_file, self.watch.seen)
        checker = Checker(record, self.crowd.wishes, audit_by(self.stack.gateway.program, self.stack.gateway.config))
        found = checker.check() + [("I6", f"{wish.key} {wish.path} has no final answer: {last}")
                                   for wish, last in self.crowd.unsettled(database)]
        violations = [each for each in found if each not in self.known]
        self.known.update(violations)
        print(f"      settled after {took:.1f} s, " + (f"{len(open_ones)} left open" if open_ones else "nothing left open"), flush=True)
        print_report(violations, checker.facts)
        sys.stdout.flush()
        return violations, checker.facts

    async def run(self):
        self.stack.start()
        self.crowd = Crowd(self.stack, self.arguments.seed, "storm")
        self.watch = books.RequestWatch([self.stack.simulator.url]).start()
        violations, facts = [], {}
        while self.kills < self.arguments.kills:
            found, facts = await self.phase(min(self.arguments.phase, self.arguments.kills - self.kills))
            violations += found
        self.watch.stop()
        return violations, facts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--store", choices=list(STORES), default="sqlite")
    parser.add_argument("--rate", type=int, default=200, help="requests a second")
    parser.add_argument("--phase", type=int, default=50, help="kills between two comparisons of the books")
    arguments, directory = begin(parser, "kill-storm")
    storm = Storm(directory, arguments)
    violations, facts = run(storm, storm.stack, lambda: storm.crowd.wishes, directory)
    counts = collections.Counter(name for name, _ in violations)
    print(f"\n{arguments.store}: {storm.kills} kills, {storm.asked / storm.loaded_s:.0f} requests a second "
          f"({storm.answered / storm.loaded_s:.0f} answered) for {storm.loaded_s:.0f} s, {len(storm.crowd.wishes)} keys, "
          f"{facts['operations']} operations; {storm.watch.missed} requests were not watched")
    print_report(violations, facts)
    return end(arguments, directory, counts)


if __name__ == "__main__":
    sys.exit(main())
