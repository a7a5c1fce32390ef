"""Waiting for something to become true, with a deadline and a message."""
import time


def eventually(probe, what, timeout_s=20.0, interval_s=0.02):
    """Calls `probe` until it gives something truthy, which is returned. Fails with `what` after the deadline."""
    deadline = time.monotonic() + timeout_s
    last = None
    while True:
        last = probe()
        if last:
            return last
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}; last seen: {last!r}")
        time.sleep(interval_s)
