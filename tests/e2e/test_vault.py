"""The vault while it serves: another key-encryption key, a rotation that is cut off, a start without a key."""
import os
import signal
import subprocess
import threading
import time

import pytest
import requests

from support.database import rows
from support.paths import GATEWAY
from support.waiting import eventually

ORDERS = "/v1/payments/orders"
BODY = {"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}


def new_key(gateway, name):
    gateway.run("keygen", "--out", gateway.directory / name, with_config=False)
    return f"file:{gateway.directory / name}"


def key_ids(gateway):
    return {row[0] for row in rows(gateway, "SELECT key_id FROM secrets UNION SELECT key_id FROM vault_entries WHERE name = 'root'")}


class Traffic:
    """Payments from a thread, one after the other, until it is stopped; what went wrong."""

    def __init__(self, client):
        self.client, self.faults, self.done = client, [], 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._stop.is_set():
            answer = self.client.post(ORDERS, BODY)
            if answer.status_code != 201:
                self.faults.append((answer.status_code, answer.text))
            self.done += 1

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def test_keys_are_rotated_while_payments_go_on(fresh):
    gateway = fresh.gateway
    old = gateway.json("secrets", "rotate")["key_id"]
    source = new_key(gateway, "kek.new")
    with Traffic(fresh.client(fresh.key)) as traffic:
        eventually(lambda: traffic.done > 5, "payments go on", 30)
        told = gateway.json("secrets", "rotate", "--new", source)
        seen = traffic.done
        # Accounts are read anew some seconds later: then what is sealed under the new key must open.
        for i in range(5):
            org = gateway.organisation(f"Later {i}")
            gateway.service(org, {"secret_key": f"sk_test_later{i}0000000000000"})
        time_out = time.monotonic() + 7
        eventually(lambda: time.monotonic() > time_out, "caches have been read anew", 30)
        eventually(lambda: traffic.done > seen + 5, "payments still go on", 30)
    assert not traffic.faults
    assert told["rows"] >= 1 and told["bridge"] and told["unreadable"] == []
    assert told["key_id"] != old and key_ids(gateway) == {told["key_id"]}

    # The configuration follows; keys that clients have are known as before, and the bridge goes.
    gateway.stop()
    gateway.settings["vault"] = {"key_encryption_key": source, "previous_keys": [f"file:{gateway.directory}/kek"]}
    gateway.write_settings()
    gateway.start()
    assert fresh.api.pay()["status"] == "succeeded"
    again = gateway.json("secrets", "rotate")
    assert again["rows"] == 0 and not again["bridge"]
    del gateway.settings["vault"]["previous_keys"]
    gateway.write_settings()
    gateway.stop()
    (gateway.directory / "kek").unlink()
    gateway.start()
    assert fresh.api.pay()["status"] == "succeeded"
    assert gateway.run("audit", "verify").returncode == 0


def test_what_the_gateway_seals_during_a_rotation_is_under_the_new_key(make_stack):
    running = make_stack({}).start()
    try:
        gateway = running.gateway
        told = gateway.json("secrets", "rotate", "--new", new_key(gateway, "kek.new"))
        # The serving process has the old key alone; registering a webhook makes it seal a secret.
        answer = running.api.post("/v1/providers/stripe/webhooks", {"url": "https://shop.example.com/hook"})
        assert answer.status_code in (200, 201), answer.text
        assert key_ids(gateway) == {told["key_id"]}
    finally:
        running.stop()


@pytest.mark.parametrize("moment", range(8))
def test_a_rotation_that_is_killed_is_finished_by_running_it_again(fresh, moment):
    gateway = fresh.gateway
    for i in range(10):
        gateway.service(gateway.organisation(f"Org {i}"), {"secret_key": f"sk_test_many{i:04}000000000"})
    source = new_key(gateway, "kek.new")
    command = [str(GATEWAY), "secrets", "rotate", "--new", source, "--config", str(gateway.config)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=gateway.directory)
    try:
        process.wait(0.01 * moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert fresh.api.pay()["status"] == "succeeded"
    told = gateway.json("secrets", "rotate", "--new", source)
    assert told["unreadable"] == [] and key_ids(gateway) == {told["key_id"]}
    assert fresh.api.pay()["status"] == "succeeded"
    assert gateway.json("secrets", "rotate", "--new", source)["rows"] == 0


def test_without_its_key_the_gateway_starts_sealed_and_unseals_when_the_key_appears(fresh):
    gateway = fresh.gateway
    gateway.stop()
    kek = gateway.directory / "kek"
    hidden = gateway.directory / "kek.hidden"
    kek.rename(hidden)
    gateway.process = None
    make, gateway.make_key_encryption_key = gateway.make_key_encryption_key, lambda: None
    try:
        gateway.start(wait=False)
        eventually(lambda: "sealed" in gateway.log(), "it says that it is sealed", 30)
        assert requests.get(f"{gateway.url}/health", timeout=5).status_code == 200
        for method, path in (("GET", "/ready"), ("POST", ORDERS), ("GET", "/api/audit"), ("GET", "/docs")):
            problem = requests.request(method, gateway.url + path, timeout=5, headers={"Authorization": f"Bearer {fresh.key}"})
            assert problem.status_code == 503 and problem.json()["code"] == "vault_sealed", problem.text
        assert "unigate keygen" in problem.json()["detail"] and "\n" not in problem.json()["detail"]
        assert "unigate_vault_sealed 1" in requests.get(gateway.metrics_url, timeout=5).text
        sealed = [line for line in gateway.log().splitlines() if line.startswith("unigate: sealed")]
        assert len(sealed) == 1 and str(kek) in sealed[0]

        # A wrong key changes nothing: it stays sealed, with another reason.
        gateway.run("keygen", "--out", kek, with_config=False)
        eventually(lambda: "sealed with key" in requests.get(f"{gateway.url}/ready", timeout=5).text, "the wrong key is told", 30)
        kek.unlink()
        hidden.rename(kek)
        gateway.wait_ready()
        assert fresh.api.pay()["status"] == "succeeded"
        assert "unigate_vault_sealed 0" in requests.get(gateway.metrics_url, timeout=5).text
    finally:
        gateway.make_key_encryption_key = make


def test_a_sealed_gateway_stops_when_told(fresh):
    gateway = fresh.gateway
    gateway.stop()
    os.chmod(gateway.directory / "kek", 0o644)
    gateway.start(wait=False)
    eventually(lambda: "chmod 0400" in gateway.log(), "it says what to do", 30)
    assert gateway.stop() == 0


def test_a_new_database_has_a_root_that_its_key_does_not_give(make_stack):
    """So that a key without the database is worth nothing."""
    running = make_stack({}).start()
    try:
        assert rows(running.gateway, "SELECT name FROM vault_entries") == [("root",)]
    finally:
        running.stop()
