"""The reader of .env files against the npm package `dotenv`, whose grammar it follows: hand-picked texts and a
generated corpus, value for value."""

import fcntl
import hashlib
import json
import os
import random
import shutil
import subprocess

import pytest

from support.paths import BUILD, ROOT

ORACLE = ROOT / "tests" / "env_oracle"
READER = BUILD / "tests" / "env_oracle" / "env_file_print"
TEXTS_A_ROUND = 4000
ROUNDS = 5

HAND_PICKED = [
    "",
    "A=1",
    "A = 1 \nB=2",
    "export A=1\nexport  B = 2\nexport=3\nexport =4\nexport export=5\nexport\nC=6",
    "A='one'\nB=\"two\"\nC=`three`",
    "A=\"line\\nnext\\r\"\nB='line\\nnext'\nC=line\\nnext\nD=`x\\ny`",
    "A=\"several\nlines\" # why\nB='more\nlines'",
    "A=1 # comment\nB='1 # no comment'\nC=1#comment\nD=#comment\n# E=1",
    "\ufeffA=1\nB=2",
    "A=1\r\nB=2\rC=3\r\n",
    "A=${B}\nB=$C\nC=\\$D",
    "A=1\nA=2\nA=3",
    "A: 1\nB:2\nC:\t'x'\nD:\nE=1",
    "A=\n'next line'\nB=\n\n\nC=1",
    "A='it\\'s'\nB='it\\'s' x\nC=\"a\\\"b\"\nD='x\\'",
    "A='open\nB='open too\nC=\"",
    "A=\"x\" and \"y\"\nB='a' 'b'\nC='a'b",
    "A='x'\n\n   # a comment further down\nB=1",
    "a.b-c_1=1\n.=2\n-=3\n1=4",
    "A=\u00a0padded\u00a0\nB=\u2028x\nC=a\u2028b\u2028'c'",
    "__proto__=1\nconstructor=2\nA=1",
    "A==\nB==b64==\nC=a=b=c",
    "A=\"'x'\"\nB='\"x\"'\nC=`'x' \"y\"`",
    "A='x\n'y'\n\"z\"'",
    "no assignment\n=no name\nA B=1\nA",
    "KEY=\"-----BEGIN KEY-----\nab+/=\n-----END KEY-----\"\nNEXT=1",
]

# Where readers of this grammar go wrong: quotes, escapes, comments, line ends, white space of other scripts.
PIECES = ["A", "B_2", "c.d-e", "export", "export ", "=", " = ", ":", ": ", "'", '"', "`", "\\", "\\'", '\\"', "\\`", "\\n",
          "\\r", "#", " # x", "\n", "\n\n", "\r\n", "\r", " ", "\t", "\u00a0", "\ufeff", "\u2028", "\u2003", "\x0b", "$", "${A}",
          "value", "é", "日本", "😀", "1", "\x00", "=x", "A=", "\nA='", "\nB=\"", "\nC=`", "'\n", "\"\n", "`\n", "__proto__"]


@pytest.fixture(scope="module")
def oracle_modules():
    """The node_modules folder with the package; the tests are skipped where npm can't be reached."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("Node is not installed")
    lock_file = ORACLE / "package-lock.json"
    build = BUILD / f"env-oracle-{hashlib.sha256(lock_file.read_bytes()).hexdigest()[:16]}"
    build.mkdir(parents=True, exist_ok=True)
    with open(build / ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (build / ".complete").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(ORACLE / name, build)
            done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=build,
                                  capture_output=True, text=True, timeout=300, check=False)
            if done.returncode != 0:
                pytest.skip(f"npm can't install the package: {done.stderr[-200:]}")
            (build / ".complete").touch()
    return build / "node_modules"


def read_all(command, texts, environment=None):
    done = subprocess.run(command, input=json.dumps(texts) + "\n", capture_output=True, text=True, check=True, timeout=300,
                          env=environment)
    return json.loads(done.stdout)


def assert_alike(texts, modules):
    ours = read_all([READER], texts)
    theirs = read_all(["node", ORACLE / "dotenv_print.js"], texts, {**os.environ, "NODE_PATH": str(modules)})
    assert len(ours) == len(theirs) == len(texts)
    for text, own, other in zip(texts, ours, theirs):
        assert own == other, f"read otherwise: {text!r}"


def test_hand_picked_texts_read_as_the_package_reads_them(oracle_modules):
    assert_alike(HAND_PICKED, oracle_modules)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_generated_texts_read_as_the_package_reads_them(oracle_modules, round_number):
    made = random.Random(f"env grammar {round_number}")
    texts = ["".join(made.choices(PIECES, k=made.randint(1, 40))) for _ in range(TEXTS_A_ROUND)]
    # Whole files too: lines that mostly are assignments.
    for _ in range(TEXTS_A_ROUND // 4):
        lines = [f"{made.choice(PIECES[:6])}NAME_{made.randint(0, 5)}{made.choice(['=', ' = ', ': ', ':'])}"
                 f"{''.join(made.choices(PIECES, k=made.randint(0, 6)))}" for _ in range(made.randint(1, 12))]
        texts.append(made.choice(["\n", "\r\n"]).join(lines))
    assert_alike(texts, oracle_modules)


def test_no_text_takes_long():
    """Texts that make a backtracking reader slow, at the largest size."""
    size = 128 * 1024
    texts = [
        "\n" * size,
        "A='" + "\\'" * (size // 2 - 2),
        "A='\n" * (size // 4),
        'A="\n' + "'a\n" * (size // 3 - 4) + '"',
        "A=" + " " * (size - 2),
        "export " * (size // 7),
        "\u2028" * (size // 3),
        "A='" + "\\'\n" * (size // 3 - 2),
    ]
    done = subprocess.run([READER], input=json.dumps(texts) + "\n", capture_output=True, text=True, check=True, timeout=20)
    assert len(json.loads(done.stdout)) == len(texts)
