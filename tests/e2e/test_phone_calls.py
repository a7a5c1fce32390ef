"""Telephone calls."""
import pytest

from support.resources import cannot, found_out, listed, make, wrong

PATH = "/v1/calls"
TO = "+14155550143"


@pytest.mark.parametrize("what", [{"say": "Your parcel is here", "language": "en-GB"}, {"url": "https://shop.example.com/call.xml"},
                                  {"document": "<Response><Hangup/></Response>"}], ids=["say", "url", "document"])
def test_a_call(four, what):
    call = make(four.api, PATH, {"to": TO, "timeout_s": 30, "metadata": {"parcel": "8"}, **what}, "calls.create")
    assert (call["provider"], call["to"], call["from"], call["direction"]) == ("twilio", TO, "+15005550006", "outbound")
    assert call["status"] in ("queued", "ringing", "in_progress") and call["metadata"] == {"parcel": "8"}
    assert call["id"] in listed(four.api, PATH, **{"metadata[parcel]": "8"})


def test_hanging_up(four):
    call = make(four.api, PATH, {"to": TO, "say": "hello"}, "calls.create")
    ended = four.api.ok("POST", f"{PATH}/{call['id']}/hangup")
    assert ended["status"] in ("completed", "canceled")
    assert four.api.transaction(ended["transaction_id"])["operation"] == "calls.hangup"


def test_who_cannot(four):
    cannot(four.api, PATH, {"to": TO, "say": "x"}, "paypal", ["twilio"])


@pytest.mark.parametrize("body, param", [
    ({"say": "x"}, "to"), ({"to": TO}, "say"), ({"to": TO, "say": "x", "url": "https://x.example"}, "say"), ({"to": TO, "url": "x"}, "url"),
    ({"to": TO, "say": "x", "timeout_s": 0}, "timeout_s"), ({"to": TO, "say": "x", "record": "yes"}, "record"),
])
def test_wrong_fields_are_named(four, body, param):
    wrong(four.api, PATH, body, param)


def test_a_lost_answer_is_looked_for_not_dialled_again(make_stack):
    # A stack of its own: other tests move the provider's time, by which a lost call is found.
    own = make_stack(providers=("twilio",)).start()
    try:
        call = found_out(own, PATH, {"to": "+14155550149", "say": "lost"}, "twilio", "/2010-04-01")
        assert own.api.ok("GET", f"{PATH}/{call['id']}")["provider_id"]
    finally:
        own.stop()
