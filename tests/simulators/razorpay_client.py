"""Speaks Razorpay's API to a simulator; used by its tests."""

import json

import requests

KEY_ID = "rzp_test_simulator0001"
SECRET = "simulatorsecret0000000001"
BANK = {"name": "Gaurav Kumar", "ifsc": "HDFC0000053", "account_number": "765432123456789"}
OWN_NUMBER = "7878780080316316"


class RazorpayClient:
    """`observe(response)` sees each exchange."""

    def __init__(self, simulator, key=(KEY_ID, SECRET), observe=None):
        self.simulator = simulator
        self.session = requests.Session()
        self.session.auth = key
        self.observe = observe
        self.count = 0

    def call(self, method, path, body=None, params=None, headers=None):
        options = {} if body is None else {"data": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        options.setdefault("headers", {}).update(headers or {})
        url = self.simulator.url_of("razorpay") + path
        response = self.session.request(method, url, params=params, timeout=30, **options)
        if self.observe:
            self.observe(response)
        return response

    def ok(self, method, path, body=None, **options):
        """The answer, which must be a success."""
        response = self.call(method, path, body, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path, body=None, **options):
        return self.ok("POST", path, body, **options)

    def get(self, path, **params):
        return self.ok("GET", path, params=params)

    def refused(self, method, path, body=None, status=400, **options):
        """The error of a request that must be refused."""
        response = self.call(method, path, body, **options)
        assert response.status_code == status, response.text
        return response.json()["error"]

    def order(self, amount=50000, **fields):
        return self.post("/v1/orders", {"amount": amount, "currency": "INR", **fields})["id"]

    def pay(self, order, outcome="captured", **wish):
        """What Checkout hands to the browser."""
        return self.simulator.steer(f"razorpay/orders/{order}/pay", {"outcome": outcome, **wish})

    def paid(self, amount=50000, outcome="captured", **wish):
        """The id of a new payment."""
        return self.pay(self.order(amount), outcome, **wish)["razorpay_payment_id"]

    def fund_account(self, **bank):
        contact = self.post("/v1/contacts", {"name": "Gaurav Kumar", "type": "vendor"})["id"]
        return self.post("/v1/fund_accounts", {"contact_id": contact, "account_type": "bank_account", "bank_account": {**BANK, **bank}})["id"]

    def payout(self, fund_account, amount=100000, key=None, **fields):
        self.count += 1
        body = {"account_number": OWN_NUMBER, "fund_account_id": fund_account, "amount": amount, "currency": "INR",
                "mode": "IMPS", "purpose": "payout", **fields}
        return self.call("POST", "/v1/payouts", body, headers={"X-Payout-Idempotency": key or f"payout-{self.count}"})

    def plan(self, period="monthly", amount=69900):
        return self.post("/v1/plans", {"period": period, "interval": 1, "item": {"name": "Gold", "amount": amount, "currency": "INR"}})["id"]

    def subscription(self, total_count=3, **fields):
        return self.post("/v1/subscriptions", {"plan_id": self.plan(), "total_count": total_count, **fields})["id"]
