"""The clients of a fault test: they want things under keys, keep every answer, and ask again until they have one."""
import asyncio
import random
import time

from lib import books
from lib.client import Client
from lib.kinds import LASTING, PRODUCERS, Payer, Stock, kind_named
from lib.wishes import SUCCESS

SETTLED_S = 60  # after this long nothing may be open any more
PREPARING_S = 60
PROVIDERS_ACT_S = 5  # a payout batch of PayPal's is carried out within that


class Crowd:
    def __init__(self, stack, seed, prefix):
        self.stack = stack
        self.random = random.Random(seed)
        self.prefix = prefix
        headers = {"Authorization": f"Bearer {stack.api_key}"}
        self.clients = [Client(gateway.port, headers) for gateway in stack.gateways]
        self.simulators = {provider: Client(port) for provider, port in stack.simulator.ports.items()}
        self.stock = Stock(Payer(self.ask_simulator, self.look))
        for tag, item in stack.seeds():
            self.stock.items[tag].append(item)
        self.wishes = []
        self.kinds = {}  # key -> kind
        self.asked = 0  # requests that were begun
        self.answered = 0

    async def ask_simulator(self, provider, method, target, body):
        return await self.simulators[provider].request(method, target, body, timeout_s=20)

    async def look(self, target):
        return await self.random.choice(self.clients).request("GET", target, timeout_s=20)

    async def providers_act(self):
        """What the providers do by themselves after a while (a payout that is paid) has happened when this returns."""
        for provider in self.simulators:
            await self.ask_simulator(provider, "POST", "/__sim/clock", {"advance_s": PROVIDERS_ACT_S})

    # ---- wishes ----

    def new_wish(self, kind):
        item = self.stock.take(kind.needs, kind.needs in LASTING) if kind.needs else None
        wish = kind.wish(item, f"{self.prefix}-{len(self.wishes) + 1}", self.random)
        self.wishes.append(wish)
        self.kinds[wish.key] = kind
        return wish

    async def send(self, wish, body=None, client=None, timeout_s=40.0):
        """One request; what came, None for a connection that broke. `body` is another one than the wish's."""
        client = client or self.random.choice(self.clients)
        self.asked += 1
        answer = await client.request(wish.method, wish.path, wish.body if body is None else body, wish.key, timeout_s)
        if answer is None:
            wish.unanswered += 1
            return None
        self.answered += 1
        if body is not None:
            wish.altered.append((answer.status, answer.body))
            return answer
        first = wish.kept() is None
        wish.note(answer.status, answer.body, answer.replayed)
        if first and wish.kept() and answer.status in SUCCESS:
            await self.stock.put(self.kinds[wish.key], answer.json())
        return answer

    async def insist(self, wish, deadline=None, pause_s=0.1, settled=False):
        """Asks until there is a final answer: one that is kept, or a refusal that made no operation. When all is `settled`, what the
        wish is about cannot be busy any more: "processing" means that it came to nothing."""
        deadline = deadline or time.monotonic() + SETTLED_S
        while not wish.kept() and not wish.refused() and time.monotonic() < deadline:
            answer = await self.send(wish)
            if settled and answer and answer.status == 409 and b"_processing" in answer.body:
                return None
            if answer is None or not wish.kept():
                await asyncio.sleep(pause_s)
        return wish.kept()

    async def prepare(self, tag, count):
        """Makes stock until there are `count` of it; nothing disturbs the gateway meanwhile."""
        if tag in LASTING:
            return
        deadline = time.monotonic() + PREPARING_S
        while len(self.stock.items[tag]) < count:
            assert time.monotonic() < deadline, f"{tag} could not be made"
            kind = kind_named(PRODUCERS[tag])
            missing = count - len(self.stock.items[tag])
            if kind.needs:
                await self.prepare(kind.needs, missing)
            await asyncio.gather(*[self.insist(self.new_wish(kind)) for _ in range(missing)])

    # ---- afterwards ----

    async def settle(self, database):
        """Waits until nothing is open, for as long as is allowed; how long it took, and what is still open."""
        started = time.monotonic()
        while True:
            open_ones = await asyncio.to_thread(database.open_operations)
            took = time.monotonic() - started
            if not open_ones or took > SETTLED_S:
                return took, open_ones
            await asyncio.sleep(0.2)

    async def ask_all_again(self, wishes, database, at_once=32):
        """Everybody gets a final answer, then the same again, then is refused another body. Who waits for an operator asks once."""
        gate = asyncio.Semaphore(at_once)
        deadline = time.monotonic() + SETTLED_S
        given_up = {row["client_key"] for row in database.rows("SELECT client_key FROM operations WHERE state = 'escalated'")}

        async def one(wish):
            async with gate:
                if wish.key in given_up and not wish.kept():
                    await self.send(wish)
                elif await self.insist(wish, deadline, settled=True):
                    await self.send(wish)
                    await self.send(wish, body=another_body(wish))
        await asyncio.gather(*[one(wish) for wish in wishes])

    def unsettled(self, database):
        """Wishes without a final answer and what they were last told, but for those that wait for an operator or for nothing."""
        given_up = {row["client_key"] for row in database.rows("SELECT client_key FROM operations WHERE state = 'escalated'")}
        return [(wish, wish.answers[-1:]) for wish in self.wishes if not wish.kept() and not wish.refused() and wish.key not in given_up
                and not (wish.answers and b"_processing" in wish.answers[-1][1])]

    def database(self):
        return books.Database(self.stack.store.source())


def another_body(wish):
    """What somebody would send who uses a key twice: the same request but for one field; None where a request has no body."""
    if wish.body is None:
        return None
    if "amount" in wish.body:
        return {**wish.body, "amount": wish.body["amount"] + 1}
    if wish.path.endswith(("/capture", "/confirm")):
        return {"amount": 51} if wish.path.endswith("/capture") else {"payment_method": "pm_card_mastercard"}
    if wish.path.endswith(("/cancel", "/pause", "/resume")):
        return {"reason": "abandoned"}
    if wish.path.endswith("/accept"):
        return {"reason": "another one"}
    if wish.path.endswith("/check"):
        return {"code": "000000"}
    if "channel" in wish.body:
        return {**wish.body, "locale": "de"}
    return {**wish.body, "metadata": {"other": "body"}}
