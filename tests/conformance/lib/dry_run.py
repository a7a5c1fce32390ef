"""Plays cases through a plugin by `unigate plugin dry-run --batch`."""

import json
import pathlib
import subprocess
import tempfile

NOW_MS = 1_785_000_000_000


def play(gateway: pathlib.Path, plugin: pathlib.Path, cases: list[dict]) -> list[dict]:
    """One outcome for each case, in order."""
    if not cases:
        return []
    with tempfile.TemporaryDirectory() as folder:
        batch = pathlib.Path(folder) / "batch.json"
        batch.write_text(json.dumps(cases), encoding="utf-8")
        done = subprocess.run(
            [gateway, "plugin", "dry-run", "--plugin", plugin, "--batch", batch, "--now", str(NOW_MS), "--json"],
            capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise SystemExit(f"dry-run of {plugin} failed: {done.stderr.strip() or done.stdout[-500:]}")
    outcomes = json.loads(done.stdout)
    assert len(outcomes) == len(cases), "one outcome for each case"
    return outcomes


def headers_of(request: dict) -> dict:
    headers = request["headers"]
    return headers if isinstance(headers, dict) else {each["name"]: each["value"] for each in headers}


def target_of(request: dict) -> str:
    return request["path"] + ("?" + request["query"] if request.get("query") else "")
