"""/docs works offline: all it loads comes from the gateway, and a browser renders it."""
import re
import shutil
import subprocess

import pytest
import requests


@pytest.fixture(scope="module")
def page(stack):
    return requests.get(f"{stack.gateway.url}/docs", timeout=5).text


def test_loads_nothing_from_other_hosts(stack, page):
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    for path in re.findall(r'(?:src|href)="\./([^"]+)"', page):
        response = requests.get(f"{stack.gateway.url}/{path}", timeout=5)
        assert response.status_code == 200, path
    bundle = requests.get(f"{stack.gateway.url}/docs/bundle.js", timeout=5)
    assert "javascript" in bundle.headers["Content-Type"]
    assert "cdn.redoc" not in bundle.text


def test_stays_in_its_directory(stack):
    for path in ("/docs/..%2f..%2fCMakeLists.txt", "/docs/%2e%2e/x.txt", "/docs/.stamp", "/docs/nothing.js"):
        assert requests.get(stack.gateway.url + path, timeout=5).status_code == 404


def test_a_browser_shows_every_operation(stack, tmp_path, contract):
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing: packaging/install-dependencies --for test"
    done = subprocess.run(
        [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", f"--user-data-dir={tmp_path}/profile",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--dump-dom", f"{stack.gateway.url}/docs"],
        capture_output=True, text=True, timeout=120)
    summaries = [operation["summary"] for methods in contract.document["paths"].values()
                 for name, operation in methods.items() if name != "parameters"]
    missing = [summary for summary in summaries if summary not in done.stdout]
    assert not missing, (missing, done.stderr[-2000:])
