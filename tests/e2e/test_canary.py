"""Twenty planted secrets of all kinds, and every place where one may leak to: searched in all spellings that a leak may have."""
import base64
import json
import os
import resource
import signal
import subprocess
import urllib.parse
from pathlib import Path

import pytest
import requests

from conftest import CREDENTIALS
from support.paths import GATEWAY
from support.waiting import eventually

ORDERS = "/v1/payments/orders"


def spellings(secret):
    """The secret as bytes, base64 at any offset, hex, percent-encoded, backwards, and as JSON may escape it."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    forms = {"raw": raw, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(), "reversed": raw[::-1]}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        # What depends on the neighbours is cut off.
        core = encoded[4 if offset else 0:len(encoded) - 4]
        forms[f"base64+{offset}"] = core
        forms[f"base64url+{offset}"] = core.replace(b"+", b"-").replace(b"/", b"_")
    forms["percent"] = "".join(f"%{byte:02X}" for byte in raw).encode()
    forms["json"] = "".join(f"\\u{byte:04x}" for byte in raw).encode()
    try:
        forms["url"] = urllib.parse.quote(raw.decode(), safe="").encode()
    except UnicodeDecodeError:
        pass
    return {name: form for name, form in forms.items() if len(form) >= 8}


def found(secrets, places):
    return [f"{name} as {form} in {place}" for name, secret in secrets.items() for form, needle in spellings(secret).items()
            for place, text in places.items() if needle in text]


def test_the_search_finds_what_is_planted():
    secret = "sk_live_planted0123456789"
    for form, needle in spellings(secret).items():
        assert found({"s": secret}, {"place": b"before " + needle + b" after"}), form
    assert found({"s": secret}, {"log": base64.b64encode(b"xy" + secret.encode() + b"z")})


@pytest.fixture
def planted(make_stack):
    running = make_stack(providers=tuple(CREDENTIALS)).start()
    yield running
    running.stop()


def plant(stack):
    """The secrets, each where a user would have put it, and what the gateway answered on the way."""
    gateway, answers, secrets = stack.gateway, [], {}
    for provider, credentials in CREDENTIALS.items():
        for field in credentials:
            if field in ("secret_key", "key_secret", "client_secret", "auth_token"):
                secrets[f"{provider} {field}"] = credentials[field]
    live = {"secret_key": "sk_live_canary0live0secret0001", "webhook_secret": "whsec_canarywebhook0secret0001"}
    gateway.service(stack.org, live, "stripe", "live")
    secrets.update({f"live {field}": value for field, value in live.items()})
    second = {"key_id": "rzp_live_canary00000001", "key_secret": "canaryLiveKeySecret00001", "webhook_secret": "canary-razorpay-hook-0001"}
    gateway.service(stack.org, second, "razorpay", "live")
    secrets.update({"live key_secret": second["key_secret"], "live razorpay hook": second["webhook_secret"]})
    third = {"client_id": "A" + "livecanry" * 8, "client_secret": "E" + "livecanry" * 8, "webhook_id": "3RN13029J36659324"}
    gateway.service(stack.org, third, "paypal", "live")
    fourth = {"account_sid": "AC" + "0e2e11fe" * 4, "auth_token": "beef11fe" * 4, "from_number": "+15005550006"}
    gateway.service(stack.org, fourth, "twilio", "live")
    secrets.update({"live client_secret": third["client_secret"], "live auth_token": fourth["auth_token"]})
    secrets["test key"] = stack.key
    secrets["live key"] = gateway.key(stack.org, "live")
    secrets["revoked key"] = gateway.key(stack.org, "test", "payments:read")
    secrets["key-encryption key"] = base64.b64decode((gateway.directory / "kek").read_text())
    gateway.run("keygen", "--out", gateway.directory / "kek.new", with_config=False)
    secrets["next key-encryption key"] = base64.b64decode((gateway.directory / "kek.new").read_text())
    secrets["mistyped bearer"] = "unf_live_canaryMistypedBearerToken000000000"
    secrets["basic log-in"] = "canary-basic-password-0001"
    secrets["password in a body"] = "canary password: correct horse 0001"
    secrets[".env value"] = "canary_dotenv_value_AKIA0001"
    secrets["card number"] = "4242424242424242"

    def ask(method, path, **options):
        answers.append(requests.request(method, gateway.url + path, timeout=30, **options))
        return answers[-1]
    good = {"Authorization": f"Bearer {stack.key}"}
    ask("POST", ORDERS, json={"amount": 1050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}, headers=good)
    ask("GET", ORDERS, headers={"Authorization": f"Bearer {secrets['live key']}"})
    # Wrong in every way that a hurried person gets things wrong.
    ask("GET", ORDERS, headers={"Authorization": f"Bearer {secrets['mistyped bearer']}"})
    ask("GET", ORDERS, headers={"X-Platform-Key": secrets["mistyped bearer"]})
    ask("GET", ORDERS, auth=("user", secrets["basic log-in"]))
    ask("POST", ORDERS, json={"amount": "x", "password": secrets["password in a body"]}, headers=good)
    ask("POST", ORDERS, json={"amount": 1, "currency": "USD", "metadata": {"env": secrets[".env value"] * 20}}, headers=good)
    ask("POST", ORDERS, data=f"STRIPE_SECRET_KEY={live['secret_key']}\nX={secrets['.env value']}", headers=good)
    ask("POST", ORDERS, data=b'{"secret_key": "' + live["secret_key"].encode(), headers={**good, "Content-Type": "application/json"})
    ask("GET", f"{ORDERS}?key={live['secret_key']}", headers=good)
    ask("GET", f"/v1/transactions/{secrets['live key']}", headers=good)
    ask("POST", ORDERS, json={"amount": 1, "currency": "USD", "description": secrets["card number"]}, headers=good)
    ask("GET", f"/v1/passthrough/stripe/v1/charges/{secrets['card number']}", headers=good)
    ask("POST", "/v1/providers/stripe/webhooks", json={"url": "https://shop.example.com/hook"}, headers=good)
    for provider, path in (("stripe", "v1/balance"), ("razorpay", "v1/payments"), ("paypal", "v1/payments/x"), ("twilio", "2010-04-01/Accounts.json")):
        ask("GET", f"/v1/passthrough/{provider}/{path}", headers=good)
    gateway.json("secrets", "rotate", "--new", f"file:{gateway.directory / 'kek.new'}")
    ask("POST", ORDERS, json={"amount": 2050, "currency": "USD", "confirm": True, "payment_method": "pm_card_visa"}, headers=good)
    assert len(secrets) >= 20, sorted(secrets)
    return secrets, answers


def test_no_planted_secret_is_found_anywhere(planted):
    secrets, answers = plant(planted)
    gateway = planted.gateway
    pid = gateway.process.child.pid
    places = {f"answer {i} to {a.request.method} {a.request.path_url[:40]}": a.content + repr(dict(a.headers)).encode() for i, a in enumerate(answers)}
    places["metrics"] = requests.get(gateway.metrics_url, timeout=30).content
    places["cmdline"] = Path(f"/proc/{pid}/cmdline").read_bytes()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for child in children:
        for what in ("cmdline", "environ"):
            places[f"{what} of child {child}"] = Path(f"/proc/{child}/{what}").read_bytes()
    # While the log of the database still holds what was written.
    for file in sorted(gateway.directory.glob("unigate.db*")):
        places[file.name] = file.read_bytes()
    assert b"secrets" in places["unigate.db"] + places.get("unigate.db-wal", b"")
    gateway.stop()
    for file in sorted(gateway.directory.glob("unigate.db*")):
        places[f"{file.name} at the end"] = file.read_bytes()
    places["gateway.log"] = gateway.process.log.read_bytes()
    assert len(places["gateway.log"]) > 1000
    # An unknown key of ours may be told back to nobody, but a card number that was refused may show its last four.
    assert not found(secrets, places), "\n".join(found(secrets, places))


def ended(child):
    """The wait status, which tells of a core as a return code does not; nothing while it runs."""
    pid, status = os.waitpid(child.pid, os.WNOHANG)
    if pid:
        child.returncode = os.waitstatus_to_exitcode(status)
    return status if pid else None


@pytest.mark.parametrize("sent", [signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT])
def test_a_crash_leaves_no_core(planted, sent, tmp_path):
    gateway = planted.gateway
    gateway.stop()

    def allow_cores():
        # What a shell starts in the background ignores SIGQUIT, and passes that on.
        signal.signal(sent, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        child = subprocess.Popen([str(GATEWAY), "serve", "--config", str(gateway.config)], cwd=tmp_path, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=allow_cores)
    except subprocess.SubprocessError:
        pytest.skip("core dumps can't be allowed here")

    def ready():
        try:
            return requests.get(f"{gateway.url}/ready", timeout=2).status_code == 200
        except requests.ConnectionError:
            return False
    eventually(ready, "it serves", 60)
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")] == [["0", "0"]]
    os.kill(child.pid, sent)
    status = eventually(lambda: ended(child), f"{sent.name} ends it", 60)
    assert os.WIFSIGNALED(status) and not os.WCOREDUMP(status)
    assert not list(tmp_path.glob("core*"))


def test_a_subcommand_says_no_secret_either(planted):
    gateway = planted.gateway
    secret = "sk_test_canary0command0secret"
    file = gateway.directory / "typed.json"
    file.write_text(json.dumps({"secret_key": secret, "unknown_field": "canary-unknown-0001"}))
    file.chmod(0o600)
    told = gateway.run("service", "set", "--org", planted.org, "--provider", "stripe", "--environment", "test", "--from", file, check=False)
    listed = gateway.run("service", "list", "--org", planted.org, "--json")
    places = {"set": (told.stdout + told.stderr).encode(), "list": (listed.stdout + listed.stderr).encode()}
    assert not found({"key": secret, "other": "canary-unknown-0001", "stored": CREDENTIALS["stripe"]["secret_key"]}, places)
