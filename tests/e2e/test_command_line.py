"""The command line: what each command does, and how each mistake is told in one line."""
import json
import os
import socket
import stat

import pytest

from conftest import STRIPE_TEST_KEY
from support.client import Client
from support.paths import PLUGINS, ROOT
from support.processes import Gateway, Process
from support.waiting import eventually


@pytest.fixture
def idle(tmp_path):
    """A gateway that is configured and not running."""
    gateway = Gateway(tmp_path)
    gateway.make_key_encryption_key()
    return gateway


def one_line(done, *words, status=(1,)):
    """The failure was told in one line that holds these words, without a stack trace or a secret."""
    assert done.returncode in status, (done.returncode, done.stdout, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("{")]
    assert len(lines) == 1, done.stderr
    for word in words:
        assert str(word) in lines[0], lines[0]
    for trace in ("terminate called", "Segmentation", "Traceback", "what():", STRIPE_TEST_KEY):
        assert trace not in done.stderr
    return lines[0]


def test_help_and_version(idle):
    helped = idle.run("--help", with_config=False)
    for command in ("serve", "migrate", "doctor", "org", "key", "service", "plugin", "config"):
        assert command in helped.stdout
    assert idle.run("--version", with_config=False).stdout.startswith("unigate 0.1.0")


@pytest.mark.parametrize("words", [(), ("fly",), ("org",), ("org", "fly"), ("org", "create"), ("key", "create"), ("serve", "--fly"), ("serve", "extra")])
def test_wrong_usage_is_a_2_with_the_usage(idle, words):
    done = idle.run(*words, with_config=False, check=False)
    assert done.returncode == 2 and "usage" in done.stderr.lower()


def test_a_whole_setup(idle):
    org = idle.json("org", "create", "--name", "Tea & Co")["org_id"]
    assert org.startswith("org_")
    assert [o["name"] for o in idle.json("org", "list")] == ["Tea & Co"]
    key = idle.json("key", "create", "--org", org, "--environment", "test", "--scopes", "*")
    assert key["api_key"].startswith("unf_test_") and len(key["api_key"]) == 45 and key["id"].startswith("key_")
    listed = idle.json("key", "list", "--org", org)
    assert [k["id"] for k in listed] == [key["id"]] and key["api_key"] not in json.dumps(listed)
    done = idle.service(org, {"secret_key": STRIPE_TEST_KEY})
    assert STRIPE_TEST_KEY not in done.stdout + done.stderr
    listed = idle.run("service", "list", "--org", org, "--json").stdout
    assert "stripe" in listed and STRIPE_TEST_KEY not in listed


def test_texts_for_people_without_json(idle):
    org = idle.organisation()
    assert org in idle.run("org", "list").stdout
    assert "unf_live_" in idle.run("key", "create", "--org", org, "--environment", "live").stdout
    assert "stripe" in idle.run("plugin", "list").stdout


def test_keygen_never_overwrites(idle):
    before = (idle.directory / "kek").read_bytes()
    one_line(idle.run("keygen", "--out", idle.directory / "kek", with_config=False, check=False), "kek")
    assert (idle.directory / "kek").read_bytes() == before
    assert stat.S_IMODE((idle.directory / "kek").stat().st_mode) == 0o400


def test_migrate_says_what_it_did_and_is_repeatable(idle):
    first, second = idle.json("migrate"), idle.json("migrate")
    assert first["applied"] and second["applied"] == []
    assert first["version"] == second["version"]


def test_doctor_finds_what_serve_needs(idle):
    idle.run("migrate")
    checks = idle.json("doctor")
    assert all(check["ok"] for check in checks), checks
    (idle.directory / "kek").rename(idle.directory / "kek.lost")
    done = idle.run("doctor", "--json", check=False)
    assert done.returncode == 1
    assert [c["check"] for c in json.loads(done.stdout) if not c["ok"]] == ["key-encryption key"]


def test_the_shipped_configuration_and_the_documented_one_are_sound(idle, tmp_path):
    done = idle.run("config", "check", "--config", ROOT / "config" / "unigate.yaml", with_config=False)
    assert done.returncode == 0
    sample = tmp_path / "sample.yaml"
    sample.write_text("""
server:   { listen: 127.0.0.1:8080, metrics_listen: 127.0.0.1:9090, tls: { certificate: null, key: null } }
store:    { url: "sqlite:var/unigate.db" }
vault:    { key_encryption_key: "file:var/kek" }
plugins:  { directories: [lib/unigate/plugins], sandbox: preferred }
providers:
  stripe: { endpoints: { test: { api: "http://127.0.0.1:12111" } } }
upstream: { allow_loopback_http: true }
limits:   { default_per_minute: 600 }
""")
    idle.run("config", "check", "--config", sample, with_config=False)


@pytest.mark.parametrize("text, words", [
    ("server:\n  lisen: 127.0.0.1:1\n", ("lisen", "listen", ":2")),
    ("serve: {}\n", ("serve", "server", ":1")),
    ("limits: { default_per_minute: many }\n", ("default_per_minute", ":1")),
    ("limits: { default_per_minute: 0 }\n", ("default_per_minute",)),
    ("store: { url: mysql://x }\n", ("url",)),
    ("server: [\n", (":",)),
    ("server: { listen: 127.0.0.1:1 }\nserver: { listen: 127.0.0.1:2 }\n", ("server",)),
    ("server: { tls: { certificate: a.pem } }\n", ("certificate", "key")),
])
def test_faults_of_the_configuration_name_file_and_line(idle, tmp_path, text, words):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    for command in (("config", "check"), ("serve",)):
        one_line(idle.run(*command, "--config", file, with_config=False, check=False), "bad.yaml", *words)


def test_a_missing_configuration_is_named(idle):
    one_line(idle.run("serve", "--config", "/nowhere/unigate.yaml", with_config=False, check=False), "/nowhere/unigate.yaml")


def test_the_environment_overrides_the_file(idle):
    done = idle.run("config", "check", env={"UNIGATE__LIMITS__DEFAULT_PER_MINUTE": "none"}, check=False)
    one_line(done, "DEFAULT_PER_MINUTE")
    one_line(idle.run("config", "check", env={"UNIGATE__SERVER__LISEN": "x"}, check=False), "UNIGATE__SERVER__LISEN")
    idle.run("config", "check", env={"UNIGATE__LIMITS__DEFAULT_PER_MINUTE": "5"})


def test_a_missing_key_encryption_key(idle):
    (idle.directory / "kek").unlink()
    one_line(idle.run("org", "create", "--name", "X", check=False), "kek")


def test_a_key_encryption_key_that_others_can_read(idle):
    os.chmod(idle.directory / "kek", 0o644)
    one_line(idle.run("org", "list", check=False), "kek")


def test_another_key_encryption_key_than_the_databases(idle):
    org = idle.organisation()
    idle.service(org, {"secret_key": STRIPE_TEST_KEY})
    (idle.directory / "kek").unlink()
    idle.make_key_encryption_key()
    one_line(idle.run("org", "list", check=False, timeout_s=20), "key")


def test_an_occupied_port(idle):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", idle.port))
        holder.listen()
        one_line(idle.run("serve", check=False), idle.port)


def test_an_occupied_metrics_port(idle):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", idle.metrics_port))
        holder.listen()
        one_line(idle.run("serve", check=False), idle.metrics_port)


def test_a_database_that_cannot_be_opened(idle):
    idle.settings["store"]["url"] = "sqlite:/proc/nowhere/all.db"
    idle.write_settings()
    one_line(idle.run("serve", check=False), "/proc/nowhere")


def test_a_second_gateway_on_the_same_database(stack):
    one_line(stack.gateway.run("serve", check=False), "another gateway serves this database")
    assert stack.api.get("/health").status_code == 200


def test_a_second_gateway_on_the_same_port(stack, tmp_path):
    elsewhere = {"UNIGATE__STORE__URL": f"sqlite:{tmp_path}/other.db"}
    one_line(stack.gateway.run("serve", check=False, env=elsewhere), stack.gateway.port)
    assert stack.api.get("/health").status_code == 200


def test_unknown_organisations_and_providers_are_named(idle):
    one_line(idle.run("key", "create", "--org", "org_nobody", "--environment", "test", check=False), "org_nobody")
    org = idle.organisation()
    one_line(idle.run("key", "create", "--org", org, "--environment", "moon", check=False), "test", "live", status=(1, 2))
    file = idle.directory / "x.json"
    file.write_text("{}")
    one_line(idle.run("service", "set", "--org", org, "--provider", "nowhere", "--environment", "test", "--from", file, check=False), "nowhere", "stripe")


@pytest.mark.parametrize("content, words", [
    ("{}", ("secret_key",)), ('{"secret_key":"%s","secret_keys":"x"}' % STRIPE_TEST_KEY, ("secret_keys",)), ('{"secret_key":"nonsense"}', ("secret_key",)),
    ("not json", ("x.json",)), ('{"secret_key":5}', ("secret_key",)),
])
def test_faulty_credentials_are_named_and_not_repeated(idle, content, words):
    org = idle.organisation()
    file = idle.directory / "x.json"
    file.write_text(content)
    line = one_line(idle.run("service", "set", "--org", org, "--provider", "stripe", "--environment", "test", "--from", file, check=False), *words)
    assert "nonsense" not in line


def test_a_plugin_that_cannot_be_loaded_does_not_stop_the_rest(tmp_path):
    broken = tmp_path / "plugins"
    broken.mkdir()
    (broken / "acme.so").write_bytes(b"this is no library")
    (broken / "acme.plugin.yaml").write_text((PLUGINS / "stripe.plugin.yaml").read_text().replace("id: stripe", "id: acme"))
    gateway = Gateway(tmp_path, plugins=(PLUGINS, broken))
    gateway.make_key_encryption_key()
    listed = {p["id"]: p for p in gateway.json("plugin", "list")}
    assert listed["stripe"]["state"] == "loaded"
    assert listed["acme"]["state"] == "refused" and listed["acme"]["reason"]
    gateway.start()
    try:
        key = gateway.key(gateway.organisation())
        from support.contract import Contract
        shown = {p["id"]: p for p in Client(gateway.url, key, Contract()).ok("GET", "/v1/providers")["data"]}
        assert (shown["stripe"]["state"], shown["acme"]["state"]) == ("loaded", "refused")
        assert shown["acme"]["reason"] == listed["acme"]["reason"]
    finally:
        gateway.stop()


def test_plugin_check_of_something_else(idle):
    one_line(idle.run("plugin", "check", "/nowhere/x.so", with_config=False, check=False), "/nowhere/x.so")


def test_a_key_is_accepted_at_once_and_refused_soon_after_it_was_revoked(stack):
    made = stack.gateway.json("key", "create", "--org", stack.org, "--environment", "test", "--scopes", "*")
    client = stack.client(made["api_key"])
    assert client.get("/v1/providers").status_code == 200
    stack.gateway.run("key", "revoke", "--org", stack.org, "--id", made["id"])
    eventually(lambda: client.get("/v1/providers").status_code == 401, "the revoked key is refused", 10, 0.1)


def test_an_expired_key_is_refused(stack):
    one_line(stack.gateway.run("key", "create", "--org", stack.org, "--environment", "test", "--expires", "2020-01-01T00:00:00Z", check=False), "expires")


def test_sigterm_before_it_is_ready_ends_it_too(idle):
    process = Process([*_serve(idle)], idle.directory / "early.log")
    assert process.terminate(20) in (0, -15)


def _serve(gateway):
    from support.paths import GATEWAY
    return [GATEWAY, "serve", "--config", gateway.config]
