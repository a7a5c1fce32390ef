#!/usr/bin/env python3
"""Proves that the checker can fail: sound books pass, and each way of breaking them is found under its invariant."""
import copy
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from checker import Books, Checker  # noqa: E402
from lib.wishes import Wish  # noqa: E402

TAKE, GIVE, WRITE = ("txn_" + letter * 26 for letter in "ABC")


def operation(name, kind, provider, resource, amount, **more):
    return {"id": name, "client_key": f"client-{name[-1]}", "operation": kind, "provider": provider, "resource_kind": resource[:-1],
            "resource_id": f"{resource}{name[-1]}", "amount": amount, "currency": "USD" if amount else "", "provider_key": name,
            "recovery_mode": "native", "state": "succeeded", "input": '{"adapter":{"confirm":true,"to":"+16460000001"}}',
            "response_status": 201, "response_body": '{"id":"x"}', "created_at": 1000, "transition_seq": 2, **more}


def change(name, seq, before, after, at):
    return {"operation_id": name, "seq": seq, "from_state": before, "to_state": after, "fence": seq, "at": at, "reason": ""}


def movement(kind, name, amount, **more):
    return {"seq": 1, "provider": "stripe", "type": kind, "id": f"ch_{name[-1]}", "payment": "pi_A", "amount": amount, "currency": "USD",
            "idempotency_key": name, "metadata": {}, **more}


def request(path, name, provider="stripe", **more):
    return {"provider": provider, "method": "POST", "path": path, "idempotency_key": name, "sent": "", "at_ms": 1005, "number": 1, **more}


def sound():
    """A payment of 500, a refund of 200 from it, and a message."""
    names = (TAKE, GIVE, WRITE)
    return {
        "operations": [operation(TAKE, "payments.create", "stripe", "payment_", 500),
                       operation(GIVE, "refunds.create", "stripe", "refund_", 200),
                       operation(WRITE, "messages.create", "twilio", "message_", 0, recovery_mode="at_most_once")],
        "log": [row for name in names
                for row in (change(name, 1, "received", "intent", 1000), change(name, 2, "intent", "succeeded", 1010))],
        "resources": [
            {"id": "payment_A", "kind": "payment", "provider": "stripe", "status": "succeeded", "currency": "USD", "amount": 500,
             "provider_id": "pi_A", "parent_id": "", "document": json.dumps({"amount_captured": 500, "amount_refunded": 200, "status": "succeeded"})},
            {"id": "refund_B", "kind": "refund", "provider": "stripe", "status": "succeeded", "currency": "USD", "amount": 200,
             "parent_id": "payment_A", "document": "{}"},
            {"id": "message_C", "kind": "message", "provider": "twilio", "status": "sent", "currency": "", "amount": 0, "parent_id": "",
             "document": "{}"}],
        "movements": [movement("charge", TAKE, 500), movement("refund", GIVE, 200),
                      movement("message", WRITE, 1, provider="twilio", idempotency_key=None, metadata={"to": "+16460000001"})],
        "journal": [request("/v1/payment_intents", TAKE), request("/v1/refunds", GIVE),
                    request("/2010-04-01/Accounts/AC1/Messages.json", None, "twilio", sent="To=%2B16460000001")],
        "seen": {1: request("/v1/payment_intents", TAKE)},
    }


def clients():
    wish = Wish("client-A", "payments.create", "stripe", "/v1/payments/orders", {"amount": 500})
    wish.note(201, b'{"id":"x"}', False)
    wish.note(201, b'{"id":"x"}', True)
    wish.altered.append((422, b'{"code":"idempotency_key_reused"}'))
    return [wish]


BROKEN = []


def breaks(invariant):
    def keep(function):
        BROKEN.append((invariant, function))
        return function
    return keep


@breaks("I1")
def money_that_moved_twice(books, wishes):
    books["movements"].append(movement("charge", TAKE, 500, id="ch_2"))


@breaks("I1")
def a_create_carried_out_twice(books, wishes):
    books["journal"].append(request("/v1/payment_intents", TAKE + "-again"))


@breaks("I1")
def a_create_without_a_key_carried_out_twice(books, wishes):
    books["journal"] += [request("/v1/orders", None, sent=f"receipt={TAKE}") for _ in range(2)]


@breaks("I1")
def two_operations_that_called_one_number(books, wishes):
    again = "txn_" + "D" * 26
    books["operations"].append(operation(again, "messages.create", "twilio", "message_", 0, client_key=""))
    books["log"] += [change(again, 1, "received", "intent", 1000), change(again, 2, "intent", "succeeded", 1010)]
    books["movements"].append(movement("message", again, 1, provider="twilio", idempotency_key=None, metadata={"to": "+16460000001"}))


def accepted(books, state="succeeded", **more):
    """A dispute at PayPal, accepted here, whose money moved there."""
    name = "txn_" + "E" * 26
    books["operations"].append(operation(name, "disputes.accept", "paypal", "dispute_", 0, client_key="", state=state))
    books["log"] += [change(name, 1, "received", "intent", 1000), change(name, 2, "intent", state, 1010)]
    books["resources"].append({"id": "dispute_E", "kind": "dispute", "provider": "paypal", "provider_id": "PP-D-1", "status": "lost",
                               "currency": "USD", "amount": 300, "parent_id": "", "document": "{}"})
    books["movements"].append(movement("dispute", name, 300, provider="paypal", id="PP-D-1", idempotency_key=None, **more))


def a_dispute(books, wishes):
    accepted(books)


@breaks("I1")
def a_dispute_paid_twice(books, wishes):
    accepted(books)
    books["movements"].append(dict(books["movements"][-1]))


@breaks("I2")
def a_dispute_of_nobody(books, wishes):
    accepted(books)
    books["resources"].pop()


@breaks("I2")
def a_dispute_of_another_currency(books, wishes):
    accepted(books, currency="EUR")


@breaks("I11")
def a_dispute_accepted_here_alone(books, wishes):
    accepted(books)
    books["movements"].pop()


@breaks("I11")
def a_dispute_accepted_there_alone(books, wishes):
    accepted(books, "failed")


@breaks("I2")
def a_movement_of_nobody(books, wishes):
    books["movements"].append(movement("charge", "txn_" + "Z" * 26, 70))


@breaks("I2")
def another_amount(books, wishes):
    books["movements"][0]["amount"] = 501


@breaks("I2")
def another_currency(books, wishes):
    books["movements"][0]["currency"] = "EUR"


@breaks("I3")
def an_answer_without_its_operation(books, wishes):
    books["operations"][0]["client_key"] = ""


@breaks("I3")
def an_answer_without_its_resource(books, wishes):
    del books["resources"][0]


@breaks("I4")
def another_replay(books, wishes):
    wishes[0].note(201, b'{"id":"y"}', True)


@breaks("I5")
def another_body_that_was_taken(books, wishes):
    wishes[0].altered.append((201, b"{}"))


@breaks("I6")
def an_open_operation(books, wishes):
    books["operations"][2]["state"] = books["log"][-1]["to_state"] = "unknown"


@breaks("I6")
def one_given_up_that_could_be_found_out(books, wishes):
    books["operations"][1]["state"] = books["log"][3]["to_state"] = "escalated"


@breaks("I7")
def a_request_at_another_provider(books, wishes):
    books["journal"].append(request("/v2/checkout/orders", TAKE, "paypal"))


@breaks("I9")
def a_change_without_its_row(books, wishes):
    del books["log"][1]


@breaks("I9")
def a_change_of_what_had_ended(books, wishes):
    books["log"].insert(2, change(TAKE, 3, "succeeded", "succeeded", 1020))
    books["operations"][0]["transition_seq"] = 3


@breaks("I9")
def a_fence_that_went_back(books, wishes):
    books["log"][1]["fence"] = 1


@breaks("I9")
def a_broken_audit_chain(books, wishes):
    books["audited"] = True


@breaks("I10")
def money_that_is_only_here(books, wishes):
    books["resources"][0]["document"] = json.dumps({"amount_captured": 500, "amount_refunded": 0, "status": "succeeded"})


@breaks("I11")
def failed_here_but_done_there(books, wishes):
    books["operations"][1]["state"] = books["log"][3]["to_state"] = "failed"


@breaks("I11")
def done_here_but_not_there(books, wishes):
    del books["movements"][1]


@breaks("I11")
def a_client_that_was_told_the_opposite(books, wishes):
    books["operations"][0]["state"] = books["log"][1]["to_state"] = "failed"


@breaks("I12")
def a_request_without_intent(books, wishes):
    books["journal"].append(request("/v1/payment_intents", "txn_" + "Z" * 26))


@breaks("I12")
def a_request_before_its_intent(books, wishes):
    books["journal"][0]["at_ms"] = 990


@breaks("I12")
def a_request_under_another_key(books, wishes):
    books["journal"].append(request("/v1/payment_intents", "mine", sent="amount=500"))


@breaks("I12")
def a_key_that_was_made_anew(books, wishes):
    books["journal"][0].update(idempotency_key="made-anew", sent=f"metadata[unigate_operation]={TAKE}")


@breaks("I12")
def more_requests_than_attempts(books, wishes):
    books["seen"].update({number: request("/v1/payment_intents", TAKE) for number in (2, 3)})


def what_a_provider_forgets(books, wishes):
    """A check of a code whose end nobody can find out: an operator's, and no violation."""
    check = operation("txn_" + "D" * 26, "verifications.check", "twilio", "verification_", 0)
    books["operations"].append({**check, "state": "escalated", "recovery_mode": "query", "response_status": 0, "response_body": ""})
    books["log"] += [change(check["id"], 1, "", "intent", 1000), change(check["id"], 2, "intent", "escalated", 1001)]


def found(spoil=None):
    books, wishes = copy.deepcopy(sound()), clients()
    if spoil:
        spoil(books, wishes)
    return Checker(Books(**books), wishes, audit=lambda: (False, "row 2 was changed")).check()


def main():
    failed = []
    if found():
        failed.append(f"sound books: {found()}")
    if found(what_a_provider_forgets):
        failed.append(f"a check that was forgotten: {found(what_a_provider_forgets)}")
    if found(a_dispute):
        failed.append(f"a dispute that was accepted: {found(a_dispute)}")
    for invariant, spoil in BROKEN:
        names = {name for name, _ in found(spoil)}
        if invariant not in names:
            failed.append(f"{spoil.__name__}: {invariant} not among {names or 'nothing'}")
    for text in failed:
        print(f"  {text}")
    print(f"{len(BROKEN) + 3 - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
