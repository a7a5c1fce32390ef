"""The rules. Each takes a Tree and yields Violations; each is proven able to fail by test_tidy.py."""
import re

from tree import Violation, find_all, is_c_like, is_source, is_test

# docs/ARCHITECTURE.md: arrows point only downwards in this list.
LAYERS = ["app", "rest", "webhooks", "onboarding", "gateway", "identity", "reconcile", "engine", "plugin_host",
          "net", "vault", "store", "telemetry", "base"]
# These don't know one another, so that each can be tested and replaced alone.
STRANGERS = {"net", "vault", "plugin_host", "engine", "reconcile", "store", "telemetry"}
SDK = "sdk-plugin-api"
# The strict reader and the currency table: base stands on them, and whoever may include base may include them.
SDK_HEADERS_FOR_ALL = {"unigate/json.hpp", "unigate/money.hpp"}
KNOW_PLUGINS = {"app", "gateway", "plugin_host", "webhooks"}
LINES_MAX = 800  # a file has fewer

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<mark>["<])(?P<path>[^">]+)[">]', re.MULTILINE)
_PROVIDERS = re.compile(r"stripe|razorpay|paypal|twilio", re.IGNORECASE)
_MARKERS = re.compile(r"\b(TODO|FIXME|XXX)\b")
_BANNED = {
    re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets)\s*\("): "writes without a bound; use std::string or snprintf",
    re.compile(r"(?<![\w.>])system\s*\("): "runs a shell; use posix_spawn with an argument list",
    re.compile(r"(?<![\w.>])s?rand\s*\("): "is predictable; use base/random.hpp",
}
_SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(")
_USING = re.compile(r"^\s*using\s+namespace\b", re.MULTILINE)


def _core_folders(tree):
    return sorted({f.parts[1] for f in tree.under("core") if len(f.parts) > 2})


def _declared(tree):
    """folder -> [(line, name)] of its dependencies.txt; a folder without the file is absent."""
    declared = {}
    for folder in _core_folders(tree):
        path = tree.root / "core" / folder / "dependencies.txt"
        if path.exists():
            lines = enumerate(path.read_text().splitlines(), start=1)
            declared[folder] = [(n, line.split("#")[0].strip()) for n, line in lines if line.split("#")[0].strip()]
    return declared


def _includes(tree, file):
    # Comments are blanked, but the quoted path has to survive: match on the text, check that the directive is code.
    code = tree.code(file)
    for line, match in find_all(_INCLUDE, tree.text(file)):
        if "#" in code[match.start():match.end()]:
            yield line, match["path"], match["mark"] == '"'


def dependencies_listed(tree):
    """Every include of another folder of core, or of the SDK, is listed in the folder's dependencies.txt."""
    folders, declared = set(_core_folders(tree)), _declared(tree)
    for file in tree.under("core"):
        if not is_c_like(file) or len(file.parts) < 3:
            continue
        own = file.parts[1]
        allowed = {name for _, name in declared.get(own, [])}
        for line, path, quoted in _includes(tree, file):
            head = path.split("/")[0]
            if head == "unigate":
                if path not in SDK_HEADERS_FOR_ALL and own not in KNOW_PLUGINS:
                    yield Violation(str(file), line, f"includes <{path}>: {own} knows nothing of plugins")
                elif SDK not in allowed and (path not in SDK_HEADERS_FOR_ALL or "base" not in allowed | {own}):
                    yield Violation(str(file), line, f"includes <{path}>: list '{SDK}' in core/{own}/dependencies.txt")
            elif head in folders and "/" in path and head != own and head not in allowed:
                yield Violation(str(file), line, f'includes "{path}": list \'{head}\' in core/{own}/dependencies.txt')
            elif quoted and ".." in path.split("/"):
                yield Violation(str(file), line, f'includes "{path}": write the path from core/ on')


def dependencies_legal(tree):
    """dependencies.txt exists for every folder, names only lower layers, and keeps strangers apart."""
    declared = _declared(tree)
    for folder in _core_folders(tree):
        path = f"core/{folder}/dependencies.txt"
        if folder not in LAYERS:
            yield Violation(f"core/{folder}", 0, "is no layer of docs/ARCHITECTURE.md; add it there and in tests/tidy/rules.py")
            continue
        if folder not in declared:
            yield Violation(path, 0, "is missing; name the folders that this one may include, one a line")
            continue
        for line, name in declared[folder]:
            if name == SDK:
                continue
            if name not in LAYERS:
                yield Violation(path, line, f"'{name}' is neither a layer nor {SDK}")
            elif folder == name:
                yield Violation(path, line, "a folder needs no leave for its own files")
            elif folder in STRANGERS and name in STRANGERS:
                yield Violation(path, line, f"{folder} and {name} must not know one another; join them in gateway")
            elif LAYERS.index(name) < LAYERS.index(folder):
                yield Violation(path, line, f"{name} lies above {folder}; turn the arrow round")


def dependencies_used(tree):
    """A listed arrow that nothing uses is a licence to drift. `app` wires all, so it may know all."""
    for folder, names in _declared(tree).items():
        if folder == "app":
            continue
        heads = set()
        for file in tree.under(f"core/{folder}"):
            if is_c_like(file):
                heads |= {path.split("/")[0] for _, path, _ in _includes(tree, file)}
        for line, name in names:
            if ("unigate" if name == SDK else name) not in heads:
                yield Violation(f"core/{folder}/dependencies.txt", line, f"nothing here includes {name}; delete the line")


def no_circles(tree):
    """The includes as they are, not as they are declared, form no circle."""
    folders = set(_core_folders(tree))
    graph = {folder: set() for folder in folders}
    for file in tree.under("core"):
        if is_c_like(file) and len(file.parts) > 2:
            graph[file.parts[1]] |= {p.split("/")[0] for _, p, _ in _includes(tree, file)} & folders - {file.parts[1]}
    done, trail = set(), []

    def walk(folder):
        if folder in trail:
            circle = trail[trail.index(folder):] + [folder]
            yield Violation(f"core/{folder}", 0, "circle: " + " -> ".join(circle))
        elif folder not in done:
            trail.append(folder)
            for target in sorted(graph[folder]):
                yield from walk(target)
            trail.pop()
            done.add(folder)

    for folder in sorted(graph):
        yield from walk(folder)


def plugins_know_the_sdk_alone(tree):
    """A plugin, an example and the SDK include nothing of core, and no plugin includes another."""
    folders = set(LAYERS) | {"core"}
    for file in tree.under("plugins", SDK):
        if not is_c_like(file):
            continue
        for line, path, _ in _includes(tree, file):
            parts = path.split("/")
            if len(parts) > 1 and (parts[0] in folders or "core" in parts or "plugins" in parts):
                yield Violation(str(file), line, f"includes {path}: a plugin knows <unigate/...> and its own files alone")
            elif parts.count("..") > 1:
                yield Violation(str(file), line, f"includes {path}: leaves its own plugin")


def no_provider_in_core(tree):
    """The core never names a provider, not in code, not in a comment, not in a file name."""
    for file in tree.under("core"):
        if _PROVIDERS.search(str(file)):
            yield Violation(str(file), 0, "file named after a provider")
        if file.suffix in {".md"}:
            continue
        for line, match in find_all(_PROVIDERS, tree.text(file)):
            yield Violation(str(file), line, f"names '{match.group()}'; what is particular to a provider belongs in its plugin")


def file_length(tree):
    """Own source stays under 800 lines."""
    for file in tree.files:
        if is_source(file):
            lines = tree.text(file).count("\n")
            if lines >= LINES_MAX:
                yield Violation(str(file), 0, f"{lines} lines; split it, the limit is {LINES_MAX - 1}")


def banned_calls(tree):
    """Unsafe C calls anywhere; sleeps in tests, which wait for events instead."""
    for file in tree.files:
        if not is_c_like(file):
            continue
        code = tree.code(file)
        for pattern, why in _BANNED.items():
            for line, match in find_all(pattern, code):
                yield Violation(str(file), line, f"{match.group().strip('( ')} {why}")
        if is_test(file):
            for line, match in find_all(_SLEEP, code):
                yield Violation(str(file), line, f"{match.group().strip('( ')} in a test; wait for the event")


def no_using_namespace_in_headers(tree):
    for file in tree.files:
        if file.suffix in {".h", ".hpp"}:
            for line, _ in find_all(_USING, tree.code(file)):
                yield Violation(str(file), line, "using namespace in a header")


def no_markers(tree):
    """Nothing is left for later in the text."""
    for file in tree.files:
        for line, match in find_all(_MARKERS, tree.text(file)):
            yield Violation(str(file), line, f"{match.group()}: do it, or open an issue")


ALL_RULES = {
    rule.__name__.replace("_", "-"): rule
    for rule in (dependencies_listed, dependencies_legal, dependencies_used, no_circles, plugins_know_the_sdk_alone,
                 no_provider_in_core, file_length, banned_calls, no_using_namespace_in_headers, no_markers)
}
