"""One adapter against everything that its provider published."""

import collections
import copy
import json
import pathlib
import re

import yaml

from . import contracts, decode, dry_run, oracle

# What an unknown word of the provider's may become: never a success.
HARMLESS = {"processing", "unknown", "pending", "requires_action", "requires_confirmation", "requires_payment_method",
            "created", "active", "other", None}


class Cell:
    """What was checked of one operation."""

    def __init__(self):
        self.requests = self.sdk_equal = self.sdk_explained = self.answers = self.variants = self.errors = 0


class Suite:
    def __init__(self, root: pathlib.Path, build: pathlib.Path, provider: str, update_golden: bool):
        self.root, self.build, self.provider, self.update = root, build, provider, update_golden
        self.plan = yaml.safe_load((root / "tests" / "conformance" / f"{provider}.yaml").read_text(encoding="utf-8"))
        # Where its sources lie: plugins/<id>, but for the SDK's examples.
        self.folder = root / self.plan.get("folder", f"plugins/{provider}")
        self.manifest = yaml.safe_load((self.folder / f"{provider}.plugin.yaml").read_text(encoding="utf-8"))
        self.cells: dict[str, Cell] = collections.defaultdict(Cell)
        self.faults: list[str] = []
        self.passed = 0

    def run(self) -> "Suite":
        self.gateway = self.build / "bin" / "unigate"
        self.plugin = self.build / self.plan.get("library", f"plugins/{self.provider}.so")
        self.oracle = oracle.Oracle(self.root, self.plan["documents"])
        for operation in self.manifest["operations"]:
            self.cells[operation]
        self.check_transcripts()
        self.check_sdk()
        self.check_answers()
        self.oracle.close()
        return self

    def play(self, cases: list[dict]) -> list[dict]:
        settings = self.plan.get("settings") or {}
        return dry_run.play(self.gateway, self.plugin, [{"settings": settings, **case} for case in cases])

    def expect(self, good: bool, fault: str) -> bool:
        if good:
            self.passed += 1
        else:
            self.faults.append(fault)
        return good

    # ---- requests ----

    def check_transcripts(self):
        folder = self.folder / "transcripts"
        names, cases, transcripts = [], [], []
        for path in sorted(folder.glob("**/*.yaml")):
            transcript = yaml.safe_load(path.read_text(encoding="utf-8"))
            names.append(path.stem)
            transcripts.append(transcript)
            cases.append(case_of(transcript))
        allowed = self.plan.get("invalid_on_purpose") or {}
        for name, transcript, outcome in zip(names, transcripts, self.play(cases)):
            operation = transcript["operation"]
            for request in outcome.get("requests", []):
                faults = self.oracle_faults(request)
                faults = [fault for fault in faults if not explained(fault, allowed)]
                if self.expect(not faults, f"transcript {name}: {request['method']} {request['path']}: {'; '.join(faults)}"):
                    self.cells[operation].requests += 1
            if "error" in transcript:
                ours = outcome.get("error") or {}
                same = all(ours.get(key) == transcript["error"][key]
                           for key in ("category", "outcome") if key in transcript["error"])
                if self.expect(same, f"transcript {name}: ended {outcome.get('outcome')} {ours.get('category')}"):
                    self.cells[operation].errors += 1

    def oracle_faults(self, request: dict) -> list[str]:
        headers = dry_run.headers_of(request)
        return self.oracle.faults(request["method"], dry_run.target_of(request), headers, request.get("body") or "")

    # ---- the official SDK ----

    def check_sdk(self):
        plan = dict(self.plan.get("wire") or {})
        records = contracts.wire(self.provider)
        todo = []
        for record in records:
            intent = plan.get(record["op"])
            if not self.expect(intent is not None, f"wire: the SDK's intent {record['op']} has no counterpart and no reason"):
                continue
            if "not_ours" not in intent:
                todo.append((record, intent))
        cases = [{"operation": intent["operation"], "input": intent["input"], "responses": intent.get("responses", []),
                  "settings": {**(self.plan.get("settings") or {}), **intent.get("settings", {})}}
                 for _, intent in todo]
        for (record, intent), outcome in zip(todo, self.play(cases)):
            self.compare(record, intent, outcome)

    def compare(self, record: dict, intent: dict, outcome: dict):
        requests = outcome.get("requests") or []
        index = intent.get("request", len(requests))
        if not self.expect(0 < index <= len(requests), f"wire {record['op']}: nothing was sent: {json.dumps(outcome)[:300]}"):
            return
        ours, theirs = requests[index - 1], record["request"]
        tree = decode.request_tree(ours["method"], dry_run.target_of(ours), dry_run.headers_of(ours), ours.get("body") or "")
        target = theirs["path"] + ("?" + theirs["query"] if theirs.get("query") else "")
        reference = decode.request_tree(theirs["method"], target, theirs["headers"], theirs["body"])
        mine = {name.lower(): value for name, value in dry_run.headers_of(ours).items()}
        tree["headers"] = {name: "there" for name in mine if self.compared(name)}
        reference["headers"] = {name.lower(): "there" for name in theirs["headers"] if self.compared(name.lower())}
        differs = {**(self.plan.get("differs") or {}), **intent.get("differs", {})}
        found = decode.differences(tree, reference)
        unexplained = [f"{where}: {what}" for where, what in found if not explained(where, differs)]
        if self.expect(not unexplained, f"wire {record['op']}: {'; '.join(unexplained)}"):
            cell = self.cells[intent["operation"]]
            if found:
                cell.sdk_explained += 1
            else:
                cell.sdk_equal += 1
        stale = [where for where in intent.get("differs", {}) if not any(explained(f, {where: ""}) for f, _ in found)]
        self.expect(not stale, f"wire {record['op']}: explains a difference that is not there: {', '.join(stale)}")

    @staticmethod
    def compared(name: str) -> bool:
        return name not in ("authorization", "content-type", "content-length", "accept", "user-agent", "host",
                            "traceparent", "connection", "accept-encoding", "accept-charset")

    # ---- answers ----

    def check_answers(self):
        rules = [(re.compile(rule["is"]), rule) for rule in self.plan.get("answers") or []]
        others = [re.compile(pattern) for pattern in (self.plan.get("answers_not_ours") or {})]
        matched = []
        for example in contracts.examples(self.provider):
            found = [rule for pattern, rule in rules if pattern.fullmatch(example.kind)]
            known = bool(found) or any(pattern.fullmatch(example.kind) for pattern in others)
            self.expect(known, f"answers: {example.source}: no rule for {example.kind}")
            matched += [(example, rule) for rule in found]
        cases = [answer_case(rule, example.status, example.body) for example, rule in matched]
        results: dict[str, dict] = collections.defaultdict(dict)
        for (example, rule), outcome in zip(matched, self.play(cases)):
            sound = outcome["outcome"] in ("done", "failed")
            if self.expect(sound, f"answer {example.source}: {outcome['outcome']} {str(outcome.get('reason'))[:200]}"):
                results[rule["operation"]][example.source] = outcome.get("result") or {"error": outcome.get("error")}
                self.cells[rule["operation"]].answers += 1
        self.check_golden(results)
        self.check_variants(matched)

    def check_golden(self, results: dict[str, dict]):
        folder = self.root / "tests" / "conformance" / "golden" / self.provider
        folder.mkdir(parents=True, exist_ok=True)
        for operation, outcome in sorted(results.items()):
            path = folder / f"{operation}.json"
            text = json.dumps(outcome, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            if self.update:
                path.write_text(text, encoding="utf-8")
            golden = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            for source, result in outcome.items():
                self.expect(golden.get(source) == result,
                            f"golden {operation} / {source}: {first_difference(result, golden.get(source))}")
            stale = golden.keys() - outcome.keys()
            self.expect(not stale, f"golden {operation}: no such answers any more: {', '.join(sorted(stale))[:200]}")
        extra = {path.stem for path in folder.glob("*.json")} - results.keys()
        self.expect(not extra, f"golden: no such operations any more: {', '.join(sorted(extra))}")

    def check_variants(self, matched):
        """Each answer with one member left out, and with a status that nobody knows."""
        cases, labels = [], []
        for example, rule in matched:
            if not isinstance(example.body, dict):
                continue
            for member in example.body:
                body = {name: value for name, value in example.body.items() if name != member}
                cases.append({**answer_case(rule, example.status, body),
                              "input": answer_case(rule, example.status, example.body)["input"]})
                labels.append((rule["operation"], f"{example.source} without {member}", None))
            if isinstance(example.body.get("status"), str):
                body = copy.deepcopy(example.body)
                body["status"] = "brand_new_status"
                cases.append(answer_case(rule, example.status, body))
                labels.append((rule["operation"], f"{example.source} with an unknown status", example))
        for (operation, label, example), outcome in zip(labels, self.play(cases)):
            good = outcome["outcome"] in ("done", "failed")
            if good and example is not None and outcome["outcome"] == "done":
                good = (outcome["result"] or {}).get("status") in HARMLESS
            if self.expect(good, f"{operation}: {label}: {outcome['outcome']} "
                                 f"{json.dumps(outcome.get('result'))[:120]} {str(outcome.get('reason'))[:160]}"):
                self.cells[operation].variants += 1


def case_of(transcript: dict) -> dict:
    """A transcript of plugins/testing/transcript-form.md as a case of the dry run."""
    case = {"operation": transcript["operation"], "input": transcript.get("input") or {},
            "mode": transcript.get("mode", "test"), "responses": []}
    if transcript.get("settings"):
        case["settings"] = {name: str(value) for name, value in transcript["settings"].items()}
    if transcript.get("idempotency_key"):
        case["key"] = transcript["idempotency_key"]
    recovering = transcript.get("recovering", "no")
    if recovering not in ("no", False):
        case["recovering"] = recovering
        case["attempt"] = transcript.get("attempt", 2)
    for step in transcript.get("exchange") or []:
        if "failed" in step:
            case["responses"].append({"failed": step["failed"]})
        elif "response" in step:
            response = step["response"]
            body = response.get("body")
            case["responses"].append({
                "status": response["status"],
                "headers": {name: str(value) for name, value in (response.get("headers") or {}).items()},
                "body": body if isinstance(body, str) else "" if body is None else json.dumps(body)})
    return case


def answer_case(rule: dict, status: int, body) -> dict:
    """$ID in a rule is the id that the answer names, $ORDER its order: adapters refuse the answer to another question."""
    text = body if isinstance(body, str) else json.dumps(body)
    wrap = rule.get("wrap")  # a single resource where the operation reads a list of them
    if wrap:
        text = wrap.replace("$BODY", text)
    last = {"status": rule.get("status", status), "headers": {"Content-Type": "application/json"}, "body": text}
    after = rule.get("after", [])
    own = body.get("id") or body.get("sid") or body.get("payout_batch_id") if isinstance(body, dict) else None
    items = body.get("items") if isinstance(body, dict) else None
    item = items[0] if isinstance(items, list) and items else body
    order = item.get("order_id") if isinstance(item, dict) else None
    known = {"$ID": own or "none", "$ORDER": order or "order_1"}
    rule = filled({**rule, "wrap": None}, known)
    return {"operation": rule["operation"], "input": rule["input"], "responses": [*rule.get("before", []), last, *after]}


def filled(value, known: dict):
    """The rule with the names of `known` replaced."""
    if isinstance(value, dict):
        return {name: filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    return known.get(value, value) if isinstance(value, str) else value


def explained(where: str, reasons: dict) -> bool:
    """Whether a path, or a fault's text, falls under one of the reasons: exactly, below it, or by '*'."""
    for pattern in reasons:
        if where == pattern or where.startswith((pattern + ".", pattern + "[")):
            return True
        if "*" in pattern and re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), where, re.S):
            return True
    return False


def first_difference(ours, golden) -> str:
    if golden is None:
        return "there is no golden result; --update-golden writes it"
    found = decode.differences(ours, golden)
    return "; ".join(f"{where}: {what}" for where, what in found[:3])
