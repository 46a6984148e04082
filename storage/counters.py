"""Numbers in commit order."""

from sqlalchemy import Connection, update

from storage.models import CounterRow


def take(connection: Connection, name: str, count: int) -> int:
    """Take `count` numbers and return the first.

    The counter's row stays locked until the transaction ends, so whoever takes later numbers commits later. A sequence of
    PostgreSQL gives no such promise: a reader who remembers the last number it saw would skip a slower writer's.
    """
    statement = (
        update(CounterRow).where(CounterRow.name == name).values(value=CounterRow.value + count).returning(CounterRow.value)
    )
    return connection.execute(statement).scalar_one() - count + 1
