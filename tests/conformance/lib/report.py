"""The table of a run: on the terminal, as docs/CONFORMANCE.md, and as plugins/<id>/verified.json."""

import datetime
import json
import pathlib

import yaml

HEAD = ("operation", "provider", "requests valid", "equal to SDK", "answers parsed", "variants", "errors mapped")


def rows(results) -> list[tuple[str, ...]]:
    found = []
    for operation in sorted({operation for each in results for operation in each.cells}):
        for each in results:
            if operation not in each.manifest["operations"]:
                continue
            cell = each.cells[operation]
            sdk = f"{cell.sdk_equal} + {cell.sdk_explained} explained" if cell.sdk_explained else str(cell.sdk_equal)
            if cell.sdk_equal + cell.sdk_explained == 0:
                sdk = "none recorded"
            answers = str(cell.answers) if cell.answers else "none published"
            found.append((operation, each.provider, str(cell.requests), sdk, answers, str(cell.variants), str(cell.errors)))
    return found


def table(results) -> str:
    lines = [HEAD, *rows(results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() for line in lines)


def write(root: pathlib.Path, results):
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    for each in results:
        write_verified(root, each, today)
    write_page(root, results, today)


def write_verified(root: pathlib.Path, result, today: str):
    """What `GET /v1/providers/{p}/capabilities` shows: rewritten only when more than the date would change."""
    path = result.folder / f"{result.provider}.verified.json"
    operations = {}
    for operation in result.manifest["operations"]:
        cell = result.cells[operation]
        against = []
        if cell.requests:
            against.append("openapi")
        if cell.sdk_equal + cell.sdk_explained:
            against.append("sdk_requests")
        if cell.answers:
            against.append("published_answers")
        if cell.errors:
            against.append("error_transcripts")
        operations[operation] = {
            "against": against,
            "cases": cell.requests + cell.sdk_equal + cell.sdk_explained + cell.answers + cell.variants + cell.errors}
    made = {"provider": result.provider, "version": result.manifest["version"], "date": today, "operations": operations}
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if {**before, "date": today} != made:
        path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def write_page(root: pathlib.Path, results, today: str):
    lines = ["# Conformance", "",
             "Written by `tests/conformance/run --write` (" + today + "); what each column means stands at the head of that file.",
             "", "| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    lines += ["| " + " | ".join(row) + " |" for row in rows(results)]
    lines += ["", "## Where an adapter sends something else than the official SDK", ""]
    for result in results:
        for intent, plan in sorted((result.plan.get("wire") or {}).items()):
            for where, why in (plan.get("differs") or {}).items():
                lines.append(f"- {result.provider}, {intent}, `{where}`: {why}")
            if "not_ours" in plan:
                lines.append(f"- {result.provider}, {intent}: not offered: {plan['not_ours']}")
        for where, why in (result.plan.get("differs") or {}).items():
            lines.append(f"- {result.provider}, everywhere, `{where}`: {why}")
    (root / "docs" / "CONFORMANCE.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
