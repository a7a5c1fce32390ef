"""packaging/quickstart as a user runs it, in a state directory of its own."""
import os
import re
import stat
import subprocess
import time

import pytest
import requests

from support.paths import BUILD, ROOT
from support.processes import free_port

# It may have to build first.
pytestmark = [pytest.mark.timeout(1800),
              pytest.mark.skipif(BUILD != ROOT / "build" / "release", reason="quickstart builds and runs the release preset")]


def quickstart(directory, *arguments):
    return subprocess.run([ROOT / "packaging" / "quickstart", *[str(a) for a in arguments]], cwd="/", stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=1800, env={**os.environ, "UNIGATE_VAR": str(directory)})


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    directory = tmp_path_factory.mktemp("quickstart")
    port = free_port()
    done = quickstart(directory, "--port", port)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    yield directory, port, done.stdout
    assert quickstart(directory, "--stop").returncode == 0


def state(directory):
    return dict(line.split("=", 1) for line in (directory / "quickstart.env").read_text().splitlines())


def test_shows_every_call_with_its_answer(started):
    _, port, output = started
    calls = re.findall(r"^\$ (curl .*)$", output, re.MULTILINE)
    assert len(calls) == 4
    assert '"requires_capture"' in output and '"amount_refunded":300' in output
    assert f"http://127.0.0.1:{port}/docs" in output and "--stop" in output


def test_the_shown_calls_work_as_shown(started):
    directory, _, output = started
    calls = re.findall(r"^\$ (curl .*)$", output, re.MULTILINE)
    environment = {**os.environ, **state(directory)}
    for call in calls:
        done = subprocess.run(["bash", "-c", call], env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and '"object":"' in done.stdout, (call, done.stdout, done.stderr)


def test_keeps_its_secrets(started):
    directory, _, output = started
    values = state(directory)
    assert values["UNIGATE_KEY"].startswith("unf_test_") and values["UNIGATE_KEY"] not in output
    for file, mode in (("quickstart.env", 0o600), ("stripe.test.json", 0o600), ("kek", 0o400)):
        assert stat.S_IMODE((directory / file).stat().st_mode) == mode, file


def test_a_second_run_uses_what_is_there_and_is_quick(started):
    directory, port, _ = started
    before = state(directory)
    began = time.monotonic()
    done = quickstart(directory)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 60
    assert state(directory) == before and "already running" in done.stdout
    listed = requests.get(f"http://127.0.0.1:{port}/v1/payments/orders", headers={"X-Platform-Key": before["UNIGATE_KEY"]}, timeout=5).json()
    assert len(listed["data"]) >= 2


def test_an_occupied_port_is_told_with_the_remedy(started, tmp_path):
    done = quickstart(tmp_path, "--port", started[1])
    assert done.returncode == 1
    assert str(started[1]) in done.stderr and "--port" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_stop_may_be_repeated(tmp_path):
    for _ in range(2):
        assert quickstart(tmp_path, "--stop").returncode == 0
