"""A Redis server of the test's own, on a free port."""
import shutil
import subprocess

import pytest

from support.processes import free_port
from support.waiting import eventually


class RedisServer:
    def __init__(self, directory, port=None):
        program = shutil.which("redis-server")
        if not program:
            pytest.skip("redis-server is not installed")
        self.program = program
        self.directory = directory
        self.port = port or free_port()
        self.child = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        with open(self.directory / f"redis.{self.port}.log", "ab") as log:
            self.child = subprocess.Popen(
                [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                 "--dir", str(self.directory)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(lambda: self.cli("ping") == "PONG", "Redis answers", 30)
        return self

    def cli(self, *words):
        done = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, timeout=30)
        return done.stdout.strip()

    def kill(self):
        if self.child:
            self.child.kill()
            self.child.wait(10)
            self.child = None
