"""Checks an answer against core/rest/openapi.yaml: documented status, media type, headers and schema."""
import re
from functools import lru_cache

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from support.paths import OPENAPI

_BASE = "urn:openapi"


class _Loader(yaml.SafeLoader):
    """YAML 1.2 as far as this file goes: times stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Contract:
    def __init__(self, path=OPENAPI):
        self.document = yaml.load(path.read_text(), Loader=_Loader)
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource(_BASE, resource)
        self._paths = [
            # {path} stands for the rest of the path, slashes and all.
            (re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", template.replace("{path}", ".+")) + "$"), template)
            for template in sorted(self.document["paths"], key=lambda t: t.count("{"))
        ]
        self.seen = set()  # (method, template, status)

    def template_of(self, path):
        return next((template for pattern, template in self._paths if pattern.match(path)), None)

    def check(self, method, path, response):
        """Raises AssertionError when the answer of `method` on `path` (without query) isn't documented."""
        where = f"{method} {path} -> {response.status_code}"
        template = self.template_of(path)
        operation = self.document["paths"].get(template, {}).get(method.lower())
        if operation is None:
            wanted = 405 if template else 404
            if method not in ("HEAD", "OPTIONS"):
                assert response.status_code in (wanted, 401, 413), f"{where}: a miss must be {wanted}"
            self._check_problem(where, response)
            return
        answers = operation["responses"]
        status = str(response.status_code)
        if status == "408":  # the edge waited in vain for the rest of the request
            self._check_problem(where, response)
            return
        self.seen.add((method, template, status))
        status = next((each for each in (status, status[0] + "XX", "default") if each in answers), status)
        assert status in answers, f"{where}: undocumented status; body {response.text[:500]}"
        pointer = f"/paths/{_escaped(template)}/{method.lower()}/responses/{status}"
        answer = answers[status]
        if "$ref" in answer:
            pointer = answer["$ref"][1:]
            answer = self._resolve(pointer)
        self._check_headers(where, answer, response)
        media = response.headers.get("Content-Type", "").split(";")[0].strip()
        content = answer.get("content", {})
        if method == "HEAD" or response.status_code == 204 or ("*/*" in content and media not in content):
            return
        assert media in content, f"{where}: media type {media!r}, documented: {sorted(content)}"
        if media.endswith("json"):
            schema = f"{pointer}/content/{_escaped(media)}/schema"
            faults = [f"{error.json_path}: {error.message}" for error in self._validator(schema).iter_errors(response.json())]
            assert not faults, f"{where}: {faults}\n{response.text[:2000]}"
            if media == "application/problem+json":
                self._check_problem(where, response)

    def _check_headers(self, where, answer, response):
        for name, header in answer.get("headers", {}).items():
            if "$ref" in header:
                header = self._resolve(header["$ref"][1:])
            value = response.headers.get(name)
            if value is None:
                assert not header.get("required"), f"{where}: header {name} is missing"
                continue
            schema = header["schema"]
            value = int(value) if schema.get("type") == "integer" and value.isdigit() else value
            Draft202012Validator(schema).validate(value)

    def _check_problem(self, where, response):
        assert response.headers.get("Content-Type") == "application/problem+json", f"{where}: {response.headers}"
        body = response.json()
        faults = list(self._validator("/components/schemas/Problem").iter_errors(body))
        assert not faults, f"{where}: {faults[0].message}\n{body}"
        assert body["status"] == response.status_code, where
        if "X-Request-Id" in response.headers and "Idempotent-Replayed" not in response.headers:
            assert body["request_id"] == response.headers["X-Request-Id"], where

    def _resolve(self, pointer):
        node = self.document
        for part in pointer.strip("/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    @lru_cache(maxsize=None)
    def _validator(self, pointer):
        return Draft202012Validator(
            {"$ref": f"{_BASE}#{pointer.replace('{', '%7B').replace('}', '%7D')}"},
            registry=self._registry,
            format_checker=FormatChecker(["date-time", "uri-reference"]),
        )


def _escaped(name):
    return name.replace("~", "~0").replace("/", "~1")
