"""What a plugin's author works with: the dry run of an operation, and recorded webhooks through the host's verification."""
import hashlib
import hmac
import json
import subprocess

import pytest

from support.paths import GATEWAY, PLUGINS
from support.processes import Gateway

STRIPE = PLUGINS / "stripe.so"
NOW = 1785000000
SECRET = "whsec_0123456789abcdefghijkl"
EVENT = json.dumps({"id": "evt_1", "object": "event", "type": "payment_intent.created", "created": NOW, "livemode": False,
                    "data": {"object": {"id": "pi_1", "object": "payment_intent"}}})


def tool(*words, stdin=""):
    return subprocess.run([str(GATEWAY), "plugin", *[str(w) for w in words]], input=stdin, capture_output=True, text=True, timeout=60)


def dry_run(operation, given, *more):
    done = tool("dry-run", "--plugin", STRIPE, "--operation", operation, "--input", "-", "--json", *more, stdin=json.dumps(given))
    return done.returncode, json.loads(done.stdout)


def payment(**more):
    return {"amount": 1099, "currency": "USD", "capture_method": "automatic", "confirm": False, "metadata": {}, **more}


def headers_of(request):
    return {header["name"].lower(): header["value"] for header in request["headers"]}


def test_dry_run_shows_the_request_as_it_would_go_out_with_names_for_secrets():
    status, told = dry_run("payments.create", payment(), "--key", "op-0123456789")
    assert status == 0 and told["outcome"] == "waiting"
    [request] = told["requests"]
    assert (request["method"], request["url"]) == ("POST", "https://api.stripe.com/v1/payment_intents")
    headers = headers_of(request)
    assert headers["authorization"] == "Bearer {secret_key}"
    assert headers["idempotency-key"] == "op-0123456789"
    assert headers["host"] == "api.stripe.com" and headers["user-agent"].startswith("unigate/")
    assert headers["content-length"] == str(len(request["body"].encode()))
    assert "amount=1099" in request["body"] and "currency=usd" in request["body"]


def test_dry_run_for_people():
    done = tool("dry-run", "--plugin", STRIPE, "--operation", "balance.get")
    assert done.returncode == 0
    assert done.stdout.startswith("GET https://api.stripe.com/v1/balance\n")
    assert "Authorization: Bearer {secret_key}\n" in done.stdout and "waiting" in done.stdout


def test_dry_run_takes_answers_in_order(tmp_path):
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps([{"status": 402, "headers": {"Request-Id": "req_1"}, "body": {"error": {
        "type": "card_error", "code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined."}}}]))
    status, told = dry_run("payments.create", payment(), "--response", answers)
    assert status == 0 and told["outcome"] == "failed"
    assert told["error"]["category"] == "card_declined" and told["error"]["outcome"] == "declined"
    assert told["error"]["provider_request_id"] == "req_1" and len(told["requests"]) == 1


@pytest.mark.parametrize("given, field", [({"amount": 1}, "currency"), (payment(amount="x"), "amount"), (payment(fly=1), "fly")])
def test_dry_run_refuses_what_the_gateway_refuses(given, field):
    status, told = dry_run("payments.create", given)
    assert status == 1 and told["outcome"] == "refused" and told["requests"] == []
    assert told["problem"]["status"] == 400 and field in told["problem"]["detail"]


def test_a_batch_plays_many_cases_in_one_process(tmp_path):
    cases = [{"id": n, "operation": "payments.create", "input": payment(amount=n)} for n in range(1, 201)]
    cases += [{"id": "lost", "operation": "balance.get", "responses": [{"failed": "no_answer"}]},
              {"id": "live", "operation": "balance.get", "mode": "live"}, {"id": "odd", "operation": "balance.get", "mode": "mars"}]
    batch = tmp_path / "batch.json"
    batch.write_text(json.dumps(cases))
    done = tool("dry-run", "--plugin", STRIPE, "--batch", batch, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [case["id"] for case in told] == [case["id"] for case in cases]
    assert all(f"amount={case['id']}&" in case["requests"][0]["body"] for case in told[:200])
    assert [case["outcome"] for case in told[200:]] == ["failed", "waiting", "unreadable"]


def test_the_same_case_gives_the_same_bytes():
    first, second = (dry_run("payments.create", payment(), "--now", "1785000000000") for _ in range(2))
    assert first == second


@pytest.mark.parametrize("words", [("dry-run",), ("dry-run", "--plugin", STRIPE), ("dry-run", "--plugin", STRIPE, "--operation", "x", "--batch", "y"),
                                   ("verify-webhooks", "--plugin", STRIPE), ("dry-run", "--plugin", STRIPE, "--operation", "x", "--now", "soon")])
def test_wrong_usage(words):
    done = tool(*words)
    assert done.returncode == 2 and "usage:" in done.stderr


@pytest.mark.parametrize("words, said", [
    (("dry-run", "--plugin", "absent.so", "--operation", "balance.get"), "there is no such file"),
    (("dry-run", "--plugin", STRIPE, "--operation", "balance.get", "--input", "absent.json"), "absent.json"),
    (("dry-run", "--plugin", STRIPE, "--operation", "balance.get", "--mode", "mars"), "mode"),
    (("verify-webhooks", "--plugin", STRIPE, "--vectors", "absent.json"), "absent.json"),
])
def test_mistakes_are_told_in_one_line(words, said):
    done = tool(*words)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and said in done.stderr


def vector(name, valid, body=EVENT, secret=SECRET, signed_with=None, age_s=0, **more):
    timestamp = NOW - age_s
    signature = hmac.new((signed_with or secret).encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"id": name, "valid": valid, "secret": secret, "now": NOW, "url": "https://gateway.example/hooks", "body": body,
            "headers": {"Stripe-Signature": f"t={timestamp},v1={signature}"}, **more}


def verify(tmp_path, vectors, *more):
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps({"vectors": vectors}))
    done = tool("verify-webhooks", "--plugin", STRIPE, "--vectors", file, "--json", *more)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def test_recorded_webhooks_get_their_verdicts(tmp_path):
    vectors = [vector("good", True), vector("other_secret", False, signed_with="whsec_other"), vector("old", False, age_s=301),
               vector("old_allowed", True, age_s=301, tolerance_seconds=600), vector("no_secret", False, secret="", signed_with="x")]
    done, told = verify(tmp_path, vectors)
    assert done.returncode == 0, done.stdout
    assert [(t["id"], t["expected"], t["verdict"]) for t in told] == [
        (v["id"], *[["invalid", "valid"][v["valid"]]] * 2) for v in vectors]
    assert all(set(t) == {"id", "expected", "verdict", "why"} and t["why"] for t in told)
    assert SECRET not in done.stdout + done.stderr


def test_a_verdict_that_differs_is_an_exit_status(tmp_path):
    done, [told] = verify(tmp_path, [vector("good", False)])
    assert done.returncode == 1 and (told["expected"], told["verdict"]) == ("invalid", "valid")


def test_accepted_webhooks_can_be_shown_as_unified_events(tmp_path):
    done, [told] = verify(tmp_path, [vector("good", True)], "--events")
    assert done.returncode == 0
    [event] = told["events"]
    assert event["provider_event_id"] == "evt_1" and event["provider_type"] == "payment_intent.created"
    assert event["mode"] == "test" and event["type"]


def test_a_file_of_webhook_roots_that_holds_none_is_told(tmp_path):
    roots = tmp_path / "roots.pem"
    roots.write_text("no certificate")
    gateway = Gateway(tmp_path, {"providers": {"stripe": {"webhook_roots": str(roots)}}})
    gateway.make_key_encryption_key()
    checks = json.loads(gateway.run("doctor", "--json", check=False).stdout)
    [fault] = [check["detail"] for check in checks if check["check"] == "webhook roots"]
    assert str(roots) in fault and "holds no PEM certificate" in fault
    done = gateway.run("serve", check=False)
    assert done.returncode == 1 and str(roots) in done.stderr
