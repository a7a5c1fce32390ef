"""The webhooks of the simulated PayPal: who gets which, true signatures, and the official SDK as a client."""

import json
import subprocess
import zlib

import pytest
import requests
from node_tools import SOURCE, node_environment
from paypal_client import CLIENT, PaypalClient, usd
from simulator_process import Simulator
from webhook_receiver import WebhookReceiver

WEBHOOKS = "/v1/notifications/webhooks"


@pytest.fixture
def simulator(tmp_path):
    with Simulator(tmp_path / "ledger.jsonl", providers=("paypal",)) as running:
        yield running


@pytest.fixture
def paypal(simulator):
    return PaypalClient(simulator)


def subscribe(paypal, url, *types):
    return paypal.post(WEBHOOKS, {"url": url, "event_types": [{"name": name} for name in types]})["id"]


def verified_by_openssl(simulator, folder, webhook, headers, body):
    """The whole check with OpenSSL's own tools: the chain up to the simulator's root, then the signature."""
    (folder / "root.pem").write_text(requests.get(f"{simulator.url}/__sim/paypal/root-certificate", timeout=30).text)
    (folder / "leaf.pem").write_text(requests.get(headers["PAYPAL-CERT-URL"], timeout=30).text)
    chain = subprocess.run(["openssl", "verify", "-CAfile", folder / "root.pem", folder / "leaf.pem"], capture_output=True, timeout=30)
    key = subprocess.run(["openssl", "x509", "-in", folder / "leaf.pem", "-noout", "-pubkey"], capture_output=True, check=True, timeout=30)
    (folder / "key.pem").write_bytes(key.stdout)
    signature = subprocess.run(["openssl", "base64", "-d", "-A"], input=headers["PAYPAL-TRANSMISSION-SIG"].encode(), capture_output=True, check=True, timeout=30)
    (folder / "signature").write_bytes(signature.stdout)
    text = f"{headers['PAYPAL-TRANSMISSION-ID']}|{headers['PAYPAL-TRANSMISSION-TIME']}|{webhook}|{zlib.crc32(body)}"
    check = subprocess.run(["openssl", "dgst", "-sha256", "-verify", folder / "key.pem", "-signature", folder / "signature"],
                           input=text.encode(), capture_output=True, timeout=30)
    return chain.returncode == 0 and check.returncode == 0


def test_event_is_signed_with_a_certificate_that_leads_to_the_root(simulator, paypal, tmp_path):
    with WebhookReceiver() as receiver:
        webhook = subscribe(paypal, receiver.url, "PAYMENT.CAPTURE.COMPLETED")
        capture = paypal.paid("12.00")
        headers, body = receiver.next()
    event = json.loads(body)
    assert (event["event_type"], event["resource"]["id"], event["resource"]["amount"]) == ("PAYMENT.CAPTURE.COMPLETED", capture["id"], usd("12.00"))
    assert headers["PAYPAL-AUTH-ALGO"] == "SHA256withRSA"
    assert verified_by_openssl(simulator, tmp_path, webhook, headers, body)
    assert not verified_by_openssl(simulator, tmp_path, webhook, headers, body + b" ")
    assert not verified_by_openssl(simulator, tmp_path, "another", headers, body)


def test_online_check_takes_the_very_text_only(paypal):
    with WebhookReceiver() as receiver:
        webhook = subscribe(paypal, receiver.url, "*")
        paypal.order()
        paypal.paid()
        headers, body = receiver.next()
    names = {"auth_algo": "PAYPAL-AUTH-ALGO", "cert_url": "PAYPAL-CERT-URL", "transmission_id": "PAYPAL-TRANSMISSION-ID",
             "transmission_sig": "PAYPAL-TRANSMISSION-SIG", "transmission_time": "PAYPAL-TRANSMISSION-TIME"}
    wish = {**{name: headers[header] for name, header in names.items()}, "webhook_id": webhook}

    def verdict(event):
        text = json.dumps(wish)[:-1] + ', "webhook_event": ' + event + "}"
        answer = requests.post(
            paypal.url("/v1/notifications/verify-webhook-signature"), data=text.encode(), timeout=30,
            headers={"Authorization": f"Bearer {paypal.token}", "Content-Type": "application/json"})
        return answer.json()["verification_status"]

    assert verdict(body.decode()) == "SUCCESS"
    assert verdict(json.dumps(json.loads(body), indent=1)) == "FAILURE"
    assert paypal.refused("POST", "/v1/notifications/verify-webhook-signature", wish, status=400) == "MISSING_REQUIRED_PARAMETER"


def test_each_webhook_gets_what_it_asked_for(simulator, paypal):
    with WebhookReceiver() as refunds, WebhookReceiver() as other:
        subscribe(paypal, refunds.url, "PAYMENT.CAPTURE.REFUNDED")
        subscribe(PaypalClient(simulator, ("another", "client")), other.url, "*")
        capture = paypal.paid()["id"]
        refund = paypal.post(f"/v2/payments/captures/{capture}/refund", {"amount": usd("1.00")})
        event = json.loads(refunds.next()[1])
        assert (event["resource_type"], event["resource"]["id"]) == ("refund", refund["id"])
        assert [link["href"].rsplit("/", 1)[1] for link in event["resource"]["links"] if link["rel"] == "up"] == [capture]
        assert refunds.received.empty() and other.received.empty()


def test_webhooks_are_changed_and_removed(simulator, paypal):
    with WebhookReceiver() as receiver:
        webhook = subscribe(paypal, receiver.url, "PAYMENT.CAPTURE.REFUNDED")
        again = {"url": receiver.url, "event_types": [{"name": "*"}]}
        assert paypal.refused("POST", WEBHOOKS, again, status=400) == "WEBHOOK_URL_ALREADY_EXISTS"
        assert paypal.refused("POST", WEBHOOKS, {**again, "event_types": [{"name": "NO.SUCH"}]}, status=400)
        paypal.ok("PATCH", f"{WEBHOOKS}/{webhook}", [{"op": "replace", "path": "/event_types", "value": [{"name": "CHECKOUT.ORDER.APPROVED"}]}])
        simulator.steer("paypal/certificates", {"base_url": "https://api.sandbox.paypal.com"})
        paypal.approve(paypal.order())
        headers, body = receiver.next()
        assert headers["PAYPAL-CERT-URL"].startswith("https://api.sandbox.paypal.com/v1/notifications/certs/CERT-")
        event = json.loads(body)
        paypal.post(f"/v1/notifications/webhooks-events/{event['id']}/resend", {}, status=202)
        assert receiver.next()[1] == body
        paypal.ok("DELETE", f"{WEBHOOKS}/{webhook}", status=204)
        assert paypal.get(WEBHOOKS)["webhooks"] == []


def test_time_brings_events(simulator, paypal):
    simulator.steer("paypal/tokens", {"expires_in": 10**7})
    with WebhookReceiver() as receiver:
        subscribe(paypal, receiver.url, "PAYMENT.SALE.COMPLETED", "PAYMENT.PAYOUTS-ITEM.SUCCEEDED")
        subscription = paypal.subscription()
        sale = json.loads(receiver.next()[1])["resource"]
        assert (sale["billing_agreement_id"], sale["amount"]["total"], sale["amount"]["currency"]) == (subscription, "10.00", "USD")
        paypal.payout("a@example.com")
        simulator.advance(10)
        item = json.loads(receiver.next()[1])["resource"]
        assert (item["transaction_status"], item["payout_item"]["amount"]["value"]) == ("SUCCESS", "10.00")
        simulator.advance(32 * 24 * 3600)
        assert json.loads(receiver.next()[1])["event_type"] == "PAYMENT.SALE.COMPLETED"


def test_official_sdk_works(simulator):
    result = subprocess.run(
        ["node", str(SOURCE / "paypal_sdk.js"), str(simulator.port), *CLIENT],
        env=node_environment(), capture_output=True, text=True, timeout=120,
    )
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    wrong = {name: fact for name, fact in facts.items() if fact is not True}
    assert len(facts) >= 35 and not wrong, wrong
