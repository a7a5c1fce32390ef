"""Where providers report events, registered there."""
import pytest

from support.resources import make, wrong

URL = "https://pay.example.com/webhooks/x"


@pytest.mark.parametrize("provider", ["stripe", "razorpay", "paypal"])
def test_a_registration(four, provider):
    path = f"/v1/providers/{provider}/webhooks"
    made = make(four.api, path, {"url": URL}, "webhook_endpoints.create") if provider == "none" else four.api.ok("POST", path, {"url": URL}, 201)
    assert (made["object"], made["url"], made["status"]) == ("provider_webhook", URL, "enabled") and made["events"]
    assert "secret" not in str(made)
    assert four.api.transaction(made["transaction_id"])["operation"] == "webhook_endpoints.create"
    assert made["id"] in [each["id"] for each in four.api.ok("GET", path)["data"]]
    assert four.api.ok("DELETE", f"{path}/{made['id']}") == {"object": "provider_webhook", "id": made["id"], "deleted": True}
    assert made["id"] not in [each["id"] for each in four.api.ok("GET", path)["data"]]


def test_wrong_fields_are_named(four):
    wrong(four.api, "/v1/providers/stripe/webhooks", {}, "url")
    wrong(four.api, "/v1/providers/stripe/webhooks", {"url": "ftp://x"}, "url")
    wrong(four.api, "/v1/providers/stripe/webhooks", {"url": URL, "events": []}, "events")
    four.api.problem("DELETE", f"/v1/providers/stripe/webhooks/pwh_{'0' * 26}", None, 404)
