"""Every route of the contract with every kind of credential that must not work: no unexpected success. Printed as a table."""
import time

import pytest
import requests

from support.people import PASSWORD, Forger, Issuer, Person, bearer, new_email, parts_of, signed
from support.waiting import eventually

METHODS = ("get", "post", "put", "patch", "delete")
UNKNOWN = "0" * 26
# Routes that a member of any role may use: they are about himself.
OWN_BUSINESS = ("/api/user/", "/api/organisations", "/api/auth/", "/api/members/accept")


def routes_of(contract):
    """(method, template) of every route that needs a credential."""
    for template, item in sorted(contract.document["paths"].items()):
        for method in METHODS:
            operation = item.get(method)
            if operation and operation.get("security") != [] and {} not in operation.get("security", []):
                yield method.upper(), template


def filled(template, ids):
    """The path with ids that are there, where there are any."""
    path = template
    for prefix in sorted(ids, key=len, reverse=True):
        if template.startswith(prefix + "/{"):
            start = template.index("{", len(prefix))
            path = prefix + "/" + ids[prefix] + template[template.index("}", start) + 1:]
            break
    while "{" in path:
        start = path.index("{")
        name = path[start + 1:path.index("}", start)]
        value = {"provider": "stripe", "path": "v1/balance"}.get(name, "x_" + UNKNOWN)
        path = path[:start] + value + path[path.index("}", start) + 1:]
    return path


@pytest.fixture(scope="module")
def scene(make_stack, tmp_path_factory):
    """A gateway with two organisations, each with resources; the issuer's users belong to the first."""
    issuer = Issuer(tmp_path_factory.mktemp("issuer"))
    stack = make_stack()
    stack.start()
    try:
        stack.gateway.stop()
        stack.gateway.settings["identity"] = {"issuers": [{
            "issuer": issuer.url, "audience": "unigate", "algorithms": ["RS256"], "organisation": stack.org, "role": "admin"}]}
        stack.gateway.write_settings()
        stack.gateway.restart()
        yield stack, issuer
    finally:
        stack.stop()
        issuer.close()


def resources(stack, owner, key):
    """What the owner's organisation has: the ids by the path that they stand behind."""
    api = stack.client(key)
    payment = api.pay()
    refund = api.ok("POST", "/v1/payments/refunds", {"payment": payment["id"], "amount": 10}, 201)
    customer = api.ok("POST", "/v1/customers", {"name": "Somebody"}, 201)
    invitation = owner.invite(new_email())
    return {
        "/v1/payments/orders": payment["id"], "/v1/payments/refunds": refund["id"], "/v1/customers": customer["id"],
        "/v1/transactions": payment["transaction_id"], "/api/keys": owner.key(["payments:read"])["id"],
        "/api/members": owner.colleague().id, "/api/members/invitations": invitation["id"],
        "/api/organisations": owner.org,
    }


def columns_of(stack, issuer, owner, key):
    """name -> (headers, the statuses that are right)."""
    forger = Forger(stack.gateway, owner.access)
    now = int(time.time())
    client = owner.client
    revoked, scoped = owner.key(["*"]), owner.key(["nothing:read"])
    elsewhere = owner.key(["*"], allow_list=["203.0.113.7"])
    expired = stack.gateway.json("key", "create", "--org", owner.org, "--environment", "test", "--expires",
                                 time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 3)))["api_key"]
    owner.request("DELETE", f"/api/keys/{revoked['id']}")
    eventually(lambda: client.request("GET", "/v1/customers", headers=bearer(expired)).status_code == 401, "the key expires", 10, 0.2)
    out = Person.login(client, owner.email)
    client.request("POST", "/api/auth/logout", headers=bearer(out.access))
    removed = owner.colleague("admin")
    owner.request("DELETE", f"/api/members/{removed.id}")
    replayed = Person.login(client, owner.email)
    first = replayed.refresh_token
    replayed.refresh()
    client.problem("POST", "/api/auth/refresh", {"refresh_token": first}, 401)
    external = issuer.token()
    header, payload = parts_of(external)
    unauthorised = {401}
    return {
        "none": ({}, unauthorised),
        "malformed": (bearer("nonsense"), unauthorised),
        "malformed token": (bearer("a.b.c"), unauthorised),
        "two keys": ({**bearer(key), "X-Platform-Key": scoped["api_key"]}, unauthorised),
        "damaged key": (bearer(key[:-1] + ("0" if key[-1] != "0" else "1")), unauthorised),
        "expired key": (bearer(expired), unauthorised),
        "revoked key": (bearer(revoked["api_key"]), unauthorised),
        "low scope": (bearer(scoped["api_key"]), {403}),
        "wrong address": (bearer(elsewhere["api_key"]), {403}),
        "expired token": (bearer(forger.make(payload={"exp": now - 1})), unauthorised),
        "alg none": (bearer(forger.unsigned()), unauthorised),
        "RS for HS": (bearer(forger.make(header={"alg": "RS256"})), unauthorised),
        "HS with public key": (bearer(signed({**header, "alg": "HS256"}, payload, issuer.public_pem())), unauthorised),
        "bad kid": (bearer(forger.make(header={"kid": "0" * 16})), unauthorised),
        "bad kid, issuer": (bearer(issuer.token(header={"kid": "other"})), unauthorised),
        "wrong audience": (bearer(forger.make(payload={"aud": "other"})), unauthorised),
        "wrong audience, issuer": (bearer(issuer.token(aud="other")), unauthorised),
        "wrong signature": (bearer(forger.make(b"x" * 32)), unauthorised),
        "logged out": (bearer(out.access), {401, 403}),  # not for /v1, whatever it is
        "removed member": (bearer(removed.access), {401, 403}),
        "replayed refresh": (bearer(replayed.access), {401, 403}),
        "refresh token": (bearer(owner.refresh_token), unauthorised),
    }


def send(url, method, path, headers):
    body = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url + path, headers=headers, timeout=60, **body)


def test_no_route_lets_anybody_in_who_must_not(scene, contract, capsys):
    stack, issuer = scene
    client = stack.client(None)
    owner = Person.register(client, organisation="Acme")
    stack.store_credentials(owner.org)
    key = owner.key(["*"])["api_key"]
    ids = resources(stack, owner, key)
    stranger = Person.register(client, organisation="Strangers")
    stack.store_credentials(stranger.org)
    strangers_key = stranger.key(["*"])["api_key"]
    viewer = owner.colleague("viewer")
    columns = columns_of(stack, issuer, owner, key)
    routes = list(routes_of(contract))
    assert len(routes) > 80 and ("POST", "/v1/payments/orders") in routes and ("DELETE", "/api/members/{id}") in routes
    rows, faults = {route: [] for route in routes}, []
    before = len(stack.simulator.requests())
    for method, template in routes:
        path, row = filled(template, ids), rows[method, template]
        for name, (headers, allowed) in columns.items():
            status = send(stack.gateway.url, method, path, headers).status_code
            row.append(status)
            if status not in allowed:
                faults.append(f"{method} {path}, {name}: {status}")
        # A viewer changes nothing, and nobody's token pays.
        management = template.startswith("/api/")
        status = send(stack.gateway.url, method, path, bearer(viewer.access)).status_code
        row.append(status)
        reads_only = method == "GET" or template.startswith(OWN_BUSINESS)
        if (not management and status != 403) or (management and not reads_only and status != 403):
            faults.append(f"{method} {path}, viewer: {status}")
    assert len(stack.simulator.requests()) == before, "a provider was asked"
    # A stranger's credentials work, but find nothing behind our ids.
    for method, template in routes:
        path = filled(template, ids)
        for headers in (bearer(strangers_key), bearer(stranger.access)):
            response = send(stack.gateway.url, method, path, headers)
            rows[method, template].append(response.status_code)
            if any(template.startswith(prefix + "/{") for prefix in ids) and response.status_code < 400:
                faults.append(f"{method} {path}, stranger: {response.status_code} {response.text[:200]}")
    # The one route without a credential that gives tokens.
    client.problem("POST", "/api/auth/refresh", {"refresh_token": owner.access}, 400)
    names = [*columns, "viewer", "stranger's key", "stranger's token"]
    with capsys.disabled():
        print_table(names, [(f"{method} {template}", row) for (method, template), row in rows.items()])
    assert not faults, "\n".join(faults)
    # Of all of that nothing of ours has gone, and our own key still works.
    assert stack.client(key).payment(ids["/v1/payments/orders"])["amount_refunded"] == 10
    assert {each["id"] for each in owner.ok("GET", "/api/members")["data"]} >= {owner.id, viewer.id}
    assert Person.login(client, owner.email, PASSWORD).org == owner.org


def print_table(names, rows):
    print("\n\nStatus of every route with credentials that must not work\n")
    for number, name in enumerate(names, start=1):
        print(f"  {number:2}  {name}")
    width = max(len(route) for route, _ in rows)
    print("\n" + " " * width + "".join(f"{number:4}" for number in range(1, len(names) + 1)))
    for route, statuses in rows:
        print(f"{route:{width}}" + "".join(f"{status:4}" for status in statuses))
    print(f"\n{len(rows)} routes, {sum(len(statuses) for _, statuses in rows)} requests\n")
