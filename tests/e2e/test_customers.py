"""Customers: create, read, change, clear, delete."""
CUSTOMERS = "/v1/customers"


def create(api, **more):
    return api.ok("POST", CUSTOMERS, {"email": "ada@example.com", "name": "Ada Lovelace", **more}, 201)


def test_creates_with_all_fields(api):
    customer = create(api, phone="+15005550006", description="First of all", metadata={"tier": "gold"})
    assert (customer["email"], customer["name"], customer["phone"]) == ("ada@example.com", "Ada Lovelace", "+15005550006")
    assert (customer["description"], customer["metadata"], customer["livemode"]) == ("First of all", {"tier": "gold"}, False)
    assert customer["provider"] == "stripe" and customer["provider_id"].startswith("cus_")
    assert api.ok("GET", f"{CUSTOMERS}/{customer['id']}") == customer


def test_creates_with_nothing(api):
    customer = api.ok("POST", CUSTOMERS, {}, 201)
    assert (customer["email"], customer["name"]) == (None, None)


def test_changes_only_what_is_given(api):
    customer = create(api, metadata={"tier": "gold"})
    changed = api.ok("PATCH", f"{CUSTOMERS}/{customer['id']}", {"name": "Ada King"})
    assert (changed["name"], changed["email"], changed["metadata"]) == ("Ada King", "ada@example.com", {"tier": "gold"})
    assert api.ok("GET", f"{CUSTOMERS}/{customer['id']}") == changed


def test_null_clears_a_field(api):
    customer = create(api, description="to go")
    changed = api.ok("PATCH", f"{CUSTOMERS}/{customer['id']}", {"description": None, "name": None})
    assert (changed["description"], changed["name"], changed["email"]) == (None, None, "ada@example.com")
    raw = api.ok("GET", f"{CUSTOMERS}/{customer['id']}", params={"include": "raw"})["raw"]
    assert (raw["description"], raw["name"]) == (None, None)


def test_metadata_is_merged_and_empty_text_removes_a_key(api):
    customer = create(api, metadata={"tier": "gold", "shop": "1"})
    changed = api.ok("PATCH", f"{CUSTOMERS}/{customer['id']}", {"metadata": {"tier": "", "new": "2"}})
    assert changed["metadata"] == {"shop": "1", "new": "2"}
    assert api.ok("GET", f"{CUSTOMERS}/{customer['id']}")["metadata"] == {"shop": "1", "new": "2"}


def test_an_empty_change_is_refused(api):
    customer = create(api)
    api.problem("PATCH", f"{CUSTOMERS}/{customer['id']}", {}, 400)


def test_deleted_customers_are_gone(api):
    customer = create(api)
    assert api.ok("DELETE", f"{CUSTOMERS}/{customer['id']}") == {"object": "customer", "id": customer["id"], "deleted": True}
    api.problem("GET", f"{CUSTOMERS}/{customer['id']}", None, 404)
    api.problem("DELETE", f"{CUSTOMERS}/{customer['id']}", None, 404)
    assert customer["id"] not in [c["id"] for c in api.ok("GET", CUSTOMERS, params={"limit": 100})["data"]]
    assert api.pay(status=422, customer=customer["id"])["param"] == "customer"


def test_unknown_customer_is_a_404(api):
    for method, body in (("GET", None), ("PATCH", {"name": "X"}), ("DELETE", None)):
        api.problem(method, f"{CUSTOMERS}/cus_{'0' * 26}", body, 404)


def test_a_deletion_is_replayed_under_its_key(api):
    customer = api.ok("POST", CUSTOMERS, {"email": "gone@example.com"}, 201)
    first = api.request("DELETE", f"{CUSTOMERS}/{customer['id']}", idempotency_key="delete-once")
    again = api.request("DELETE", f"{CUSTOMERS}/{customer['id']}", idempotency_key="delete-once")
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    api.problem("DELETE", f"{CUSTOMERS}/{customer['id']}", None, 404, idempotency_key="delete-twice")
