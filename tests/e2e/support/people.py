"""Users of the management API, and tokens as an attacker would make them."""
import base64
import hashlib
import hmac
import itertools
import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.vault import root_of

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


def new_email(name="user"):
    return f"{name}{next(_numbers)}@example.com"


class Person:
    """Somebody who is logged in. `client` speaks to the gateway without a credential of its own."""

    def __init__(self, client, tokens, email=None):
        self.client = client
        self.email = email
        self.take(tokens)

    def take(self, tokens):
        self.tokens = tokens
        self.access, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        self.id, self.org, self.role = tokens["user"], tokens["organisation"], tokens["role"]
        return self

    @classmethod
    def register(cls, client, email=None, **more):
        email = email or new_email()
        tokens = client.ok("POST", "/api/auth/register", {"email": email, "password": PASSWORD, **more}, 201)
        return cls(client, tokens, email)

    @classmethod
    def login(cls, client, email, password=PASSWORD, **more):
        return cls(client, client.ok("POST", "/api/auth/login", {"email": email, "password": password, **more}), email)

    def request(self, method, path, body=None, **options):
        return self.client.request(method, path, body=body, headers=bearer(self.access), **options)

    def ok(self, method, path, body=None, status=200, **options):
        response = self.request(method, path, body, **options)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.text else None

    def problem(self, method, path, body=None, status=400, **options):
        return self.ok(method, path, body, status, **options)

    def refresh(self):
        return self.take(self.client.ok("POST", "/api/auth/refresh", {"refresh_token": self.refresh_token}))

    def invite(self, email, role="viewer"):
        return self.ok("POST", "/api/members", {"email": email, "role": role}, 201)

    def colleague(self, role="viewer"):
        """Another member of the same organisation, logged in."""
        email = new_email(role)
        return Person.register(self.client, email, invitation=self.invite(email, role)["token"])

    def key(self, scopes=("*",), **more):
        return self.ok("POST", "/api/keys", {"scopes": list(scopes), **more}, 201)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# ---- tokens ----

def b64(data):
    data = data if isinstance(data, bytes) else json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts_of(token):
    """Header and payload of a token."""
    header, payload, _ = token.split(".")
    return json.loads(unb64(header)), json.loads(unb64(payload))


def signed(header, payload, secret, digest=hashlib.sha256):
    text = f"{b64(header)}.{b64(payload)}"
    return f"{text}.{b64(hmac.new(secret, text.encode(), digest).digest())}"


def signing_secret(gateway):
    """What the gateway signs its access tokens with: derived from the vault's root."""
    return hmac.new(root_of(gateway), b"access-token-signing\x01", hashlib.sha256).digest()


class Forger:
    """Makes tokens of the gateway's own with one thing changed, under its true signature or another."""

    def __init__(self, gateway, token):
        self.secret = signing_secret(gateway)
        self.header, self.payload = parts_of(token)
        assert self.make() == token, "the gateway signs in another way than this forger"

    def make(self, secret=None, digest=hashlib.sha256, header=None, payload=None):
        return signed({**self.header, **(header or {})}, {**self.payload, **(payload or {})}, secret or self.secret, digest)

    def unsigned(self, name="none"):
        return f"{b64({**self.header, 'alg': name})}.{b64(self.payload)}."


class Issuer:
    """An OpenID Connect issuer on a port of its own: discovery document, RSA keys, tokens."""

    def __init__(self, directory):
        self.directory = directory
        self.requests = []
        self.up = True
        self.keys = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.requests.append(self.path)
                body = issuer.document(self.path)
                self.send_response(200 if body is not None and issuer.up else 503)
                self.send_header("Content-Type", "application/json")
                text = json.dumps(body or {}).encode()
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/realm"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.add_key("key-1")

    def add_key(self, key_id):
        path = self.directory / f"{key_id}.pem"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path)
        modulus = openssl("rsa", "-in", path, "-noout", "-modulus").decode().strip().split("=")[1]
        self.keys[key_id] = (path, bytes.fromhex(modulus))

    def document(self, path):
        if path == "/realm/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/realm/keys":
            return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": b64(n), "e": "AQAB"}
                             for kid, (_, n) in self.keys.items()]}
        return None

    def claims(self, **more):
        now = int(time.time())
        return {"iss": self.url, "aud": "unigate", "sub": "ada", "iat": now, "exp": now + 300, **more}

    def token(self, key_id="key-1", header=None, **claims):
        text = f"{b64({'alg': 'RS256', 'typ': 'JWT', 'kid': key_id, **(header or {})})}.{b64(self.claims(**claims))}"
        path = self.keys[key_id][0]
        signature = openssl("dgst", "-sha256", "-sign", path, stdin=text.encode())
        return f"{text}.{b64(signature)}"

    def public_pem(self, key_id="key-1"):
        return openssl("rsa", "-in", self.keys[key_id][0], "-pubout")

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def openssl(*arguments, stdin=b""):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=True).stdout
