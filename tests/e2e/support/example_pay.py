"""The provider of sdk-plugin-api/examples, as their README describes it, in a thread of the test."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ExamplePay:
    def __init__(self, key):
        self.key = key
        self.charges = {}  # id -> charge
        self.by_idempotency_key = {}
        self.requests = []  # (method, path, idempotency key)
        self.status_for_next = []  # statuses to answer instead, after the charge is made
        self.lock = threading.Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(*provider.create(self.path, self.headers, json.loads(body)))

            def do_GET(self):
                self.answer(*provider.get(self.path, self.headers))

            def answer(self, status, document):
                text = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def _refusal(self, method, path, headers):
        self.requests.append((method, path, headers.get("Idempotency-Key")))
        return (401, {"error": "key"}) if headers.get("Authorization") != f"Bearer {self.key}" else None

    def create(self, path, headers, body):
        with self.lock:
            refusal = self._refusal("POST", path, headers)
            if refusal:
                return refusal
            key = headers["Idempotency-Key"]
            charge = self.by_idempotency_key.get(key)
            if charge is None:
                charge = {"id": f"ch_{len(self.charges) + 1}", "status": "refused" if body["amount"] == 666 else "paid",
                          "amount": body["amount"], "currency": body["currency"]}
                self.charges[charge["id"]] = charge
                self.by_idempotency_key[key] = charge
            if self.status_for_next:
                return self.status_for_next.pop(0), {"error": "asked for"}
            return 200, charge

    def get(self, path, headers):
        with self.lock:
            refusal = self._refusal("GET", path, headers)
            charge = self.charges.get(path.rsplit("/", 1)[-1])
            return refusal or ((200, charge) if charge else (404, {"error": "unknown"}))
