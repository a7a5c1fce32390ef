"""The providers' contracts (UNIGATE_CONTRACTS) as a judge of exchanges; used by the contract tests of every simulator."""

import json
import os
import pathlib
import subprocess

from node_tools import SOURCE, node_environment
from simulator_process import ROOT

CONTRACTS = pathlib.Path(os.environ.get("UNIGATE_CONTRACTS", ROOT.parent / "shared" / "contracts"))
ORACLE = CONTRACTS / "oracle" / "oas.js"


class Oracle:
    """The validator in a Node process of its own."""

    def __init__(self, *specifications):
        self.process = subprocess.Popen(
            ["node", str(SOURCE / "oracle_child.js"), str(ORACLE), *map(str, specifications)],
            env=node_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

    def check(self, method, url, headers, body, status=None, answer=None):
        exchange = {"method": method, "url": url, "headers": dict(headers), "body": body, "status": status, "answer": answer}
        self.process.stdin.write(json.dumps(exchange) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


class Observer:
    """Checks each exchange at once. `right` says whether the request is one that the provider's contract allows."""

    def __init__(self, oracle):
        self.oracle = oracle
        self.right = True
        self.operations = set()

    def __call__(self, response):
        sent = response.request
        url = sent.path_url
        body = sent.body.decode() if isinstance(sent.body, bytes) else sent.body or ""
        result = self.oracle.check(sent.method, url, sent.headers, body, response.status_code, response.text)
        if self.right:
            assert result["request"] == [], (sent.method, url, body, result)
        assert result["answer"] == [], (sent.method, url, response.text, result)
        self.operations.add((sent.method, url.split("?")[0]))
