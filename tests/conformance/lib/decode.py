"""Requests as trees, so that two of them can be compared whatever the order and escapes of their text."""

import json
import re
import urllib.parse


def form_tree(text: str):
    """a[b][0]=x as nested values; a repeated plain name is a list."""
    root: dict = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        head, brackets = re.fullmatch(r"([^\[]*)((?:\[[^\]]*\])*)", name, re.S).groups() if "[" in name else (name, "")
        parts = [head] + re.findall(r"\[([^\]]*)\]", brackets)
        node = root
        for index, part in enumerate(parts):
            if part == "" and index > 0:
                part = str(len(node))
            last = index + 1 == len(parts)
            if last:
                if part in node:
                    before = node[part] if isinstance(node[part], list) else [node[part]]
                    node[part] = before + [value]
                else:
                    node[part] = value
            else:
                node = node.setdefault(part, {})
    return listed(root)


def listed(node):
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [listed(node[key]) for key in sorted(node, key=int)]
    return {key: listed(value) for key, value in node.items()}


def request_tree(method: str, target: str, headers: dict, body: str) -> dict:
    """{method, path, query, auth, headers, body} of what stands on the wire."""
    path, _, query = target.partition("?")
    names = {name.lower(): value for name, value in headers.items()}
    content = names.get("content-type", "").split(";")[0].strip().lower()
    if not body:
        tree = None
    elif content == "application/json":
        tree = json.loads(body)
    elif content == "application/x-www-form-urlencoded":
        tree = form_tree(body)
    else:
        tree = body
    return {
        "method": method.upper(),
        "path": urllib.parse.unquote(path),
        "query": form_tree(query) if query else {},
        "auth": names.get("authorization", "none").split(" ")[0],
        "content_type": content if body else "",
        "body": tree,
    }


def differences(ours, theirs, at: str = "") -> list[tuple[str, str]]:
    """(path, what) for every leaf that is not the same."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted(ours.keys() | theirs.keys()):
            where = f"{at}.{key}" if at else key
            if key not in theirs:
                found.append((where, f"only ours: {json.dumps(ours[key])[:80]}"))
            elif key not in ours:
                found.append((where, f"only theirs: {json.dumps(theirs[key])[:80]}"))
            else:
                found += differences(ours[key], theirs[key], where)
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [each for index, pair in enumerate(zip(ours, theirs)) for each in differences(*pair, f"{at}[{index}]")]
    same = ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)
    return [] if same else [(at, f"ours {json.dumps(ours)[:80]}, theirs {json.dumps(theirs)[:80]}")]
