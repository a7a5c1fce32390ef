"""A look into a gateway's SQLite database, and the hand of fate: what takes a day in life."""
import sqlite3
from contextlib import closing


def _connect(gateway):
    return sqlite3.connect(f"{gateway.directory}/unigate.db", timeout=30)


def escalate(gateway, transaction_id):
    """Gives an operation that is being found out up, as the gateway does after a day. Its driver loses the next race."""
    with closing(_connect(gateway)) as database, database:
        changed = database.execute(
            "UPDATE operations SET state = 'escalated', fence = fence + 1, next_resolve_at = 0, transition_seq = transition_seq + 1"
            " WHERE id = ? AND state IN ('intent', 'sent', 'unknown')", (transaction_id,)).rowcount
        assert changed == 1, f"{transaction_id} is not open"
        database.execute(
            "INSERT INTO transaction_logs (operation_id, seq, org_id, from_state, to_state, attempt, fence, at, reason, action, outcome,"
            " provider_us, own_us, provider_request_id, actor) SELECT id, transition_seq, org_id, 'unknown', state, attempt, fence,"
            " updated_at, 'unresolved for too long', '', '', 0, 0, '', 'test' FROM operations WHERE id = ?", (transaction_id,))


def make_older(gateway, transaction_id, hours):
    with closing(_connect(gateway)) as database, database:
        database.execute("UPDATE operations SET created_at = created_at - ? WHERE id = ?", (hours * 3_600_000, transaction_id))


def rows(gateway, sql, *parameters):
    with closing(_connect(gateway)) as database:
        return database.execute(sql, parameters).fetchall()


def back_up(gateway, target):
    """A copy while the gateway serves, as `sqlite3 .backup` makes it."""
    with closing(_connect(gateway)) as database, closing(sqlite3.connect(target)) as copy:
        database.backup(copy)
