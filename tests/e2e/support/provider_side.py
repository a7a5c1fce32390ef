"""Acts at the providers' simulators by their own APIs, behind the gateway's back; and edits the gateway's books in its
database while it stands still. For tests that make the two differ."""
import json
import secrets
import sqlite3

import requests

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def made_up_id(prefix="txn_"):
    """An id as the gateway would make it, which it never did."""
    return prefix + "0" + "".join(secrets.choice(ALPHABET) for _ in range(25))


class ProviderSide:
    """One account at each provider, the same as the gateway's."""

    def __init__(self, simulator, credentials):
        self.simulator = simulator
        self.credentials = credentials
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = None

    def _send(self, provider, method, path, **options):
        response = self.session.request(method, self.simulator.url_of(provider) + path, timeout=30, **options)
        assert response.status_code in (200, 201, 204), f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    # ---- Stripe ----

    def stripe(self, path, method="POST", **form):
        """`a__b` stands for a[b]."""
        data = {name.split("__")[0] + "".join(f"[{part}]" for part in name.split("__")[1:]): value for name, value in form.items()}
        return self._send("stripe", method, f"/v1/{path}", data=data, auth=(self.credentials["stripe"]["secret_key"], ""))

    def stripe_payment(self, operation=None, amount=700, currency="usd", **more):
        mark = {"metadata__unigate_operation": operation} if operation else {}
        return self.stripe("payment_intents", amount=amount, currency=currency, confirm="true", payment_method="pm_card_visa",
                           automatic_payment_methods__enabled="true", automatic_payment_methods__allow_redirects="never", **mark, **more)

    # ---- Razorpay ----

    def razorpay(self, path, body=None, method="POST", headers=None):
        keys = self.credentials["razorpay"]
        return self._send("razorpay", method, f"/v1/{path}", json=body, headers=headers, auth=(keys["key_id"], keys["key_secret"]))

    def razorpay_order(self, operation=None, amount=70000, currency="INR", paid=True):
        notes = {"unigate_operation": operation} if operation else {"shop": "another"}
        order = self.razorpay("orders", {"amount": amount, "currency": currency, "notes": notes})
        if paid:
            self.simulator.steer(f"razorpay/orders/{order['id']}/pay", {"outcome": "captured"})
        return order

    def razorpay_payment_of(self, order_id):
        return self.razorpay(f"orders/{order_id}/payments", method="GET")["items"][0]["id"]

    # ---- PayPal ----

    def paypal(self, path, body=None, method="POST"):
        if self.token is None:
            keys = self.credentials["paypal"]
            self.token = self._send("paypal", "POST", "/v1/oauth2/token", data={"grant_type": "client_credentials"},
                                    auth=(keys["client_id"], keys["client_secret"]))["access_token"]
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Prefer": "return=representation"}
        return self._send("paypal", method, path, data=json.dumps(body) if body is not None else None, headers=headers)

    def paypal_order(self, operation=None, value="7.00", currency="USD"):
        unit = {"amount": {"currency_code": currency, "value": value}, **({"custom_id": operation} if operation else {})}
        order = self.paypal("/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": [unit]})
        self.simulator.steer(f"paypal/orders/{order['id']}/approve")
        return self.paypal(f"/v2/checkout/orders/{order['id']}/capture")

    # ---- Twilio ----

    def twilio_message(self, to="+14155550177", body="Not by the gateway"):
        keys = self.credentials["twilio"]
        return self._send("twilio", "POST", f"/2010-04-01/Accounts/{keys['account_sid']}/Messages.json",
                          data={"To": to, "From": keys["from_number"], "Body": body}, auth=(keys["account_sid"], keys["auth_token"]))


class Books:
    """The gateway's SQLite file; the gateway must not run."""

    def __init__(self, gateway):
        assert gateway.process is None or not gateway.process.running()
        self.database = sqlite3.connect(gateway.directory / "unigate.db", isolation_level=None)

    def __enter__(self):
        self.database.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(self, kind, *_):
        self.database.execute("ROLLBACK" if kind else "COMMIT")
        self.database.close()

    def edit(self, resource_id, **members):
        """Changes members of the resource's document, and the columns of the same name."""
        (text,) = self.database.execute("SELECT document FROM resources WHERE id = ?", (resource_id,)).fetchone()
        document = {**json.loads(text), **members}
        self.database.execute("UPDATE resources SET document = ? WHERE id = ?", (json.dumps(document), resource_id))
        for column in ("status", "amount", "currency", "provider_id"):
            if column in members:
                self.database.execute(f"UPDATE resources SET {column} = ? WHERE id = ?", (members[column], resource_id))

    def fail(self, transaction_id, resource_id):
        """As if the client had been told that it failed."""
        self.database.execute("UPDATE operations SET state = 'failed', outcome = 'declined' WHERE id = ?", (transaction_id,))
        self.edit(resource_id, status="failed", amount_captured=0)

    def invent(self, transaction_id, resource_id, provider_id):
        """A twin of an operation and its resource, which the provider has never heard of. Returns the resource's id."""
        made = {"operations": made_up_id("txn_"), "resources": made_up_id(resource_id.split("_")[0] + "_")}
        for table, of, changes in (
                ("operations", transaction_id, {"id": made["operations"], "resource_id": made["resources"], "client_key": "",
                                                "provider_key": made["operations"][4:], "next_resolve_at": 0}),
                ("resources", resource_id, {"id": made["resources"], "provider_id": provider_id})):
            cursor = self.database.execute(f"SELECT * FROM {table} WHERE id = ?", (of,))
            row = dict(zip([each[0] for each in cursor.description], cursor.fetchone()), **changes)
            if table == "resources":
                row["document"] = json.dumps({**json.loads(row["document"]), "id": made["resources"], "provider_id": provider_id,
                                              "transaction_id": made["operations"]})
            self.database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
        return made["resources"]
