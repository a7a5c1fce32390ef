"""What an organisation's own people see of the audit chain."""

AUDIT = "/api/audit"


def test_changes_are_listed_newest_first_and_page_by_page(stack):
    mine = stack.newcomer()
    whole = mine.ok("GET", f"{AUDIT}?limit=100")["data"]
    assert [row["action"] for row in whole][-1] == "organisation.create"
    assert {"api_key.create", "service.configure"} <= {row["action"] for row in whole}
    assert [row["created_at"] for row in whole] == sorted((row["created_at"] for row in whole), reverse=True)

    paged, cursor = [], ""
    while True:
        page = mine.ok("GET", f"{AUDIT}?limit=1{cursor}")
        paged += page["data"]
        if not page["has_more"]:
            break
        cursor = f"&starting_after={page['next_cursor']}"
    assert paged == whole
    assert mine.ok("GET", f"{AUDIT}?action=api_key.create&subject={whole[-1]['subject']}")["data"] == []


def test_a_payment_is_told_with_its_operation(stack, api):
    payment = api.pay()
    rows = api.ok("GET", f"{AUDIT}?limit=100&subject={payment['transaction_id']}")["data"]
    assert rows and all(row["action"] == "operation.transition" for row in rows)


def test_others_see_nothing_of_it(stack, api):
    theirs = api.ok("GET", f"{AUDIT}?limit=1")["data"][0]
    other = stack.newcomer()
    assert theirs["id"] not in {row["id"] for row in other.ok("GET", f"{AUDIT}?limit=100")["data"]}
    assert other.problem("GET", f"{AUDIT}?starting_after={theirs['id']}", None, 400)["param"] == "starting_after"


def test_it_needs_its_scope(stack):
    key = stack.gateway.key(stack.org, "test", scopes="payments:write")
    assert stack.client(key).problem("GET", AUDIT, None, 403)["code"] == "scope_missing"
