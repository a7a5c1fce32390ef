"""How the transcripts are written: one operation becomes a file for its success and one for each way in which it can
fail. Used by cases.py, which says what must be sent and what the answers must mean."""
import copy
import pathlib

import yaml

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "transcripts"
OPERATION = "txn_01K0TXN0000000000000001"
KEY = "txn_01k0txn0000000000000000001"
VERSION = "2026-07-29.dahlia"
NOW = 1785000000
MARK = {"metadata[unigate_operation]": OPERATION}
KNOWN = {"operation_id": OPERATION, "operation_created_unix_s": NOW}


def text(value):
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def request(method, path, fields=None, suffix=""):
    headers = {"Stripe-Version": VERSION}
    made = {"method": method, "endpoint": "api", "path": path, "auth": "api_key", "headers": headers}
    fields = {name: text(value) for name, value in (fields or {}).items()}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers["Idempotency-Key"] = KEY + suffix
        made["form"] = fields
    elif fields:
        made["query"] = fields
    return made


def answer(body, status=200, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status": status, "headers": {"Request-Id": "req_0001", "Content-Type": "application/json", **names},
            "body": body}


def error(status, type_, message, code=None, **more):
    body = {"type": type_, "message": message, **more}
    if code:
        body["code"] = code
    headers = {"Retry_After": "2"} if status == 429 else {}
    return answer({"error": body}, status, **headers)


def page(path, *objects, more=False):
    return {"object": "list", "url": path, "has_more": more, "data": list(objects)}


class Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def write(name, operation, given, exchange, result=None, failure=None, recovering=None, read=False):
    made = {"name": name, "operation": operation, "mode": "test"}
    if recovering:
        made["recovering"] = recovering
    made["input"] = given
    if not read:
        made["idempotency_key"] = KEY
    made["exchange"] = [{"request": sent, **({"failed": came} if isinstance(came, str) else {"response": came})}
                        for sent, came in exchange]
    made["result" if failure is None else "error"] = result if failure is None else failure
    path = FOLDER / f"{name}.yaml"
    path.write_text(yaml.dump(made, Dumper=Dumper, sort_keys=False, width=160, allow_unicode=True,
                              default_flow_style=None), encoding="utf-8")


FAILURES = {
    "invalid_request": (error(400, "invalid_request_error", "Received unknown parameter: nonsense",
                              "parameter_unknown", param="nonsense"),
                        {"category": "invalid_request", "outcome": "declined", "provider_code": "parameter_unknown",
                         "http_status": 400, "provider_request_id": "req_0001"}),
    "unauthorized": (error(401, "invalid_request_error", "Invalid API Key provided: sk_test_****"),
                     {"category": "unauthorized", "outcome": "not_executed", "retry": "never", "http_status": 401}),
    "not_found": (error(404, "invalid_request_error", "No such object: 'x_1'", "resource_missing", param="id"),
                  {"category": "not_found", "outcome": "declined", "provider_code": "resource_missing"}),
    "rate_limited": (error(429, "invalid_request_error", "Too many requests", "rate_limit"),
                     {"category": "rate_limited", "outcome": "not_executed", "retry": "same_key",
                      "retry_after_ms": 2000}),
    "provider_fault": (error(500, "api_error", "An unknown error occurred"),
                       {"category": "provider_unavailable", "outcome": "unknown"}),
    "no_answer": ("no_answer", {"category": "unknown_outcome", "outcome": "unknown"}),
}
DECLINED = (error(402, "card_error", "Your card was declined.", "card_declined", decline_code="insufficient_funds"),
            {"category": "insufficient_funds", "outcome": "declined", "retry": "new_request",
             "provider_code": "card_declined", "decline_code": "insufficient_funds"})


class Operation:
    """`steps`: the requests of a success, each with its answer; the failures hit the last of them."""

    def __init__(self, name, given, steps, result, declines=False):
        self.name, self.given, self.steps, self.result = name, given, steps, result
        self.base = name.replace(".", "_")
        self.read = all(sent["method"] == "GET" for sent, _ in steps)
        write(self.base, name, given, steps, result, read=self.read)
        self.fail(declines)
        if not self.read and steps[-1][0]["method"] == "POST":
            again = copy.deepcopy(steps)
            again[-1][1]["headers"]["Idempotent-Replayed"] = "true"
            write(self.base + "_resend", name, given, again, result, recovering="resend")
            write(self.base + "_resend_rate_limited", name, given, [*steps[:-1], (steps[-1][0],
                  FAILURES["rate_limited"][0])], failure={"category": "rate_limited", "outcome": "unknown"},
                  recovering="resend")

    def fail(self, declines):
        last = self.steps[-1][0]
        for kind, (came, means) in {**FAILURES, **({"declined": DECLINED} if declines else {})}.items():
            write(f"{self.base}_{kind}", self.name, self.given, [*self.steps[:-1], (last, came)], failure=means,
                  read=self.read)

    def also(self, name, given, steps, result=None, failure=None):
        write(f"{self.base}_{name}", self.name, given, steps, result, failure, read=self.read)
        return self

    def query(self, name, steps, result=None, failure=None, given=None):
        write(f"{self.base}_query_{name}", self.name, given or self.given, steps, result, failure, "query")
        return self

    def lookup(self, path, other, mine, result, fields=None, created=True):
        """Looks for the operation id in a list: found, not there, no answer."""
        window = {"created[gte]": NOW - 600} if created else {}
        sent = request("GET", path, {**(fields or {}), "limit": 100, **window})
        self.query("found", [(sent, answer(page(path, other, mine)))], result)
        self.query("not_there", [(sent, answer(page(path, other)))], failure=dict(NEVER))
        self.query("no_answer", [(sent, "no_answer")], failure={"category": "unknown_outcome", "outcome": "unknown"})
        self.query("refused", [(sent, FAILURES["unauthorized"][0])],
                   failure={"category": "unauthorized", "outcome": "unknown"})
        return self


NEVER = {"category": "not_found", "outcome": "not_executed"}


def reads(kind, path, one, result, get_fields=None, list_fields=None, given=None, list_of=None):
    """The get of an object and the list of its kind."""
    if get_fields is not None:
        Operation(f"{kind}.get", {"provider_id": one["id"]},
                  [(request("GET", f"{path}/{one['id']}", get_fields), answer(one))], result)
    if list_fields is None:
        return None
    sent = request("GET", path, {"limit": 3, **list_fields})
    other = list_of or result
    return Operation(f"{kind}.list", {"limit": 3, **(given or {})},
                     [(sent, answer(page(path, one, more=True)))],
                     {"data": [other], "has_more": True, "next_cursor": one["id"]})

