"""Two organisations send random requests; not a byte of the one's data is in an answer to the other."""
import os
import random

import pytest
import requests

from support.people import Person, bearer, new_email
from test_access_matrix import METHODS, filled

SEED = int(os.environ.get("UNIGATE_ISOLATION_SEED", "20261130"))
REQUESTS = int(os.environ.get("UNIGATE_ISOLATION_REQUESTS", "1500"))


class Tenant:
    """An organisation whose every text holds its own mark, with what it has by the path that it stands behind."""

    def __init__(self, stack, mark):
        client = stack.client(None)
        self.mark = mark
        self.owner = Person.register(client, f"{mark}@example.com", name=f"Name {mark}", organisation=f"Org {mark}")
        stack.store_credentials(self.owner.org)
        self.colleague = self.owner.colleague("viewer")
        self.key = self.owner.key(["*"], name=f"Key {mark}")
        api = stack.client(self.key["api_key"])
        payments = [api.pay(description=f"{mark} {n}", reference=f"{mark}-{n}", metadata={"mark": mark, "n": str(n)}) for n in range(3)]
        customer = api.ok("POST", "/v1/customers", {"name": f"Customer {mark}", "email": f"c-{mark}@example.com", "metadata": {"mark": mark}}, 201)
        refund = api.ok("POST", "/v1/payments/refunds", {"payment": payments[0]["id"], "amount": 5, "metadata": {"mark": mark}}, 201)
        product = api.ok("POST", "/v1/products", {"name": f"Product {mark}", "metadata": {"mark": mark}}, 201)
        invitation = self.owner.invite(new_email(f"i-{mark}"))
        self.ids = {
            "/v1/payments/orders": [p["id"] for p in payments], "/v1/transactions": [p["transaction_id"] for p in payments],
            "/v1/customers": [customer["id"]], "/v1/payments/refunds": [refund["id"]], "/v1/products": [product["id"]],
            "/api/keys": [self.key["id"]], "/api/members": [self.owner.id, self.colleague.id], "/api/members/invitations": [invitation["id"]],
            "/api/organisations": [self.owner.org],
        }
        self.provider_ids = [p["provider_id"] for p in payments]
        self.secrets = [self.key["api_key"], self.owner.access, self.owner.refresh_token, invitation["token"], self.key["last4"]]

    def texts(self):
        """What must not be in an answer to another."""
        return [self.mark, *self.secrets[:-1], *self.provider_ids, *(each for ids in self.ids.values() for each in ids)]

    def credentials(self, rng):
        return bearer(rng.choice([self.key["api_key"], self.key["api_key"], self.owner.access, self.colleague.access]))


@pytest.fixture(scope="module")
def tenants(stack):
    return Tenant(stack, "alphacanary71"), Tenant(stack, "betacanary93")


def random_request(rng, contract, asking, other):
    """Any route, with ids, filters and bodies that name what the other has."""
    template = rng.choice(sorted(contract.document["paths"]))
    methods = [method for method in METHODS if method in contract.document["paths"][template]]
    method = rng.choice(methods + ["get"] * (3 if "get" in methods else 0))
    operation = contract.document["paths"][template][method]
    mine, theirs = asking.ids, other.ids
    path = filled(template, {prefix: rng.choice(rng.choice([mine, theirs, theirs])[prefix]) for prefix in theirs})
    any_of_theirs = [each for ids in theirs.values() for each in ids]
    query = {}
    for each in operation.get("parameters", []) + contract.document["paths"][template].get("parameters", []):
        name = each["$ref"].split("/")[-1] if "$ref" in each else each["name"]
        parameter = contract.document["components"]["parameters"].get(name, each)
        if parameter["in"] == "query" and rng.random() < 0.4:
            values = {"limit": "100", "metadata": None, "include": "raw", "q": rng.choice([other.mark, *any_of_theirs, *other.provider_ids]),
                      "source": "gateway"}
            value = values.get(parameter["name"], rng.choice([*any_of_theirs, other.mark]))
            query[parameter["name"] if value is not None else "metadata[mark]"] = value or other.mark
    body = None
    if "requestBody" in operation and rng.random() < 0.8:
        names = ("payment", "customer", "id", "organisation", "product", "plan", "email", "name", "role", "token", "refresh_token", "provider")
        body = {name: rng.choice([*any_of_theirs, f"{other.mark}@example.com"]) for name in rng.sample(names, rng.randint(0, 3))}
    return method.upper(), path, query, body


def test_not_a_byte_of_the_other(stack, contract, tenants):
    rng = random.Random(SEED)
    print(f"seed {SEED}, {REQUESTS} requests")
    answered, leaks = {}, []
    with requests.Session() as session:
        session.trust_env = False
        for number in range(REQUESTS):
            asking, other = tenants if rng.random() < 0.5 else tenants[::-1]
            method, path, query, body = random_request(rng, contract, asking, other)
            if method == "DELETE" or path.endswith(("/rotate", "/logout", "/password")):
                # What is its own must still be there afterwards: only the other's is tried.
                if not any(each in path for ids in other.ids.values() for each in ids):
                    continue
            response = session.request(method, stack.gateway.url + path, params=query, json=body, headers=asking.credentials(rng), timeout=60)
            answered[response.status_code] = answered.get(response.status_code, 0) + 1
            seen = response.text + str(response.headers)
            sent = path + str(query) + str(body)
            for text in other.texts():
                if text in seen and text not in sent:
                    leaks.append(f"#{number} {method} {path} {query} {body}: {text} in {response.status_code} {response.text[:300]}")
            assert response.status_code < 500 or response.status_code == 501, (method, path, query, body, response.text)
            if response.status_code < 300 and method == "GET":
                # What was sent may come back in an error, never in data.
                leaks += [f"#{number} {method} {path} {query}: {text} in data" for text in other.texts() if text in response.text]
    print(dict(sorted(answered.items())))
    assert not leaks, "\n".join(leaks[:20])
    assert answered.get(200, 0) > REQUESTS / 10 and answered.get(404, 0) > REQUESTS / 20, answered


def test_each_still_sees_all_of_its_own(stack, tenants):
    for tenant in tenants:
        api = stack.client(tenant.key["api_key"])
        assert {each["id"] for each in api.ok("GET", "/v1/payments/orders", params={"limit": 100})["data"]} >= set(tenant.ids["/v1/payments/orders"])
        assert {each["id"] for each in tenant.owner.ok("GET", "/api/members")["data"]} >= {tenant.owner.id, tenant.colleague.id}
        assert api.ok("GET", "/v1/search", params={"q": tenant.mark})["data"]


def test_the_audit_chain_of_one_tells_nothing_of_the_other(tenants):
    for asking, other in (tenants, tenants[::-1]):
        cursor, seen = None, ""
        while True:
            page = asking.owner.ok("GET", "/api/audit", params={"limit": 100, **({"starting_after": cursor} if cursor else {})})
            seen += str(page["data"])
            cursor = page["next_cursor"]
            if not page["has_more"]:
                break
        assert asking.owner.id in seen
        assert not [text for text in other.texts() if text in seen]
