"""Prints what was measured, as Markdown: the machine, the tables, and the goals with met or missed."""
import os
import platform
import re
import subprocess
import time
from pathlib import Path
from statistics import median


def machine():
    processor = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    release = Path("/etc/os-release").read_text()
    system = re.search(r'PRETTY_NAME="(.*)"', release)
    return (f"{system[1] if system else platform.system()}, Linux {platform.release()}, {os.cpu_count()} cores "
            f"({processor[1] if processor else platform.machine()}), all processes on this one machine")


def versions(program, peer_python):
    def first(command, pattern):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10)
        except OSError:
            return "missing"
        found = re.search(pattern, done.stdout + done.stderr)
        return found[1] if found else "unknown"

    names = {
        "unigate": first([program, "--help"], r"unigate (\S+):"),
        "commit": first(["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"], r"(\w+)"),
        "nginx": first(["nginx", "-v"], r"nginx/(\S+)"),
        "HAProxy": first(["haproxy", "-v"], r"version (\S+)"),
        "wrk": first(["dpkg-query", "-W", "wrk"], r"\s(\S+)"),
        "SQLite": first(["dpkg-query", "-W", "libsqlite3-0"], r"\s(\S+)"),
        "PostgreSQL": first(["dpkg-query", "-W", "postgresql-15"], r"\s(\S+)"),
        "libcurl": first(["dpkg-query", "-W", "libcurl4"], r"\s(\S+)"),
        "Python": platform.python_version(),
    }
    if peer_python.exists():
        names["FastAPI"] = first([peer_python, "-c", "import fastapi; print(fastapi.__version__)"], r"(\S+)")
    return ", ".join(f"{name} {version}" for name, version in names.items())


def header(plan, program, peer_python, load_before):
    print(f"\nDate: {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC. 1-minute load before the start: {load_before:.2f}. "
          f"{plan.rounds} rounds of {plan.seconds} s each, interleaved; medians, with the lowest and highest round.")
    print(f"Machine: {machine()}.")
    print(f"Versions: {versions(program, peer_python)}.")


def spread(values, digits=0):
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def ratios(above, below):
    """Round by round, so that a slow moment of the machine strikes both."""
    return [a / b for a, b in zip(above, below)]


def table(title, head, rows):
    print(f"\n**{title}**\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def throughput(samples):
    for what, title in (("create", "create payment, 64 connections"), ("get", "GET payment, 64 connections")):
        base = samples[f"{what} nginx rate"]
        rows = []
        for name in ("direct", "nginx", "haproxy", "unigate", "fastapi"):
            rate = samples[f"{what} {name} rate"]
            rows.append([name, spread(rate), f"{median(ratios(rate, base)):.3f}", spread(samples[f"{what} {name} cpu_us"], 1),
                         spread(samples[f"{what} {name} p50_ms"], 2), spread(samples[f"{what} {name} p99_ms"], 2)])
        table(title, ["", "requests/s", "of nginx", "CPU us a request", "p50 ms", "p99 ms"], rows)


def latency(samples):
    rows = [[f"{delay} ms", name, spread(samples[f"{delay} {name} p50_ms"], 2), spread(samples[f"{delay} {name} p99_ms"], 2)]
            for delay in (0, 200) for name in ("direct", "unigate", "added")]
    table("create payment at 1,000 a second (open loop)", ["provider", "", "p50 ms", "p99 ms"], rows)
    print(f"\nThe client itself was late by at most {max(samples['late_p99_ms']):.2f} ms (p99 of the worst round).")


def in_flight(samples):
    base = samples["create direct rate"]
    rows = []
    for name in ("direct", "nginx", "unigate"):
        rate = samples[f"create {name} rate"]
        rows.append([name, spread(rate), f"{median(ratios(rate, base)):.3f}", spread(samples[f"create {name} cpu_us"], 1),
                     spread(samples[f"create {name} p50_ms"], 1), spread(samples[f"create {name} p99_ms"], 1)])
    table("create payment, 2,000 in flight, provider of 200 ms (closed loop)",
           ["", "requests/s", "of direct", "CPU us a request", "p50 ms", "p99 ms"], rows)
    print(f"\nPeak memory of unigate: {max(samples['rss_mb']):.0f} MB.")


def idle(samples, count):
    table(f"{count:,} idle connections",
           ["memory growth MB", "p99 ms of 64 active: alone", "beside them", "ratio", "requests/s alone", "beside them"],
           [[spread(samples["growth_mb"], 1), spread(samples["alone p99_ms"], 2), spread(samples["beside p99_ms"], 2),
             f"{median(ratios(samples['beside p99_ms'], samples['alone p99_ms'])):.2f}", spread(samples["alone rate"]),
             spread(samples["beside rate"])]])


def cold_start(samples, count):
    table("cold start to /ready, seconds", ["no database", f"{count:,} operations"],
           [[spread(samples["empty_s"], 3), spread(samples["filled_s"], 3)]])


def _judged(results):
    """Goal, figure, and whether it is met; None where it was not measured."""
    t, l, f, i, c, d = (results.get(name) for name in ("throughput", "latency", "inflight", "idle", "coldstart", "durable"))

    def at_least(value, goal):
        return value, value >= goal

    def at_most(value, goal):
        return value, value <= goal

    def goal(text, shown, judged):
        return (text, shown.format(judged[0]), judged[1]) if judged else (text, "", None)

    yield goal("create >= 0.30 of nginx", "{:.2f}", t and at_least(median(ratios(t["create unigate rate"], t["create nginx rate"])), 0.30))
    yield goal("create >= 25x FastAPI", "{:.1f}x", t and at_least(median(ratios(t["create unigate rate"], t["create fastapi rate"])), 25))
    yield goal("GET >= 0.5 of nginx", "{:.2f}", t and at_least(median(ratios(t["get unigate rate"], t["get nginx rate"])), 0.5))
    yield goal("CPU a durable payment <= 75 us", "{:.1f} us", t and at_most(median(t["create unigate cpu_us"]), 75))
    yield goal("added to 200 ms at 1,000/s: p50 <= 1 ms", "{:.2f} ms", l and at_most(median(l["200 added p50_ms"]), 1))
    yield goal("added to 200 ms at 1,000/s: p99 <= 10 ms", "{:.2f} ms", l and at_most(median(l["200 added p99_ms"]), 10))
    yield goal("2,000 in flight at 200 ms >= 0.95 of direct", "{:.2f}",
               f and at_least(median(ratios(f["create unigate rate"], f["create direct rate"])), 0.95))
    yield goal("2,000 in flight: memory <= 130 MB", "{:.0f} MB", f and at_most(max(f["rss_mb"]), 130))
    yield goal("10,000 idle connections: growth <= 40 MB", "{:.1f} MB", i and at_most(max(i["growth_mb"]), 40))
    yield goal("10,000 idle connections: p99 of 64 active <= 1.5x", "{:.2f}x",
               i and at_most(median(ratios(i["beside p99_ms"], i["alone p99_ms"])), 1.5))
    yield goal("cold start, no database <= 0.3 s", "{:.3f} s", c and at_most(median(c["empty_s"]), 0.3))
    yield goal("cold start, 100,000 operations <= 2 s", "{:.3f} s", c and at_most(median(c["filled_s"]), 2))
    yield goal("create on PostgreSQL >= 0.5 of SQLite", "{:.2f}",
               d and at_least(median(ratios(d["PostgreSQL 64 rate"], d["SQLite 64 rate"])), 0.5))
    yield "others' p99 beside a provider's timeout or a dead plugin <= 1.2x", "", None


def goals(results):
    words = {True: "met", False: "**missed**", None: "not measured"}
    table("goals", ["goal", "measured", ""], [[text, shown, words[met]] for text, shown, met in _judged(results)])
