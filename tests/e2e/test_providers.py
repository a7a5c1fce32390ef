"""What works where: providers, capabilities, balance."""


def test_lists_the_loaded_providers(api):
    listed = {p["id"]: p for p in api.ok("GET", "/v1/providers")["data"]}
    stripe = listed["stripe"]
    assert (stripe["state"], stripe["reason"], stripe["configured"]) == ("loaded", None, True)
    assert {"payments.create", "payments.capture", "refunds.create", "customers.create", "balance.get"} <= set(stripe["operations"])


def test_configured_is_told_for_each_organisation(stack):
    org = stack.gateway.organisation("Without credentials")
    listed = stack.client(stack.gateway.key(org)).ok("GET", "/v1/providers")["data"]
    assert [p["configured"] for p in listed if p["id"] == "stripe"] == [False]


def test_capabilities_name_every_operation(api):
    capabilities = api.ok("GET", "/v1/providers/stripe/capabilities")
    operations = {o["name"]: o for o in capabilities["operations"]}
    create = operations["payments.create"]
    assert (create["supported"], create["read_only"], create["recovery"]) == (True, False, "native")
    assert create["verified"] is None or create["verified"]["cases"] > 0
    assert (operations["messages.create"]["supported"], operations["messages.create"]["verified"]) == (False, None)
    assert operations["payments.get"]["read_only"] is True


def test_capabilities_of_an_unknown_provider_are_a_404(api):
    api.problem("GET", "/v1/providers/nowhere/capabilities", None, 404)


def test_balance_comes_from_the_provider(api, simulator):
    api.pay(4200)
    balance = api.ok("GET", "/v1/balance", params={"provider": "stripe"})
    assert (balance["provider"], balance["livemode"]) == ("stripe", False)
    assert balance["available"] or balance["pending"]
    assert api.ok("GET", "/v1/balance")["provider"] == "stripe"
    raw = api.ok("GET", "/v1/balance", params={"provider": "stripe", "include": "raw"})["raw"]
    assert raw["object"] == "balance"


def test_balance_of_an_unknown_provider_is_refused(api):
    response = api.get("/v1/balance", params={"provider": "nowhere"})
    assert response.status_code in (400, 404) and "stripe" in response.text


def test_balance_while_the_provider_fails_is_an_honest_error(api, simulator):
    simulator.fault("error_500_before", method="GET", prefix="/v1/balance", times=-1)
    problem = api.get("/v1/balance").json()
    assert problem["status"] in (502, 503, 504)
    assert (problem["outcome"], problem["retryable"]) == ("not_executed", True)
    simulator.clear_faults()
    api.ok("GET", "/v1/balance")
