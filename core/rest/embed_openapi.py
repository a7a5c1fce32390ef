#!/usr/bin/env python3
"""Puts the parts of the contract together: core/rest/openapi/*.yaml, one file for each resource.

  embed_openapi.py PARTS OUT.cpp     as JSON in a C++ source, for the build
  embed_openapi.py PARTS OUT.yaml    as one YAML file; core/rest/openapi.yaml is written this way

The parts are OpenAPI 3.1 with four abbreviations for what would else be repeated a hundred times:
  parameters: [Limit]                a name stands for {$ref: '#/components/parameters/Limit'}
  responses: {created: Payout}       an answer of the usual form with that schema; see ANSWERS
  responses: {problems: write}       the problems that such a request can meet; see PROBLEMS
  document: payout po_               in a schema: what every document has, around its own properties
"""
import json
import re
import sys
from pathlib import Path

import yaml

UNKNOWN = "The provider's answer is not known yet. The gateway is finding out; read the resource again."
# word: (status, suffix of the component's name, description, headers)
ANSWERS = {
    "created": ("201", "Created", "Created.", ["Location", "Idempotent-Replayed"]),
    "added": ("201", "Added", "Added.", ["Idempotent-Replayed"]),  # has no path of its own
    "unknown": ("202", "Unknown", UNKNOWN, ["Idempotent-Replayed"]),
    "answer": ("200", "Answer", "The {}.", []),
    "changed": ("200", "Changed", "The {} as it is now.", ["Idempotent-Replayed"]),
    "list": ("200", "List", "A page of {}s.", []),
}
HEADERS = {"Location": "Location", "Idempotent-Replayed": "Replayed", "X-Request-Id": "RequestId", "RateLimit": "RateLimit",
           "RateLimit-Policy": "RateLimitPolicy"}
PROBLEM_NAMES = {
    "400": "BadRequest", "401": "Unauthorized", "402": "Declined", "403": "Forbidden", "404": "NotFound", "409": "Conflict",
    "413": "TooLarge", "414": "UriTooLong", "415": "UnsupportedMediaType", "422": "Unprocessable", "429": "RateLimited",
    "431": "HeadersTooLarge", "500": "Internal", "501": "NotImplemented", "502": "BadGateway", "503": "Unavailable",
    "504": "GatewayTimeout",
}
PROBLEMS = {
    "write": list(PROBLEM_NAMES),  # changes something at a provider
    "provider": [s for s in PROBLEM_NAMES if s not in ("402", "409", "413", "415")],  # may ask a provider
    "decision": [s for s in PROBLEM_NAMES if s not in ("402", "501", "502", "504")],  # writes to one of our own records
    "record": ["400", "401", "403", "404", "414", "422", "429", "431", "500", "503"],  # one of our own records
    "records": ["400", "401", "403", "414", "422", "429", "431", "500", "503"],  # a list of them
}
ORDERS = {"Provider": "In the order of their ids.", "SearchResult": "By type, in each type the newest first.",
          "Member": "The longest member first.", "Organisation": "The longest membership first.", "Invitation": "The oldest first."}
# Kinds whose 202 may also be the short form that tells no more than the operation.
SHORT_WHEN_UNKNOWN = {"Customer", "PaymentMethod", "Product", "Plan", "Account", "ProviderWebhook"}


class Loader(yaml.SafeLoader):
    """YAML 1.2 as far as the contract goes: times stay text, keys are unique."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def ref(kind, name):
    return {"$ref": f"#/components/{kind}/{name}"}


def words(name):
    """PaymentLink -> 'payment link'"""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def response(word, schema):
    _, _, description, headers = ANSWERS[word]
    description = description.format(words(schema))
    content = ref("schemas", schema)
    if word == "unknown" and schema in SHORT_WHEN_UNKNOWN:
        content = {"anyOf": [content, ref("schemas", "Processing")]}
    if word == "list":
        order = ORDERS.get(schema, "The newest first.")
        content = {
            "type": "object", "required": ["object", "data", "has_more", "next_cursor"], "additionalProperties": False,
            "properties": {
                "object": {"type": "string", "const": "list", "description": "Always `list`."},
                "data": {"type": "array", "items": content, "description": order},
                "has_more": {"type": "boolean", "description": "Whether there is another page."},
                "next_cursor": {"type": ["string", "null"], "description": "For `starting_after`; null on the last page."},
            },
        }
    named = ["X-Request-Id", *headers, "RateLimit", "RateLimit-Policy"]
    return {"description": description, "headers": {name: ref("headers", HEADERS[name]) for name in named},
            "content": {"application/json": {"schema": content}}}


def expand_responses(responses, components):
    out = {}
    for word, value in responses.items():
        if word == "problems":
            out.update({status: ref("responses", PROBLEM_NAMES[status]) for status in PROBLEMS[value]})
        elif word in ANSWERS:
            status, suffix = ANSWERS[word][:2]
            components.setdefault(value + suffix, response(word, value))
            out[status] = ref("responses", value + suffix)
        else:
            out[word] = value
    return dict(sorted(out.items()))


def expand_parameters(parameters):
    return [ref("parameters", each) if isinstance(each, str) else each for each in parameters]


def expand_document(name, schema):
    kind, prefix = schema.pop("document").split()
    own = schema.get("properties", {})
    text = {"type": ["string", "null"]}
    properties = {
        "object": {"type": "string", "const": kind, "description": f"Always `{kind}`."},
        "id": {**text, "pattern": f"^{prefix}[0-9a-hj-kmnp-tv-z]{{26}}$",
               "description": "Our id; null in lists of the provider's own that were not made through us.",
               "examples": [f"{prefix}01jd3kq8v7wz4m2n5t6r8x9yab"]},
        "transaction_id": {"type": "string", "pattern": "^txn_[0-9a-hj-kmnp-tv-z]{26}$",
                           "description": "The operation that created or last changed it; absent where none of ours did.",
                           "examples": ["txn_01jd3kq8v7wz4m2n5t6r8x9ycd"]},
        "provider": ref("schemas", "ProviderId"),
        "provider_id": {**text, "description": "The provider's id; null while it is not known."},
        "livemode": {"type": "boolean", "description": "False in the test environment."},
        **own,
        "metadata": ref("schemas", "Metadata"),
        "created_at": ref("schemas", "Time"),
        "updated_at": ref("schemas", "Time"),
        "raw": ref("schemas", "Raw"),
    }
    required = [each for each in properties if each not in ("transaction_id", "raw")]
    head = {"type": "object"}
    if "description" in schema:
        head["description"] = schema["description"]
    return {**head, "required": required, "additionalProperties": False, "properties": properties}


def merge(folder):
    parts = sorted(folder.glob("*.yaml"), key=lambda path: (path.stem != "common", path.stem))
    whole, order = None, []
    for path in parts:
        part = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
        if whole is None:
            whole = part
            whole.setdefault("paths", {})
            order = [tag["name"] for tag in whole["tags"]]
            continue
        unknown = set(part) - {"paths", "components"}
        if unknown:
            sys.exit(f"{path}: only paths and components belong here, not {', '.join(sorted(unknown))}")
        for target, source in [(whole["paths"], part.get("paths", {}))] + [
            (whole["components"].setdefault(kind, {}), members) for kind, members in part.get("components", {}).items()
        ]:
            for name, value in source.items():
                if name in target:
                    sys.exit(f"{path}: {name} stands in another part already")
                target[name] = value
    components = whole["components"]
    for item in whole["paths"].values():
        for method, operation in item.items():
            if method == "parameters":
                item[method] = expand_parameters(operation)
                continue
            operation["parameters"] = expand_parameters(operation.get("parameters", []))
            operation["responses"] = expand_responses(operation["responses"], components["responses"])
    for name, schema in components["schemas"].items():
        if "document" in schema:
            components["schemas"][name] = expand_document(name, schema)

    def first_tag(path):
        operations = [each for method, each in whole["paths"][path].items() if method != "parameters"]
        return order.index(operations[0]["tags"][0])

    # In the order of the tags: that of the documentation's pages.
    whole["paths"] = {path: whole["paths"][path] for path in sorted(whole["paths"], key=first_tag)}
    whole["components"] = {kind: components[kind] for kind in ("securitySchemes", "parameters", "headers", "responses", "schemas")}
    head = ("openapi", "info", "servers", "security", "tags")
    return {**{key: whole[key] for key in head}, "paths": whole["paths"], "components": whole["components"]}


def as_cpp(document):
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=True)
    pieces = [text[i : i + 8000] for i in range(0, len(text), 8000)]
    return "".join([
        '#include "rest/openapi_text.hpp"\n\nnamespace unigate::rest {\n\nstd::string openApiJson() {\n  std::string text;\n',
        *(f'  text += R"~json~({piece})~json~";\n' for piece in pieces),
        "  return text;\n}\n\n}  // namespace unigate::rest\n",
    ])


def as_yaml(document):
    note = ("# The contract of the REST API in one file, for tools. Written by embed_openapi.py from openapi/*.yaml:\n"
            "# change those, then run: core/rest/embed_openapi.py core/rest/openapi core/rest/openapi.yaml\n")
    return note + yaml.dump(document, Dumper=Dumper, sort_keys=False, default_flow_style=None, width=180, allow_unicode=True)


def main(folder, target):
    document = merge(Path(folder))
    text = as_yaml(document) if target.endswith(".yaml") else as_cpp(document)
    Path(target).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
