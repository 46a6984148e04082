"""ACL Anthology (https://aclanthology.org): the conferences and journals of the field of language, from its repository.

The XML from which the site is made has a file to each venue and year, with abstracts, DOI, awards and what was retracted; the
site has the same, a page to each paper. It is at raw.githubusercontent.com. What came in last, of all venues, is in the site's
feed, for which `[[feeds]]` serve. What has no edition that is known here can be asked for as a volume, by the name of its
collection, `2025.bionlp`, as the years before 2020 can, `J89`.
"""

from datetime import timedelta

from crawler.programmes import Programmes
from crawler.readers.acl_anthology import read_acl_anthology
from crawler.readers.acl_volume import collection_address
from crawler.source import Part, Route, Source

SOURCE = Source(
    name="acl",
    title="ACL Anthology",
    routes=(
        Route(
            name="xml",
            start=collection_address,
            read=read_acl_anthology,
            calendar=Programmes(),
            accept="application/xml,text/xml;q=0.9,text/plain;q=0.8,*/*;q=0.1",
            max_bytes=64 * 1024 * 1024,  # Findings of one year take some 15
            lasting=True,
        ),
    ),
    delay=timedelta(seconds=2),
    venues=("ACL", "EMNLP", "NAACL", "EACL", "AACL", "COLING", "LREC", "CoNLL", "WMT", "TACL", "CL", "Findings"),
    parts=(Part("findings", ("ACL", "EMNLP", "NAACL", "EACL", "AACL"), since=2020, due=True),),
    yearly=("TACL", "CL"),
    volumes=True,
)
