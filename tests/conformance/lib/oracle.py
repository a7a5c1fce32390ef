"""The validator of the contracts folder, asked request by request."""

import json
import os
import pathlib
import shutil
import subprocess

from . import contracts

HERE = pathlib.Path(__file__).resolve().parents[1]


class Oracle:
    def __init__(self, root: pathlib.Path, documents: list[str]):
        """`documents` count from the contracts folder, or with './' in front from the root of this repository."""
        folder = root / "build" / "conformance-node"
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        stamp = folder / "node_modules" / ".of"
        wanted = (HERE / "package-lock.json").read_text(encoding="utf-8")
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
            stamp.write_text(wanted, encoding="utf-8")
        # It looks for its libraries beside itself.
        shutil.copy(contracts.CONTRACTS / "oracle" / "oas.js", folder / "oas.js")
        paths = [str(root / each if each.startswith("./") else contracts.CONTRACTS / each) for each in documents]
        self.process = subprocess.Popen(
            ["node", str(HERE / "oracle_bridge.js"), str(folder / "oas.js"), *paths],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)

    def faults(self, method: str, target: str, headers: dict, body: str) -> list[str]:
        self.process.stdin.write(json.dumps({"method": method, "url": target, "headers": headers, "body": body}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("the validator ended")
        return json.loads(answer)["errors"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
