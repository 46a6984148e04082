"""What hosts told us, kept for the next process: robots.txt, the last request, the cool-down."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from storage.models import HostLeaseRow
from storage.upsert import upsert
