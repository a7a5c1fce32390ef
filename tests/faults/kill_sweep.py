#!/usr/bin/env python3
"""kill -9 at every boundary between two system calls of one call, for each kind of operation: restart, go on with the next
boundary, and in the end compare everything with the providers' ledgers.

    python3 tests/faults/kill_sweep.py [--store sqlite|postgres] [--spread 60 | --every] [--only payments.create,...] [--seed N]

First the system calls of one call are counted, for the thread that serves it (the event loop) and the one that writes (the group
commit); then the gateway is killed before the n-th of them, by strace, so that this call is the first that is not made. Each kill
meets a gateway that has just started, with a request of its own. `--spread` boundaries are taken for each operation, evenly over
its providers and threads. The clients ask again under their keys until they have a final answer. Needs strace.
"""
import argparse
import asyncio
import collections
import contextlib
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from checker import Books, Checker, audit_by, print_report  # noqa: E402
from lib.crowd import Crowd  # noqa: E402
from lib.killer import Trace, calls_of, last_call, threads_of  # noqa: E402
from lib.kinds import LASTING, kinds_of  # noqa: E402
from lib.program import begin, end, run  # noqa: E402
from lib.stack import STORES, Stack  # noqa: E402

ALIVE_S = 5.0  # a call that is not over by then has been overtaken by the kill
QUIET_S = 0.3


def spread(boundaries, count):
    """`count` of them, evenly, the first and the last among them."""
    if count >= len(boundaries):
        return boundaries
    if count == 1:
        return [boundaries[len(boundaries) // 2]]
    return [boundaries[round(place * (len(boundaries) - 1) / (count - 1))] for place in range(count)]


class Sweep:
    def __init__(self, directory, arguments):
        self.directory = Path(directory)
        self.arguments = arguments
        self.stack = Stack(directory, arguments.store, gateways=1, threads=1)
        self.crowd = None
        self.kills = collections.Counter()  # operation -> kills
        self.during = 0  # kills that came before the client had its answer
        self.places = collections.Counter()  # name of the call that was not made -> kills
        self.swept = []  # wishes that met a kill
        self.started_s = []

    def restart(self):
        gateway = self.stack.gateway
        if gateway.process.running():
            gateway.kill()
        began = time.monotonic()
        gateway.restart()
        self.started_s.append(time.monotonic() - began)
        self.crowd.clients[0].forget()

    async def quiet(self):
        """The resolver takes up what the last kill left; a moment for that, so that the next kill meets one call alone."""
        if self.arguments.store != "sqlite":
            return  # there it waits for the lease of the dead to end
        database = self.crowd.database()
        deadline = time.monotonic() + QUIET_S
        while time.monotonic() < deadline and any(row["state"] in ("intent", "sent") for row in database.open_operations()):
            await asyncio.sleep(0.01)

    async def stocked(self, kind):
        """Something to act on, for a call that needs it."""
        if not self.crowd.stock.has(kind.needs):
            await self.crowd.prepare(kind.needs, 1)

    async def boundaries(self, kind):
        """(thread's place, name of a call, its number among those of that name) for every boundary: strace counts each name apart."""
        self.restart()
        await self.quiet()
        await self.stocked(kind)
        wish = self.crowd.new_wish(kind)
        loop = asyncio.get_running_loop()

        def call():
            asyncio.run_coroutine_threadsafe(self.crowd.insist(wish), loop).result(60)
        made = await asyncio.to_thread(calls_of, self.stack.gateway.pid, self.directory / "count.strace", call)
        busiest = sorted(sorted(made, key=lambda place: -len(made[place]))[:2])
        assert len(busiest) == 2 and min(len(made[place]) for place in busiest) >= 4, f"{kind.name}: {dict(made)}"
        return [(place, name, number) for place in busiest for name, number in made[place]]

    async def kill_at(self, kind, place, name, number):
        gateway = self.stack.gateway
        self.restart()
        await self.quiet()
        await self.stocked(kind)
        wish = self.crowd.new_wish(kind)
        self.swept.append(wish)
        file = self.directory / "kill.strace"
        with Trace(file, threads_of(gateway.pid)[place], "-e", f"inject={name}:signal=SIGKILL:when={number}") as trace:
            await asyncio.to_thread(trace.wait_attached)
            await self.crowd.send(wish, timeout_s=ALIVE_S)
            answered = bool(wish.answers)
            if not answered:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    await asyncio.to_thread(gateway.process.child.wait, 1)
        died = not gateway.process.running()
        self.kills[kind.operation] += 1
        self.during += died and not answered
        self.places[last_call(file) if died else "(after the answer)"] += 1
        gateway.kill()

    async def sweep(self, kind, count):
        boundaries = await self.boundaries(kind)
        chosen = boundaries if self.arguments.every else spread(boundaries, count)
        if kind.needs not in LASTING and kind.needs:
            await self.crowd.prepare(kind.needs, len(chosen))
        before, began = self.during, time.monotonic()
        for boundary in chosen:
            await self.kill_at(kind, *boundary)
        self.restart()
        took = time.monotonic() - began
        print(f"{kind.name:<32} {len(boundaries):5d} boundaries {len(chosen):5d} kills {self.during - before:5d} before the answer "
              f"{took:6.1f} s", flush=True)

    async def run(self):
        self.stack.start()
        self.crowd = Crowd(self.stack, self.arguments.seed, "sweep")
        kinds = kinds_of(self.arguments.only)
        share = collections.Counter(kind.operation for kind in kinds)
        await self.prepare_first(kinds)
        for kind in kinds:
            await self.sweep(kind, -(-self.arguments.spread // share[kind.operation]))
        return await self.judge()

    async def prepare_first(self, kinds):
        """One of everything that is needed, for the calls that are counted."""
        for kind in kinds:
            if kind.needs:
                await self.crowd.prepare(kind.needs, 1 + sum(other.needs == kind.needs for other in kinds))

    async def judge(self):
        database = self.crowd.database()
        took, open_ones = await self.crowd.settle(database)
        print(f"settled after {took:.1f} s" if not open_ones else f"{len(open_ones)} operations are open after {took:.1f} s", flush=True)
        await self.crowd.ask_all_again(self.crowd.wishes, database)
        await self.crowd.settle(database)
        await self.crowd.providers_act()
        urls = [self.stack.simulator.url]
        record = Books.read(database, urls, self.stack.simulator.ledger_file)
        checker = Checker(record, self.crowd.wishes, audit_by(self.stack.gateway.program, self.stack.gateway.config))
        violations = checker.check()
        for wish, last in self.crowd.unsettled(database):
            violations.append(("I6", f"{wish.key} {wish.path} has no final answer: {last}"))
        return violations, checker.facts


def report(sweep, violations, facts, seconds):
    print(f"\n{sweep.arguments.store}: {sum(sweep.kills.values())} kills in {seconds:.0f} s, {sweep.during} of them before the client "
          f"had its answer; a start takes {1000 * sum(sweep.started_s) / len(sweep.started_s):.0f} ms")
    print("kills: " + ", ".join(f"{operation} {count}" for operation, count in sweep.kills.items()))
    print("the call that was not made: " + ", ".join(f"{name} {count}" for name, count in sweep.places.most_common(30)))
    return print_report(violations, facts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", choices=list(STORES), default="sqlite")
    parser.add_argument("--spread", type=int, default=60, help="kills for each operation")
    parser.add_argument("--every", action="store_true", help="kill at every boundary of each kind")
    parser.add_argument("--only", type=lambda text: text.split(","), help="these operations alone")
    arguments, directory = begin(parser, "kill-sweep")
    sweep = Sweep(directory, arguments)
    began = time.monotonic()
    violations, facts = run(sweep, sweep.stack, lambda: sweep.crowd.wishes, directory)
    counts = report(sweep, violations, facts, time.monotonic() - began)
    return end(arguments, directory, counts)


if __name__ == "__main__":
    sys.exit(main())
