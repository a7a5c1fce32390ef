"""The database put back from a backup: what was open in it is asked about and never sent again, and the books agree."""
import shutil

from support.database import back_up, rows
from support.waiting import eventually, in_background

ORDERS = "/v1/payments/orders"
BODY = {"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}
COUNT = 5


def put_back(gateway, backup):
    for end in ("-wal", "-shm"):
        (gateway.directory / f"unigate.db{end}").unlink(missing_ok=True)
    shutil.copy(backup, gateway.directory / "unigate.db")


def charges(simulator):
    return [entry for entry in simulator.entries() if entry["type"] in ("charge", "capture")]


def test_open_operations_of_a_backup_are_asked_about_and_never_resent(fresh):
    settled = fresh.api.pay(700)
    fresh.simulator.fault("delay", prefix="/v1/payment_intents", delay_ms=4000, times=COUNT)
    clients = [in_background(lambda i=i: fresh.api.post(ORDERS, {**BODY, "amount": 1000 + i}, idempotency_key=f"open-{i}"))
               for i in range(COUNT)]
    eventually(lambda: len(fresh.simulator.posts("/v1/payment_intents")) == COUNT + 1, "all are at the provider")
    backup = fresh.directory / "backup.db"
    back_up(fresh.gateway, backup)
    for client in clients:
        client.join(30)
    served = fresh.gateway.run("restore", "--mark-epoch", check=False)
    assert served.returncode == 1 and "stop it first" in served.stderr
    fresh.gateway.kill()
    put_back(fresh.gateway, backup)
    assert len(rows(fresh.gateway, "SELECT id FROM operations WHERE state IN ('intent', 'sent')")) == COUNT
    assert len(charges(fresh.simulator)) == COUNT + 1

    marked = fresh.gateway.json("restore", "--mark-epoch")
    assert marked["open_operations"] == COUNT and marked["epoch"] > 0
    before = len(fresh.simulator.requests())
    fresh.gateway.start()
    for i in range(COUNT):
        def found(i=i):
            answer = fresh.api.post(ORDERS, {**BODY, "amount": 1000 + i}, idempotency_key=f"open-{i}")
            return answer.status_code in (201, 202) and fresh.api.payment(answer.json()["id"])["status"] == "succeeded"
        eventually(found, f"payment {i} is found at the provider", 60, 0.2)
    later = fresh.simulator.requests()[before:]
    assert later and {seen["method"] for seen in later} == {"GET"}
    # Our books and the provider's.
    assert sorted(c["amount"] for c in charges(fresh.simulator)) == [700, *range(1000, 1000 + COUNT)]
    ours = fresh.api.ok("GET", ORDERS, params={"limit": 100, "status": "succeeded"})["data"]
    assert sorted(p["amount_captured"] for p in ours) == [700, *range(1000, 1000 + COUNT)]
    assert settled["id"] in [p["id"] for p in ours]
    for record in fresh.api.ok("GET", "/v1/transactions", params={"limit": 100})["data"]:
        actions = [a["action"] for a in fresh.api.transaction(record["id"])["attempts"]]
        assert "resend" not in actions


def test_what_the_provider_never_got_ends_as_failed_not_as_a_late_charge(fresh):
    fresh.simulator.fault("drop_before", prefix="/v1/payment_intents", times=-1)
    payment = fresh.api.post(ORDERS, BODY, idempotency_key="lost-1").json()
    backup = fresh.directory / "backup.db"
    back_up(fresh.gateway, backup)
    fresh.gateway.kill()
    put_back(fresh.gateway, backup)
    assert fresh.gateway.json("restore", "--mark-epoch")["open_operations"] == 1
    fresh.simulator.clear_faults()
    before = len(fresh.simulator.requests())
    fresh.gateway.start()
    record = eventually(lambda: (r := fresh.api.transaction(payment["transaction_id"]))["state"] == "failed" and r,
                        "it is proven that it is not there", 90, 0.2)
    assert record["why"].startswith("not there")
    assert {seen["method"] for seen in fresh.simulator.requests()[before:]} == {"GET"}
    assert charges(fresh.simulator) == []
    assert fresh.api.payment(payment["id"])["status"] == "failed"


def test_without_a_database_or_the_flag_nothing_is_marked(fresh):
    fresh.gateway.stop()
    assert fresh.gateway.run("restore", check=False).returncode == 2
    (fresh.gateway.directory / "unigate.db").rename(fresh.gateway.directory / "elsewhere.db")
    missing = fresh.gateway.run("restore", "--mark-epoch", check=False)
    assert missing.returncode == 1 and "backup" in missing.stderr
    assert not (fresh.gateway.directory / "unigate.db").exists()
