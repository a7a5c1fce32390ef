"""A gateway as it is commonly written: FastAPI, httpx, SQLAlchemy on SQLite, with the same two durable writes.

The operation is written before the provider is asked and again with its answer, each in a commit of its own (WAL,
synchronous=FULL, as in the gateway under test). SQLAlchemy is used without its own thread hops or async driver, for that is the
faster way here: see the README of tests/bench.
"""
import hashlib
import json
import os
import time
import uuid
from contextlib import asynccontextmanager

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import String, Text, create_engine, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

PROVIDER = os.environ["PEER_PROVIDER"]
PROVIDER_KEY = os.environ["PEER_PROVIDER_KEY"]
API_KEY_HASH = hashlib.sha256(os.environ["PEER_API_KEY"].encode()).hexdigest()

engine = create_engine(f"sqlite:///{os.environ['PEER_DATABASE']}", connect_args={"timeout": 30})


@event.listens_for(engine, "connect")
def durable(connection, _):
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


class Base(DeclarativeBase):
    pass


class ApiKey(Base):
    __tablename__ = "api_keys"
    hash: Mapped[str] = mapped_column(String, primary_key=True)
    org_id: Mapped[str] = mapped_column(String)


class Payment(Base):
    __tablename__ = "payments"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    org_id: Mapped[str] = mapped_column(String)
    idempotency_key: Mapped[str] = mapped_column(String, unique=True)
    fingerprint: Mapped[str] = mapped_column(String)
    state: Mapped[str] = mapped_column(String)
    request: Mapped[str] = mapped_column(Text)
    response: Mapped[str | None] = mapped_column(Text)


Session = sessionmaker(engine, expire_on_commit=False)


class Order(BaseModel):
    amount: int = Field(gt=0)
    currency: str = Field(min_length=3, max_length=3)
    confirm: bool = False
    payment_method: str | None = None
    reference: str | None = Field(default=None, max_length=200)


@asynccontextmanager
async def lifespan(app):
    # The pool of httpx looks at all its connections for each request; with few of them it is several times faster.
    limits = httpx.Limits(max_connections=8, max_keepalive_connections=8)
    async with httpx.AsyncClient(base_url=PROVIDER, limits=limits, timeout=60, trust_env=False) as client:
        app.state.provider = client
        yield


app = FastAPI(lifespan=lifespan)


def prepare():
    """Run once, before the workers."""
    Base.metadata.create_all(engine)
    with Session.begin() as session:
        session.merge(ApiKey(hash=API_KEY_HASH, org_id="org_1"))


async def organisation(authorization: str = Header()):
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    with Session() as session:
        key = session.get(ApiKey, digest)
    if key is None:
        raise HTTPException(401, "unknown key")
    return key.org_id


@app.get("/ready")
async def ready():
    return {"status": "ready"}


@app.post("/v1/payments/orders", status_code=201)
async def create(order: Order, request: Request, org_id: str = Depends(organisation), idempotency_key: str = Header()):
    text = order.model_dump_json()
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    payment = Payment(id=f"pay_{uuid.uuid4().hex}", org_id=org_id, idempotency_key=idempotency_key, fingerprint=fingerprint,
                      state="intent", request=text)
    with Session() as session:
        session.add(payment)
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
            earlier = session.scalars(select(Payment).where(Payment.idempotency_key == idempotency_key)).one()
            if earlier.fingerprint != fingerprint:
                raise HTTPException(422, "this key was used for another request") from None
            if earlier.response is None:
                raise HTTPException(409, "this key is in use") from None
            return JSONResponse(json.loads(earlier.response), 201, {"Idempotent-Replayed": "true"})
    form = {
        "amount": order.amount, "currency": order.currency.lower(), "capture_method": "automatic",
        "confirm": "true" if order.confirm else "false",
        "automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never",
        "metadata[unigate_operation]": payment.id,
    }
    if order.payment_method:
        form["payment_method"] = order.payment_method
    if order.reference:
        form["metadata[unigate_reference]"] = order.reference
    answer = await request.app.state.provider.post(
        "/v1/payment_intents", data=form,
        headers={"Authorization": f"Bearer {PROVIDER_KEY}", "Idempotency-Key": payment.id})
    intent = answer.json()
    if answer.status_code != 200:
        raise HTTPException(402, intent["error"].get("message", "refused"))
    result = {
        "object": "payment", "id": payment.id, "provider": "stripe", "provider_id": intent["id"], "amount": intent["amount"],
        "currency": intent["currency"].upper(), "amount_captured": intent["amount_received"], "status": intent["status"],
        "client_secret": intent["client_secret"], "payment_method": intent["payment_method"],
        "reference": order.reference, "created_at": time.time(),
    }
    with Session.begin() as session:
        row = session.get(Payment, payment.id)
        row.state = "succeeded"
        row.response = json.dumps(result)
    return result


@app.get("/v1/payments/orders/{payment_id}")
async def get(payment_id: str, org_id: str = Depends(organisation)):
    with Session() as session:
        row = session.get(Payment, payment_id)
    if row is None or row.org_id != org_id or row.response is None:
        raise HTTPException(404, "there is no such payment")
    return JSONResponse(json.loads(row.response))


if __name__ == "__main__":
    prepare()
