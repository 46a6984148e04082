"""`paperlark demo`: two mornings, offline, by the real steps over loopback pages in arXiv's form and a real mail server."""

import json
import shlex
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

import typer

from crawler.errors import SettingsError
from crawler.samples.days import MORNINGS, Morning
from jobs.demo_servers import mail_server, page_server
from jobs.exits import crawl_exit, send_exit
from jobs.progress import following
from jobs.starter import TOPICS, topics_in
from jobs.steps import crawl_step, digest_step, open_office, send_step, write_step
from jobs.words import say_morning

_HEAD: Final = "# Written by `paperlark demo`, which empties this folder when it runs again."
_OURS: Final = ("digests", "mail", "paperlark.toml")


def run_demo(out: Path) -> int:
    """Run both mornings and say where everything lies; `out` is emptied first, if it is a demo's folder or empty.

    The exit status is that of the daily job: not 0 when something failed.
    """
    try:
        _empty(out)
    except OSError as error:
        raise SettingsError([f"{out}: cannot be written: {error.strerror}; name another folder with --out"]) from None
    morning = MORNINGS[0]
    with page_server(lambda: morning.pages()) as mirror, mail_server(out / "mail") as port:  # noqa: PLW0108 - late
        config = out / "paperlark.toml"
        config.write_text(_settings(port), encoding="utf-8")
        config.chmod(0o600)
        statuses = []
        for morning in MORNINGS:
            typer.echo(_title(morning.now))
            statuses.append(_run(config, mirror, morning))
    typer.echo(_farewell(out))
    return max(statuses)


def _empty(out: Path) -> None:
    config = out / "paperlark.toml"
    ours = config.is_file() and config.read_bytes().startswith(_HEAD.encode())
    if out.exists() and not ours and (not out.is_dir() or any(out.iterdir())):
        raise SettingsError([f"{out}: is not empty and was not written by a demo; name another folder with --out"])
    out.mkdir(parents=True, exist_ok=True)
    for path in (*(out / name for name in _OURS), *out.glob("paperlark.db*")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    (out / "mail").mkdir()


def _settings(port: int) -> str:
    chinese = topics_in("zh")
    lines = [
        _HEAD,
        "[paperlark]",
        'output = "digests"',
        'timezone = "Asia/Shanghai"',
        'contact = "lark@example.org"',
        "[sources.arxiv]",
        'categories = ["cs.CV", "cs.LG"]',
        "[sources.huggingface]",
        "[sources.cvf]",
        'editions = ["WACV2026"]',
    ]
    for topic in (*TOPICS, *chinese):
        lines += ["[[topics]]", f'name = "{topic.name}"', f"query = '{topic.query}'"]
    readers = (("morning", "en", [topic.name for topic in TOPICS]), ("早报", "zh", [topic.name for topic in chinese]))
    for name, language, names in readers:
        lines += ["[[subscriptions]]", f'name = "{name}"', f'language = "{language}"', 'email = "reader@example.org"']
        lines += ['forms = ["mail", "file"]', f"topics = {json.dumps(names, ensure_ascii=False)}"]
    lines += ["[smtp]", 'host = "127.0.0.1"', f"port = {port}", 'security = "none"', 'from = "Paperlark <lark@example.org>"']
    return "\n".join(lines) + "\n"


def _run(config: Path, mirror: str, morning: Morning) -> int:
    environ = {"PAPERLARK_MIRROR": mirror, "PAPERLARK_NOW": morning.now.isoformat()}
    with open_office(config, environ) as office, following(quiet=True) as progress:
        looks = crawl_step(office, [], progress)
        digested = digest_step(office, [])
        deliveries = [*write_step(office, digested), *send_step(office)]
        typer.echo(say_morning(office, looks, digested, deliveries))
        return max(crawl_exit(office, looks), send_exit(deliveries))


def _title(now: datetime) -> str:
    title = f"{now:%A, %d %B %Y, %H:%M} in Shanghai"
    return f"\n{title}\n{'=' * len(title)}\n"


def _farewell(out: Path) -> str:
    us = "paperlark" if shutil.which("paperlark") else shlex.quote(sys.argv[0])
    return (
        f"\nThe digests, as Markdown and HTML:   {out / 'digests'}\n"
        f"The mails, for any mail program:     {out / 'mail'}\n\n"
        "What to type next:\n"
        f"  {us} --config {shlex.quote(str(out / 'paperlark.toml'))} search segmentation\n"
        f"  {us} run      your first real digest: arXiv cs.CV and Hugging Face\n"
        f"  {us} init     settings of your own: topics, mail, language"
    )
