"""Pages that ask for a person are known by what they are, and no page of papers is taken for one."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.challenge import challenge
from crawler.samples.openreview import CHALLENGE, Submitted, render_notes

SAMPLES = Path(__file__).parents[2] / "../shared/samples"


def page(title: str, *, head: str = "", body: str = "<p>Please wait.</p>") -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n<title>{title}</title>{head}</head>'
        f"<body>{body}</body></html>"
    ).encode()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Making sure you're not a bot!", "Anubis"),
        ("Making sure you&#39;re not a bot!", "Anubis"),
        ("\n  Making sure you’re\n not a bot!  ", "Anubis"),
        ("Just a moment...", "Cloudflare"),
        ("Just a moment…", "Cloudflare"),
        ("Attention Required! | Cloudflare", "Cloudflare"),
        ("Client Challenge", "Client Challenge"),
        ("DDoS-Guard", "DDoS-Guard"),
        ("Vercel Security Checkpoint", "Vercel"),
        ("Captcha", "a captcha"),
        ("Are you a robot?", "a captcha"),
        ("Verify you are human", "a captcha"),
    ],
)
@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "TEXT/HTML", "", "application/json"])
def test_a_challenge_is_known_by_its_title(title: str, name: str, content_type: str) -> None:
    assert challenge(page(title), content_type) == name
    assert challenge(b"\xef\xbb\xbf\n " + page(title).replace(b"<title>", b"<TITLE data-x='1'>"), content_type) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('<link rel="stylesheet" href="/.within.website/x/xess/xess.min.css">', "Anubis"),
        ('<script id="anubis_challenge" type="application/json">{}</script>', "Anubis"),
        ("<script>(function(){window._cf_chl_opt = {cType: 'managed'}}())</script>", "Cloudflare"),
        ('<script src="https://challenges.cloudflare.com/turnstile/v0/api.js" async defer></script>', "a captcha"),
        ('<script async src="https://www.google.com/recaptcha/api.js"></script>', "a captcha"),
    ],
)
def test_a_challenge_in_another_language_is_known_by_its_parts(head: str, name: str) -> None:
    assert challenge(page("Einen Moment", head=head), "text/html") == name


def test_a_challenge_in_json_is_known_by_its_name() -> None:
    assert challenge(CHALLENGE, "application/json") == "Turnstile (ChallengeRequiredError)"
    assert challenge(b'{ "status": 403, "name" : "ChallengeRequiredError" }', "") == "Turnstile (ChallengeRequiredError)"


LINKS = "".join(f'<a href="/paper/{number}">Paper {number}</a>' for number in range(9))
TURNSTILE = '<script src="https://challenges.cloudflare.com/turnstile/v0/api.js"></script>'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (page("New papers", body="<h2>Making sure you're not a bot!</h2><title>Just a moment...</title>"), "text/html"),
        (page("Making sure you're not a bot! | Proceedings"), "text/html"),
        (page("[2401.00001] Making sure you're not a bot!"), "text/html"),
        (page("Just a moment of inertia"), "text/html"),
        (page("Client Challenge", head='<meta name="citation_title" content="Client Challenge">'), "text/html"),
        (page("Client Challenge", head="<meta name=DC.Title content=x>"), "text/html"),
        (page("New papers", head=TURNSTILE, body=LINKS), "text/html"),
        (page("New papers", head=TURNSTILE, body="x" * 20_000), "text/html"),
        (page("New papers", body=f"<p>We put {TURNSTILE.replace('<', '&lt;')} on a page.</p>"), "text/html"),
        (page("Just a moment...") + b"x" * 100_000, "text/html"),
        (b"<!-- " + b"x" * 5000 + b" -->" + page("Just a moment..."), "text/html"),
        (b'<?xml version="1.0"?><feed><title>Just a moment...</title></feed>', "application/atom+xml"),
        (b"<rss><channel><title>Captcha</title></channel></rss>", "application/rss+xml"),
        (render_notes([Submitted(id="a", title="ChallengeRequiredError")]), "application/json"),
        (b'{"name": "NotFoundError"}', "application/json"),
        (b'{"error": {"name": "ChallengeRequiredError"}}', "application/json"),
        (b'["ChallengeRequiredError"]', "application/json"),
        (b'{"name": "ChallengeRequiredError"', "application/json"),
        (b'{"a":' * 800, "application/json"),
        (b"Just a moment...", "text/plain"),
        (b"%PDF-1.7 Just a moment...", "application/pdf"),
        (b"", "text/html"),
    ],
)
def test_a_true_page_is_none_whatever_its_papers_are_called(body: bytes, content_type: str) -> None:
    assert challenge(body, content_type) is None


WORDS = st.sampled_from(
    ["<title>", "</title>", "<body", "<script ", "id='anubis_", "Just a moment", "<!doctype html>", "{", '"', " "]
)


@given(st.binary(max_size=200) | st.lists(WORDS, max_size=30).map("".join).map(str.encode), st.text(max_size=12))
def test_whatever_comes_it_is_a_name_or_none(body: bytes, content_type: str) -> None:
    assert challenge(body, content_type) in (None, "Anubis", "Cloudflare", "a captcha")


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_no_other_answer_in_json_is_a_challenge(answer: dict[str, str]) -> None:
    assert challenge(json.dumps(answer).encode(), "application/json") is None


@pytest.mark.real
def test_the_real_challenges() -> None:
    samples = {"dblp/anubis_challenge_head.html": "Anubis", "openreview/challenge_required_error.json": "Turnstile"}
    if not SAMPLES.exists():
        pytest.skip("the real samples are not here")
    for name, who in samples.items():
        assert (challenge((SAMPLES / name).read_bytes(), "") or "").startswith(who)
