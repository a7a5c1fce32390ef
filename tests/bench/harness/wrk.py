"""Runs wrk and reads what its script prints."""
import json
import subprocess
import uuid
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "lua" / "requests.lua"


def load(target, kind, seconds, connections=64, threads=1):
    """One closed-loop run against `target`. Raises unless every answer was 2xx on an unbroken connection."""
    arguments = [kind, target.credential(kind), uuid.uuid4().hex[:12]]
    if kind == "get":
        arguments.append(str(target.paths_file))
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT),
               f"http://127.0.0.1:{target.port}", "--", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode != 0 or not done.stdout.rstrip().endswith("}"):
        raise RuntimeError(f"wrk failed: {done.stdout[-1000:]} {done.stderr[-1000:]}")
    result = json.loads(done.stdout.rstrip().splitlines()[-1])
    wrong = [f"{result[name]} {name}" for name in ("bad_status", "broken", "timeouts") if result[name]]
    if wrong or result["requests"] == 0:
        raise RuntimeError(f"{target.name}, {kind}: {', '.join(wrong) or 'no request was answered'}")
    result["rate"] = result["requests"] / result["seconds"]
    return result
