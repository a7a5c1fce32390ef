"""What clients ask for: every kind of operation that moves money or makes something at a provider, at each provider that has it.

A kind takes something from the stock ("stripe.paid": a payment at Stripe that can be refunded) and its document may put something
else there, so that the same list serves a sweep, which prepares what it needs, and a storm, which lives on what it made before.
"""
import itertools
from collections import defaultdict, deque
from typing import Callable, NamedTuple

from lib.wishes import Wish

ORDERS, REFUNDS, PAYOUTS = "/v1/payments/orders", "/v1/payments/refunds", "/v1/payouts"
BACK = {"return_url": "https://shop.example.com/r", "cancel_url": "https://shop.example.com/c"}
CURRENCY = {"stripe": "USD", "razorpay": "INR", "paypal": "USD"}
MONTHLY = {"name": "Monthly", "amount": 999, "interval": "month"}
PAYEES = {"stripe": {"type": "provider_account"}, "paypal": {"type": "email", "email": "ada@example.com"},
          "razorpay": {"type": "vpa", "vpa": "ada@exampleupi", "name": "Ada"}}

_numbers = itertools.count(1)


def phone_number():
    """A number that nobody else calls: by it a message is told from all others."""
    return f"+1646{next(_numbers):07d}"


class Kind(NamedTuple):
    operation: str
    provider: str
    ask: Callable  # (item, key, random) -> (path, body)
    needs: str = ""  # what it takes from the stock
    makes: str = ""  # what its document puts there
    variant: str = ""
    method: str = "POST"

    @property
    def name(self):
        return " ".join(part for part in (self.operation, self.provider, self.variant) if part)

    def wish(self, item, key, random):
        path, body = self.ask(item, key, random)
        return Wish(key, self.operation, self.provider, path, body, mark=(body or {}).get("to", ""), method=self.method)


def _amount(random):
    return random.randrange(200, 5000)


def _payment(provider, **more):
    def ask(_, key, random):
        body = {"provider": provider, "amount": _amount(random), "currency": CURRENCY[provider], "metadata": {"wish": key}, **more}
        return ORDERS, {**body, **({"return_url": BACK["return_url"]} if provider == "paypal" else {})}
    return ask


def _step(what, **body):
    return lambda item, key, random: (f"{ORDERS}/{item['id']}/{what}", dict(body))


def _confirm_checkout(item, key, random):
    return f"{ORDERS}/{item['id']}/confirm", {"checkout_result": item["handed"]}


def _refund(item, key, random):
    body = {"payment": item["id"], "metadata": {"wish": key}}
    if random.random() < 0.7:
        body["amount"] = random.randrange(1, 100)
    return REFUNDS, body


def _payout(provider):
    def ask(_, key, random):
        body = {"provider": provider, "amount": _amount(random), "currency": CURRENCY[provider], "destination": PAYEES[provider]}
        if provider == "razorpay":
            return PAYOUTS, {**body, "mode": "UPI", "purpose": "payout", "reference": key[-20:]}
        return PAYOUTS, body
    return ask


def _subscription(provider):
    def ask(item, key, random):
        if provider == "stripe":
            return "/v1/subscriptions", {"plan_id": item["plan"], "customer": item["customer"], "payment_method": item["method"],
                                         "metadata": {"wish": key}}
        more = {"total_count": 12, "customer_notify": False} if provider == "razorpay" else BACK
        return "/v1/subscriptions", {"plan_id": item["plan"], **more}
    return ask


def _plan(provider):
    return lambda _, key, random: ("/v1/plans", {**MONTHLY, "provider": provider, "currency": CURRENCY[provider],
                                                 "name": f"Monthly {key}"[:60]})


def _link(provider):
    return lambda _, key, random: ("/v1/payment-links", {"provider": provider, "amount": _amount(random), "currency": CURRENCY[provider],
                                                         "description": f"Tickets {key}"})


def _customer(provider):
    def ask(_, key, random):
        number = next(_numbers)
        return "/v1/customers", {"provider": provider, "name": "Ada Lovelace", "email": f"ada{number}@example.com",
                                 **({"phone": f"+9198{number:08d}"} if provider == "razorpay" else {"metadata": {"wish": key}})}
    return ask


def _product(provider):
    return lambda _, key, random: ("/v1/products", {"provider": provider, "name": f"Film {key}"})


def _message(_, key, random):
    return "/v1/sms", {"to": phone_number(), "message": f"Your parcel {key} is here"}


def _call(_, key, random):
    return "/v1/calls", {"to": phone_number(), "say": f"Your parcel {key} is here"}


def _verification(_, key, random):
    return "/v1/verifications", {"to": phone_number(), "channel": "sms"}


def _code(item, key, random):
    return f"/v1/verifications/{item['id']}/check", {"code": item["handed"]}


def _other_quantity(item, key, random):
    return f"/v1/subscriptions/{item['id']}", {"quantity": random.randrange(2, 9), "metadata": {"wish": key}}


def _accept(item, key, random):
    return f"/v1/disputes/{item['id']}/accept", {"reason": f"lost on the way, {key}"}


def _without_body(collection, what):
    return lambda item, key, random: (f"{collection}/{item['id']}/{what}", None)


def _on(collection, what, **body):
    return lambda item, key, random: (f"{collection}/{item['id']}/{what}", dict(body))


GOOD_CARD = {"payment_method": "pm_card_visa"}
BAD_CARD = {"payment_method": "pm_card_chargeDeclined"}
MANUAL = {"capture_method": "manual"}

KINDS = [
    Kind("payments.create", "stripe", _payment("stripe", confirm=True, **GOOD_CARD), makes="stripe.paid"),
    Kind("payments.create", "razorpay", _payment("razorpay"), makes="razorpay.open"),
    Kind("payments.create", "paypal", _payment("paypal"), makes="paypal.open"),
    Kind("payments.confirm", "stripe", _step("confirm"), "stripe.unconfirmed", "stripe.paid"),
    Kind("payments.confirm", "razorpay", _confirm_checkout, "razorpay.paying", "razorpay.paid"),
    Kind("payments.confirm", "paypal", _step("confirm"), "paypal.agreed", "paypal.paid"),
    Kind("payments.capture", "stripe", _step("capture"), "stripe.authorized", "stripe.paid"),
    Kind("payments.capture", "razorpay", _step("capture"), "razorpay.authorized", "razorpay.paid"),
    Kind("payments.capture", "paypal", _step("capture"), "paypal.authorized", "paypal.paid"),
    Kind("payments.cancel", "stripe", _step("cancel"), "stripe.authorized"),
    Kind("payments.cancel", "paypal", _step("cancel"), "paypal.authorized"),
    Kind("refunds.create", "stripe", _refund, "stripe.paid"),
    Kind("refunds.create", "razorpay", _refund, "razorpay.paid"),
    Kind("refunds.create", "paypal", _refund, "paypal.paid"),
    Kind("payouts.create", "stripe", _payout("stripe"), makes="stripe.payout"),
    Kind("payouts.create", "razorpay", _payout("razorpay")),
    Kind("payouts.create", "paypal", _payout("paypal")),
    Kind("payouts.cancel", "stripe", _without_body("/v1/payouts", "cancel"), "stripe.payout"),
    Kind("subscriptions.create", "stripe", _subscription("stripe"), "stripe.subscriber", "stripe.subscription"),
    Kind("subscriptions.create", "razorpay", _subscription("razorpay"), "razorpay.plan"),
    Kind("subscriptions.create", "paypal", _subscription("paypal"), "paypal.plan"),
    Kind("payment_links.create", "stripe", _link("stripe")),
    Kind("payment_links.create", "razorpay", _link("razorpay")),
    Kind("payment_links.create", "paypal", _link("paypal")),
    Kind("messages.create", "twilio", _message),
    Kind("calls.create", "twilio", _call),
    Kind("verifications.create", "twilio", _verification, makes="twilio.verification"),
    Kind("verifications.check", "twilio", _code, "twilio.verification"),
    Kind("customers.create", "stripe", _customer("stripe")),
    Kind("customers.create", "razorpay", _customer("razorpay")),
    Kind("plans.create", "stripe", _plan("stripe")),
    Kind("plans.create", "razorpay", _plan("razorpay")),
    Kind("plans.create", "paypal", _plan("paypal")),
    Kind("products.create", "stripe", _product("stripe")),
    Kind("products.create", "paypal", _product("paypal")),
    Kind("subscriptions.update", "stripe", _other_quantity, "stripe.subscription", "stripe.subscription", method="PATCH"),
    Kind("subscriptions.pause", "stripe", _on("/v1/subscriptions", "pause"), "stripe.subscription", "stripe.paused"),
    Kind("subscriptions.resume", "stripe", _on("/v1/subscriptions", "resume"), "stripe.paused", "stripe.subscription"),
    Kind("subscriptions.cancel", "stripe", _on("/v1/subscriptions", "cancel"), "stripe.subscription"),
]

# What only makes stock, or declines: in storms beside the others, not swept on its own.
MORE = [
    Kind("payments.create", "stripe", _payment("stripe", **GOOD_CARD), makes="stripe.unconfirmed", variant="unconfirmed"),
    Kind("payments.create", "stripe", _payment("stripe", confirm=True, **GOOD_CARD, **MANUAL), makes="stripe.authorized", variant="manual"),
    Kind("payments.create", "stripe", _payment("stripe", confirm=True, **BAD_CARD), variant="declined"),
    Kind("payments.create", "razorpay", _payment("razorpay", **MANUAL), makes="razorpay.open.manual", variant="manual"),
    Kind("payments.create", "paypal", _payment("paypal", **MANUAL), makes="paypal.open.manual", variant="manual"),
    Kind("payments.confirm", "paypal", _step("confirm"), "paypal.agreed.manual", "paypal.authorized", variant="manual"),
]

# What payers contest. Swept, but in no storm: to bring a dispute about takes a look through the whole ledger.
DISPUTES = [
    Kind("disputes.accept", "stripe", _accept, "stripe.disputed"),
    Kind("disputes.accept", "razorpay", _accept, "razorpay.disputed"),
    Kind("disputes.accept", "paypal", _accept, "paypal.disputed"),
]
CONTESTED = [
    Kind("payments.create", "stripe", _payment("stripe", confirm=True, **GOOD_CARD), makes="stripe.disputed", variant="disputed"),
    Kind("payments.create", "razorpay", _payment("razorpay"), makes="razorpay.open.disputed", variant="disputed"),
    Kind("payments.confirm", "paypal", _step("confirm"), "paypal.agreed", "paypal.disputed", variant="disputed"),
]

# Which of them brings forth what is in the stock, once the payer has done his part.
PRODUCERS = {
    "stripe.paid": "payments.create stripe", "stripe.unconfirmed": "payments.create stripe unconfirmed",
    "stripe.authorized": "payments.create stripe manual", "stripe.subscription": "subscriptions.create stripe",
    "stripe.paused": "subscriptions.pause stripe", "stripe.payout": "payouts.create stripe",
    "twilio.verification": "verifications.create twilio",
    "razorpay.paying": "payments.create razorpay", "razorpay.authorized": "payments.create razorpay manual",
    "razorpay.paid": "payments.confirm razorpay", "paypal.agreed": "payments.create paypal",
    "paypal.agreed.manual": "payments.create paypal manual", "paypal.authorized": "payments.confirm paypal manual",
    "paypal.paid": "payments.confirm paypal", "stripe.disputed": "payments.create stripe disputed",
    "razorpay.disputed": "payments.create razorpay disputed", "paypal.disputed": "payments.confirm paypal disputed",
}
# Made once, used again and again.
LASTING = ("stripe.subscriber", "razorpay.plan", "paypal.plan")


def kind_named(name):
    return next(kind for kind in KINDS + MORE + DISPUTES + CONTESTED if kind.name == name)


def kinds_of(operations=None):
    return [kind for kind in KINDS + DISPUTES if not operations or kind.operation in operations]


class Stock:
    """What earlier answers left to go on with, and the payers who make use of it."""

    def __init__(self, payer):
        self.payer = payer
        self.items = defaultdict(deque)

    def take(self, tag, again=False):
        """The oldest item; one to use `again` stays, as the newest."""
        item = self.items[tag].popleft()
        if again:
            self.items[tag].append(item)
        return item

    def has(self, tag):
        return not tag or bool(self.items[tag])

    async def put(self, kind, document):
        """Keeps what a kind made, once the payer has done his part."""
        if not kind.makes:
            return
        tag, item = await self.payer.goes_on(kind.makes, document)
        if tag:
            self.items[tag].append(item)


class Payer:
    """Does at the provider what a payer does in a browser. `ask` is (provider, method, target, body) -> Answer or None; `look` is
    (target) -> Answer or None, of the gateway."""

    def __init__(self, ask, look):
        self.ask = ask
        self.look = look

    async def contests(self, provider, taken):
        """Contests the payment that the provider took under the id `taken`; our id of the dispute, None where it did not come to one."""
        where = {"stripe": "charges", "razorpay": "payments", "paypal": "captures"}[provider]
        answer = await self.ask(provider, "POST", f"/__sim/{provider}/{where}/{taken}/dispute", {})
        if answer is None or answer.status != 200:
            return None
        theirs = answer.json()
        listed = await self.look(f"/v1/disputes?provider={provider}&limit=100")
        ours = [each for each in (listed.json()["data"] if listed and listed.status == 200 else [])
                if each["provider_id"] == (theirs.get("id") or theirs.get("dispute_id"))]
        return ours[0]["id"] if ours else None

    async def taken_of(self, provider, document):
        """The provider's id of what it took for this payment, from its ledger."""
        answer = await self.ask(provider, "GET", "/__sim/ledger", None)
        moved = [entry for entry in answer.json()["entries"] if entry["provider"] == provider and entry["type"] in ("charge", "capture")
                 and entry["payment"] == document["provider_id"]] if answer and answer.status == 200 else []
        return moved[0]["id"] if moved else None

    async def goes_on(self, tag, document):
        status, known = document.get("status"), bool(document.get("provider_id"))
        if status in ("failed", "canceled") or (status == "processing" and not (known and tag == "stripe.payout")):
            return None, None  # not known yet, or nothing to go on with
        provider, _, state = tag.partition(".")
        if provider == "razorpay" and state.startswith("open"):
            manual = state.endswith("manual")
            answer = await self.ask("razorpay", "POST", f"/__sim/razorpay/orders/{document['provider_id']}/pay",
                                    {"outcome": "authorized" if manual else "captured"})
            if answer is None or answer.status != 200:
                return None, None
            if state.endswith("disputed"):
                dispute = await self.contests(provider, answer.json()["razorpay_payment_id"])
                return ("razorpay.disputed", {"id": dispute}) if dispute else (None, None)
            item = {"id": document["id"], "handed": answer.json()}
            return ("razorpay.authorized" if manual else "razorpay.paying"), item
        if provider == "paypal" and state.startswith("open"):
            url = (document.get("next_action") or {}).get("url", "")
            if not url:
                return None, None
            answer = await self.ask("paypal", "GET", "/" + url.split("/", 3)[3], None)
            if answer is None or answer.status >= 400:
                return None, None
            return ("paypal.agreed.manual" if state.endswith("manual") else "paypal.agreed"), {"id": document["id"]}
        if state == "disputed":
            taken = await self.taken_of(provider, document)
            dispute = await self.contests(provider, taken) if taken else None
            return (tag, {"id": dispute}) if dispute else (None, None)
        if tag == "twilio.verification":
            answer = await self.ask("twilio", "GET", f"/__sim/twilio/verifications/{document['provider_id']}", None)
            if answer is None or answer.status != 200:
                return None, None
            return tag, {"id": document["id"], "handed": answer.json()["code"]}
        return tag, {"id": document["id"]}
