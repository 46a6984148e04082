"""The digest as a browser shows it: safe, quiet, readable, and never wider than its window."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from digests import render
from digests.digest import Digest
from tests.digests.digest_examples import CHINESE_MORNING, MORNING, WEEKEND
from tests.digests.hostile import PAYLOADS, hostile_digest, many

pytestmark = pytest.mark.browser

# What is behind a text is the background of the nearest element above it that has one.
CONTRASTS = """() => {
  const channels = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const pair = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => b - a);
    found.push({text: walker.currentNode.data.trim().slice(0, 40), ratio: (pair[0] + 0.05) / (pair[1] + 0.05)});
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Without Chromium these tests fail: a browser test that skips has tested nothing.
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        running = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def show(page: Page, digest: Digest, folder: Path) -> list[str]:
    """Open the digest as the file it is on disk; return every dialog and every request it made after its own."""
    happened: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        happened.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("request", lambda request: happened.append(f"request {request.url}"))
    file = folder / "digest.html"
    file.write_text(render.html(digest), encoding="utf-8")
    page.goto(file.as_uri())
    assert happened.pop(0) == f"request {file.as_uri()}"
    return happened


def test_hostile_words_run_nothing_and_fetch_nothing(page: Page, tmp_path: Path) -> None:
    digest = many(list(PAYLOADS))
    assert show(page, digest, tmp_path) == []
    assert page.locator("h3 > a").count() == len(PAYLOADS)
    assert page.locator("script, img, svg, iframe, form, link, object").count() == 0


@pytest.mark.parametrize("text", ['"><img src=x onerror=alert(1)>', "</style><script>alert(1)</script>", "'onload='alert(1)"])
def test_hostile_names_of_topics_and_sources_run_nothing(page: Page, tmp_path: Path, text: str) -> None:
    assert show(page, hostile_digest(text), tmp_path) == []
    assert text in page.locator("h2").first.inner_text()


@pytest.mark.parametrize("width", [320, 390, 660])
@pytest.mark.parametrize("digest", [MORNING, CHINESE_MORNING, hostile_digest("x" * 5000)], ids=["en", "zh", "long word"])
def test_the_page_is_never_wider_than_its_window(page: Page, tmp_path: Path, width: int, digest: Digest) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show(page, digest, tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("digest", [MORNING, CHINESE_MORNING, WEEKEND], ids=["en", "zh", "weekend"])
def test_every_text_stands_out(page: Page, tmp_path: Path, scheme: str, digest: Digest) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    show(page, digest, tmp_path)
    found = page.evaluate(CONTRASTS)
    assert len(found) > 10
    assert [text for text in found if text["ratio"] < 4.5] == []
    sheet = page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
    assert sheet == ("rgb(21, 23, 26)" if scheme == "dark" else "rgb(246, 245, 241)")


def test_chinese_says_that_it_is(page: Page, tmp_path: Path) -> None:
    show(page, CHINESE_MORNING, tmp_path)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.locator("h1").inner_text() == "2026年1月15日 星期四"


def test_the_column_is_at_most_660_pixels(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1600, "height": 900})
    show(page, MORNING, tmp_path)
    box = page.locator(".page").bounding_box()
    assert box is not None
    assert box["width"] <= 660
    assert abs(box["x"] * 2 + box["width"] - 1600) <= 1


def test_it_reads_in_order_without_styles(page: Page, tmp_path: Path) -> None:
    show(page, replace(MORNING, updates=()), tmp_path)
    page.evaluate("document.querySelectorAll('style').forEach((e) => e.remove())")
    page.evaluate("document.querySelectorAll('[style]').forEach((e) => e.removeAttribute('style'))")
    text = page.locator("body").inner_text()
    words = [
        "Thursday, 15 January 2026",
        "cs.RO yesterday's list again",
        "Semantic segmentation",
        "why: title has",
        "arXiv PDF",
    ]
    places = [text.find(word) for word in words]
    assert -1 not in places
    assert places == sorted(places)
