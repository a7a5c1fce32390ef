"""README.md tells the truth: its table is that of the manifests, and its commands run against the quickstart."""
import json
import os
import re
import subprocess

import pytest

from support.paths import ROOT

pytestmark = pytest.mark.timeout(1500)
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(r"```" + language + r"\n(.*?)```", README, flags=re.S)


def shell(script, **env):
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, env={**os.environ, **env})


def test_table_of_providers_is_that_of_the_manifests():
    done = subprocess.run([ROOT / "docs/provider-table", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_links_point_to_files():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_every_command_runs_and_the_first_answer_is_as_shown():
    """The blocks in their order, in the clone itself: the quickstart first. The tests' own runner is not run by itself."""
    scripts = [block for block in blocks("bash") if not block.startswith("tests/run")]
    assert scripts[0].strip() == "packaging/quickstart"
    was_running = shell("pgrep -f 'bin/unigate serve --config config/unigate.yaml'").returncode == 0
    try:
        for script in scripts:
            done = shell(script)
            assert done.returncode == 0, f"{script}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
            if "readme-" in script:
                shown, real = json.loads(blocks("json")[0]), json.loads(done.stdout)
                assert list(shown) == list(real)
                for name in ("object", "provider", "amount", "currency", "status", "amount_captured", "reference"):
                    assert shown[name] == real[name], name
    finally:
        if not was_running:
            assert shell("packaging/quickstart --stop").returncode == 0
