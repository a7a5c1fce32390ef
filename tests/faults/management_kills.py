#!/usr/bin/env python3
"""kill -9 while people register, make, rotate and revoke keys and store credentials: what they were told holds, the rest is whole or absent.

    python3 tests/faults/management_kills.py [--store sqlite|postgres] [--kills 10] [--seed S]

Clients work as fast as they are answered while the gateway is killed and started again. Afterwards: whoever was told that he is
registered can log in, and whose registration broke off can register or log in; a key that was told works, one whose revocation was
told does not, and the old key of a rotation without overlap neither; credentials that were told are in force; the audit chains verify.
"""
import argparse
import contextlib
import json
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import requests  # noqa: E402
from rig import CREDENTIALS, Rig, run_on_stores  # noqa: E402

PASSWORD = "correct horse battery staple"
PEOPLE = 4
PAUSE_S = (0.2, 1.5)
PATIENCE_S = 60
OPTIONS = argparse.Namespace(kills=10, seed=None)


class FromAddress(requests.adapters.HTTPAdapter):
    """Everybody has an address of his own, for log-ins are counted by address."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **options)


class Town:
    """The clients, and what each was told."""

    def __init__(self, rig):
        self.rig = rig
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.registered = {}  # email: True when told
        self.keys = {}        # key: "alive", "dead", or "unknown" once a request about it broke off
        self.services = {}    # a registered person's key: secret key that was told as stored, or None when that broke off
        self.failures = []
        self.addresses = (f"127.{a}.{b}.{c}" for a in range(1, 255) for b in range(256) for c in range(1, 255))
        self.told = 0

    def address(self):
        with self.lock:
            return next(self.addresses)

    def ask(self, method, path, body=None, token=None):
        """Status and JSON; nothing when the gateway was not there, or was killed meanwhile."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.mount("http://", FromAddress(self.address()))
                response = session.request(method, self.rig.gateway.url + path, json=body, headers=headers, timeout=PATIENCE_S)
            return response.status_code, response.json() if response.content else None
        except requests.RequestException:
            return None, None

    def change(self, expected, *request):
        """The answer when it was told; None when it broke off or the database was not there. Anything else is a failure."""
        status, answer = self.ask(*request)
        if status == expected:
            self.told += 1
            return answer or {}
        if status not in (None, 503):
            self.failures.append(f"{request[0]} {request[1]}: {status} {json.dumps(answer)[:300]}")
        return None

    def live(self, number):
        for turn in range(100_000):
            if self.stop.is_set():
                return
            self.one_life(f"p{number}-{turn}@example.com")

    def one_life(self, email):
        with self.lock:
            self.registered[email] = False
        tokens = self.change(201, "POST", "/api/auth/register", {"email": email, "password": PASSWORD})
        if tokens is None:
            self.stop.wait(0.05)
            return
        self.registered[email] = True
        access = tokens["access_token"]
        made = self.change(201, "POST", "/api/keys", {"scopes": ["*"]}, access)
        if made is None:
            return
        self.keys[made["api_key"]] = "alive"
        self.store_credentials(email, made["api_key"], access)
        second = self.change(201, "POST", "/api/keys", {"scopes": ["payments:read"]}, access)
        if second is None:
            return
        self.keys[second["api_key"]] = "unknown"
        if random.random() < 0.5:
            if self.change(204, "DELETE", f"/api/keys/{second['id']}", None, access) is not None:
                self.keys[second["api_key"]] = "dead"
        else:
            rotated = self.change(201, "PUT", f"/api/keys/{second['id']}/rotate", {"overlap_seconds": 0}, access)
            if rotated is not None:
                self.keys[second["api_key"]] = "dead"
                self.keys[rotated["api_key"]] = "alive"

    def store_credentials(self, email, key, access):
        secret = "sk_test_" + email.split("@")[0].replace("-", "x").ljust(24, "0")
        self.services[key] = None
        body = {"credentials": {**CREDENTIALS["stripe"], "secret_key": secret}, "environment": "test"}
        if self.change(200, "POST", "/api/services/stripe/configure", body, access) is not None:
            self.services[key] = secret

    # ---- afterwards ----

    def check(self):
        for email, told in self.registered.items():
            login = {"email": email, "password": PASSWORD}
            status, answer = self.ask("POST", "/api/auth/login", login)
            if status == 200:
                continue
            assert not told and status == 401, f"{email} was {'told' if told else 'not told'} that he is registered; log-in: {status} {answer}"
            status, answer = self.ask("POST", "/api/auth/register", login)
            assert status == 201, f"{email}, whose registration broke off, can neither log in nor register: {status} {answer}"
        for key, state in self.keys.items():
            status, answer = self.ask("GET", "/v1/payments/orders?limit=1", None, key)
            assert status in {"alive": (200,), "dead": (401,), "unknown": (200, 401)}[state], f"a key that is {state}: {status} {answer}"
        for key, secret in self.services.items():
            status, answer = self.ask("POST", "/v1/payments/orders", {"provider": "stripe", "amount": 1050, "currency": "USD", "confirm": True,
                                                                      "payment_method": "pm_card_visa"}, key)
            assert status == 201 or secret is None, f"credentials that were told as stored: {status} {answer}"
        users, memberships, organisations = (self.rig.database.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"]
                                             for table in ("users", "memberships", "organisations"))
        # One organisation more is the operator's.
        assert users == memberships == organisations - 1, f"{users} users, {memberships} memberships, {organisations} organisations"
        verified = self.rig.gateway.run("audit", "verify", check=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr


def storm(database):
    seed = OPTIONS.seed if OPTIONS.seed is not None else random.randrange(1 << 30)
    random.seed(seed)
    with Rig(database) as rig:
        town = Town(rig)
        people = [threading.Thread(target=town.live, args=(number,), daemon=True) for number in range(PEOPLE)]
        for person in people:
            person.start()
        try:
            for _ in range(OPTIONS.kills):
                time.sleep(random.uniform(*PAUSE_S))
                rig.gateway.kill()
                rig.start(rig.gateway)
        finally:
            town.stop.set()
            for person in people:
                person.join(PATIENCE_S)
        assert not town.failures, f"seed {seed}: {len(town.failures)} answers that nobody expects: {town.failures[:3]}"
        with contextlib.ExitStack() as noted:
            noted.callback(lambda: print(f"seed {seed}", flush=True) if sys.exc_info()[0] else None)
            town.check()
        states = list(town.keys.values())
        broken = sum(not told for told in town.registered.values())
        assert town.told > 3 * OPTIONS.kills and states.count("dead"), f"too little happened: {town.told} changes, {len(states)} keys"
        return (f"{OPTIONS.kills} kills, {town.told} changes told, {len(town.registered)} people ({broken} whose registration broke off), "
                f"{len(states)} keys ({states.count('dead')} ended, {states.count('unknown')} in between)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=OPTIONS.kills)
    parser.add_argument("--seed", type=int)
    return run_on_stores(storm, parser, OPTIONS)


if __name__ == "__main__":
    sys.exit(main())
