#!/usr/bin/env python3
"""Many keys, each in many identical requests at the same moment, some with another body, over two gateways on one PostgreSQL: one
movement for each key, whoever asks.

    python3 tests/faults/race_storm.py [--keys 1000] [--copies 50] [--altered 0.1] [--at-once 8]

Whichever body comes first has the key; every other one must be refused and moves nothing. Those with the same body all get the same
bytes in the end, be it from the other gateway.
"""
import argparse
import asyncio
import collections
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from checker import Books, Checker, audit_by, print_report  # noqa: E402
from lib.books import Database  # noqa: E402
from lib.client import Client  # noqa: E402
from lib.kinds import ORDERS  # noqa: E402
from lib.program import begin, end, run  # noqa: E402
from lib.stack import STORES, Stack  # noqa: E402
from lib.wishes import Wish, is_key_reused, is_kept  # noqa: E402

PATIENCE_S = 60


class Race:
    def __init__(self, directory, arguments):
        self.arguments = arguments
        self.random = random.Random(arguments.seed)
        self.stack = Stack(directory, arguments.store, gateways=2 if arguments.store == "postgres" else 1, threads=1)
        self.clients = []
        self.wishes = []
        self.violations = []
        self.statuses = collections.Counter()
        self.requests = 0
        self.altered = 0
        self.altered_won = 0

    async def ask(self, wish, body):
        """One client: asks until it has the answer or is refused for good. (status, bytes) of every answer."""
        deadline = time.monotonic() + PATIENCE_S
        client = self.random.choice(self.clients)
        got = []
        while time.monotonic() < deadline:
            self.requests += 1
            answer = await client.request("POST", ORDERS, body, wish.key)
            self.statuses[answer.status if answer else 0] += 1
            if answer:
                got.append((answer.status, answer.body, answer.replayed))
                if is_kept(answer.status, answer.body) or is_key_reused(answer.status, answer.body):
                    break
            await asyncio.sleep(self.random.uniform(0.02, 0.2))
        return got

    async def key(self, number, gate):
        async with gate:
            body = {"provider": "stripe", "amount": 1000 + number, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa",
                    "metadata": {"wish": f"race-{number}"}}
            wish = Wish(f"race-{number}", "payments.create", "stripe", ORDERS, body)
            altered = round(self.arguments.copies * self.arguments.altered)
            bodies = [body] * (self.arguments.copies - altered) + [{**body, "amount": 500_000 + place} for place in range(altered)]
            first, rest = bodies[0], bodies[1:]
            self.random.shuffle(rest)
            bodies = [first, *rest]
            answers = await asyncio.gather(*[self.ask(wish, each) for each in bodies])
            self.altered += altered
            self.wishes.append(wish)
            self.judge(wish, list(zip(bodies, answers)))

    def judge(self, wish, asked):
        """Who got an answer that is kept had the body that won; nobody else may."""
        winners = {tuple(sorted((name, str(value)) for name, value in body.items()))
                   for body, answers in asked if any(is_kept(status, text) for status, text, _ in answers)}
        if len(winners) != 1:
            self.violations.append(("I5", f"{wish.key}: {len(winners)} different bodies were taken"))
            return
        [winner] = winners
        for body, answers in asked:
            won = tuple(sorted((name, str(value)) for name, value in body.items())) == winner
            if won:
                wish.body = body
                wish.answers += answers
            else:
                wish.altered += [(status, text) for status, text, _ in answers]
            if not answers or won and not is_kept(*answers[-1][:2]) or not won and not is_key_reused(*answers[-1][:2]):
                self.violations.append(("I5" if not won else "I4", f"{wish.key}: no final answer: {answers[-1:]}"))
        self.altered_won += wish.body["amount"] >= 500_000

    async def run(self):
        self.stack.start()
        headers = {"Authorization": f"Bearer {self.stack.api_key}"}
        self.clients = [Client(gateway.port, headers) for gateway in self.stack.gateways]
        before = self.charges()
        gate = asyncio.Semaphore(self.arguments.at_once)
        began = time.monotonic()
        await asyncio.gather(*[self.key(number, gate) for number in range(self.arguments.keys)])
        took = time.monotonic() - began
        moved = self.charges() - before
        print(f"{self.arguments.keys} keys x {self.arguments.copies}: {self.requests} requests in {took:.1f} s, "
              f"{self.requests / took:.0f} a second; {self.altered} clients with another body, which came first for "
              f"{self.altered_won} keys; {moved} movements")
        print("answers: " + ", ".join(f"{status} {count}" for status, count in sorted(self.statuses.items())))
        if moved != self.arguments.keys:
            self.violations.append(("I1", f"{moved} movements for {self.arguments.keys} keys"))
        record = Books.read(Database(self.stack.store.source()), [self.stack.simulator.url], self.stack.simulator.ledger_file)
        checker = Checker(record, self.wishes, audit_by(self.stack.gateway.program, self.stack.gateway.config))
        return self.violations + checker.check(), checker.facts

    def charges(self):
        return sum(entry["type"] == "charge" for entry in self.stack.simulator.entries())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--copies", type=int, default=50, help="requests for each key")
    parser.add_argument("--altered", type=float, default=0.1, help="the share of them with another body")
    parser.add_argument("--at-once", type=int, default=8, help="keys that race at the same time")
    parser.add_argument("--store", choices=list(STORES), default="postgres", help="sqlite: with one gateway")
    arguments, directory = begin(parser, "race-storm")
    race = Race(directory, arguments)
    violations, facts = run(race, race.stack, lambda: race.wishes, directory)
    counts = print_report(violations, facts)
    return end(arguments, directory, counts)


if __name__ == "__main__":
    sys.exit(main())
