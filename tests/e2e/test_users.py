"""People: registering, logging in and out, tokens, members, organisations, and the operator's commands."""
import concurrent.futures
import json
import subprocess
import time

import pytest

from support.people import PASSWORD, Forger, Person, bearer, new_email
from support.waiting import eventually


@pytest.fixture
def anonymous(stack):
    return stack.client(None)


@pytest.fixture
def ada(anonymous):
    return Person.register(anonymous, organisation="Acme")


def test_from_nothing_to_a_payment_with_the_api_alone(stack, anonymous):
    person = Person.register(anonymous, name="Ada", organisation="Acme")
    assert person.ok("GET", "/api/user/profile")["email"] == person.email
    assert person.ok("GET", "/api/organisations")["data"][0]["name"] == "Acme"
    stack.store_credentials(person.org)
    key = person.key(["payments:write"], name="Checkout")
    paid = stack.client(key["api_key"]).pay()
    assert paid["status"] == "succeeded"
    [listed] = person.ok("GET", "/api/keys")["data"]
    assert listed["id"] == key["id"] and "api_key" not in listed and listed["created_by"] == person.id
    actions = {event["action"] for event in person.ok("GET", "/api/audit", params={"limit": 100})["data"] if event["actor"] == person.id}
    assert {"organisation.create", "user.create", "api_key.create"} <= actions


def test_a_users_token_is_not_for_payments(stack, ada):
    problem = ada.problem("GET", "/v1/payments/orders", None, 403)
    assert problem["code"] == "api_key_required"


def test_log_in_and_out(anonymous, ada):
    again = Person.login(anonymous, ada.email.upper())
    assert (again.id, again.org, again.role) == (ada.id, ada.org, "owner")
    assert anonymous.request("POST", "/api/auth/logout", headers=bearer(again.access)).status_code == 204
    again.problem("GET", "/api/user/profile", None, 401)
    anonymous.problem("POST", "/api/auth/refresh", {"refresh_token": again.refresh_token}, 401)
    ada.ok("GET", "/api/user/profile")
    other = Person.login(anonymous, ada.email)
    assert anonymous.request("POST", "/api/auth/logout", body={"refresh_token": other.refresh_token}).status_code == 204
    other.problem("GET", "/api/user/profile", None, 401)
    third = Person.login(anonymous, ada.email)
    assert ada.request("POST", "/api/auth/logout", {"everywhere": True}).status_code == 204
    for person in (ada, third):
        person.problem("GET", "/api/user/profile", None, 401)
    anonymous.problem("POST", "/api/auth/logout", {"everywhere": True}, 401)


def test_answers_with_tokens_are_not_kept_by_caches(anonymous, ada):
    response = anonymous.post("/api/auth/login", {"email": ada.email, "password": PASSWORD})
    assert response.headers["Cache-Control"] == "no-store"


def test_a_refresh_token_that_comes_twice_ends_the_log_in(anonymous, ada):
    stolen = ada.refresh_token
    ada.refresh()
    ada.ok("GET", "/api/user/profile")
    problem = anonymous.problem("POST", "/api/auth/refresh", {"refresh_token": stolen}, 401)
    assert problem["code"] == "refresh_token_reused"
    ada.problem("GET", "/api/user/profile", None, 401)
    anonymous.problem("POST", "/api/auth/refresh", {"refresh_token": ada.refresh_token}, 401)
    Person.login(anonymous, ada.email)


def test_unknown_address_and_wrong_password_look_alike(anonymous, ada):
    def answer(email, password):
        began = time.monotonic()
        problem = anonymous.problem("POST", "/api/auth/login", {"email": email, "password": password}, 401)
        return {**problem, "request_id": ""}, time.monotonic() - began
    wrong = [answer(ada.email, "wrong horse battery") for _ in range(3)]
    unknown = [answer(new_email("nobody"), "wrong horse battery") for _ in range(3)]
    assert all(each[0] == wrong[0][0] for each in wrong + unknown)
    # A hash is computed for both: without one the answer would take a tenth.
    assert min(time for _, time in unknown) > 0.3 * min(time for _, time in wrong)


def test_guessing_is_slowed_down(anonymous, ada):
    seen = []
    for _ in range(9):
        response = anonymous.post("/api/auth/login", {"email": ada.email, "password": "wrong horse battery"})
        seen.append(response.status_code)
        if response.status_code == 429:
            assert int(response.headers["Retry-After"]) >= 1
    assert seen[:6] == [401] * 6 and 429 in seen
    assert anonymous.post("/api/auth/login", {"email": ada.email, "password": PASSWORD}).status_code == 429
    eventually(lambda: anonymous.post("/api/auth/login", {"email": ada.email, "password": PASSWORD}).status_code == 200,
               "the right password is let in after the wait", 30, 0.5)


def test_a_flood_of_log_ins_does_not_slow_payments(fresh):
    anonymous = fresh.client(None)
    calm = [timed_read(fresh) for _ in range(30)]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        flood = [pool.submit(anonymous.post, "/api/auth/login", {"email": new_email("flood"), "password": "wrong horse battery"})
                 for _ in range(60)]
        busy = []
        while not all(each.done() for each in flood):
            busy.append(timed_read(fresh))
    assert {each.result().status_code for each in flood} <= {401, 429, 503}
    for each in flood:
        if each.result().status_code in (429, 503):
            assert int(each.result().headers["Retry-After"]) >= 1
    # On a loaded machine the figures scatter; a read that waited for hashes would take hundreds of milliseconds.
    assert sorted(busy)[len(busy) // 2] < max(10 * sorted(calm)[len(calm) // 2], 0.15)


def timed_read(stack):
    began = time.monotonic()
    stack.api.ok("GET", "/v1/payments/orders", params={"limit": 1})
    return time.monotonic() - began


@pytest.mark.parametrize("body, param", [
    ({"email": "x", "password": PASSWORD}, "email"), ({"email": "a@b@c", "password": PASSWORD}, "email"),
    ({"email": "new1@example.com", "password": "short"}, "password"),
    ({"email": "new1@example.com", "password": "aaaaaaaaaaaaaaa"}, "password"),
    ({"email": "new1@example.com"}, "password"), ({"email": "new1@example.com", "password": PASSWORD, "role": "owner"}, "role"),
    ({"email": "new1@example.com", "password": PASSWORD, "invitation": "x", "organisation": "y"}, "organisation"),
])
def test_bad_registrations_name_the_field_and_make_nothing(anonymous, body, param):
    if body["email"] == "new1@example.com":
        body = {**body, "email": new_email("new")}  # each with guesses of its own
    assert anonymous.problem("POST", "/api/auth/register", body, 400)["param"] == param
    if body["email"].startswith("new"):
        anonymous.problem("POST", "/api/auth/login", {"email": body["email"], "password": PASSWORD}, 401)


def test_change_of_password(anonymous, ada):
    other = Person.login(anonymous, ada.email)
    wrong = ada.problem("POST", "/api/auth/password", {"current_password": "nonsense here", "new_password": "another horse battery"}, 403)
    assert wrong["param"] == "current_password"
    done = ada.request("POST", "/api/auth/password", {"current_password": PASSWORD, "new_password": "another horse battery"})
    assert done.status_code == 204
    ada.ok("GET", "/api/user/profile")
    other.problem("GET", "/api/user/profile", None, 401)
    anonymous.problem("POST", "/api/auth/login", {"email": ada.email, "password": PASSWORD}, 401)
    Person.login(anonymous, ada.email, "another horse battery")


def test_profile(ada):
    assert ada.ok("PUT", "/api/user/profile", {"name": "Ada L."})["name"] == "Ada L."
    assert ada.problem("PUT", "/api/user/profile", {"name": "", "email": "x@example.com"}, 400)
    assert ada.ok("GET", "/api/user/profile")["name"] == "Ada L."


def test_members_invitations_and_roles(stack, anonymous, ada):
    email = new_email("bob")
    invitation = ada.invite(email, "developer")
    assert [each["email"] for each in ada.ok("GET", "/api/members/invitations")["data"]] == [email]
    assert "token" not in ada.ok("GET", "/api/members/invitations")["data"][0]
    anonymous.problem("POST", "/api/auth/register", {"email": new_email("eve"), "password": PASSWORD, "invitation": invitation["token"]}, 404)
    bob = Person.register(anonymous, email, invitation=invitation["token"])
    assert (bob.org, bob.role) == (ada.org, "developer")
    assert ada.ok("GET", "/api/members/invitations")["data"] == []
    assert {each["id"]: each["role"] for each in bob.ok("GET", "/api/members")["data"]} == {ada.id: "owner", bob.id: "developer"}
    # What the role does not include.
    assert bob.problem("POST", "/api/members", {"email": new_email(), "role": "viewer"}, 403)["code"] == "role_missing"
    bob.problem("DELETE", f"/api/members/{ada.id}", None, 403)
    bob.problem("GET", "/api/audit", None, 403)
    bob.key(["payments:read"])
    assert bob.problem("POST", "/api/keys", {"scopes": ["*"]}, 403)["param"] == "scopes"
    # A role holds from the next request on.
    ada.ok("PUT", f"/api/members/{bob.id}", {"role": "viewer"})
    bob.problem("POST", "/api/keys", {"scopes": ["payments:read"]}, 403)
    ada.ok("PUT", f"/api/members/{bob.id}", {"role": "admin"})
    assert bob.problem("PUT", f"/api/members/{ada.id}", {"role": "viewer"}, 403)["code"] == "owner_required"
    assert bob.problem("POST", "/api/members", {"email": new_email(), "role": "owner"}, 403)["param"] == "role"
    assert ada.problem("DELETE", f"/api/members/{ada.id}", None, 409)["code"] == "last_owner"
    assert ada.problem("PUT", f"/api/members/{ada.id}", {"role": "admin"}, 409)["code"] == "last_owner"
    assert ada.request("DELETE", f"/api/members/{bob.id}").status_code == 204
    bob.problem("GET", "/api/members", None, 401)
    anonymous.problem("POST", "/api/auth/login", {"email": email, "password": PASSWORD}, 403)


def test_an_invitation_taken_back(anonymous, ada):
    email = new_email("bob")
    invitation = ada.invite(email)
    assert ada.request("DELETE", f"/api/members/invitations/{invitation['id']}").status_code == 204
    ada.problem("DELETE", f"/api/members/invitations/{invitation['id']}", None, 404)
    anonymous.problem("POST", "/api/auth/register", {"email": email, "password": PASSWORD, "invitation": invitation["token"]}, 404)


def test_several_organisations_of_a_user(anonymous, ada):
    bob = Person.register(anonymous, organisation="Bob's")
    invitation = ada.invite(bob.email, "viewer")
    assert bob.request("POST", "/api/members/accept", {"token": invitation["token"]}).status_code == 204
    bob.problem("POST", "/api/members/accept", {"token": invitation["token"]}, 404)
    assert {each["id"]: each["role"] for each in bob.ok("GET", "/api/organisations")["data"]} == {bob.org: "owner", ada.org: "viewer"}
    there = Person(anonymous, bob.ok("POST", f"/api/organisations/{ada.org}/switch"), bob.email)
    assert (there.org, there.role) == (ada.org, "viewer")
    there.problem("POST", "/api/keys", {"scopes": ["payments:read"]}, 403)
    bob.ok("POST", "/api/keys", {"scopes": ["*"]}, 201)
    assert Person.login(anonymous, bob.email, organisation=ada.org).org == ada.org
    made = bob.ok("POST", "/api/organisations", {"name": "Third"}, 201)
    assert Person(anonymous, bob.ok("POST", f"/api/organisations/{made['id']}/switch")).role == "owner"
    stranger = Person.register(anonymous)
    stranger.problem("POST", f"/api/organisations/{ada.org}/switch", None, 404)
    anonymous.problem("POST", "/api/auth/login", {"email": stranger.email, "password": PASSWORD, "organisation": ada.org}, 403)


def test_forged_tokens_are_refused(stack, ada):
    forger = Forger(stack.gateway, ada.access)
    client = stack.client(None)
    now = int(time.time())
    bad = [forger.unsigned(), forger.unsigned("None"), forger.unsigned() + "x", forger.make(b"x" * 32), forger.make(header={"alg": "RS256"}),
           forger.make(header={"kid": "0" * 16}), forger.make(header={"typ": "JWT"}), forger.make(header={"crit": ["exp"]}),
           forger.make(payload={"aud": "other"}), forger.make(payload={"iss": "other"}), forger.make(payload={"exp": now - 1}),
           forger.make(payload={"nbf": now + 3600}), forger.make(payload={"sid": "ses_" + "0" * 26}),
           forger.make(payload={"org": "org_" + "0" * 26}), forger.make(payload={"sub": "usr_" + "0" * 26}), ada.access + "=", ada.access[:-2],
           ada.access + ".x", ada.refresh_token]
    for token in bad:
        response = client.request("GET", "/api/user/profile", headers=bearer(token))
        assert response.status_code == 401, (token, response.text)
        assert token not in response.text


def test_keys_cannot_do_what_is_for_users(stack, ada):
    everything = stack.client(ada.key()["api_key"])
    for method, path, body in (("GET", "/api/user/profile", None), ("GET", "/api/organisations", None),
                               ("POST", "/api/organisations", {"name": "X"}), ("POST", "/api/members/accept", {"token": "x"}),
                               ("POST", "/api/auth/password", {"current_password": "x", "new_password": "y"})):
        assert everything.problem(method, path, body, 403)["code"] == "user_required"
    everything.ok("GET", "/api/members")
    assert everything.problem("DELETE", f"/api/members/{ada.id}", None, 403)["code"] == "owner_required"


def test_no_password_or_token_is_in_log_or_database(stack, anonymous):
    secret = "a very secret pass phrase 8472"
    email = new_email("canary")
    tokens = anonymous.ok("POST", "/api/auth/register", {"email": email, "password": secret}, 201)
    person = Person(anonymous, tokens, email)
    invitation = person.invite(new_email())
    anonymous.problem("POST", "/api/auth/login", {"email": email, "password": secret + "x"}, 401)
    key = person.key()["api_key"]
    person.ok("GET", "/api/user/profile")
    log = stack.gateway.log()
    stored = b"".join(file.read_bytes() for file in stack.directory.glob("unigate.db*"))
    for canary in (secret, tokens["access_token"], tokens["refresh_token"], invitation["token"], key):
        assert canary not in log
        assert canary.encode() not in stored


def test_closed_registration(make_stack):
    stack = make_stack({"identity": {"registration": "invitation"}}).start()
    try:
        client = stack.client(None)
        client.problem("POST", "/api/auth/register", {"email": new_email(), "password": PASSWORD}, 403)
        made = stack.gateway.json("user", "create", "--email", "ada@example.com", "--org", stack.org, "--role", "owner", "--generate")
        owner = Person.login(client, "ada@example.com", made["password"])
        assert owner.colleague("developer").org == stack.org
    finally:
        stack.stop()


def test_the_operators_commands(stack, anonymous):
    def run(*arguments, password=None):
        command = [str(stack.gateway.program), "user", *arguments, "--config", str(stack.gateway.config)]
        return subprocess.run(command, input=password, capture_output=True, text=True, timeout=60, cwd=stack.directory)
    email = new_email("operator")
    made = run("create", "--email", email, "--org", stack.org, "--role", "developer", "--json", password=PASSWORD + "\n")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["email"] == email and PASSWORD not in made.stdout + made.stderr
    person = Person.login(anonymous, email)
    assert (person.org, person.role) == (stack.org, "developer")
    listed = json.loads(run("list", "--json").stdout)
    assert [each["memberships"] for each in listed if each["email"] == email] == [[{"org_id": stack.org, "role": "developer"}]]
    reset = json.loads(run("password", "--email", email, "--generate", "--json").stdout)
    person.problem("GET", "/api/user/profile", None, 401)
    Person.login(anonymous, email, reset["password"])
    for arguments, password in ((("create", "--email", email, "--org", stack.org), PASSWORD), (("create", "--email", "x", "--org", stack.org), PASSWORD),
                                (("create", "--email", new_email(), "--org", "org_none"), PASSWORD),
                                (("create", "--email", new_email(), "--org", stack.org), "short"), (("create", "--email", new_email(), "--org", stack.org), ""),
                                (("create", "--email", new_email(), "--org", stack.org, "--role", "god"), PASSWORD),
                                (("password", "--email", "nobody@example.com"), PASSWORD)):
        done = run(*arguments, password=password + "\n")
        assert done.returncode == 1 and done.stderr.startswith("unigate: "), (arguments, done.stderr)


def test_somebody_who_is_disabled_gets_in_by_no_way(stack, anonymous):
    person = Person.register(anonymous)
    other = person.colleague("developer")
    shown = stack.gateway.json("user", "disable", "--user", other.email)
    assert shown == {"user": other.email, "disabled": True}
    other.problem("GET", "/api/user/profile", None, 401)
    anonymous.problem("POST", "/api/auth/refresh", {"refresh_token": other.refresh_token}, 401)
    wrong = anonymous.problem("POST", "/api/auth/login", {"email": other.email, "password": PASSWORD}, 401)
    nobody = anonymous.problem("POST", "/api/auth/login", {"email": new_email(), "password": PASSWORD}, 401)
    assert (wrong["code"], wrong["detail"]) == (nobody["code"], nobody["detail"])
    person.ok("GET", "/api/user/profile")
    listed = {each["id"]: each["disabled"] for each in stack.gateway.json("user", "list")}
    assert listed[other.id] and not listed[person.id]
    stack.gateway.json("user", "disable", "--user", other.id)  # again changes nothing
    stack.gateway.json("user", "enable", "--user", other.id)
    other.problem("GET", "/api/user/profile", None, 401)  # the log-ins of then are over
    assert Person.login(anonymous, other.email).role == "developer"
    for nobody in (new_email(), "user_none"):
        done = stack.gateway.run("user", "disable", "--user", nobody, check=False)
        assert done.returncode == 1 and "no" in done.stderr and "user" in done.stderr
