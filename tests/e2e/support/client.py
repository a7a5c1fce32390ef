"""An API client whose every answer is checked against the contract."""
import json
import uuid
from urllib.parse import urlsplit

import requests


class Client:
    def __init__(self, url, key, contract, verify=True):
        self.url = url
        self.key = key
        self.contract = contract
        self.session = requests.Session()
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_connections=64, pool_maxsize=64))
        self.session.verify = verify
        self.session.trust_env = False  # no proxy, no other certificates

    def request(self, method, path, *, body=None, data=None, headers=None, params=None, idempotency_key=None, timeout=60):
        """Sends and checks. `body` is sent as JSON; `data` as it is, with a JSON content type unless headers say else."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        if idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        response = self.session.request(method, self.url + path, data=data, headers=sent, params=params, timeout=timeout,
                                        allow_redirects=False)
        self.contract.check(method, urlsplit(path).path, response)
        return response

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body=body, **options)

    def ok(self, method, path, body=None, status=200, **options):
        """The JSON of an answer that must have this status."""
        response = self.request(method, path, body=body, **options)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def problem(self, method, path, body=None, status=400, **options):
        """The problem of a refusal that must have this status."""
        return self.ok(method, path, body, status, **options)

    def pay(self, amount=1050, currency="USD", status=201, idempotency_key=None, **more):
        """Creates a payment; confirmed with a good card unless `more` says else."""
        body = {"amount": amount, "currency": currency, "confirm": True, "payment_method": "pm_card_visa", **more}
        return self.ok("POST", "/v1/payments/orders", {k: v for k, v in body.items() if v is not None}, status,
                       idempotency_key=idempotency_key or new_key())

    def payment(self, payment_id):
        return self.ok("GET", f"/v1/payments/orders/{payment_id}")

    def transaction(self, transaction_id):
        return self.ok("GET", f"/v1/transactions/{transaction_id}")


def new_key():
    return f"e2e-{uuid.uuid4()}"
