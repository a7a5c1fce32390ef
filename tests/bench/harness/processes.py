"""Starts, measures and ends processes. All that were started end with this one, whatever ends it."""
import atexit
import ctypes
import os
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_started = []


def raise_file_limit(wanted=65536):
    """As many open files as the system lets this user have; children inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limits in ((wanted, max(wanted, hard)), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            return limits[0]
        except (ValueError, OSError):
            continue
    return soft


def _in_child():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command, log, **options):
    """A process in a session of its own, its output in `log`."""
    with open(log, "ab") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT,
                                   stdin=options.pop("stdin", subprocess.DEVNULL), start_new_session=True,
                                   preexec_fn=_in_child, **options)
    process.log = log
    _started.append(process)
    return process


def stop(process, grace=20):
    """SIGTERM to the process and, when that does not end it, SIGKILL to its session."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(10)
    if process in _started:
        _started.remove(process)


@atexit.register
def stop_all():
    for process in list(_started):
        stop(process, grace=3)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_http(port, path, process, seconds=30):
    """Seconds until GET answers 200, looking every 2 ms."""
    started = time.monotonic()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    while time.monotonic() - started < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the process ended at once; {process.log}:\n" + Path(process.log).read_text()[-2000:])
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                connection.sendall(request)
                if connection.recv(64).startswith(b"HTTP/1.1 200"):
                    return time.monotonic() - started
        except OSError:
            pass
        time.sleep(0.002)
    raise RuntimeError(f"port {port} does not answer {path} after {seconds} s; {process.log}:\n" +
                       Path(process.log).read_text()[-2000:])


def tree(pid):
    """The process and all that descend from it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in task.read_text().split())
            except OSError:
                pass
    return found


def cpu_seconds(pid):
    """User and system time of the process tree so far."""
    ticks = 0
    for each in tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK


def memory_mb(pid, field="VmRSS"):
    """VmRSS or VmHWM (the peak) of the process tree, in megabytes."""
    total = 0
    for each in tree(pid):
        for line in Path(f"/proc/{each}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                total += int(line.split()[1])
    return total / 1024
