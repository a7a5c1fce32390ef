"""What the simulated Twilio does with messages, calls, verifications and numbers."""

import datetime
import json
import subprocess
import urllib.parse

import pytest
import requests
from node_tools import SOURCE, node_environment
from simulator_process import Simulator
from twilio_client import ACCOUNT, ME, MESSAGING_SERVICE, TOKEN, VERIFY_SERVICE, YOU, TwilioClient, signature
from webhook_receiver import WebhookReceiver

VERIFY = f"/v2/Services/{VERIFY_SERVICE}"


@pytest.fixture
def simulator(tmp_path):
    with Simulator(tmp_path / "ledger.jsonl", providers=("twilio",)) as running:
        yield running


@pytest.fixture
def twilio(simulator):
    return TwilioClient(simulator)


def in_time(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- Credentials


@pytest.mark.parametrize("auth", [None, (ACCOUNT, "wrong"), ("ACnothex", TOKEN), ("someone", TOKEN)])
def test_bad_credentials_are_refused(twilio, auth):
    answer = requests.get(twilio.url("~/Balance.json"), auth=auth, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_another_account_is_closed_but_an_own_sub_account_open(simulator, twilio):
    other = TwilioClient(simulator, ("AC" + "f" * 32, "othertoken"))
    other.get("~/Balance.json")
    assert twilio.refused("GET", f"/2010-04-01/Accounts/{other.account}/Balance.json", status=401) == 20003
    sub = twilio.create("/2010-04-01/Accounts.json", FriendlyName="Sub")
    assert (sub["friendly_name"], sub["owner_account_sid"]) == ("Sub", ACCOUNT)
    message = twilio.create(f"/2010-04-01/Accounts/{sub['sid']}/Messages.json", To=YOU, From=ME, Body="x")
    assert message["account_sid"] == sub["sid"]
    own = TwilioClient(simulator, (sub["sid"], sub["auth_token"]))
    assert len(own.get("~/Messages.json")["messages"]) == 1
    assert len(twilio.get("/2010-04-01/Accounts.json")["accounts"]) == 2


def test_api_key_works_for_the_account_it_is_used_with(simulator):
    keyed = TwilioClient(simulator, ("SK" + "a" * 32, "secret"))
    keyed.account = ACCOUNT
    assert keyed.get("~.json")["sid"] == ACCOUNT


# --- Messages


def test_message_goes_its_way(simulator, twilio):
    message = twilio.send()
    assert (message["status"], message["price"], message["error_code"], message["direction"]) == ("queued", None, None, "outbound-api")
    assert message["sid"].startswith("SM") and message["uri"].endswith(f"{message['sid']}.json")
    simulator.advance(5)
    delivered = twilio.get(f"~/Messages/{message['sid']}.json")
    assert (delivered["status"], delivered["price"], delivered["num_segments"]) == ("delivered", "-0.00750", "1")
    assert delivered["date_sent"].endswith("+0000")


def test_two_posts_are_two_messages(simulator, twilio):
    first, second = twilio.send(), twilio.send()
    assert first["sid"] != second["sid"]
    entries = [(e["type"], e["id"], e["metadata"]["price"]) for e in simulator.ledger_entries()]
    assert entries == [("message", first["sid"], "-0.00750"), ("message", second["sid"], "-0.00750")]


def test_callbacks_are_signed_and_in_order(simulator, twilio):
    with WebhookReceiver() as receiver:
        url = f"{receiver.url}?operation=op_1&x=%20y"
        message = twilio.send(StatusCallback=url)
        simulator.advance(5)
        statuses = []
        for _ in range(3):
            headers, body = receiver.next()
            text = body.decode()
            assert headers["X-Twilio-Signature"] == signature(url, text)
            fields = dict(urllib.parse.parse_qsl(text))
            assert (fields["MessageSid"], fields["AccountSid"], fields["To"]) == (message["sid"], ACCOUNT, YOU)
            statuses.append(fields["MessageStatus"])
    assert sorted(statuses) == ["delivered", "sending", "sent"]
    assert simulator.ledger_entries()[0]["metadata"]["status_callback"] == url


@pytest.mark.parametrize("code, status", [(30003, "undelivered"), (30007, "undelivered"), (30001, "failed")])
def test_receivers_that_take_nothing(simulator, twilio, code, status):
    message = twilio.send(f"+150055{code}")
    simulator.advance(5)
    ended = twilio.get(f"~/Messages/{message['sid']}.json")
    assert (ended["status"], ended["error_code"]) == (status, code) and ended["error_message"]


@pytest.mark.parametrize(
    "form, code",
    [
        ({"To": ""}, 21604), ({"To": "abc"}, 21211), ({"To": "+15005550001"}, 21211), ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408), ({"To": "+15005550004"}, 21610), ({"To": "+15005550009"}, 21614),
        ({"From": None}, 21603), ({"From": "+1"}, 21212), ({"From": "+15005550001"}, 21212), ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611), ({"From": YOU}, 21266), ({"From": "whatsapp:+14155550100"}, 21910),
        ({"Body": None}, 21602), ({"Body": "x" * 1601}, 21617), ({"MediaUrl": "nowhere"}, 21620), ({"StatusCallback": "nowhere"}, 21609),
        ({"From": None, "MessagingServiceSid": "MG" + "f" * 32}, 21701),
        ({"SendAt": "2040-01-01T00:00:00Z"}, 35112), ({"ScheduleType": "fixed"}, 35111),
        ({"SendAt": "2040-01-01T00:00:00Z", "ScheduleType": "fixed"}, 35118),
        ({"SendAt": "2040-01-01T00:00:00Z", "ScheduleType": "fixed", "MessagingServiceSid": MESSAGING_SERVICE}, 35114),
    ],
)
def test_wrong_messages_are_refused(simulator, twilio, form, code):
    whole = {"To": YOU, "From": ME, "Body": "x", **form}
    assert twilio.refused("POST", "~/Messages.json", {k: v for k, v in whole.items() if v is not None}) == code
    assert simulator.ledger_entries() == []


def test_media_whatsapp_and_segments(simulator, twilio):
    media = twilio.create("~/Messages.json", To=YOU, From=ME, MediaUrl=["https://x.example/1.png", "https://x.example/2.jpg"])
    assert (media["sid"][:2], media["num_media"]) == ("MM", "2")
    listed = twilio.get(f"~/Messages/{media['sid']}/Media.json")["media_list"]
    assert [m["content_type"] for m in listed] == ["image/png", "image/jpeg"]
    assert twilio.send(f"whatsapp:{YOU}", f"whatsapp:{ME}")["to"] == f"whatsapp:{YOU}"
    for body, segments in [("x" * 160, "1"), ("x" * 161, "2"), ("€" * 80, "1"), ("€" * 81, "2"), ("👍" * 35, "1"), ("₹" * 71, "2")]:
        assert twilio.send(body=body)["num_segments"] == segments, body


def test_scheduled_message_is_canceled_or_sent(simulator, twilio):
    wish = {"To": YOU, "MessagingServiceSid": MESSAGING_SERVICE, "Body": "later", "ScheduleType": "fixed", "SendAt": in_time(3600)}
    first, second = twilio.create("~/Messages.json", **wish), twilio.create("~/Messages.json", **wish)
    assert first["status"] == "scheduled" and first["from"] is None
    assert twilio.post(f"~/Messages/{first['sid']}.json", Status="canceled")["status"] == "canceled"
    assert twilio.refused("POST", f"~/Messages/{first['sid']}.json", {"Status": "canceled"}) == 30409
    simulator.advance(3700)
    assert twilio.get(f"~/Messages/{first['sid']}.json")["status"] == "canceled"
    sent = twilio.get(f"~/Messages/{second['sid']}.json")
    assert (sent["status"], sent["from"]) == ("delivered", "+15005550006")
    assert [e["id"] for e in simulator.ledger_entries() if e["type"] == "message"] == [second["sid"]]


def test_redact_and_delete(simulator, twilio):
    path = f"~/Messages/{twilio.send()['sid']}.json"
    assert twilio.refused("DELETE", path, status=409) == 20009
    simulator.advance(5)
    assert twilio.post(path, Body="")["body"] == ""
    twilio.ok("DELETE", path, status=204)
    assert twilio.refused("GET", path, status=404) == 20404


def test_lists_filter_and_page(twilio):
    sent = [twilio.send(body=str(i))["sid"] for i in range(5)]
    twilio.send("+14155559999")
    today = datetime.datetime.now(datetime.timezone.utc)
    tomorrow, yesterday = [(today + datetime.timedelta(days=d)).strftime("%Y-%m-%d") for d in (1, -1)]
    found = twilio.get("~/Messages.json", {"To": YOU, "PageSize": 2, "DateSent>": yesterday, "DateSent<": tomorrow})
    seen = [m["sid"] for m in found["messages"]]
    while found["next_page_uri"]:
        assert found["next_page_uri"].startswith("/2010-04-01/Accounts/")
        twilio.send()  # what is new meanwhile shifts nothing
        found = twilio.get(found["next_page_uri"])
        seen += [m["sid"] for m in found["messages"]]
    assert seen == sent[::-1]
    assert twilio.get("~/Messages.json", {"DateSent": yesterday})["messages"] == []
    assert twilio.get("~/Messages.json", {"DateSent<": yesterday})["messages"] == []
    assert twilio.get("~/Messages.json", {"DateSent>": tomorrow})["messages"] == []


def test_inbound_message_is_posted_signed(simulator, twilio):
    with WebhookReceiver() as receiver:
        twilio.create("~/IncomingPhoneNumbers.json", PhoneNumber="+14155550123", SmsUrl=receiver.url)
        simulator.steer("twilio/inbound", {"from": YOU, "to": "+14155550123", "body": "STOP & go"})
        headers, body = receiver.next()
    assert headers["X-Twilio-Signature"] == signature(receiver.url, body.decode())
    assert dict(urllib.parse.parse_qsl(body.decode()))["Body"] == "STOP & go"
    assert twilio.get("~/Messages.json")["messages"][0]["direction"] == "inbound"


# --- Calls


def test_call_goes_its_way(simulator, twilio):
    with WebhookReceiver() as receiver:
        call = twilio.create("~/Calls.json", To=YOU, From=ME, Url=f"{receiver.url}/say", StatusCallback=receiver.url,
                             StatusCallbackEvent=["initiated", "ringing", "answered", "completed"])
        assert (call["status"], call["direction"]) == ("queued", "outbound-api")
        simulator.advance(60)
        posts = []
        for _ in range(5):
            headers, body = receiver.next()
            fields = dict(urllib.parse.parse_qsl(body.decode()))
            asked = "CallbackSource" not in fields
            assert headers["X-Twilio-Signature"] == signature(f"{receiver.url}/say" if asked else receiver.url, body.decode())
            posts.append(("say" if asked else fields["SequenceNumber"], fields["CallStatus"]))
    assert sorted(posts) == [("0", "queued"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed"), ("say", "in-progress")]
    done = twilio.get(f"~/Calls/{call['sid']}.json")
    assert (done["status"], done["duration"], done["price"]) == ("completed", "10", "-0.01400")


@pytest.mark.parametrize("to, status", [("+15005551001", "busy"), ("+15005551002", "no-answer"), ("+15005551003", "failed")])
def test_calls_that_nobody_answers(simulator, twilio, to, status):
    call = twilio.create("~/Calls.json", To=to, From=ME, Twiml="<Response/>")
    simulator.advance(60)
    assert twilio.get(f"~/Calls/{call['sid']}.json")["status"] == status


def test_hang_up(simulator, twilio):
    first = f"~/Calls/{twilio.create('~/Calls.json', To=YOU, From=ME, Twiml='<Response/>')['sid']}.json"
    assert twilio.post(first, Status="completed")["status"] == "canceled"
    second = f"~/Calls/{twilio.create('~/Calls.json', To=YOU, From=ME, Twiml='<Response/>')['sid']}.json"
    simulator.advance(4)
    assert twilio.get(second)["status"] == "in-progress"
    assert twilio.refused("POST", second, {"Status": "canceled"}) == 21220
    assert twilio.post(second, Status="completed")["status"] == "completed"
    assert twilio.refused("POST", second, {"Status": "completed"}) == 21220
    assert len(twilio.get("~/Calls.json", {"Status": "completed"})["calls"]) == 1


@pytest.mark.parametrize("form, code", [({"To": ""}, 21201), ({"From": ""}, 21213), ({"Twiml": None}, 21205), ({"Twiml": "Hi"}, 12100),
                                        ({"To": "+15005550001"}, 21217), ({"To": "+15005550004"}, 21216), ({"From": "+15005550001"}, 21212)])
def test_wrong_calls_are_refused(twilio, form, code):
    whole = {"To": YOU, "From": ME, "Twiml": "<Response/>", **form}
    assert twilio.refused("POST", "~/Calls.json", {k: v for k, v in whole.items() if v is not None}) == code


# --- Verify


def start(twilio, to=YOU, channel="sms"):
    return twilio.create(f"{VERIFY}/Verifications", To=to, Channel=channel)["sid"]


def test_code_is_checked_and_then_gone(simulator, twilio):
    sid = start(twilio)
    code = simulator.control(f"twilio/verifications/{sid}")["code"]
    wrong = "0" * 6 if code != "0" * 6 else "1" * 6
    assert twilio.post(f"{VERIFY}/VerificationCheck", To=YOU, Code=wrong)["status"] == "pending"
    checked = twilio.post(f"{VERIFY}/VerificationCheck", To=YOU, Code=code)
    assert (checked["sid"], checked["status"], checked["valid"]) == (sid, "approved", True)
    assert twilio.refused("POST", f"{VERIFY}/VerificationCheck", {"To": YOU, "Code": code}, status=404) == 20404
    assert twilio.refused("GET", f"{VERIFY}/Verifications/{sid}", status=404) == 20404
    (entry,) = simulator.ledger_entries()
    assert (entry["type"], entry["id"], entry["metadata"]["to"]) == ("verification", sid, YOU)


def test_fixed_code_of_test_numbers(twilio):
    start(twilio, "+15005550006")
    assert twilio.post(f"{VERIFY}/VerificationCheck", To="+15005550006", Code="123456")["valid"]


def test_five_wrong_checks_are_the_most(simulator, twilio):
    sid = start(twilio)
    for _ in range(5):
        twilio.post(f"{VERIFY}/VerificationCheck", VerificationSid=sid, Code="x")
    for who in ({"VerificationSid": sid}, {"To": YOU}):
        assert twilio.refused("POST", f"{VERIFY}/VerificationCheck", {**who, "Code": "x"}, status=429) == 60202
    assert twilio.get(f"{VERIFY}/Verifications/{sid}")["status"] == "max_attempts_reached"
    simulator.advance(601)
    assert twilio.refused("GET", f"{VERIFY}/Verifications/{sid}", status=404) == 20404


def test_repeated_start_sends_again_five_times(twilio):
    sid = start(twilio)
    for _ in range(4):
        assert start(twilio) == sid
    assert twilio.refused("POST", f"{VERIFY}/Verifications", {"To": YOU, "Channel": "sms"}, status=429) == 60203
    assert len(twilio.get(f"{VERIFY}/Verifications/{sid}")["send_code_attempts"]) == 5


def test_verification_expires_and_is_canceled(simulator, twilio):
    start(twilio)
    simulator.advance(601)
    assert twilio.refused("POST", f"{VERIFY}/VerificationCheck", {"To": YOU, "Code": "1"}, status=404) == 20404
    sid = start(twilio)
    assert twilio.post(f"{VERIFY}/Verifications/{sid}", Status="canceled")["status"] == "canceled"
    assert twilio.refused("POST", f"{VERIFY}/VerificationCheck", {"To": YOU, "Code": "1"}, status=404) == 20404


@pytest.mark.parametrize("form, status, code", [({"To": "x"}, 400, 60200), ({"Channel": "pigeon"}, 400, 60200), ({"Channel": ""}, 400, 60200),
                                                ({"To": "+15005550004"}, 403, 60410), ({"To": "+15005550009"}, 403, 60205),
                                                ({"CustomCode": "9999"}, 403, 60204)])
def test_wrong_verifications_are_refused(twilio, form, status, code):
    assert twilio.refused("POST", f"{VERIFY}/Verifications", {"To": YOU, "Channel": "sms", **form}, status=status) == code


def test_own_service_with_its_length(simulator, twilio):
    service = twilio.create("/v2/Services", FriendlyName="Gate", CodeLength=4)["sid"]
    sid = twilio.create(f"/v2/Services/{service}/Verifications", To="z@example.com", Channel="email")["sid"]
    assert len(simulator.control(f"twilio/verifications/{sid}")["code"]) == 4
    assert twilio.refused("GET", f"{VERIFY}/Verifications/{sid}", status=404) == 20404
    listed = twilio.get("/v2/Services", {"PageSize": 1})
    assert [s["sid"] for s in listed["services"]] == [service] and listed["meta"]["next_page_url"].startswith("http://127.0.0.1")


# --- Lookups, numbers, services, account


def test_lookups(simulator, twilio):
    found = twilio.get("/v2/PhoneNumbers/+14155552345")
    assert (found["valid"], found["country_code"], found["national_format"], found["line_type_intelligence"]) == (True, "US", "(415) 555-2345", None)
    asked = twilio.get("/v2/PhoneNumbers/+14155552345", {"Fields": "line_type_intelligence,caller_name"})
    assert asked["line_type_intelligence"]["type"] == "mobile" and asked["caller_name"]["caller_name"]
    assert twilio.get("/v2/PhoneNumbers/4155552345", {"CountryCode": "US"})["phone_number"] == "+14155552345"
    wrong = twilio.get("/v2/PhoneNumbers/+1415555")
    assert (wrong["valid"], wrong["validation_errors"]) == (False, ["TOO_SHORT"])
    assert twilio.refused("GET", "/v2/PhoneNumbers/+14155552345", params={"Fields": "shoe_size"}) == 60600
    assert [e["type"] for e in simulator.ledger_entries()] == ["lookup"]
    assert twilio.get("/v1/PhoneNumbers/+14155552345", {"Type": ["carrier", "caller-name"]})["carrier"]["type"] == "mobile"


def test_numbers_and_messaging_services(twilio):
    (available, *_) = twilio.get("~/AvailablePhoneNumbers/US/Local.json", {"AreaCode": "510", "PageSize": 5})["available_phone_numbers"]
    number = twilio.create("~/IncomingPhoneNumbers.json", PhoneNumber=available["phone_number"], FriendlyName="Main")
    assert twilio.refused("POST", "~/IncomingPhoneNumbers.json", {"PhoneNumber": available["phone_number"]}) == 21422
    path = f"~/IncomingPhoneNumbers/{number['sid']}.json"
    assert twilio.post(path, FriendlyName="Line")["friendly_name"] == "Line"
    service = twilio.create("/v1/Services", FriendlyName="Pool", StickySender="false")
    assert service["sticky_sender"] is False
    assert twilio.create(f"/v1/Services/{service['sid']}/PhoneNumbers", PhoneNumberSid=number["sid"])["phone_number"] == available["phone_number"]
    assert len(twilio.get(f"/v1/Services/{service['sid']}/PhoneNumbers")["phone_numbers"]) == 1
    accepted = twilio.create("~/Messages.json", To=YOU, MessagingServiceSid=service["sid"], Body="x")
    assert (accepted["status"], accepted["messaging_service_sid"]) == ("accepted", service["sid"])
    twilio.ok("DELETE", f"/v1/Services/{service['sid']}", status=204)
    twilio.ok("DELETE", path, status=204)
    assert twilio.get("~/IncomingPhoneNumbers.json")["incoming_phone_numbers"] == []


def test_balance_falls_by_what_is_used(simulator, twilio):
    assert twilio.get("~/Balance.json") == {"account_sid": ACCOUNT, "balance": "100.00000", "currency": "USD"}
    twilio.send()
    start(twilio)
    assert twilio.get("~/Balance.json")["balance"] == "99.94250"


# --- Faults and restart


@pytest.mark.parametrize("kind, messages", [("status_429", 0), ("error_500_before", 0), ("error_500_after", 1), ("drop_before", 0), ("drop_after", 1)])
def test_faults(simulator, twilio, kind, messages):
    simulator.add_fault(kind, {"path_suffix": "/Messages.json"})
    try:
        answer = twilio.call("POST", "~/Messages.json", {"To": YOU, "From": ME, "Body": "x"})
        assert (answer.status_code, answer.json()["code"]) == ((429, 20429) if kind == "status_429" else (500, 20500))
    except requests.exceptions.ConnectionError:
        assert kind in ("drop_before", "drop_after")
    assert len(simulator.ledger_entries()) == messages
    assert len(twilio.get("~/Messages.json")["messages"]) == messages


def test_state_survives_a_kill_without_secrets_in_the_ledger(simulator, twilio):
    message = twilio.send()["sid"]
    sid = start(twilio)
    code = simulator.control(f"twilio/verifications/{sid}")["code"]
    simulator.stop(9)
    simulator.start()
    simulator.advance(5)
    assert twilio.get(f"~/Messages/{message}.json")["status"] == "delivered"
    assert twilio.post(f"{VERIFY}/VerificationCheck", To=YOU, Code=code)["valid"]
    assert twilio.send()["sid"] != message
    assert TOKEN not in simulator.ledger.read_text()


# --- The official SDK


def test_official_sdk_works(simulator):
    result = subprocess.run(
        ["node", str(SOURCE / "twilio_sdk.js"), str(simulator.port), ACCOUNT, TOKEN],
        env=node_environment(), capture_output=True, text=True, timeout=120,
    )
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    wrong = {name: fact for name, fact in facts.items() if fact is not True}
    assert len(facts) >= 30 and not wrong, wrong
