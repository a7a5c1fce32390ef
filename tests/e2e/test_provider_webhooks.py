"""Where providers report events, registered there."""
import pytest

from support.resources import wrong

URL = "https://pay.example.com/webhooks/x"


def registered(four, provider):
    made = four.api.ok("POST", f"/v1/providers/{provider}/webhooks", {"url": URL}, 201)
    assert (made["object"], made["url"], made["status"]) == ("provider_webhook", URL, "enabled") and made["events"]
    assert "secret" not in str(made)
    assert four.api.transaction(made["transaction_id"])["operation"] == "webhook_endpoints.create"
    return made


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
def test_a_registration(four, provider):
    path = f"/v1/providers/{provider}/webhooks"
    made = registered(four, provider)
    assert made["id"] in [each["id"] for each in four.api.ok("GET", path)["data"]]
    assert four.api.ok("DELETE", f"{path}/{made['id']}") == {"object": "provider_webhook", "id": made["id"], "deleted": True}
    assert made["id"] not in [each["id"] for each in four.api.ok("GET", path)["data"]]


def test_a_registration_that_only_the_dashboard_ends(four):
    registered(four, "razorpay")


def test_wrong_fields_are_named(four):
    wrong(four.api, "/v1/providers/stripe/webhooks", {}, "url")
    wrong(four.api, "/v1/providers/stripe/webhooks", {"url": "ftp://x"}, "url")
    wrong(four.api, "/v1/providers/stripe/webhooks", {"url": URL, "events": []}, "events")
    four.api.problem("DELETE", f"/v1/providers/stripe/webhooks/pwh_{'0' * 26}", None, 404)
