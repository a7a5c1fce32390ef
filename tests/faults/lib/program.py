"""What the programs of the fault tests have in common: options, a folder of their own, and how they end."""
import asyncio
import random
import shutil
import sys
import tempfile
from pathlib import Path

from checker import INVARIANTS
from lib.stack import missing_programs
from lib.wishes import save


def begin(parser, name):
    """The arguments, with a seed, and a folder for database, ledgers, answers and logs."""
    parser.add_argument("--seed", type=int, default=None, help="for the same choices again (the timing differs)")
    parser.add_argument("--keep", action="store_true", help="leave the folder with database, ledger, answers and logs")
    arguments = parser.parse_args()
    if missing_programs():
        sys.exit(f"not built: {', '.join(missing_programs())}; set UNIGATE_BUILD")
    arguments.seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 30)
    directory = tempfile.mkdtemp(prefix=f"unigate-{name}-")
    print(f"seed {arguments.seed}, {arguments.store}, in {directory}", flush=True)
    return arguments, directory


def run(test, stack, wishes, directory):
    """What `test` found, with the clients' answers saved and everything stopped."""
    try:
        found = asyncio.run(test.run())
        save(wishes(), Path(directory) / "answers.jsonl")
        return found
    finally:
        stack.stop()


def end(arguments, directory, counts):
    """`counts` of violations by invariant: the closing line and the exit status. The folder stays where something was found."""
    if not counts and not arguments.keep:
        shutil.rmtree(directory)
    print(f"{len(INVARIANTS) - len(counts)} passed, {len(counts)} failed")
    return 1 if counts else 0
