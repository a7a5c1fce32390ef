"""Kills a process at a boundary between two of its system calls, with strace: the n-th call of one thread is not made any more."""
import collections
import os
import re
import subprocess
import time

ATTACHED_S = 10
CALL = re.compile(r"^(?:\d+\s+)?([a-z_0-9]+)\(")


def threads_of(pid):
    """Thread ids in the order of their creation: the n-th is the same thread in every run of the program."""
    highest = int(open("/proc/sys/kernel/pid_max").read())
    return sorted((int(name) for name in os.listdir(f"/proc/{pid}/task")), key=lambda tid: (tid - pid) % highest)


class Trace:
    """A running strace. Its output goes to a file; use as a context."""

    def __init__(self, file, target, *options):
        self.file = file
        self.process = subprocess.Popen(["strace", "-o", str(file), "-s", "0", *options, "-p", str(target)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def wait_attached(self, threads=1):
        deadline = time.monotonic() + ATTACHED_S
        attached = 0
        while attached < threads:
            line = self.process.stderr.readline()
            if not line or time.monotonic() > deadline:
                raise RuntimeError(f"strace could not attach: {line} {self.process.poll()}")
            # With threads: "Process P attached with N threads".
            many = re.search(r"attached with (\d+) threads", line)
            attached += int(many[1]) if many else "attached" in line
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(10)
        self.process.stderr.close()


def calls_of(pid, file, action):
    """The system calls that each thread (by its place) makes while `action` runs: {place: [(name, how many of that name so far)]}."""
    threads = threads_of(pid)
    with Trace(file, pid, "-f") as trace:
        trace.wait_attached(len(threads))
        action()
    made = collections.defaultdict(list)
    times = collections.Counter()
    for line in open(file, errors="replace"):
        tid, found = line.split(maxsplit=1)[0], CALL.match(line)
        if found and found[1] != "restart_syscall" and tid.isdigit() and int(tid) in threads:
            place = threads.index(int(tid))
            times[place, found[1]] += 1
            made[place].append((found[1], times[place, found[1]]))
    return made


def last_call(file):
    """The name of the call that was not made."""
    name = "?"
    try:
        for line in open(file, errors="replace"):
            found = CALL.match(line)
            name = found[1] if found else name
    except OSError:
        pass
    return name
