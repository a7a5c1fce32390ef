"""Users of an external OpenID Connect issuer: a real one, on a port of its own, with RSA keys and a discovery document."""
import hashlib
import time

import pytest

from support.people import Issuer, Person, b64, bearer, parts_of, signed
from support.waiting import eventually

PROFILE = "/api/user/profile"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    running = Issuer(tmp_path_factory.mktemp("issuer"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def trusting(make_stack, issuer):
    """A gateway that trusts the issuer for an organisation that it has."""
    stack = make_stack()
    stack.start()
    try:
        stack.gateway.stop()
        stack.gateway.settings["identity"] = {"issuers": [{
            "issuer": issuer.url, "audience": "unigate", "algorithms": ["RS256"], "organisation": stack.org,
            "role_claim": "realm_access.roles", "roles": {"ops": "admin", "dev": "developer"}}]}
        stack.gateway.write_settings()
        stack.gateway.restart()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def anonymous(trusting):
    return trusting.client(None)


def ask(client, token, method="GET", path=PROFILE, body=None):
    return client.request(method, path, body=body, headers=bearer(token))


def test_a_newcomer_becomes_a_member_with_the_role_that_the_token_says(trusting, issuer, anonymous):
    token = issuer.token(sub="carol", name="Carol", email="Carol@Example.com", email_verified=True, realm_access={"roles": ["dev", "other"]})
    profile = ask(anonymous, token).json()
    assert (profile["organisation"], profile["role"], profile["issuer"]) == (trusting.org, "developer", issuer.url)
    assert (profile["name"], profile["email"]) == ("Carol", "carol@example.com")
    assert issuer.requests[:2] == ["/realm/.well-known/openid-configuration", "/realm/keys"]
    again = ask(anonymous, issuer.token(sub="carol", realm_access={"roles": ["ops"]})).json()
    assert (again["id"], again["role"]) == (profile["id"], "admin")
    made = ask(anonymous, issuer.token(sub="carol", realm_access={"roles": ["dev"]}), "POST", "/api/keys", {"scopes": ["payments:read"]})
    assert made.status_code == 201
    refused = ask(anonymous, issuer.token(sub="dave"), "POST", "/api/keys", {"scopes": ["payments:read"]})
    assert refused.status_code == 403 and refused.json()["code"] == "role_missing"
    assert len(issuer.requests) == 2  # kept


def test_a_token_of_somebody_disabled_is_refused(trusting, issuer, anonymous):
    token = issuer.token(sub="frank", realm_access={"roles": ["dev"]})
    user = ask(anonymous, token).json()["id"]
    trusting.gateway.json("user", "disable", "--user", user)
    assert ask(anonymous, token).status_code == 401
    trusting.gateway.json("user", "enable", "--user", user)
    assert ask(anonymous, token).status_code == 200


def test_what_does_not_hold_is_refused(issuer, anonymous):
    good = issuer.token(sub="erin")
    header, payload = parts_of(good)
    head, body, signature = good.split(".")
    now = int(time.time())
    pem = issuer.public_pem()
    bad = {
        "none": f"{b64({**header, 'alg': 'none'})}.{body}.", "no signature": f"{head}.{body}.",
        "HS256 with the public key": signed({**header, "alg": "HS256"}, payload, pem),
        "HS256 with the modulus": signed({**header, "alg": "HS256"}, payload, issuer.keys["key-1"][1]),
        "HS512 with the public key": signed({**header, "alg": "HS512"}, payload, pem, hashlib.sha512),
        "an algorithm that is not listed": f"{b64({**header, 'alg': 'PS256'})}.{body}.{signature}",
        "unknown key": issuer.token(header={"kid": "key-9"}), "no key": issuer.token(header={"kid": ""}),
        "a key of its own": issuer.token(header={"jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/c", "kid": "key-9"}),
        "crit": issuer.token(header={"crit": ["exp"]}), "wrong audience": issuer.token(aud="other"), "no audience": issuer.token(aud=None),
        "expired": issuer.token(exp=now - 1), "no expiry": issuer.token(exp=None), "not yet": issuer.token(nbf=now + 3600),
        "issued in the future": issuer.token(iat=now + 3600), "no subject": issuer.token(sub=""),
        "another payload": f"{head}.{b64({**payload, 'sub': 'ada'})}.{signature}", "padded": good + "=", "four parts": good + ".x",
        "another issuer": issuer.token(iss=issuer.url + "/"),
    }
    for what, token in bad.items():
        response = ask(anonymous, token)
        assert response.status_code == 401, (what, response.text)
        assert token not in response.text, what
    assert ask(anonymous, good).status_code == 200


def test_a_new_key_is_fetched_and_an_old_one_forgotten(make_stack, tmp_path):
    issuer = Issuer(tmp_path)
    stack = make_stack()
    stack.start()
    try:
        stack.gateway.stop()
        stack.gateway.settings["identity"] = {"issuers": [{
            "issuer": issuer.url, "audience": "unigate", "algorithms": ["RS256"], "jwks_url": issuer.url + "/keys", "organisation": stack.org}]}
        stack.gateway.write_settings()
        stack.gateway.restart()
        client = stack.client(None)
        issuer.up = False
        refused = ask(client, issuer.token())
        assert refused.status_code == 503 and refused.json()["code"] == "issuer_unreachable" and int(refused.headers["Retry-After"]) > 0
        issuer.up = True
        # The floor between two fetches is half a minute.
        eventually(lambda: ask(client, issuer.token()).status_code == 200, "its keys are fetched", 40, 1)
        fetched = len(issuer.requests)
        issuer.add_key("key-2")
        old = issuer.token()
        del issuer.keys["key-1"]
        assert {ask(client, issuer.token("key-2")).status_code for _ in range(20)} == {401}
        assert len(issuer.requests) == fetched, "an unknown key id must not fetch within the floor"
        eventually(lambda: ask(client, issuer.token("key-2")).status_code == 200, "the new key is fetched", 40, 1)
        assert len(issuer.requests) == fetched + 1
        assert ask(client, old).status_code == 401
        assert ask(client, issuer.token("key-2"), "POST", "/api/auth/password", {"current_password": "x", "new_password": "y"}).status_code == 409
    finally:
        stack.stop()
        issuer.close()


def test_a_removed_member_is_not_let_in_by_a_token(trusting, issuer, anonymous):
    profile = ask(anonymous, issuer.token(sub="frank")).json()
    admin = issuer.token(sub="grace", realm_access={"roles": ["ops"]})
    assert ask(anonymous, admin, "DELETE", f"/api/members/{profile['id']}").status_code == 204
    refused = ask(anonymous, issuer.token(sub="frank"))
    assert refused.status_code == 403 and refused.json()["code"] == "not_a_member"


def test_its_tokens_are_not_for_payments_nor_for_other_organisations(trusting, issuer, anonymous):
    assert ask(anonymous, issuer.token(), path="/v1/payments/orders").status_code == 401
    other = Person.register(anonymous)
    admin = issuer.token(sub="grace", realm_access={"roles": ["ops"]})
    assert other.id not in ask(anonymous, admin, path="/api/members").text
    assert ask(anonymous, admin, "POST", f"/api/organisations/{other.org}/switch").status_code == 409


@pytest.mark.parametrize("change, setting", [
    ({"algorithms": ["HS256"]}, "algorithms"), ({"algorithms": []}, "algorithms"), ({"organisation": None}, "organisation"),
    ({"organisation_claim": "org"}, "organisation"), ({"roles": {"x": "admin"}}, "roles"), ({"role": "god"}, "role"), ({"isuer": "x"}, "issuer"),
    ({"issuer": None}, "issuer"),
])
def test_settings_that_cannot_work_are_told(stack, change, setting):
    settings = {"issuer": "https://id.example", "audience": "unigate", "algorithms": ["RS256"], "organisation": "org_" + "0" * 26, **change}
    stack.gateway.settings["identity"] = {"issuers": [{k: v for k, v in settings.items() if v is not None}]}
    stack.gateway.write_settings()
    try:
        done = stack.gateway.run("config", "check", check=False)
        assert done.returncode == 1 and setting in done.stderr and "identity" in done.stderr, done.stderr
    finally:
        del stack.gateway.settings["identity"]
        stack.gateway.write_settings()
