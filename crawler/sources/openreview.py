"""OpenReview (https://openreview.net): accepted papers of ICLR, NeurIPS, ICML, COLM, CoRL and TMLR, soon after the decision.

Whoever asks without a token is mostly answered that a person should ask; see `crawler.challenge`. A token is what its API gives
a user who logs in (https://docs.openreview.net); it expires, so that a command which prints a new one serves best.
"""

from datetime import timedelta

from crawler.programmes import Programmes
from crawler.readers.openreview_groups import ACRONYMS, ROLLING
from crawler.readers.openreview_notes import notes_address, read_notes
from crawler.source import Route, Source

SOURCE = Source(
    name="openreview",
    title="OpenReview",
    routes=(
        Route(
            name="notes",
            start=notes_address,
            read=read_notes,
            calendar=Programmes(),
            rules="api terms",
            accept="application/json",
            max_bytes=48 * 1024 * 1024,
            lasting=True,
        ),
    ),
    delay=timedelta(seconds=2),
    venues=ACRONYMS,
    always=tuple(ROLLING),
    token=True,
)
