"""Requests made up by schemathesis from the contract: no 5xx but 501, no answer that is not documented."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import OPENAPI

EXAMPLES = os.environ.get("UNIGATE_SCHEMATHESIS_EXAMPLES", "15")
# A provider that can't do what was made up is an answer like any other.
CONFIG = '[checks]\nnot_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "501"]\n'
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"


@pytest.mark.timeout(1500)
def test_made_up_requests_get_documented_answers(fresh):
    payment = fresh.api.pay(capture_method="manual")
    assert payment["status"] == "requires_capture"
    (fresh.directory / "schemathesis.toml").write_text(CONFIG)
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "--config-file", fresh.directory / "schemathesis.toml", "run", OPENAPI, "--url", fresh.gateway.url,
         "--header", f"Authorization: Bearer {fresh.key}", "--checks", CHECKS, "--max-examples", EXAMPLES, "--seed", "20261121",
         "--generation-deterministic", "--phases", "examples,coverage,fuzzing", "--mode", "all", "--request-timeout", "30",
         "--workers", "1", "--no-color", "--suppress-health-check", "all"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800, cwd=fresh.directory)
    report = done.stdout + done.stderr
    (fresh.directory / "schemathesis.txt").write_text(report)
    assert done.returncode == 0, report[-12000:]
    assert fresh.gateway.process.running()
    assert fresh.api.get("/health").status_code == 200
