"""What a checkout hands to the payer's browser counts only with the provider's signature, and nothing is sent for anything else."""
import pytest

ORDERS = "/v1/payments/orders"


@pytest.fixture(scope="module")
def shop(make_stack):
    running = make_stack(providers=("razorpay",)).start()
    yield running
    running.stop()


@pytest.fixture
def order(shop):
    """An order and what the payer's browser was handed for it."""
    def make(amount=50000):
        answer = shop.api.post(ORDERS, {"provider": "razorpay", "amount": amount, "currency": "INR"})
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return made, shop.simulator.steer(f"razorpay/orders/{made['provider_id']}/pay")
    return make


def confirm(shop, made, handed, status):
    before = len(shop.simulator.requests("razorpay"))
    answer = shop.api.post(f"{ORDERS}/{made['id']}/confirm", {"checkout_result": handed})
    assert answer.status_code == status, answer.text
    return answer.json(), len(shop.simulator.requests("razorpay")) - before


def test_a_genuine_checkout_confirms_the_payment(shop, order):
    made, handed = order()
    payment, sent = confirm(shop, made, handed, 200)
    assert payment["status"] == "succeeded" and sent > 0


@pytest.mark.parametrize("spoil", [
    lambda handed: handed.update(razorpay_signature="0" * 64),
    lambda handed: handed.update(razorpay_signature=handed["razorpay_signature"].upper()),
    lambda handed: handed.update(razorpay_payment_id="pay_Forged00000001"),
    lambda handed: handed.pop("razorpay_signature"),
])
def test_a_checkout_that_was_altered_is_refused_and_nothing_is_sent(shop, order, spoil):
    made, handed = order()
    spoil(handed)
    problem, sent = confirm(shop, made, handed, 422)
    assert problem["code"] == "invalid_signature" and problem["param"] == "checkout_result"
    assert problem["outcome"] == "not_executed" and sent == 0


def test_a_genuine_checkout_of_another_order_does_not_confirm_this_one(shop, order):
    made, _ = order()
    _, handed = order()
    confirm(shop, made, handed, 422)
