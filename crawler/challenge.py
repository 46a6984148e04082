"""The pages that hosts send in place of an answer to see whether a person asks; they come with any status, 200 and 500 too.

To tell one costs a look at its first few kilobytes. No list of papers is taken for one, whatever these are called: what counts
is the title of the document, all of it and no other, or what only such pages load. Pure.
"""

import html
import json
import re
from typing import Final

_LARGEST: Final = 100_000
_HEAD: Final = 4096
# What has a captcha and is no larger, with hardly a link, is nothing but a captcha; the forms of true pages have them, too.
_SMALL: Final = 16 * 1024
_FEW_LINKS: Final = 5

_TITLE: Final = re.compile(rb"<title(?:\s[^<>]{0,200})?>([^<>]{1,200})</title", re.IGNORECASE)
_BODY: Final = re.compile(rb"<body[\s>]", re.IGNORECASE)
_TITLES: Final = {
    "making sure you're not a bot": "Anubis",
    "just a moment": "Cloudflare",
    "attention required! | cloudflare": "Cloudflare",
    "client challenge": "Client Challenge",
    "ddos-guard": "DDoS-Guard",
    "vercel security checkpoint": "Vercel",
    "pardon our interruption": "Imperva",
    "radware bot manager captcha": "Radware",
    **dict.fromkeys(
        (
            *("captcha", "recaptcha", "captcha check", "are you a robot?", "are you human?", "human verification"),
            *("verify you are human", "verifying you are human", "please verify you are a human", "bot verification"),
            *("robot check", "security check", "security verification", "checking your browser", "one moment, please"),
        ),
        "a captcha",
    ),
}
_SIGNS: Final = {
    re.compile(rb"""<script[^<>]{0,100}\sid=["']anubis_\w{1,30}["']""", re.IGNORECASE): "Anubis",
    re.compile(rb"""<link[^<>]{0,100}\shref=["']/\.within\.website/""", re.IGNORECASE): "Anubis",
    re.compile(rb"\bwindow\._cf_chl_opt\s{0,9}="): "Cloudflare",
}
_CAPTCHA: Final = re.compile(
    rb"""<script[^<>]{0,100}\ssrc=["']https://(?:challenges\.cloudflare\.com/turnstile|(?:js\.)?hcaptcha\.com|"""
    rb"""www\.google\.com/recaptcha)/""",
    re.IGNORECASE,
)
# Pages of papers have these in their heads, whatever the papers are called.
_PAPER: Final = re.compile(rb"""name=["']?(?:citation_|dc\.)""", re.IGNORECASE)
_MARK: Final = b"\xef\xbb\xbf"
_OPENINGS: Final = (b"<!doctype html", b"<html")


def challenge(body: bytes, content_type: str) -> str | None:
    """Return who wants to see a person, if that is what an answer says; None for any other.

    >>> challenge(b"<!doctype html><title>Just a moment...</title>", "text/html"), challenge(b"<feed/>", "application/atom+xml")
    ('Cloudflare', None)
    """
    if len(body) > _LARGEST:
        return None
    head = body[:_HEAD].removeprefix(_MARK).lstrip()
    if head.startswith(b"{"):
        return _in_json(body)
    if not head.startswith(b"<") or not ("html" in content_type.lower() or head[:20].lower().startswith(_OPENINGS)):
        return None
    return _in_page(_BODY.split(head, 1)[0]) or ("a captcha" if _is_captcha(body, head) else None)


def _in_json(body: bytes) -> str | None:
    if len(body) > _HEAD:
        return None
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    name = answer.get("name") if isinstance(answer, dict) else None
    return "Turnstile (ChallengeRequiredError)" if name == "ChallengeRequiredError" else None


def _in_page(head: bytes) -> str | None:
    if _PAPER.search(head):
        return None
    for sign, name in _SIGNS.items():
        if sign.search(head):
            return name
    match = _TITLE.search(head)
    title = html.unescape(match[1].decode("utf-8", "replace")) if match else ""
    return _TITLES.get(" ".join(title.split()).casefold().replace("\u2019", "'").rstrip(".!\u2026 "))


def _is_captcha(body: bytes, head: bytes) -> bool:
    if len(body) > _SMALL or body.count(b"<a ") > _FEW_LINKS or _PAPER.search(head):
        return False
    return _CAPTCHA.search(head) is not None
