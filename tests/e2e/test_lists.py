"""Pages, cursors and filters, the same for every list."""
from datetime import datetime, timedelta, timezone

import pytest

ORDERS = "/v1/payments/orders"


@pytest.fixture(scope="module")
def shop(make_stack):
    """An organisation with twelve payments, three of them authorised only."""
    running = make_stack().start()
    made = [running.api.pay(1000 + i, confirm=i % 4 != 0 or None, metadata={"basket": str(i % 2)}, reference=f"ref-{i}")
            for i in range(12)]
    yield running.api, [payment["id"] for payment in made]
    running.stop()


def pages(api, path, **params):
    collected, cursor = [], None
    while True:
        page = api.ok("GET", path, params={**params, **({"starting_after": cursor} if cursor else {})})
        collected.append([item["id"] for item in page["data"]])
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            return collected
        cursor = page["next_cursor"]


def test_ten_is_the_default_page(shop):
    api, made = shop
    page = api.ok("GET", ORDERS)
    assert [p["id"] for p in page["data"]] == made[:1:-1]
    assert page["has_more"] is True


@pytest.mark.parametrize("limit, sizes", [(5, [5, 5, 2]), (6, [6, 6]), (100, [12])])
def test_pages_cover_everything_once(shop, limit, sizes):
    api, made = shop
    collected = pages(api, ORDERS, limit=limit)
    assert [len(page) for page in collected] == sizes
    assert sum(collected, []) == made[::-1]


def test_new_payments_do_not_shift_a_page(make_stack):
    running = make_stack().start()
    try:
        made = [running.api.pay()["id"] for _ in range(4)]
        first = running.api.ok("GET", ORDERS, params={"limit": 2})
        running.api.pay()
        second = running.api.ok("GET", ORDERS, params={"limit": 2, "starting_after": first["next_cursor"]})
        assert [p["id"] for p in first["data"] + second["data"]] == made[::-1]
    finally:
        running.stop()


@pytest.mark.parametrize("params, wanted", [
    ({"status": "requires_confirmation"}, [8, 4, 0]),
    ({"status": "canceled"}, []),
    ({"metadata[basket]": "1"}, [11, 9, 7, 5, 3, 1]),
    ({"metadata[basket]": "1", "status": "requires_confirmation"}, []),
    ({"metadata[nothing]": "1"}, []),
    ({"reference": "ref-7"}, [7]),
    ({"provider": "nowhere"}, []),
])
def test_filters(shop, params, wanted):
    api, made = shop
    assert [p["id"] for p in api.ok("GET", ORDERS, params={"limit": 100, **params})["data"]] == [made[i] for i in wanted]


def test_filters_by_time(shop):
    api, made = shop
    now = datetime.now(timezone.utc)
    later, earlier = (now + timedelta(hours=1)).isoformat(), (now - timedelta(hours=1)).isoformat()
    count = lambda **params: len(api.ok("GET", ORDERS, params={"limit": 100, **params})["data"])  # noqa: E731
    assert count(**{"created[gte]": earlier}) == 12
    assert count(**{"created[gte]": later}) == 0
    assert count(**{"created[lt]": earlier}) == 0
    assert count(**{"created[gte]": earlier, "created[lt]": later}) == 12
    times = [p["created_at"] for p in api.ok("GET", ORDERS, params={"limit": 100})["data"]]
    assert times == sorted(times, reverse=True)
    assert count(**{"created[gte]": times[0]}) + count(**{"created[lt]": times[0]}) == 12


@pytest.mark.parametrize("params, param", [
    ({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"limit": "ten"}, "limit"), ({"limit": "-1"}, "limit"),
    ({"limit": "1.5"}, "limit"), ({"starting_after": "nonsense"}, "starting_after"), ({"status": "paid"}, "status"),
    ({"created[gte]": "yesterday"}, "created[gte]"), ({"created[lt]": "2026-13-01T00:00:00Z"}, "created[lt]"),
    ({"limits": "5"}, "limits"),
])
def test_bad_parameters_are_named(shop, params, param):
    problem = shop[0].problem("GET", ORDERS, None, 400, params=params)
    assert problem["param"] == param


@pytest.mark.parametrize("path", ["/v1/payments/refunds", "/v1/customers", "/v1/transactions"])
def test_other_lists_page_alike(shop, path):
    api, made = shop
    for _ in range(3):
        api.ok("POST", "/v1/customers", {}, 201)
        api.ok("POST", "/v1/payments/refunds", {"payment": made[1], "amount": 1}, 201)
    everything = sum(pages(api, path, limit=100), [])
    assert len(everything) >= 3 and len(set(everything)) == len(everything)
    assert sum(pages(api, path, limit=2), []) == everything
