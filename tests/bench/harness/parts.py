"""Says which part of the gateway a sampled call stack belongs to."""
import re
from collections import Counter

_FRAME = re.compile(r"\s*[0-9a-f]+ (.*) \((\S*?)(?: \(deleted\))?\)$")

# Kernel work, by the system call it stands under; {side} is the client's or the provider's.
_SYSTEM_CALLS = (
    (r"sys_(sendto|sendmsg|recvfrom|recvmsg|writev)", "kernel: TCP of the {side}'s side"),
    (r"sys_(pwrite64|fdatasync|fsync|pread64|ftruncate|fallocate|lseek)", "kernel: file writes and syncs of the {thread}"),
    (r"sys_(epoll_\w+|poll|futex|eventfd\w*|write|read)$|sys_(futex|epoll)", "kernel: waiting and wake-ups"),
)
# The first rule that fits a frame decides, from the innermost frame outwards: (shared object, symbol, part).
_RULES = (
    (r"libsqlite3", r"", "SQLite, {thread}"),
    (r"libsoci", r"", "SOCI"),
    (r"libcurl", r"", "libcurl"),
    (r"stripe\.so", r"", "plugin (stripe.so)"),
    (r"libcrypto", r"", "random, hashes (OpenSSL)"),
    (r"", r"unigate::base::(SystemRandom|makeId|sha256|toHex|hmac)", "random, hashes (OpenSSL)"),
    (r"", r"unigate::base::\(anonymous namespace\)::Checker|unigate::base::JsonSchema", "schema checks"),
    (r"", r"unigate::base::(findCardNumber|looksLikeCardNumber|maskCard)", "card guard"),
    (r"unigate$", r"unigate::json::|rapidjson::", "JSON in the gateway"),
    (r"", r"unigate::net::Upstream|unigate::net::\(anonymous namespace\)::Upstream", "upstream client around libcurl"),
    (r"", r"unigate::net::EventLoop|unigate::net::TimerHeap|LoopSink", "event loop"),
    (r"", r"unigate::net::", "HTTP edge: parse, write, connection"),
    (r"", r"unigate::telemetry::Metrics|prometheus", "metrics"),
    (r"", r"unigate::telemetry::", "logs, trace context"),
    (r"", r"unigate::plugin_host::", "plugin_host: the contract of a call"),
    (r"", r"unigate::store::", "store around SOCI"),
    (r"", r"unigate::identity::", "identity: key cache, rate limit"),
    (r"", r"unigate::rest::", "rest: routes, fields, answers"),
    (r"", r"unigate::(gateway|engine)::", "gateway and engine"),
)
_ALLOCATION = re.compile(r"^(malloc|calloc|realloc|cfree|free|_int_malloc|_int_free|_int_realloc|malloc_consolidate|unlink_chunk|"
                         r"sysmalloc|systrim|arena_get|tcache)")


def stacks(script):
    """Call stacks, innermost frame first, of the text that `perf script -F comm,tid,ip,sym,dso` prints."""
    current = None
    for line in script.splitlines():
        if not line.strip():
            if current:
                yield current
            current = None
        elif line[0].isspace():
            frame = _FRAME.match(line)
            if frame and current is not None:
                current.append((frame[1], frame[2].rsplit("/", 1)[-1]))
        else:
            current = []
    if current:
        yield current


def part_of(stack):
    symbols = [symbol for symbol, _ in stack]
    names = {"side": "provider" if any("libcurl" in shared for _, shared in stack) else "client",
             "thread": "checkpointer" if any("Checkpointer" in symbol for symbol in symbols) else
                       "writer" if any("GroupCommitWriter::Impl::serve" in symbol for symbol in symbols) else "loops (reads)"}
    if stack[0][1].startswith("[kernel"):
        for pattern, part in _SYSTEM_CALLS:
            if any(re.search(pattern, symbol) for symbol in symbols):
                return part.format(**names)
    for symbol, shared in stack:
        for object_pattern, symbol_pattern, part in _RULES:
            if re.search(object_pattern, shared) and re.search(symbol_pattern, symbol):
                return part.format(**names)
    return "kernel: the rest" if stack[0][1].startswith("[kernel") else "the rest"


def shares(script):
    """Share of every part, largest first; and the share of samples in malloc and free, whatever part called them."""
    parts, allocation, total = Counter(), 0, 0
    for stack in stacks(script):
        if not stack:
            continue
        total += 1
        parts[part_of(stack)] += 1
        allocation += bool(_ALLOCATION.match(stack[0][0]))
    return [(part, count / total) for part, count in parts.most_common()], allocation / total, total
