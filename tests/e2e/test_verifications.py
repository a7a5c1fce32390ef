"""One-time codes, and what is known of a number."""
import pytest

from support.resources import cannot, make, wrong

PATH = "/v1/verifications"
TO = "+14155550144"


def code_of(four, verification):
    return four.simulator.ask(f"twilio/verifications/{verification['provider_id']}")["code"]


def test_the_right_code(four):
    verification = make(four.api, PATH, {"to": TO, "channel": "sms"}, "verifications.create")
    assert (verification["status"], verification["to"], verification["channel"]) == ("pending", TO, "sms")
    code = code_of(four, verification)
    wrong_code = "0" * len(code) if code != "0" * len(code) else "1" * len(code)
    tried = four.api.ok("POST", f"{PATH}/{verification['id']}/check", {"code": wrong_code})
    assert (tried["status"], tried["valid"]) == ("pending", False)
    checked = four.api.ok("POST", f"{PATH}/{verification['id']}/check", {"code": code})
    assert (checked["status"], checked["valid"]) == ("approved", True)
    assert four.api.ok("GET", f"{PATH}/{verification['id']}")["status"] == "approved"
    assert code not in four.gateway.log()


def test_by_email(four):
    verification = make(four.api, PATH, {"to": "ada@example.com", "channel": "email"}, "verifications.create")
    assert (verification["to"], verification["channel"]) == ("ada@example.com", "email")


def test_who_cannot(four):
    cannot(four.api, PATH, {"to": TO, "channel": "sms"}, "stripe", ["twilio"])
    cannot(four.api, f"/v1/lookups/{TO}", None, "stripe", ["twilio"], method="GET")


@pytest.mark.parametrize("body, param", [
    ({"channel": "sms"}, "to"), ({"to": TO}, "channel"), ({"to": TO, "channel": "pigeon"}, "channel"), ({"to": TO, "channel": "email"}, "to"),
    ({"to": "ada@example.com", "channel": "sms"}, "to"), ({"to": TO, "channel": "sms", "code": "1"}, "code"),
])
def test_wrong_fields_are_named(four, body, param):
    wrong(four.api, PATH, body, param)


def test_a_check_needs_a_code(four):
    verification = make(four.api, PATH, {"to": TO, "channel": "sms"}, "verifications.create")
    wrong(four.api, f"{PATH}/{verification['id']}/check", {}, "code")
    wrong(four.api, f"{PATH}/{verification['id']}/check", {"code": "12345678901"}, "code")


def test_a_number_is_looked_up(four):
    found = four.api.ok("GET", f"/v1/lookups/{TO}", params={"fields": "line_type"})
    assert (found["object"], found["phone_number"], found["valid"], found["country"]) == ("lookup", TO, True, "US")
    assert found["validation_errors"] == []
