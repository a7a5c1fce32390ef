"""Text messages."""
import pytest

from support.client import new_key
from support.resources import cannot, listed, make, wrong
from support.waiting import eventually

PATH = "/v1/sms"
TO = "+14155550142"


def test_a_message(four_apart):
    message = make(four_apart.api, PATH, {"to": TO, "message": "Your parcel is here", "metadata": {"parcel": "7"}}, "messages.create")
    assert (message["provider"], message["to"], message["message"], message["channel"]) == ("twilio", TO, "Your parcel is here", "sms")
    assert (message["from"], message["direction"], message["metadata"]) == ("+15005550006", "outbound", {"parcel": "7"})
    four_apart.simulator.advance(60, "twilio")
    read = eventually(lambda: (m := four_apart.api.ok("GET", f"{PATH}/{message['id']}"))["status"] == "delivered" and m, "it is delivered", 20)
    assert read["sent_at"] and read["segments"] == 1
    assert read["cost"] is None or float(read["cost"]["value"]) > 0
    assert message["id"] in listed(four_apart.api, PATH, **{"metadata[parcel]": "7"})
    assert message["id"] in listed(four_apart.api, PATH, source="provider", provider="twilio", to=TO)


def test_whatsapp_and_pictures(four):
    message = make(four.api, PATH, {"to": TO, "message": "A map", "channel": "whatsapp", "media_urls": ["https://shop.example.com/map.png"]}, "messages.create")
    assert (message["channel"], message["to"], message["media_count"]) == ("whatsapp", TO, 1)


def test_who_cannot(four):
    cannot(four.api, PATH, {"to": TO, "message": "x"}, "stripe", ["twilio"])


@pytest.mark.parametrize("body, param", [
    ({"message": "x"}, "to"), ({"to": "0123", "message": "x"}, "to"), ({"to": TO}, "message"), ({"to": TO, "message": "x" * 1601}, "message"),
    ({"to": TO, "message": "x", "channel": "pigeon"}, "channel"), ({"to": TO, "media_urls": []}, "media_urls"), ({"to": TO, "media_urls": "x"}, "media_urls"),
    ({"to": TO, "message": "x", "send_at": "soon"}, "send_at"), ({"to": TO, "template_id": "HX1", "template_variables": {"1": 2}}, "template_variables"),
    ({"to": TO, "text": "x"}, "text"),
])
def test_wrong_fields_are_named(four, body, param):
    wrong(four.api, PATH, body, param)


def test_an_unreachable_number_is_refused_by_the_provider(four):
    problem = four.api.post(PATH, {"to": "+15005550001", "message": "x"}).json()
    assert problem["status"] in (402, 422) and problem["outcome"] == "declined" and problem["provider_code"] == "21211"


def test_a_lost_answer_is_never_sent_again(four):
    sent = len(listed(four.api, PATH, source="provider", provider="twilio"))
    four.simulator.fault("drop_after", provider="twilio", prefix="/2010-04-01")
    key = new_key()
    answer = four.api.post(PATH, {"to": TO, "message": "lost and found"}, idempotency_key=key, timeout=90)
    assert answer.status_code == 202 and answer.json()["status"] == "processing"
    started = answer.json()
    record = eventually(lambda: (r := four.api.transaction(started["transaction_id"]))["state"] in ("succeeded", "escalated") and r,
                        "it is found, or a person is called", 60, 0.1)
    assert record["state"] == "succeeded"  # found by to, from and time
    assert four.api.ok("GET", f"{PATH}/{started['id']}")["provider_id"]
    assert four.api.post(PATH, {"to": TO, "message": "lost and found"}, idempotency_key=key).json()["id"] == started["id"]
    assert len(listed(four.api, PATH, source="provider", provider="twilio")) == sent + 1


def test_one_that_never_went_out_is_not_sent_later(four):
    sent = len(listed(four.api, PATH, source="provider", provider="twilio"))
    four.simulator.fault("drop_before", provider="twilio", prefix="/2010-04-01")
    started = four.api.post(PATH, {"to": "+14155550148", "message": "never sent"}, timeout=90).json()
    assert started["status"] == "processing"
    record = eventually(lambda: (r := four.api.transaction(started["transaction_id"]))["attempt_count"] >= 3 and r, "the provider is asked", 60, 0.2)
    assert record["state"] in ("unknown", "sent", "escalated")  # never a success that was none, nor a failure that may be wrong
    assert len(listed(four.api, PATH, source="provider", provider="twilio")) == sent
