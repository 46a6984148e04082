"""A process that sends what is due and may be killed while it does: `python -m tests.jobs.sender STORE PORT`."""

import sys
from datetime import timedelta
from random import Random

from digests.address import Address
from digests.smtp import Smtp
from jobs.clock import Clock
from jobs.sending import send_due
from storage.database import open_database

if __name__ == "__main__":
    store, port = sys.argv[1:]
    server = Smtp(
        host="127.0.0.1",
        port=int(port),
        security="none",
        sender=Address("lark", "example.org"),
        timeout=timedelta(seconds=60),
    )
    send_due(open_database(store), server, Clock(), Random(1))
