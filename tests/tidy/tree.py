"""The files of a source tree as the rules see them: own text only, comments and strings blanked on demand."""
import re
from dataclasses import dataclass
from pathlib import Path

SKIPPED_FOLDERS = {"build", "node_modules", "var", "dist", "__pycache__", "third_party", "venv"}
C_LIKE = {".c", ".h", ".cpp", ".hpp", ".ipp"}
SOURCE = C_LIKE | {".py", ".ts", ".tsx", ".js", ".mjs", ".jsx", ".go", ".sh", ".cmake", ".css"}
TEXT = SOURCE | {".sql", ".yaml", ".yml", ".json", ".md", ".txt", ".toml", ".map", ".in", ".html"}

_TOKEN = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r'|R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)


@dataclass(frozen=True)
class Violation:
    path: str  # relative to the root
    line: int  # 0: the file as a whole
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


class Tree:
    def __init__(self, root: Path):
        self.root = root
        self.files = sorted(self._walk(root))
        self._texts = {}

    def _walk(self, folder: Path):
        for entry in folder.iterdir():
            if entry.name.startswith(".") and entry.name != ".ci" or entry.is_symlink():
                continue
            if entry.is_dir():
                if entry.name not in SKIPPED_FOLDERS:
                    yield from self._walk(entry)
            elif entry.suffix in TEXT or self._is_script(entry):
                yield entry.relative_to(self.root)

    @staticmethod
    def _is_script(path: Path) -> bool:
        if path.suffix:
            return False
        with open(path, "rb") as file:
            return file.read(2) == b"#!"

    def text(self, path: Path) -> str:
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def under(self, *prefixes: str):
        """Files below any of the folders, which are relative to the root."""
        wanted = [Path(prefix).parts for prefix in prefixes]
        return [f for f in self.files if any(f.parts[: len(p)] == p for p in wanted)]

    def code(self, path: Path) -> str:
        """Text of a C or C++ file with comments and literals blanked, line by line as before."""
        return _TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), self.text(path))

    def exceptions(self):
        """(rule, path) pairs that tests/tidy/exceptions.txt excuses."""
        listed = set()
        file = self.root / "tests/tidy/exceptions.txt"
        if file.exists():
            for line in file.read_text().splitlines():
                words = line.split("#")[0].split()
                if words:
                    listed.add((words[0], words[1]))
        return listed


def find_all(pattern: re.Pattern, text: str):
    """(line number, match) of every match."""
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match


def is_script(path: Path) -> bool:
    return not path.suffix


def is_source(path: Path) -> bool:
    return path.suffix in SOURCE or is_script(path) or path.name == "CMakeLists.txt"


def is_c_like(path: Path) -> bool:
    return path.suffix in C_LIKE


def is_test(path: Path) -> bool:
    return path.parts[0] == "tests" or path.stem.endswith("_test")
