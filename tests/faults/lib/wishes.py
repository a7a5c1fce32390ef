"""What clients wanted, under which key, and every answer they were given: the third book beside ours and the provider's.

A wish that is written down is a line of JSON, so that the checker can read it as a program too.
"""
import base64
import json
from dataclasses import asdict, dataclass, field

SUCCESS = (200, 201, 202)


def _problem(text):
    try:
        problem = json.loads(text)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def is_kept(status, text):
    """Whether the gateway keeps this answer for the key: every success, and a refusal by the provider."""
    if status in SUCCESS:
        return True
    problem = _problem(text)
    return status < 500 and "transaction_id" in problem and problem.get("outcome") == "declined"


def is_key_reused(status, text):
    return status == 422 and _problem(text).get("code") == "idempotency_key_reused"


def is_transient(status, text):
    """Answers after which the same request may be sent again: in flight, too many, not executed, not known."""
    return status in (409, 429, 500, 502, 503, 504) and not is_kept(status, text)


@dataclass
class Wish:
    key: str
    operation: str
    provider: str
    path: str
    body: dict | None
    mark: str = ""  # what tells its movement where the provider keeps nothing of ours: a number that is called once
    method: str = "POST"
    answers: list = field(default_factory=list)  # (status, bytes, replayed)
    altered: list = field(default_factory=list)  # (status, bytes): other bodies under the key
    unanswered: int = 0  # connections that broke before an answer

    def note(self, status, text, replayed):
        self.answers.append((status, text, replayed))

    def kept(self):
        """The first answer that must come again, if there was one."""
        return next((answer for answer in self.answers if is_kept(answer[0], answer[1])), None)

    def refused(self):
        """Refused before there was an operation: nothing can follow."""
        return any(400 <= status < 500 and not is_kept(status, text) and not is_transient(status, text)
                   for status, text, _ in self.answers)

    def line(self):
        record = asdict(self)
        record["answers"] = [(status, base64.b64encode(text).decode(), replayed) for status, text, replayed in self.answers]
        record["altered"] = [(status, base64.b64encode(text).decode()) for status, text in self.altered]
        return json.dumps(record)

    @staticmethod
    def read(line):
        record = json.loads(line)
        record["answers"] = [(status, base64.b64decode(text), replayed) for status, text, replayed in record["answers"]]
        record["altered"] = [(status, base64.b64decode(text)) for status, text in record["altered"]]
        return Wish(**record)


def save(wishes, file):
    with open(file, "w") as out:
        for wish in wishes:
            out.write(wish.line() + "\n")


def load(file):
    with open(file) as lines:
        return [Wish.read(line) for line in lines if line.strip()]
