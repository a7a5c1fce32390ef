"""The Node packages of the tests: installed once, from the lock file, into the build directory."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

from simulator_process import FOLDER, ROOT

SOURCE = FOLDER / "node"


def node_modules():
    """The node_modules directory with what package-lock.json names; None if Node is not installed."""
    if not shutil.which("node") or not shutil.which("npm"):
        return None
    digest = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()[:16]
    build = pathlib.Path(os.environ.get("UNIGATE_BUILD", ROOT / "build")) / f"simulator-node-{digest}"
    build.mkdir(parents=True, exist_ok=True)
    with open(build / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (build / ".complete").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SOURCE / name, build)
            subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=build,
                check=True,
                capture_output=True,
                text=True,
            )
            (build / ".complete").touch()
    return build / "node_modules"


def node_environment():
    return {**os.environ, "NODE_PATH": str(node_modules())}
