"""How the process starts, complains and stops."""

import resource
import subprocess

import pytest
import requests
from simulator_process import INTENTS, Simulator, StripeClient, find_binary


def run(*arguments):
    return subprocess.run([str(find_binary()), *arguments], capture_output=True, text=True, timeout=60)


def test_help_tells_the_options():
    result = run("--help")
    assert result.returncode == 0 and "--stripe-port" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [[], ["--stripe-port", "0"], ["--stripe-port", "x", "--ledger", "l"], ["--nonsense"], ["--stripe-port", "70000", "--ledger", "l"]],
)
def test_wrong_usage_ends_with_two(arguments, tmp_path):
    result = run(*arguments)
    assert result.returncode == 2 and result.stderr.startswith("unigate-simulators: ")


def test_occupied_port_ends_with_one_and_leaves_the_ledger_alone(simulator, tmp_path):
    before = simulator.ledger.read_bytes()
    result = run("--stripe-port", str(simulator.port), "--ledger", str(simulator.ledger))
    assert result.returncode == 1
    assert "Address already in use" in result.stderr and str(simulator.port) in result.stderr
    assert simulator.ledger.read_bytes() == before


def test_sigterm_stops_cleanly_and_ready_file_names_the_port(tmp_path):
    ready = tmp_path / "ready"
    simulator = Simulator(tmp_path / "ledger", "--ready-file", str(ready)).start()
    assert ready.read_text() == f"stripe ready on 127.0.0.1:{simulator.port}\n"
    assert simulator.stop() == 0


def test_ledger_belongs_to_one_process(simulator):
    result = run("--stripe-port", "0", "--ledger", str(simulator.ledger))
    assert result.returncode == 1 and "another process has it" in result.stderr


def test_ledger_that_cannot_be_opened_ends_with_one(tmp_path):
    assert run("--stripe-port", "0", "--ledger", str(tmp_path / "missing" / "ledger")).returncode == 1
    result = run("--stripe-port", "0", "--ledger", "/dev/full")
    assert result.returncode == 1 and "no regular file" in result.stderr


def test_full_disk_ends_the_process_before_it_answers(tmp_path):
    """A limit on the file's size stands in for the full disk. What was answered must be there after the restart."""
    ledger = tmp_path / "ledger"
    process = subprocess.Popen(
        [str(find_binary()), "--stripe-port", "0", "--ledger", str(ledger)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        restore_signals=False,  # keeps SIGXFSZ ignored, so that write(2) fails instead
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    running = Simulator(ledger)
    running.port = int(process.stdout.readline().rsplit(":", 1)[1])
    answered = []
    with pytest.raises(requests.exceptions.ConnectionError):
        while True:
            answered.append(StripeClient(running).pay().json()["id"])
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 1 and "File too large" in complaint
    with running:
        listed = [p["id"] for p in StripeClient(running).get(INTENTS).json()["data"]]
        assert answered and set(answered) <= set(listed)
        assert len(running.ledger_entries()) >= len(answered)
