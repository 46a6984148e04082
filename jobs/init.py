"""The settings file that `paperlark init` writes: every setting there is, each with what to know about it."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crawler.errors import SettingsError
from jobs.settings_file import NAME
from jobs.starter import CATEGORIES, DATABASE, OUTPUT, SUBSCRIPTION, TOPICS, StarterTopic

HOUR: Final = "10:30"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a reader said, or would say to everything but Return. Without `email` there are only files."""

    email: str = ""
    timezone: str = "UTC"
    language: str = "en"
    at: str = HOUR
    categories: tuple[str, ...] = CATEGORIES
    topics: tuple[StarterTopic, ...] = TOPICS
    mail_host: str = "smtp.example.org"
    username: str = ""


def settings_text(answers: Answers) -> str:
    """Return the text of a settings file: TOML that can be read as it is, in the order of the README."""
    parts = (_main(answers), _sources(answers), _topics(answers), _subscription(answers), _smtp(answers), _SERVING)
    return "\n".join(parts)


def place(folder: Path) -> Path:
    """Return where the settings file of a folder goes; SettingsError when there is one already."""
    path = folder / NAME
    if path.exists():
        raise SettingsError([f"{path}: is there already, and is not overwritten; move it away or name another folder"])
    return path


def write_settings(folder: Path, text: str) -> Path:
    """Write `paperlark.toml` into the folder, for its owner alone, and return its path.

    SettingsError when there is one already, or when it cannot be written.
    """
    path = place(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SettingsError([f"{path}: cannot be written: {error.strerror}"]) from None
    return path


def toml(value: str | Iterable[str]) -> str:
    r"""Write a text, or a list of them, as TOML 1.0 has it: in single quotes where that spares escaping.

    >>> toml('"depth estimation" OR stereo'), toml(["a", "b"])
    ('\'"depth estimation" OR stereo\'', '["a", "b"]')
    """
    if not isinstance(value, str):
        return f"[{', '.join(map(toml, value))}]"
    if '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    # JSON's escapes are TOML's; DEL is the only character that JSON takes and TOML does not.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _main(answers: Answers) -> str:
    contact = toml(answers.email) if answers.email else '""                                # for example "you@example.org"'
    return f"""\
# Paperlark's settings. A line that begins with # is a note and has no effect.
# After a change, `paperlark check` says whether everything is right.
# Every setting can be given in the environment too, as PAPERLARK_TIMEZONE or PAPERLARK_SMTP__HOST.

[paperlark]
# Where papers are kept: one SQLite file, beside this one. Or a PostgreSQL: "postgresql+psycopg://USER@HOST/NAME"
database = {toml(DATABASE)}
# The folder for the digests, beside this file too.
output = {toml(OUTPUT)}
# What "today" and "at" mean: the name of your time zone, as "Asia/Shanghai" or "Europe/Berlin".
timezone = {toml(answers.timezone)}
# The language of the digests: "en" or "zh" (中文).
language = {toml(answers.language)}
# An address at which those whose pages we read can reach you. It is sent with every request.
contact = {contact}
# The address at which you publish the digests as a site, if you do.
site_url = ""
"""


def _sources(answers: Answers) -> str:
    return f"""\
# A source is on when it has a table here.
[sources.arxiv]
# All categories: https://arxiv.org/category_taxonomy
categories = {toml(answers.categories)}
# The pause between two requests. arXiv asks for 15 seconds, which is what it gets without this line.
# delay = "15s"
# What the readers of Hugging Face hand in every day, with repositories, stars and votes; take the line out to leave it out.
[sources.huggingface]
# Papers with Code, which has their tasks and conferences as well:
# [sources.paperswithcode]
# Those of a conference or of a task alone; all of them without these lines.
# editions = ["CVPR2026"]
# tasks = ["Object Detection"]
# Conferences: CVPR, ICCV and WACV, and what the virtual sites of NeurIPS, ICML, ICLR and others list. Each takes the editions
# that are due about now, or those you name; `paperlark sources` has all the others.
# [sources.cvf]
# [sources.virtual]
# editions = ["NeurIPS2025"]
# Any feed, RSS, Atom or JSON Feed, of a journal or a blog: one [[feeds]] for each. Papers in it are announced, and posts about
# papers you were shown are updates of these. `paperlark import FILE.opml` adds those of a list.
# [[feeds]]
# What it is called here.
# name = "bair"
# url = "https://bair.berkeley.edu/blog/feed.xml"
"""


_QUERIES: Final = """\
# What you want to see, as many [[topics]] as you like. A query holds words, "exact phrases", AND, OR, NOT and ( );
# words side by side must all be there. segment* stands for every word that begins so, and title: abstract: author:
# category: before a word or ( ) look there alone. task: venue:CVPR2026 track:oral ccf:A year:2026 code:yes stars:>100 ask
# what is known beside the text.
# A paper in two topics is shown once, in the first of them.
# Two settings more, if you want them: `categories` restricts a topic to these arXiv categories, and `cap` is how many of its
# papers a mail shows (the files always show all).
"""


def _topics(answers: Answers) -> str:
    return _QUERIES + "\n".join(map(_topic, answers.topics)).rstrip() + '\n# categories = ["cs.CV"]\n# cap = 25\n'


def _topic(topic: StarterTopic) -> str:
    return f"""\
[[topics]]
# Its heading in the digest; `topics` below calls it so.
name = {toml(topic.name)}
# What a paper's title or abstract must hold.
query = {toml(topic.query)}
"""


def _subscription(answers: Answers) -> str:
    email = f"email = {toml(answers.email)}" if answers.email else '# email = "you@example.org"'
    forms = '["mail", "file"]' if answers.email else '["file"]'
    return f"""\
# Who gets a digest, how and when: one [[subscriptions]] for each.
[[subscriptions]]
# Files are called by it: {OUTPUT}/2026-11-22/{SUBSCRIPTION}.md
name = {toml(SUBSCRIPTION)}
# Where to mail it. Without an address there are only files; with one, [smtp] below must be filled in.
{email}
# "mail", "file" (Markdown and HTML) or both.
forms = {forms}
# The names of its topics, in the order they are shown in. Without this line: all of them.
topics = {toml(topic.name for topic in answers.topics)}
# "day", "week" or "month".
every = "day"
# The hour, in your time zone, at which you have `paperlark run` called, by cron for example. Nothing starts by itself:
# `paperlark run` writes whenever it is called, and only `paperlark check` looks at it, to say whether it is too early.
# arXiv's day is out at 20:00 in New York: in Shanghai at 09:00 in winter and 08:00 in summer, and its feed, which is asked when
# the page fails, at 13:00 and 12:00. Half an hour later is a good hour.
at = {toml(answers.at)}
# Both are those of [paperlark] unless given here.
# language = "zh"
# timezone = "Asia/Shanghai"
"""


def _smtp(answers: Answers) -> str:
    text = f"""\
# The mail server that sends, as your mail provider's help page names it.
[smtp]
host = {toml(answers.mail_host)}
# How the connection is secured: "starttls" (port 587), "tls" (port 465), or "none" (port 25), which sends no password.
security = "starttls"
port = 587
username = {toml(answers.username or answers.email or "you@example.org")}
# The password itself has no place in this file. One of these three says where it is:
password_env = "PAPERLARK_SMTP_PASSWORD"          # in this environment variable
# password_file = "smtp-password.txt"             # in this file, which nobody but you may read (chmod 600)
# password_command = "pass show mail/paperlark"   # printed by this command
# The sender. Most providers take only your own address.
from = {toml(f"Paperlark <{answers.email or 'you@example.org'}>")}
"""
    if answers.email:
        return text
    first, *lines = text.splitlines()
    return "\n".join([first, *(line if line.startswith("#") else f"# {line}" for line in lines), ""])


_SERVING: Final = """\
# What follows is for `paperlark serve` alone.
# [serve]
# Where it answers on this machine how it is (/healthz), and with numbers for Prometheus (/metrics). Nowhere without this line.
# listen = "127.0.0.1:8765"
# [log]
# "text", or "json": an object a line.
# format = "text"
# Where what it did is written, beside this file; up to 60 MB are kept. Without this line it goes to the terminal.
# file = "paperlark.log"
"""
