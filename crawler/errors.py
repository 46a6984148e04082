"""Everything Paperlark raises on purpose.

PaperlarkError
  CrawlError
    FetchError      the network or the server failed; retry
      UnknownHostError  its name could not be looked up; another try at once would fail as well
      CertificateError  nobody vouches for it
      NoConnectionError  it takes no connection
    RefusedError    the guard does not let this address be fetched
      ChallengeError  the host wants to see that a person asks
    ReadError       the bytes are not what the source promised
  StorageError      the database did not answer as it should; retry
    SchemaError     the store is of another version
  QueryError        a topic's query cannot be read
  DeliveryError     a message could not be handed over; retry
  SettingsError     the call or the settings are wrong

An expected failure of one entry, one source or one message is a value (a Reject, a Verdict, a Delivery), not one of these.
"""

from collections.abc import Sequence


class PaperlarkError(Exception):
    """something went wrong"""  # noqa: D400 - the docstring is the message

    retry = False
    """Whether the same call may succeed later without anybody doing anything."""

    def __init__(self, *about: object) -> None:
        """Keep what the error is about (a source, a URL, a place), most general first."""
        super().__init__(*about)
        self.about = tuple(str(part) for part in about)

    def __str__(self) -> str:
        """Say the default message of the class, then what it is about, then what caused it."""
        parts = [(type(self).__doc__ or "").strip(), *self.about]
        if self.__cause__ is not None:
            parts.append(f"{type(self.__cause__).__name__}: {_line(self.__cause__)}")
        return ": ".join(part for part in parts if part)


def _line(cause: BaseException) -> str:
    """Return what a foreign error says in its first line; PostgreSQL's further lines quote the statement."""
    lines = str(cause).strip().splitlines() or [""]
    return " ".join(lines[:2] if lines[0].endswith(":") else lines[:1])


class CrawlError(PaperlarkError):
    """the crawl could not go on"""  # noqa: D400


class FetchError(CrawlError):
    """the page could not be fetched"""  # noqa: D400

    retry = True


class UnknownHostError(FetchError):
    """the page could not be fetched"""  # noqa: D400

    retry = False


class CertificateError(FetchError):
    """the page could not be fetched"""  # noqa: D400


class NoConnectionError(FetchError):
    """the page could not be fetched"""  # noqa: D400


class RefusedError(CrawlError):
    """this address may not be fetched"""  # noqa: D400


class ChallengeError(RefusedError):
    """the host wants to see that a person asks"""  # noqa: D400


class ReadError(CrawlError):
    """the page is not what the source promised"""  # noqa: D400


class StorageError(PaperlarkError):
    """the store did not answer as it should"""  # noqa: D400

    retry = True


class SchemaError(StorageError):
    """the store is of another version"""  # noqa: D400

    retry = False


class QueryError(PaperlarkError):
    """the query cannot be read"""  # noqa: D400

    def __init__(self, query: str, column: int, why: str) -> None:
        """Say `why` the query fails at `column`, counted from 1."""
        super().__init__(f"{why} (column {column})", query if len(query) <= 200 else f"{query[:200]}…")
        self.query, self.column, self.why = query, column, why


class DeliveryError(PaperlarkError):
    """the message could not be handed over"""  # noqa: D400

    retry = True


class SettingsError(PaperlarkError):
    """the settings are wrong"""  # noqa: D400

    def __init__(self, mistakes: Sequence[str]) -> None:
        """Keep every mistake, one line each."""
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)
