"""The TLS listener."""
import socket
import ssl
import subprocess

import pytest
import requests

from support.client import Client
from support.processes import Gateway


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory / "key.pem",
                    "-out", directory / "certificate.pem"], check=True, capture_output=True)
    gateway = Gateway(directory, {"server": {"tls": {"certificate": str(directory / "certificate.pem"), "key": str(directory / "key.pem")}}})
    gateway.tls = True
    gateway.start()
    yield gateway
    gateway.stop()


def test_serves_with_a_verified_certificate(secured, contract):
    client = Client(secured.url, secured.key(secured.organisation()), contract, verify=str(secured.directory / "certificate.pem"))
    assert client.ok("GET", "/v1/providers")["object"] == "list"


def test_plain_http_on_the_tls_port_gets_nothing(secured):
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{secured.port}/health", timeout=5)


@pytest.mark.parametrize("version, accepted", [
    (ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)])
def test_only_current_versions(secured, version, accepted):
    context = ssl.create_default_context(cafile=secured.directory / "certificate.pem")
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    def connect():
        with socket.create_connection(("127.0.0.1", secured.port), timeout=5) as connection:
            with context.wrap_socket(connection, server_hostname="127.0.0.1") as tls:
                return tls.version()
    if accepted:
        assert connect() == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]
    else:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            connect()


@pytest.mark.parametrize("certificate, key, word", [
    ("missing.pem", "key.pem", "missing.pem"), ("certificate.pem", "missing.pem", "missing.pem"), ("certificate.pem", "certificate.pem", "certificate.pem"),
])
def test_certificates_that_do_not_work_are_named(secured, tmp_path, certificate, key, word):
    gateway = Gateway(tmp_path, {"server": {"tls": {"certificate": str(secured.directory / certificate), "key": str(secured.directory / key)}}})
    gateway.make_key_encryption_key()
    done = gateway.run("serve", check=False)
    assert done.returncode == 1 and word in done.stderr
    assert len([line for line in done.stderr.splitlines() if not line.startswith("{")]) == 1
