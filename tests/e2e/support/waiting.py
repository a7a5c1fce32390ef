"""Waiting for something to become true, with a deadline and a message."""
import threading
import time

import requests


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


def in_background(action):
    """Runs `action` on a thread of its own; that its connection breaks is no error."""
    def run():
        try:
            action()
        except requests.RequestException:
            pass
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
