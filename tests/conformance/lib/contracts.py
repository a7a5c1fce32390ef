"""What the providers published, read from the contracts folder: recorded requests and example answers."""

import json
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
CONTRACTS = pathlib.Path(os.environ.get("UNIGATE_CONTRACTS", ROOT.parent / "shared" / "contracts"))


def present() -> bool:
    return (CONTRACTS / "wire").is_dir()


def load(path: pathlib.Path):
    return json.loads(path.read_text(encoding="utf-8"))


def wire(provider: str) -> list[dict]:
    """Requests that the provider's official SDK sends, each with its intent in `op`."""
    path = CONTRACTS / "wire" / f"{provider}.json"
    return load(path)["records"] if path.exists() else []


class Example:
    """One published answer. `kind` says what of: 'payment_intent', 'GET /v2/checkout/orders/{id} 200', 'entity:order'."""

    def __init__(self, source: str, kind: str, status: int, body):
        self.source, self.kind, self.status, self.body = source, kind, status, body


def examples(provider: str) -> list[Example]:
    folder = CONTRACTS / provider
    found: list[Example] = []
    for path in sorted(folder.glob("*.json")):
        name = path.name
        if name.startswith("fixtures"):
            date = re.search(r"\d{4}-\d\d-\d\d", name).group()
            found += [Example(f"fixture {date} {kind}", kind, 200, body) for kind, body in load(path)["resources"].items()]
        elif ".pared." in name:  # a document derived from other examples says nothing new
            document = load(path)
            if "paths" in document:
                found += openapi_examples(name.split(".")[0], document)
        elif name == "docs_operations.json":
            found += documented_answers(load(path)["operations"])
        elif name == "sdk_docs_examples.json":
            for number, each in enumerate(load(path)["examples"]):
                for body in each.get("responses", []):
                    found.append(Example(f"sdk docs {number} {each['file']} {each['section']}", entity_of(body), 200, body))
        elif name == "python_mocks.json":
            found += [Example(f"sdk mock {mock}", entity_of(body), 200, body) for mock, body in load(path)["mocks"].items()]
    return unique(found)


def unique(found: list[Example]) -> list[Example]:
    """Numbers the sources that say the same of several answers, so that each example has a name."""
    seen: dict[str, int] = {}
    for example in found:
        seen[example.source] = seen.get(example.source, 0) + 1
        if seen[example.source] > 1:
            example.source += f" ({seen[example.source]})"
    return found


def openapi_examples(name: str, document: dict) -> list[Example]:
    found = []
    for path, item in document["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            responses = item.get(method, {}).get("responses", {})
            for status, response in responses.items():
                response = dereference(document, response)
                content = response.get("content", {}).get("application/json", {})
                bodies = dict(enumerate([content["example"]])) if "example" in content else {}
                for key, value in content.get("examples", {}).items():
                    bodies[key] = dereference(document, value).get("value")
                for key, body in bodies.items():
                    if status.isdigit():
                        kind = f"{method.upper()} {path} {status}"
                        found.append(Example(f"{name} {kind} {key}", kind, int(status), body))
    return found


def dereference(document: dict, value: dict) -> dict:
    while isinstance(value, dict) and "$ref" in value:
        target = document
        for part in value["$ref"].lstrip("#/").split("/"):
            target = target[part.replace("~1", "/")]
        value = target
    return value


def documented_answers(operations: list[dict]) -> list[Example]:
    found = []
    for each in operations:
        kind = f"{each['method']} {each['path']}"
        for body in each["responses"].get("success", []):
            found.append(Example(f"docs {each['file']} {kind}", entity_of(body), 200, body))
        for body in each["responses"].get("failure", []):
            found.append(Example(f"docs {each['file']} {kind} failure", "error", 400, body))
    return found


def entity_of(body) -> str:
    if not isinstance(body, dict):
        return "other"
    if "error" in body and isinstance(body["error"], dict):
        return "error"
    if body.get("entity") == "collection":
        items = body.get("items") or []
        return "collection:" + (one_entity(items[0]) if items and isinstance(items[0], dict) else "empty")
    if isinstance(body.get("payment_links"), list):
        return "payment_links"
    return "entity:" + one_entity(body)


def one_entity(body: dict) -> str:
    """The entity that a body names, else what its id begins with."""
    return str(body.get("entity") or str(body.get("id", "?")).split("_")[0])
