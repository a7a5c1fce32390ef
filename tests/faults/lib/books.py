"""The two ledgers, read: our database (SQLite or PostgreSQL), the simulators' movements of money and what they were asked."""
import json
import sqlite3
import subprocess
import threading
import time
import urllib.request
from urllib.parse import urlsplit

from lib.stack import binaries

WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Database:
    """Read with the administrator's eyes: row level security is not asked here. `source` is sqlite:FILE or postgresql://..."""

    def __init__(self, source):
        self.source = source

    def rows(self, sql):
        if self.source.startswith("sqlite:"):
            return self._sqlite(sql)
        return self._postgres(sql)

    def _sqlite(self, sql):
        connection = sqlite3.connect(f"file:{self.source.removeprefix('sqlite:')}?mode=ro", uri=True, timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def _postgres(self, sql):
        parts = urlsplit(self.source)
        done = subprocess.run([binaries() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", parts.hostname,
                               "-p", str(parts.port), "-U", parts.username, "-d", parts.path[1:],
                               "-c", f"SELECT row_to_json(r) FROM ({sql}) r"], capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return [json.loads(line) for line in done.stdout.splitlines()]

    def has_table(self, name):
        if self.source.startswith("sqlite:"):
            return bool(self.rows(f"SELECT name FROM sqlite_master WHERE type = 'table' AND name = '{name}'"))
        return bool(self.rows(f"SELECT 1 AS n WHERE to_regclass('{name}') IS NOT NULL"))

    def open_operations(self):
        return self.rows("SELECT id, operation, provider, state, recovery_mode, client_key FROM operations"
                         " WHERE state NOT IN ('succeeded', 'failed', 'escalated')")


def _control(url, path):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/__sim/{path}", timeout=60) as answer:
        return json.loads(answer.read())


def movements(urls):
    """Every movement of money at every provider, in the order of the ledger. One process keeps one ledger for all its ports."""
    found = {}
    for url in urls:
        for entry in _control(url, "ledger")["entries"]:
            found[entry["seq"], entry["provider"]] = entry
    return [found[place] for place in sorted(found)]


def requests(urls):
    """The last requests that the providers saw, carried out or not (a thousand of them are kept)."""
    seen = {}
    for url in urls:
        for entry in _control(url, "requests")["requests"]:
            seen[entry["number"]] = entry
    return seen


def journal(ledger_file):
    """The writes that a simulator carried out: provider, method, path, key, what was sent, when. Read from its ledger file."""
    carried_out = []
    with open(ledger_file) as lines:
        for line in lines:
            if not line.startswith('{"rec":"request"'):
                continue
            record = json.loads(line)
            if record["path"].startswith("/__sim/") or record["method"] not in WRITES or record.get("skipped"):
                continue
            record["sent"] = record.get("body") or record.get("params") or ""
            carried_out.append(record)
    return carried_out


class RequestWatch:
    """Reads the simulators' list of requests before it forgets them, on a thread, until it is stopped."""

    def __init__(self, urls, every_s=0.4):
        self.urls = urls
        self.every_s = every_s
        self.seen = {}
        self.missed = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.read()

    def read(self):
        newest = max(self.seen, default=0)
        page = requests(self.urls)
        if page and newest and min(page) > newest + 1:
            self.missed += min(page) - newest - 1
        self.seen.update(page)

    def _watch(self):
        while not self.stopping.wait(self.every_s):
            try:
                self.read()
            except OSError:
                time.sleep(self.every_s)
