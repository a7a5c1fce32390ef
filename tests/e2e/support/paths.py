"""Where the built programs are. UNIGATE_BUILD names another build directory than build/release; the simulators and the
plugins may come from a place of their own (UNIGATE_SIMULATORS, UNIGATE_PLUGINS)."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("UNIGATE_BUILD", ROOT / "build" / "release")).resolve()
GATEWAY = BUILD / "bin" / "unigate"
SIMULATORS = Path(os.environ.get("UNIGATE_SIMULATORS", BUILD / "tests" / "simulators" / "unigate-simulators"))
PLUGINS = Path(os.environ.get("UNIGATE_PLUGINS", BUILD / "plugins"))
DOCS = ROOT / "build" / "docs"
OPENAPI = ROOT / "core" / "rest" / "openapi.yaml"
SANITIZED = "asan" in BUILD.name or "tsan" in BUILD.name
