"""Speaks Twilio's API to a simulator; used by its tests."""

import base64
import hashlib
import hmac
import urllib.parse

import requests

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
TOKEN = "simulatortoken00000000000000000001"
ME = "+14155550100"
YOU = "+14155552345"
# Every account has these from its beginning.
MESSAGING_SERVICE = "MG" + "0" * 31 + "1"
VERIFY_SERVICE = "VA" + "0" * 31 + "1"


class TwilioClient:
    """`observe(response)` sees each exchange. Paths that begin with "~" are below the account."""

    def __init__(self, simulator, auth=(ACCOUNT, TOKEN), observe=None):
        self.simulator = simulator
        self.session = requests.Session()
        self.session.auth = auth
        self.account = auth[0]
        self.observe = observe

    def url(self, path):
        return self.simulator.url_of("twilio") + path.replace("~", f"/2010-04-01/Accounts/{self.account}", 1)

    def call(self, method, path, form=None, params=None, **options):
        response = self.session.request(method, self.url(path), data=form, params=params, timeout=30, **options)
        if self.observe:
            self.observe(response)
        return response

    def ok(self, method, path, form=None, status=200, **options):
        response = self.call(method, path, form, **options)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def create(self, path, **form):
        return self.ok("POST", path, form, status=201)

    def post(self, path, **form):
        return self.ok("POST", path, form)

    def get(self, path, params=None):
        return self.ok("GET", path, params=params)

    def refused(self, method, path, form=None, status=400, **options):
        """The code of a request that must be refused."""
        response = self.call(method, path, form, **options)
        assert response.status_code == status, (response.status_code, response.text)
        error = response.json()
        assert error["status"] == status and error["message"] and error["more_info"].endswith(str(error["code"]))
        return error["code"]

    def send(self, to=YOU, sender=ME, body="Hello", **form):
        return self.create("~/Messages.json", To=to, From=sender, Body=body, **form)


def signature(url, body, token=TOKEN):
    """X-Twilio-Signature as Twilio documents it."""
    pairs = sorted(urllib.parse.parse_qsl(body, keep_blank_values=True))
    text = url + "".join(key + value for key, value in pairs)
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
