"""Stands before a provider's simulator and answers 401 for keys that the test has revoked."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


class RevokingProxy:
    def __init__(self, target):
        self.target = target
        self.revoked = set()
        self.seen = []  # (method, path, status)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, content = proxy.pass_on(self.command, self.path, self.headers, body)
                proxy.seen.append((self.command, self.path, status))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_on(self, method, path, headers, body):
        if any(key in headers.get("Authorization", "") for key in self.revoked):
            error = {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
            return 401, json.dumps(error).encode()
        sent = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length", "connection")}
        answer = requests.request(method, self.target + path, headers=sent, data=body, timeout=30)
        return answer.status_code, answer.content

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
