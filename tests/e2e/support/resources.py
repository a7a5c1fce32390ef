"""What every resource promises, wherever it is made: checked once here, used by the file of each resource."""
from support.client import new_key
from support.waiting import eventually

RESOLVED_S = 60


def make(api, path, body, operation):
    """Creates, and checks what holds for all: the transaction, the replay, the way back by Location. Returns the document."""
    key = new_key()
    first = api.post(path, body, idempotency_key=key, timeout=90)
    assert first.status_code == 201, first.text
    document = first.json()
    assert document["provider_id"] and document["livemode"] is False
    record = api.transaction(document["transaction_id"])
    assert (record["operation"], record["state"], record["resource"]) == (operation, "succeeded", document["id"])
    assert record["provider"] == document["provider"] and record["idempotency_key"] == key
    assert document["transaction_id"] in [each["id"] for each in api.ok("GET", "/v1/transactions", params={"limit": 20})["data"]]
    again = api.post(path, body, idempotency_key=key)
    assert again.status_code == 201 and again.content == first.content and again.headers["Idempotent-Replayed"] == "true"
    other = api.post(path, {**body, "metadata": {"another": "request"}}, idempotency_key=key)
    assert other.status_code == 422 and other.json()["code"] == "idempotency_key_reused"
    if "Location" in first.headers:
        read = api.ok("GET", first.headers["Location"])
        assert (read["id"], read["provider_id"]) == (document["id"], document["provider_id"])
    return document


def found_out(four, path, body, provider, prefix, kind="drop_after", method="POST"):
    """An answer that is lost: 202 and processing, then what really happened. Returns the document that became of it."""
    four.simulator.fault(kind, provider=provider, prefix=prefix, method=method)
    key = new_key()
    answer = four.api.post(path, body, idempotency_key=key, timeout=90)
    assert answer.status_code == 202 and answer.json()["status"] == "processing", answer.text
    started = answer.json()
    record = eventually(lambda: (r := four.api.transaction(started["transaction_id"]))["state"] in ("succeeded", "failed", "escalated") and r,
                        "what became of it is found out", RESOLVED_S, 0.1)
    assert record["state"] == "succeeded", record
    assert "unknown" in [change["to"] for change in record["transitions"]]
    again = four.api.post(path, body, idempotency_key=key)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json()["id"] == started["id"]
    return started


def cannot(api, path, body, provider, who_can, method="POST"):
    """A provider that has no such operation: 501, with those that have it. Nothing becomes of it."""
    problem = api.problem(method, path, {**body, "provider": provider} if body is not None else None, 501,
                          params={"provider": provider} if body is None else None)
    assert problem["code"] == "not_supported" and problem["providers"] == who_can and problem["retryable"] is False


def wrong(api, path, body, param, status=400, method="POST"):
    """A body with a fault in it names the field."""
    problem = api.problem(method, path, body, status)
    named = [problem.get("param")] + [each["param"] for each in problem.get("errors", [])]
    assert param in named, problem


def listed(api, path, **params):
    return [each["id"] for each in api.ok("GET", path, params={"limit": 100, **params})["data"]]
