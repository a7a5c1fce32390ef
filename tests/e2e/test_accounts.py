"""Merchants under a platform."""
import pytest

from support.resources import cannot, listed, make, wrong

PATH = "/v1/accounts"
URLS = {"return_url": "https://shop.example.com/done", "refresh_url": "https://shop.example.com/again"}
BODY = {"stripe": {"email": "ada@example.com", "country": "US", "business_name": "Engines Ltd", "business_type": "company"},
        "paypal": {"email": "ada@example.com", **URLS},
        "razorpay": {"email": "ada@example.com", "phone": "+919876543210", "business_name": "Engines Ltd", "business_type": "partnership",
                     "contact_name": "Ada Lovelace"}}


@pytest.mark.parametrize("provider", BODY)
def test_an_account(four, provider):
    account = make(four.api, PATH, {"provider": provider, "reference": f"merchant-{provider}", **BODY[provider]}, "accounts.create")
    assert account["status"] in ("pending", "restricted", "active") and account["reference"] == f"merchant-{provider}"
    assert account["id"] in listed(four.api, PATH, provider=provider)


def test_links_lead_its_owner_to_the_provider(four):
    account = make(four.api, PATH, {"provider": "stripe", **BODY["stripe"]}, "accounts.create")
    link = four.api.ok("POST", f"{PATH}/{account['id']}/onboarding-link", URLS)
    assert (link["object"], link["account"]) == ("account_link", account["id"]) and link["url"].startswith("https://")
    wrong(four.api, f"{PATH}/{account['id']}/onboarding-link", {"return_url": URLS["return_url"]}, "refresh_url")


def test_who_cannot(four):
    cannot(four.api, PATH, {"email": "a@b.c"}, "twilio", ["paypal", "razorpay", "stripe"])


@pytest.mark.parametrize("body, param", [({}, "email"), ({"email": "ada"}, "email"), ({"email": "a@b.c", "country": "USA"}, "country"),
                                         ({"email": "a@b.c", "phone": "1"}, "phone"), ({"email": "a@b.c", "size": 3}, "size")])
def test_wrong_fields_are_named(four, body, param):
    wrong(four.api, PATH, {"provider": "stripe", **body}, param)
