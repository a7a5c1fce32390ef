import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from simulator_process import Simulator, StripeClient, find_binary  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def simulator_binary():
    binary = find_binary()
    assert binary, "unigate-simulators is not built: cmake -S tests/simulators -B build/sim && ninja -C build/sim"
    return binary


@pytest.fixture
def simulator(tmp_path):
    with Simulator(tmp_path / "ledger.jsonl") as running:
        yield running


@pytest.fixture
def stripe(simulator):
    return StripeClient(simulator)
