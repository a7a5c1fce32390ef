"""A PostgreSQL 15 server of the tests' own: a fresh cluster in a temporary folder, on a free port of 127.0.0.1, gone at the end.

As a module: `with Cluster() as cluster: url = cluster.database()`.
As a program: `python3 tests/postgres/cluster.py COMMAND...` runs a command with UNIGATE_TEST_POSTGRES set to the administrator's
URL of such a server (libpq's form), and ends with its exit code.

Two roles as in production: `unigate_owner` owns every table, `unigate` is the application's and owns nothing. Durability is on
(fsync, synchronous_commit), for the tests are about it.
"""
import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OWNER = "unigate_owner"
APPLICATION = "unigate"
START_S = 30


def binaries():
    """The folder of initdb and postgres: the newest that Debian's packages have installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        raise RuntimeError("there is no PostgreSQL server here; packaging/install-dependencies --for test installs it")
    return found[-1].parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    def __init__(self, settings=()):
        self.settings = list(settings)
        self.folder = None
        self.port = None
        self.process = None
        self.numbers = itertools.count(1)

    def __enter__(self):
        self.create()
        self.start()
        return self

    def __exit__(self, *_):
        self.destroy()

    # PostgreSQL refuses to run as root; then its own account runs it.
    def as_server(self, *words):
        return (["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []) + [str(word) for word in words]

    def create(self):
        self.folder = Path(tempfile.mkdtemp(prefix="unigate-pg-", dir="/tmp"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        subprocess.run(self.as_server(binaries() / "initdb", "-D", self.folder / "data", "-U", "admin", "-A", "trust", "-E", "UTF8",
                                      "--locale=C", "--no-instructions"), check=True, stdout=subprocess.DEVNULL, cwd="/tmp")
        self.port = free_port()

    def start(self):
        words = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}", "-c", "max_connections=100",
                 "-c", "shared_buffers=128MB", "-c", "log_min_messages=warning"]
        for setting in self.settings:
            words += ["-c", setting]
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(self.as_server(binaries() / "postgres", "-D", self.folder / "data", "-p", self.port, *words),
                                        stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/tmp", start_new_session=True)
        log.close()
        deadline = time.monotonic() + START_S
        while True:
            if self.process.poll() is not None:
                raise RuntimeError("PostgreSQL did not start: " + (self.folder / "log").read_text()[-2000:])
            if subprocess.run([binaries() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
                break
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start in time")
            time.sleep(0.05)
        for role in (OWNER, APPLICATION):
            self.sql(f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")

    def server_pid(self):
        return int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def stop(self, how="immediate"):
        """`how`: smart, fast or immediate (as after a crash)."""
        numbers = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(self.server_pid(), numbers[how])
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process = None

    def destroy(self):
        if self.process is not None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, text, database="postgres", user="admin"):
        """Runs SQL; the rows as lists of text."""
        done = subprocess.run([binaries() / "psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                               "-p", str(self.port), "-U", user, "-d", database, "-c", text], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def database(self, name=None):
        """A new, empty database that the owner's role owns; its name."""
        name = name or f"test_{os.getpid()}_{next(self.numbers)}"
        self.sql(f"CREATE DATABASE {name} OWNER {OWNER}")
        return name

    def url(self, database, user=APPLICATION):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"


def main():
    if len(sys.argv) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with Cluster() as cluster:
        environment = {**os.environ, "UNIGATE_TEST_POSTGRES": cluster.url("postgres", "admin")}
        return subprocess.run(sys.argv[1:], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
