#!/usr/bin/env python3
"""Real faults of storage under the real gateway: no space, read-only, a failed fsync, a lock, a server that is gone.

    python3 tests/faults/storage_faults.py [--store sqlite|postgres] [--only CASE ...] [--lock-seconds 30]

In every case: what is refused says 503 with Retry-After and never reached the provider (by the provider's own list of requests),
/ready says what is wrong, /health stays 200, and afterwards every key has moved money exactly once. All but the failed fsync
heal without a restart. Needs root for tmpfs, chattr and strace; a case that the machine can't make is skipped and says so.
"""
import argparse
import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rig import ORDERS, Postgres, Rig, Skipped, Sqlite, die_with_parent, eventually, postgres, run_cases  # noqa: E402

LOCK_S = 30.0
# A client is told at the latest after this while the database can't be written: patience 2 s, the engine's own wait, a busy machine.
TOLD_S = 8.0
HEALED_S = 20.0
PASSWORD = "correct horse battery staple"


# ---- ways to break storage ----

@contextlib.contextmanager
def small_disk(megabytes):
    """A file system of its own, of this size."""
    folder = Path(tempfile.mkdtemp(prefix="unigate-small-"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "unigate-test", folder], capture_output=True,
                          text=True)
    if done.returncode != 0:
        folder.rmdir()
        raise Skipped(f"no tmpfs here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def fill(folder):
    """Leaves no byte."""
    filler = folder / "filler"
    with open(filler, "ab") as file:
        for size in (1 << 16, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    os.write(file.fileno(), b"\0" * size)
    return filler


@contextlib.contextmanager
def unwritable(file):
    """Writes to a file that is open already fail, with EPERM, as long as the block runs."""
    done = subprocess.run(["chattr", "+i", file], capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"chattr can't do it here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", file], check=True)


class FailingFsync:
    """Has the first fsync of every thread of a process fail with EIO, and writes all of them down."""

    def __init__(self, pid, log):
        self.log = Path(log)
        command = ["strace", "-f", "-tt", "-p", str(pid), "-e", "trace=fsync,fdatasync",
                   "-e", "inject=fsync,fdatasync:error=EIO:when=1", "-o", str(log)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        line = self.process.stderr.readline()
        if "attached" not in line:
            self.process.kill()
            raise Skipped(f"strace can't attach: {line.strip()}")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def syncs(self):
        """Lines of finished calls: (failed, text)."""
        lines = [line for line in self.log.read_text().splitlines() if re.search(r"\b(fsync|fdatasync)\b.*\) += ", line) or "resumed" in line]
        return [("(INJECTED)" in line, line) for line in lines]

    def detach(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)


# ---- what holds in every case ----

def is_told_why(rig, words):
    """/ready says no and why, /health says yes."""
    def told():
        status, detail = rig.ready()
        return status == 503 and any(word in detail for word in words) and detail
    detail = eventually(told, f"/ready says why ({' or '.join(words)})", 15)
    assert rig.healthy(), "/health is not 200"
    return detail


def is_refused(rig, count=5, outcomes=("not_executed",)):
    """Payments are refused, soon, with Retry-After; nothing is sent for them."""
    before = len(rig.at_provider())
    answers = [rig.pay() for _ in range(count)]
    for answer in answers:
        assert answer.status == 503 and answer.outcome in outcomes, f"not refused: {answer}"
        assert answer.took < TOLD_S, f"told only after {answer.took:.1f} s"
        tells_nothing_of_the_server(rig, answer)
    assert len(rig.at_provider()) == before, "the provider was asked for a payment that was refused"
    nobody_registers(rig)
    return answers


def tells_nothing_of_the_server(rig, answer):
    """Where the database is, and what it was asked, is no client's business."""
    text = answer.text.decode()
    inside = [word for word in ("postgresql:", "127.0.0.1", "unigate.db", "SELECT", "INSERT", "soci", "sqlite3_") if word in text]
    assert not inside, f"the answer tells of the database: {inside} in {text}"


def nobody_registers(rig):
    """The management API can write nothing either, and says so as soon."""
    email = f"newcomer{len(rig.newcomers)}@example.com"
    answer = rig.call("POST", "/api/auth/register", {"email": email, "password": PASSWORD})
    assert answer.status == 503 and int(answer.headers.get("Retry-After", "0")) >= 1, f"a registration is not refused: {answer}"
    assert answer.took < TOLD_S, f"a registration was refused only after {answer.took:.1f} s"
    tells_nothing_of_the_server(rig, answer)
    rig.newcomers.append(email)


def all_can_register(rig):
    """Whoever was refused, if a commit whose answer was lost has not made him a user: either way he is one whole."""
    for email in rig.newcomers:
        who = {"email": email, "password": PASSWORD}
        made = rig.call("POST", "/api/auth/register", who)
        assert made.status in (201, 409), f"who was refused registers: {made}"
        entered = rig.call("POST", "/api/auth/login", who)
        assert entered.status == 200, f"who was refused logs in: {entered}"


def can_be_read(rig, known):
    """What was told before is there: by its id, and under its key."""
    found = rig.call("GET", f"{ORDERS}/{known.json['id']}")
    assert found.status == 200 and found.json == known.json, f"a payment that was told before: {found}"
    again = rig.pay(known.key)
    assert (again.status, again.text) == (201, known.text) and "Idempotent-Replayed" in again.headers, f"no replay: {again}"


def can_be_read_soon(rig, known):
    eventually(lambda: rig.call("GET", f"{ORDERS}/{known.json['id']}").status == 200, "what was told can be read again", HEALED_S)
    can_be_read(rig, known)


def healed(rig):
    """By itself; then everything that was asked for is done once."""
    took = rig.await_ready(HEALED_S)
    eventually(lambda: rig.pay().status == 201, "payments are taken again", HEALED_S, 0.1)
    refused = rig.check_refused()
    all_can_register(rig)
    keys = rig.check_books()
    return f"{keys} keys, {refused} refused on the way, ready again after {took:.1f} s"


def slow_payment(rig, delay_ms):
    """A payment that is at the provider when this returns; its answer is fetched with result()."""
    before = len(rig.at_provider())
    rig.simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=delay_ms)
    result = rig.in_background()
    eventually(lambda: len(rig.at_provider()) > before, "the slow payment is at the provider")
    return result


# ---- SQLite ----

def sqlite_disk_full():
    with small_disk(8) as disk, Rig(Sqlite(disk)) as rig:
        known = rig.pay()
        assert known.status == 201, known
        slow = slow_payment(rig, 3000)
        filler = fill(disk)
        eventually(lambda: rig.pay().status == 503, "a payment is refused", 30, 0)
        is_told_why(rig, ("space", "full"))
        is_refused(rig)
        can_be_read(rig, known)
        time.sleep(2)  # the slow payment's answer is there by now and waits for space, which it does for 15 s
        filler.unlink()
        answer = slow()
        assert answer.status == 201, f"the payment that was at the provider when the disk was full: {answer}"
        return healed(rig)


def sqlite_read_only():
    with Rig(Sqlite) as rig:
        known = rig.pay()
        assert known.status == 201, known
        log = rig.database.file.with_name("unigate.db-wal")
        with unwritable(log):
            detail = is_told_why(rig, ("write", "read-only", "readonly", "I/O"))
            is_refused(rig)
            can_be_read(rig, known)
        return healed(rig) + f"; /ready said: {detail}"


def sqlite_fsync_error():
    with Rig(Sqlite) as rig:
        known = rig.pay()
        slow = slow_payment(rig, 4000)
        with rig.payers(3):
            failing = FailingFsync(rig.gateway.process.child.pid, rig.directory / "strace.log")
            eventually(lambda: any(failed for failed, _ in failing.syncs()), "an fsync has failed", 30)
            detail = is_told_why(rig, ("I/O error",))
        asked = len(rig.at_provider())
        is_refused(rig)
        can_be_read(rig, known)
        answer = slow()
        assert answer.status == 503 and answer.outcome == "unknown", f"its end could not be written down: {answer}"
        time.sleep(6)  # the resolver, the checkpointer (2 s idle) and the lease have had their turns
        syncs = failing.syncs()
        failing.detach()
        first = next(i for i, (failed, _) in enumerate(syncs) if failed)
        # Another thread may have been at it; its first fails as well. The one that failed is not tried again.
        later = [text for failed, text in syncs[first + 1:] if not failed]
        assert not later, f"fsync was tried again after it had failed: {later[:3]}"
        assert len(rig.at_provider()) == asked, "the provider was asked while nothing could be written down"
        status, still = rig.ready()
        assert status == 503, "it came back without a restart"
        rig.check_refused()
        rig.gateway.stop()
        rig.start(rig.gateway)
        return healed(rig) + f"; {len(syncs) - first} failed, none after; /ready said: {detail}, later: {still}"


def sqlite_locked():
    with Rig(Sqlite) as rig:
        known = rig.pay()
        slow = slow_payment(rig, 1000)
        other = sqlite3.connect(rig.database.file, isolation_level=None, timeout=30)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        is_refused(rig, 3)
        detail = is_told_why(rig, ("locked", "holds", "busy"))
        can_be_read(rig, known)
        with rig.payers(8, 0.05):
            time.sleep(max(0.0, LOCK_S - 3 - (time.monotonic() - began)))
        slowest = max(a.took for a in rig.answers if a.status == 503 and a.outcome == "not_executed")
        time.sleep(max(0.0, LOCK_S - (time.monotonic() - began)))
        other.execute("ROLLBACK")
        other.close()
        answer = slow()
        assert answer.status in (201, 503), answer
        return healed(rig) + f"; refused after {slowest:.1f} s at most; /ready said: {detail}"


# ---- PostgreSQL ----

def postgres_stopped():
    with Rig(Postgres()) as rig:
        known = rig.pay()
        assert known.status == 201, known
        database = rig.database.cluster
        for round_ in range(3):
            slow = slow_payment(rig, 1500)
            with rig.payers(4):
                time.sleep(0.3 + 0.1 * round_)
                database.stop("immediate")
                eventually(lambda: any(a.status == 503 for a in rig.answers), "a payment is refused", 30)
            is_told_why(rig, ("reach", "connect", "server", "written"))
            before = len(rig.at_provider())
            for answer in [rig.pay() for _ in range(5)]:
                assert answer.status == 503 and answer.took < TOLD_S, f"not refused: {answer}"
                tells_nothing_of_the_server(rig, answer)
            read = rig.call("GET", ORDERS)
            assert read.status == 503, read
            tells_nothing_of_the_server(rig, read)
            assert len(rig.at_provider()) == before, "the provider was asked for a payment that was refused"
            nobody_registers(rig)
            database.start()
            slow()
            rig.await_ready(HEALED_S)
        return healed(rig)


class SmallCluster(postgres.Cluster):
    """A server whose whole data lies on a small file system."""

    def __init__(self, disk):
        super().__init__(["max_wal_size=48MB", "min_wal_size=32MB", "restart_after_crash=on"])
        self.disk = disk

    def create(self):
        shutil.chown(self.disk, "postgres", "postgres")
        subprocess.run(self.as_server(postgres.binaries() / "initdb", "-D", self.disk / "data", "-U", "admin", "-A", "trust", "-E", "UTF8",
                                      "--locale=C", "--no-instructions", "--wal-segsize=4"), check=True, stdout=subprocess.DEVNULL, cwd="/tmp")
        self.folder = self.disk
        self.port = postgres.free_port()

    def destroy(self):
        if self.process is not None:
            self.stop()


def postgres_disk_full():
    """The server refuses writes or, when it can't write its log, goes down; either way nothing is sent."""
    with small_disk(160) as disk, Rig(Postgres(SmallCluster(disk))) as rig:
        known = rig.pay()
        assert known.status == 201, known
        with rig.payers(4):
            time.sleep(0.3)
            filler = fill(disk)
            eventually(lambda: any(a.status == 503 for a in rig.answers), "a payment is refused", 60)
        detail = is_told_why(rig, ("space", "reach", "no writes", "written"))
        is_refused(rig)
        filler.unlink()
        cluster = rig.database.cluster
        if cluster.process.poll() is not None:
            cluster.start()  # it had ended itself; what it needs is an operator, and the gateway is not to be touched
        can_be_read_soon(rig, known)
        return healed(rig) + f"; /ready said: {detail}"


def postgres_backend_killed():
    """The process that serves the gateway's writer is killed at random moments, commits among them."""
    with Rig(Postgres()) as rig:
        assert rig.pay().status == 201
        database = rig.database.cluster
        kills = 0
        deadline = time.monotonic() + 60
        with rig.payers(8, 0.01):
            while kills < 5 and time.monotonic() < deadline:
                time.sleep(0.3)
                with contextlib.suppress(RuntimeError):
                    found = database.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'unigate' AND query ~* 'commit'"
                                         " ORDER BY state = 'idle', xact_start DESC LIMIT 1")
                    for [pid] in found:
                        os.kill(int(pid), signal.SIGKILL)
                        kills += 1
                with contextlib.suppress(AssertionError):
                    rig.await_ready(HEALED_S)
        assert kills >= 3, f"only {kills} kills"
        return healed(rig) + f"; {kills} kills"


def postgres_locked():
    with Rig(Postgres()) as rig:
        known = rig.pay()
        slow = slow_payment(rig, 1000)
        cluster = rig.database.cluster
        began = time.monotonic()
        holder = threading.Thread(target=cluster.sql, daemon=True, args=(
            f"BEGIN; LOCK TABLE operations, workers, users IN EXCLUSIVE MODE; SELECT pg_sleep({LOCK_S})", rig.database.name))
        holder.start()
        eventually(lambda: cluster.sql("SELECT 1 FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation IS NOT NULL AND granted"),
                   "the lock is held")
        is_refused(rig, 3)
        detail = is_told_why(rig, ("locked", "holds", "busy", "timeout"))
        can_be_read(rig, known)
        with rig.payers(8, 0.05):
            time.sleep(max(0.0, LOCK_S - 3 - (time.monotonic() - began)))
        slowest = max(a.took for a in rig.answers if a.status == 503 and a.outcome == "not_executed")
        holder.join(60)
        answer = slow()
        assert answer.status in (201, 503), answer
        return healed(rig) + f"; refused after {slowest:.1f} s at most; /ready said: {detail}"


def postgres_read_only():
    """As a server is that has become a standby."""
    with Rig(Postgres()) as rig:
        known = rig.pay()
        database = rig.database.cluster
        for value, after in (("on", None), ("off", healed)):
            database.sql(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
            database.sql("SELECT pg_reload_conf()")
            if after:
                return after(rig)
            is_told_why(rig, ("read-only", "written", "no writes"))
            is_refused(rig)
            can_be_read(rig, known)


CASES = {"sqlite": [sqlite_disk_full, sqlite_read_only, sqlite_fsync_error, sqlite_locked],
         "postgres": [postgres_stopped, postgres_disk_full, postgres_backend_killed, postgres_locked, postgres_read_only]}


def main():
    global LOCK_S
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", choices=list(CASES), help="these cases alone")
    parser.add_argument("--only", action="append", choices=[case.__name__ for cases in CASES.values() for case in cases])
    parser.add_argument("--lock-seconds", type=float, default=LOCK_S, help="how long the database is locked (30)")
    arguments = parser.parse_args()
    LOCK_S = arguments.lock_seconds
    cases = [case for store, those in CASES.items() if arguments.store in (None, store) for case in those]
    return run_cases(cases, arguments.only)


if __name__ == "__main__":
    sys.exit(main())
