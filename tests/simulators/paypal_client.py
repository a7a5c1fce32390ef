"""Speaks PayPal's API to a simulator; used by its tests."""

import json

import requests

CLIENT = ("AXsimulatorclient01", "EPsimulatorsecret01")


def usd(value, code="USD"):
    return {"currency_code": code, "value": value}


class PaypalClient:
    """`observe(response)` sees each exchange."""

    def __init__(self, simulator, client=CLIENT, observe=None):
        self.simulator = simulator
        self.client = client
        self.observe = observe
        self.session = requests.Session()
        self.token = None

    def log_in(self):
        answer = self.session.post(
            self.url("/v1/oauth2/token"), auth=self.client, data={"grant_type": "client_credentials"}, timeout=30)
        if self.observe:
            self.observe(answer)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return answer.json()

    def url(self, path):
        return self.simulator.url_of("paypal") + path

    def call(self, method, path, body=None, key=None, whole=True, params=None, headers=None, **options):
        """With `whole` the answer is asked for in full (Prefer: return=representation)."""
        if self.token is None:
            self.log_in()
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if key:
            sent["PayPal-Request-Id"] = key
        if whole and method == "POST":
            sent["Prefer"] = "return=representation"
        if method != "GET" and "files" not in options:
            sent.setdefault("Content-Type", "application/json")
        if body is not None:
            options["data"] = json.dumps(body)
        response = self.session.request(
            method, self.url(path), headers=sent, params=params, timeout=30, allow_redirects=False, **options)
        if self.observe:
            self.observe(response)
        return response

    def ok(self, method, path, body=None, status=None, **options):
        response = self.call(method, path, body, **options)
        assert response.status_code in ([status] if status else [200, 201, 202, 204]), response.text
        return response.json() if response.content else None

    def post(self, path, body=None, **options):
        return self.ok("POST", path, body, **options)

    def get(self, path, **params):
        return self.ok("GET", path, params=params)

    def refused(self, method, path, body=None, status=422, **options):
        """The issue of a request that must be refused; its name if it has none."""
        response = self.call(method, path, body, **options)
        assert response.status_code == status, (response.status_code, response.text)
        error = response.json()
        assert error["debug_id"] == response.headers["PayPal-Debug-Id"]
        return error["details"][0]["issue"] if error.get("details") else error["name"]

    def order(self, value="10.00", code="USD", intent="CAPTURE", key=None, unit=None, **fields):
        unit = {"amount": usd(value, code), **(unit or {})}
        return self.post("/v2/checkout/orders", {"intent": intent, "purchase_units": [unit], **fields}, key=key)

    def approve(self, order):
        """The payer follows the link."""
        (link,) = [link["href"] for link in order["links"] if link["rel"] in ("approve", "payer-action")]
        return self.session.get(link, allow_redirects=False, timeout=30)

    def paid(self, value="10.00", code="USD", **fields):
        """The capture of a new, paid order."""
        order = self.order(value, code, **fields)
        self.approve(order)
        order = self.post(f"/v2/checkout/orders/{order['id']}/capture")
        return order["purchase_units"][0]["payments"]["captures"][0]

    def authorized(self, value="10.00", **fields):
        order = self.order(value, intent="AUTHORIZE", **fields)
        self.approve(order)
        order = self.post(f"/v2/checkout/orders/{order['id']}/authorize")
        return order["purchase_units"][0]["payments"]["authorizations"][0]

    def plan(self, value="10", unit="MONTH", total=0, trial=None, **fields):
        product = self.post("/v1/catalogs/products", {"name": "Video", "type": "SERVICE"})["id"]
        cycles = [{"frequency": {"interval_unit": unit, "interval_count": 1}, "tenure_type": "REGULAR", "sequence": 2,
                   "total_cycles": total, "pricing_scheme": {"fixed_price": usd(value)}}]
        if trial is not None:
            cycles.append({"frequency": {"interval_unit": "WEEK", "interval_count": 1}, "tenure_type": "TRIAL", "sequence": 1,
                           "total_cycles": 1, **({"pricing_scheme": {"fixed_price": usd(trial)}} if trial else {})})
        body = {"product_id": product, "name": "Plan", "billing_cycles": cycles,
                "payment_preferences": {"auto_bill_outstanding": True, "payment_failure_threshold": 2}, **fields}
        return self.post("/v1/billing/plans", body)["id"]

    def subscription(self, plan=None, approved=True, **fields):
        made = self.post("/v1/billing/subscriptions", {"plan_id": plan or self.plan(), **fields})
        if approved:
            self.approve(made)
        return made["id"]

    def payout(self, *receivers, value="10.00", batch=None, key=None):
        items = [{"recipient_type": "EMAIL", "receiver": receiver, "amount": {"currency": "USD", "value": value},
                  "sender_item_id": f"item-{number}"} for number, receiver in enumerate(receivers)]
        header = {"sender_batch_id": batch, "email_subject": "Your money"} if batch else {"email_subject": "Your money"}
        return self.post("/v1/payments/payouts", {"sender_batch_header": header, "items": items}, key=key)["batch_header"]["payout_batch_id"]
