"""Mistakes of an operator that must be told before they cost something, and told with their remedy."""
import pytest

from conftest import STRIPE_TEST_KEY
from support.processes import Gateway, free_port


@pytest.fixture
def idle(tmp_path):
    """A gateway that is configured and not running."""
    gateway = Gateway(tmp_path)
    gateway.make_key_encryption_key()
    return gateway


def line_of(done, status):
    """The one line that told of it, above the usage if it is a 2."""
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.startswith("unigate: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize("words, told", [
    (("org", "list", "--bogus"), "there is no option --bogus"), (("org", "list", "--json", "--json"), "--json is given twice"),
    (("org", "create", "--name"), "--name needs a value: NAME"), (("config", "chek"), 'there is no "config chek"'),
])
def test_wrong_options_are_named(idle, words, told):
    assert told in line_of(idle.run(*words, check=False), 2)


@pytest.mark.parametrize("text", ["5x", "0", "-1", "", "1.5", "99999999999999999999"])
def test_a_rate_must_be_a_whole_number(idle, text):
    org = idle.organisation()
    assert "--per-minute" in line_of(idle.run("key", "create", "--org", org, "--environment", "test", f"--per-minute={text}", check=False), 1)


def test_services_of_nobody_are_no_empty_list(idle):
    assert "org_nobody" in line_of(idle.run("service", "list", "--org", "org_nobody", check=False), 1)


def test_names_and_values_swapped_show_no_secret(idle):
    org = idle.organisation()
    file = idle.directory / "swapped.json"
    file.write_text('{"%s":"secret_key"}' % STRIPE_TEST_KEY)
    told = line_of(idle.run("service", "set", "--org", org, "--provider", "stripe", "--environment", "test", "--from", file, check=False), 1)
    assert "secret_key" in told and STRIPE_TEST_KEY not in told


@pytest.mark.parametrize("text, words", [
    ("server: { listen: 127.0.0.1 }\n", ("server.listen", "127.0.0.1:8080")), ("server: { listen: '127.0.0.1:99999' }\n", ("server.listen", "65535")),
    ("server: { listen: '127.0.0.1:8080', metrics_listen: '127.0.0.1:8080' }\n", ("metrics_listen", "another port")),
    ("vault: { key_encryption_key: abc }\n", ("key_encryption_key", "file:")), ("store: { url: 'mysql:x' }\n", ("store.url", "sqlite:")),
    ("plugins: { sandbox: required }\n", ("plugins.sandbox", "preferred")),
])
def test_values_of_the_configuration_are_told_by_example(idle, tmp_path, text, words):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    told = line_of(idle.run("config", "check", "--config", file, with_config=False, check=False), 1)
    assert all(word in told for word in words) and "^" not in told


def test_doctor_names_what_the_configuration_misspells(idle):
    idle.settings["providers"] = {"strype": {"endpoints": {"test": {"api": "https://api.example.com"}}}}
    idle.settings["routing"] = {"defaults": {"payments.crate": "stripe", "refunds.create": "nobody"}}
    idle.write_settings()
    told = idle.run("doctor", check=False).stdout
    for word in ("providers.strype", "payments.crate", "nobody"):
        assert word in told


def test_a_missing_key_encryption_key_comes_with_its_remedy(idle):
    (idle.directory / "kek").unlink()
    assert "unigate keygen" in line_of(idle.run("org", "list", check=False), 1)


def test_with_another_key_nothing_is_stored(idle):
    """Keys made under the wrong pepper would be unknown once the right key is back."""
    org = idle.organisation()
    idle.service(org, {"secret_key": STRIPE_TEST_KEY})
    (idle.directory / "kek").unlink()
    idle.make_key_encryption_key()
    for words in (("key", "create", "--org", org, "--environment", "test"), ("org", "list")):
        assert "sealed with key" in line_of(idle.run(*words, check=False), 1)


def test_a_second_gateway_on_the_same_database_is_refused(stack):
    second = stack.directory / "second.yaml"
    second.write_text(stack.gateway.config.read_text().replace(str(stack.gateway.port), str(free_port()))
                      .replace(str(stack.gateway.metrics_port), str(free_port())))
    told = line_of(stack.gateway.run("serve", "--config", second, with_config=False, check=False), 1)
    assert "another gateway serves this database" in told
    assert stack.api.get("/health").status_code == 200
