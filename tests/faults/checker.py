#!/usr/bin/env python3
"""Reads both ledgers, ours and the providers', and says which invariant of money they break. Shares no code with the gateway.

    python3 tests/faults/checker.py --database sqlite:FILE|postgresql://admin@HOST:PORT/DB --ledger simulator.jsonl
        --simulator http://127.0.0.1:PORT [--simulator ...] [--answers answers.jsonl] [--gateway unigate --config unigate.yaml]

Ends with 1 when something is broken. Read when all is settled (`I6` looks for what is not). The invariants:

  I1  one movement of each type at most for each operation, one object for each create
  I2  every movement belongs to exactly one operation, with its amount and currency
  I3  what a client was told with a 2xx is there, operation and resource
  I4  every answer under a key is byte for byte the one that is kept
  I5  another body under a used key was refused, and made no operation
  I6  nothing is open; what was given up (escalated) is what must not be sent twice, or what the provider forgets
  I7  no operation was heard of at another provider than its own
  I8  (events to subscribers: not before there are webhooks)
  I9  the log of an operation is one row for each change of state, in a chain; the audit chain verifies
  I10 amounts of each payment and payout are the provider's, and so are the sums for each currency
  I11 nothing failed here that the provider did, nor the reverse; no client was told so
  I12 every attempt that the provider saw had its intent written before, and carries the operation's key
"""
import argparse
import collections
import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lib import books  # noqa: E402
from lib.wishes import SUCCESS, is_kept, load  # noqa: E402

INVARIANTS = ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I9", "I10", "I11", "I12")
TERMINAL = ("succeeded", "failed")
OPERATIONS = ("SELECT id, client_key, operation, provider, resource_kind, resource_id, amount, currency, provider_key, recovery_mode,"
              " state, input, response_status, response_body, created_at, transition_seq FROM operations")
OPERATION = re.compile(r"txn_[0-9A-Za-z]{26}")
TAKES = ("charge", "capture")
PAYS_OUT = ("payout", "transfer")
# What a succeeded operation must have moved.
MUST_MOVE = {"payments.capture": TAKES, "refunds.create": ("refund",), "payouts.create": PAYS_OUT, "messages.create": ("message",),
             "calls.create": ("call",), "verifications.create": ("verification",)}
# What a provider does not remember once it is over.
FORGOTTEN = ("verifications.check",)
# Who takes a dispute's money when the payer contests; the others take it when the merchant accepts.
TAKES_AT_ONCE = ("stripe",)
# Requests that are no operation's: tokens.
NO_OPERATION = ("/v1/oauth2/token",)
# Creates where a second request makes a second object: no key, or one that the provider does not know.
CREATES = re.compile(r"^(/v1/(orders|customers|plans|subscriptions|payment_links|payouts|refunds|payments/[^/]+/refund|payment_intents"
                     r"|products|prices|checkout/sessions|transfers)"
                     r"|/v2/checkout/orders|/v1/(catalogs/products|billing/(plans|subscriptions)|payments/payouts)"
                     r"|/2010-04-01/Accounts/[^/]+/(Messages|Calls)\.json"
                     r"|/v2/Services/[^/]+/Verifications)$")


class Books:
    """Everything that is on record at one moment."""

    def __init__(self, operations, log, resources, movements, journal, seen, audited=False):
        self.operations = {row["id"]: row for row in operations}
        self.log = collections.defaultdict(list)
        for row in log:
            self.log[row["operation_id"]].append(row)
        self.resources = {row["id"]: row for row in resources}
        self.disputes = {row["provider_id"]: row for row in resources if row["kind"] == "dispute"}
        self.audited = audited
        self.movements = movements
        self.journal = journal
        self.seen = seen
        self.by_client = {row["client_key"]: row for row in operations if row["client_key"]}
        self.by_mark = collections.defaultdict(list)
        self.on_resource = collections.defaultdict(list)
        for row in operations:
            self.on_resource[row["resource_id"]].append(row)
            if row["provider"] == "twilio":
                self.by_mark[json.loads(row["input"])["adapter"].get("to", "")].append(row)

    @classmethod
    def read(cls, database, simulators, ledger_file, seen=None):
        """`seen`: requests that were read from the simulators before they forgot them."""
        audited = database.has_table("audit_log") and bool(database.rows("SELECT seq FROM audit_log LIMIT 1"))
        return cls(database.rows(OPERATIONS), database.rows("SELECT * FROM transaction_logs ORDER BY operation_id, seq"),
                   database.rows("SELECT * FROM resources"), books.movements(simulators), books.journal(ledger_file),
                   {**(seen or {}), **books.requests(simulators)}, audited)

    def marked(self, number):
        """The operations that meant this number, the one that went out first."""
        rows = self.by_mark.get(number, [])
        return sorted(rows, key=lambda row: row["state"] != "succeeded")

    def operation_of(self, movement):
        """Whose movement it is. A payer's own belongs to the operation that made the payment."""
        metadata = movement["metadata"]
        for text in (movement["idempotency_key"] or "", metadata.get("unigate_operation", ""), metadata.get("reference", "")):
            found = OPERATION.search(text)
            if found:
                return self.operations.get(found[0])
        rows = self.marked(metadata.get("to", ""))
        return rows[0] if rows else None

    def payment_of(self, movement):
        """Our id of the payment whose money moved."""
        row = self.operation_of(movement)
        if row is None:
            return None
        if row["resource_kind"] == "payment":
            return row["resource_id"]
        resource = self.resources.get(row["resource_id"])
        return resource["parent_id"] if resource and resource["kind"] == "refund" else None

    def operation_of_request(self, key, sent):
        for text in (key or "", sent):
            found = OPERATION.search(text)
            if found:
                return found[0]
        for number in re.findall(r"(?:\+|%2B)(1646\d{7})", sent):
            rows = self.marked("+" + number)
            if rows:
                return rows[0]["id"]
        return None


class Checker:
    def __init__(self, the_books, wishes=(), audit=None):
        self.books = the_books
        self.wishes = wishes
        self.audit = audit  # () -> (verified, text): what `unigate audit verify` says
        self.violations = []
        self.disputed = collections.Counter()  # the provider's id of the dispute
        self.facts = {}

    def violated(self, invariant, text):
        self.violations.append((invariant, text))

    def check(self):
        """(invariant, text) for everything that is broken."""
        self.check_movements()
        self.check_objects()
        self.check_answers()
        self.check_open()
        self.check_log()
        self.check_amounts()
        self.check_requests()
        rows = self.books.operations.values()
        self.facts = {"operations": len(rows), "movements": len(self.books.movements), "requests": len(self.books.journal),
                      "escalated": sum(row["state"] == "escalated" for row in rows),
                      "resolved later": sum(len(self.books.log[row["id"]]) > 2 for row in rows)}
        return self.violations

    # ---- movements ----

    def check_movements(self):
        books_ = self.books
        types_of = collections.defaultdict(collections.Counter)
        for movement in books_.movements:
            kind = movement["type"]
            if kind in ("settlement", "call_charge"):
                continue
            if kind == "dispute":
                self.check_dispute(movement)
                continue
            row = books_.operation_of(movement)
            text = f"{movement['provider']} {kind} {movement['id']} of {movement['amount']} {movement['currency']}"
            if row is None:
                self.violated("I2", f"{text} belongs to no operation")
                continue
            types_of[row["id"]][kind] += 1
            self.check_amount(movement, row, text)
            own = OPERATION.search(movement["idempotency_key"] or "")
            if row["state"] == "failed" and (own or movement["provider"] == "twilio"):
                self.violated("I11", f"{text}: {row['id']} {row['operation']} is failed")
        for operation, types in types_of.items():
            for kind, times in types.items():
                if times > 1:
                    self.violated("I1", f"{operation} {books_.operations[operation]['operation']}: {times} times {kind}")
        for number, rows in books_.by_mark.items():
            moved = sum(movement["metadata"].get("to") == number for movement in books_.movements
                        if movement["type"] in ("message", "call", "verification")) if len(rows) > 1 else 0
            if moved > 1:
                self.violated("I1", f"{number} was called {moved} times")
        self.check_that_moved(types_of)
        self.check_that_accepted()

    def check_dispute(self, movement):
        """Money that went back to a payer who contests."""
        text = f"{movement['provider']} dispute {movement['id']} of {movement['amount']} {movement['currency']}"
        ours = self.books.disputes.get(movement["id"])
        if ours is None:
            return self.violated("I2", f"{text} is no dispute of ours")
        if (movement["amount"], movement["currency"].upper()) != (ours["amount"], ours["currency"]):
            self.violated("I2", f"{text}: {ours['id']} is about {ours['amount']} {ours['currency']}")
        if self.disputed[movement["id"]]:
            self.violated("I1", f"{text}: {ours['id']} was taken more than once")
        self.disputed[movement["id"]] += 1
        accepted = [row for row in self.books.on_resource[ours["id"]] if row["operation"] == "disputes.accept"]
        if movement["provider"] not in TAKES_AT_ONCE and not any(row["state"] in ("succeeded", "escalated") for row in accepted):
            self.violated("I11", f"{text} was accepted there, but not here: {[row['state'] for row in accepted]}")

    def check_that_accepted(self):
        for ours in self.books.disputes.values():
            accepted = any(row["operation"] == "disputes.accept" and row["state"] == "succeeded"
                           for row in self.books.on_resource[ours["id"]])
            if accepted and not self.disputed[ours["provider_id"]]:
                self.violated("I11", f"{ours['id']} was accepted here, but nothing moved there")

    def check_amount(self, movement, row, text):
        if row["amount"] <= 0 or movement["provider"] == "twilio":
            return
        if movement["currency"].upper() != row["currency"]:
            self.violated("I2", f"{text}: {row['id']} is in {row['currency']}")
        if movement["type"] in TAKES + PAYS_OUT + ("refund", "authorization") and movement["amount"] != row["amount"]:
            self.violated("I2", f"{text}: {row['id']} {row['operation']} is about {row['amount']}")

    def check_that_moved(self, types_of):
        """Succeeded here means moved there. A payment that the payer's bank took (Razorpay) stands in the name of its create."""
        for row in self.books.operations.values():
            if row["state"] != "succeeded":
                continue
            types = MUST_MOVE.get(row["operation"], ())
            if row["operation"] == "payments.create":
                client = json.loads(row["input"])["adapter"]
                types = TAKES if client.get("confirm") and client.get("capture_method", "automatic") == "automatic" else ()
            if not types:
                continue
            names = [row["id"]]
            if row["provider"] == "razorpay" and row["resource_kind"] == "payment":
                names = [other["id"] for other in self.books.on_resource[row["resource_id"]]]
            moved = any(types_of[name][kind] for name in names for kind in types)
            if not moved and self.document(row["resource_id"]).get("status") not in ("requires_action", "processing", "failed"):
                self.violated("I11", f"{row['id']} {row['operation']} at {row['provider']} succeeded, but nothing moved there")

    def document(self, resource_id):
        row = self.books.resources.get(resource_id)
        return json.loads(row["document"]) if row else {}

    def check_objects(self):
        """A create that was carried out twice made two things."""
        made = collections.defaultdict(list)
        for request in self.books.journal:
            if request["method"] == "POST" and CREATES.match(request["path"]):
                operation = self.books.operation_of_request(request.get("idempotency_key"), request["sent"])
                if operation:
                    made[operation, request["path"]].append(request.get("idempotency_key") or "")
        for (operation, path), keys in made.items():
            # Under one key the provider makes one thing; it carries out again only what it had refused.
            things = keys.count("") + len({key for key in keys if key})
            if things > 1:
                self.violated("I1", f"{operation}: POST {path} was carried out {things} times")

    # ---- clients ----

    def check_answers(self):
        for wish in self.wishes:
            for status, text in wish.altered:
                if status not in (409, 422):
                    self.violated("I5", f"{wish.key} {wish.path}: another body was answered {status} {text[:120]!r}")
            first = wish.kept()
            if first is None:
                continue
            row = self.books.by_client.get(wish.key)
            if row is None:
                self.violated("I3", f"{wish.key} was answered {first[0]} and is not known any more")
                continue
            self.check_answer(wish, first, row)

    def check_answer(self, wish, first, row):
        kept = (row["response_status"], row["response_body"].encode())
        for status, text, _ in wish.answers:
            if is_kept(status, text) and (status, text) != kept:
                self.violated("I4", f"{wish.key}: {status} {text[:160]!r} was told, {kept[0]} {kept[1][:160]!r} is kept")
        success = first[0] in SUCCESS
        if success and row["resource_id"] not in self.books.resources:
            self.violated("I3", f"{wish.key} was answered {first[0]}, but there is no {row['resource_kind']} {row['resource_id']}")
        if first[0] in (200, 201) and row["state"] != "succeeded" or not success and row["state"] != "failed":
            self.violated("I11", f"{wish.key} was told {first[0]}, the operation {row['id']} is {row['state']}")

    # ---- operations ----

    def check_open(self):
        for row in self.books.operations.values():
            what = f"{row['id']} {row['operation']} at {row['provider']}"
            if row["state"] not in TERMINAL + ("escalated",):
                self.violated("I6", f"{what} is {row['state']}")
            if row["state"] == "escalated" and row["recovery_mode"] != "at_most_once" and row["operation"] not in FORGOTTEN:
                self.violated("I6", f"{what} was given up, though it is {row['recovery_mode']}")

    def check_log(self):
        for row in self.books.operations.values():
            trail = self.books.log.get(row["id"], [])
            if [change["seq"] for change in trail] != list(range(1, row["transition_seq"] + 1)):
                self.violated("I9", f"{row['id']}: {row['transition_seq']} changes, rows {[change['seq'] for change in trail]}")
                continue
            for before, after in zip(trail, trail[1:]):
                if before["to_state"] != after["from_state"] or after["fence"] <= before["fence"]:
                    self.violated("I9", f"{row['id']}: row {after['seq']} does not follow {before['seq']}")
                if before["to_state"] in TERMINAL:
                    self.violated("I9", f"{row['id']} left {before['to_state']}")
            if trail and trail[-1]["to_state"] != row["state"]:
                self.violated("I9", f"{row['id']} is {row['state']}, its log ends with {trail[-1]['to_state']}")
        if self.books.audited and self.audit:
            verified, text = self.audit()
            if not verified:
                self.violated("I9", f"the audit chain does not verify: {text}")

    # ---- amounts ----

    def check_amounts(self):
        theirs = collections.defaultdict(lambda: [0, 0])
        paid_out = collections.Counter()
        for movement in self.books.movements:
            kind, amount = movement["type"], movement["amount"]
            if kind.startswith(PAYS_OUT):
                row = self.books.operation_of(movement)
                if row and "_re" not in kind:
                    paid_out[row["resource_id"]] += amount
            payment = self.books.payment_of(movement)
            if payment and kind in TAKES:
                theirs[payment][0] += amount
            if payment and kind in ("refund", "refund_reversal"):
                theirs[payment][1] += amount if kind == "refund" else -amount
        sums = collections.defaultdict(lambda: [0, 0])
        for row in self.books.resources.values():
            if row["kind"] == "payment":
                self.check_payment(row, theirs[row["id"]], sums)
            elif row["kind"] == "payout":
                self.check_payout(row, paid_out[row["id"]], sums)
        for (what, provider, currency), (ours, there) in sums.items():
            if ours != there:
                self.violated("I10", f"{what} at {provider}: {ours} {currency} here, {there} there")
        self.facts["sums"] = dict(sums)

    def check_payment(self, row, at_provider, sums):
        document = json.loads(row["document"])
        ours = [document["amount_captured"], document["amount_refunded"]]
        asked = any(operation["operation"] in ("payments.confirm", "payments.capture") and operation["state"] == "succeeded"
                    for operation in self.books.on_resource[row["id"]])
        if row["provider"] == "razorpay" and not asked:
            return  # the payer may have paid, and nobody has told us
        for place, what in enumerate(("captured", "refunded")):
            total = sums[what, row["provider"], row["currency"]]
            total[0] += ours[place]
            total[1] += at_provider[place]
        if ours != list(at_provider):
            self.violated("I10", f"{row['id']} {row['status']} at {row['provider']}: captured and refunded {ours} here, "
                                 f"{list(at_provider)} there")
        if (row["status"] == "succeeded") != (at_provider[0] > 0):
            self.violated("I10", f"{row['id']} is {row['status']} and has {at_provider[0]} captured")

    def check_payout(self, row, at_provider, sums):
        made = [operation for operation in self.books.on_resource[row["id"]] if operation["operation"] == "payouts.create"]
        ours = row["amount"] if any(operation["state"] == "succeeded" for operation in made) else 0
        total = sums["paid out", row["provider"], row["currency"]]
        total[0] += ours
        total[1] += at_provider
        if ours != at_provider:
            self.violated("I10", f"{row['id']} {row['status']} at {row['provider']}: {ours} here, {at_provider} there")

    # ---- requests ----

    def check_requests(self):
        """The provider's journal tells what was carried out; its list of requests also what was refused, repeated or dropped."""
        attempts = collections.Counter()
        for request in self.books.journal:
            if request["path"].startswith(NO_OPERATION):
                continue
            name = self.books.operation_of_request(request.get("idempotency_key"), request["sent"])
            if name:
                self.check_intent(name, request, request["sent"])
            elif not self.names_a_resource(request):
                self.violated("I12", f"{request['provider']} saw {request['method']} {request['path']}, which belongs to no operation")
        for request in self.books.seen.values():
            name = self.books.operation_of_request(request["idempotency_key"], "")
            if name and request["method"] in books.WRITES:
                self.check_intent(name, request)
                attempts[name, request["path"], request["idempotency_key"]] += 1
        for (name, path, _), times in attempts.items():
            written = sum(change["to_state"] in ("intent", "sent") for change in self.books.log[name])
            if times > written:
                self.violated("I12", f"{name}: the provider saw {path} {times} times, {written} attempts are written down")

    def names_a_resource(self, request):
        """Changes of something that is there carry no key at some providers: the path says what they are about."""
        return len(request["path"].split("/")) > 3

    def check_intent(self, name, request, sent=None):
        row = self.books.operations.get(name)
        what = f"{request['provider']} saw {request['method']} {request['path']} of {name}"
        if row is None:
            return self.violated("I12", f"{what}, whose intent was never written")
        if row["provider"] != request["provider"]:
            self.violated("I7", f"{what}, an operation of {row['provider']}")
        begun = [change["at"] for change in self.books.log[name] if change["to_state"] in ("intent", "sent")]
        if not begun or min(begun) > request["at_ms"] or row["created_at"] > request["at_ms"]:
            self.violated("I12", f"{what} at {request['at_ms']}, before its intent ({min(begun, default=None)})")
        key = request.get("idempotency_key") or ""
        if key and not key.startswith(row["provider_key"]) or not key and sent is not None and row["recovery_mode"] == "native" \
                and request["method"] == "POST":
            self.violated("I12", f"{what} under the key {key!r} instead of {row['provider_key']}")


def print_report(violations, facts, shown=20, out=sys.stdout):
    counts = collections.Counter(invariant for invariant, _ in violations)
    print("  ".join(f"{name} {counts[name]}" for name in INVARIANTS) + "  (I8: there are no webhooks yet)", file=out)
    print(", ".join(f"{value} {name}" for name, value in facts.items() if name != "sums"), file=out)
    for invariant, text in violations[:shown]:
        print(f"  {invariant}: {text}", file=out)
    if len(violations) > shown:
        print(f"  and {len(violations) - shown} more", file=out)
    return counts


def audit_by(program, config):
    def verify():
        done = subprocess.run([str(program), "audit", "verify", "--config", str(config)], capture_output=True, text=True, timeout=300)
        return done.returncode == 0, (done.stdout + done.stderr).strip()[-500:]
    return verify


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True, help="sqlite:FILE or postgresql://admin@HOST:PORT/DATABASE")
    parser.add_argument("--ledger", required=True, help="the simulators' ledger file")
    parser.add_argument("--simulator", action="append", required=True, help="http://127.0.0.1:PORT")
    parser.add_argument("--answers", help="what clients wanted and were told, as the storms write it")
    parser.add_argument("--gateway", help="the program, for `audit verify`")
    parser.add_argument("--config", help="its configuration")
    arguments = parser.parse_args()
    on_record = Books.read(books.Database(arguments.database), arguments.simulator, arguments.ledger)
    audit = audit_by(arguments.gateway, arguments.config) if arguments.gateway else None
    checker = Checker(on_record, load(arguments.answers) if arguments.answers else (), audit)
    return 1 if print_report(checker.check(), checker.facts) else 0


if __name__ == "__main__":
    sys.exit(main())
