"""Files: their names, their places, and that they are whole."""

import json
import os
import unicodedata
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawler.errors import DeliveryError
from digests.files import file_name, write_file
from tests.digests.hostile import PAYLOADS, texts

NAUGHTY = Path("../shared/samples/hostile/blns/blns.json")

UNSAFE = (
    "..",
    ".",
    "../up",
    "a/../../up",
    "/etc/passwd",
    "//host/share",
    "\\\\host\\share",
    "..\\up",
    "C:\\up",
    "C:up",
    "~/up",
    "a/./b",
    "a//b",
    "a/",
    "",
    "....//up",
    "a\0b",
    "a\nb",
    "a\u202eb",
    "a\ud800b",
    ".hidden",
    "-rf",
    "name.",
    "name ",
    " name",
    "a:stream",
    "what?",
    "*",
    "a|b",
    '"a"',
    "<a>",
    "con",
    "NUL.txt",
    "Com1",
    "lpt9.tar.gz",
    "COM¹",
    "conin$",
    "e\u0301",
)

#: What looks like a way out, and is a plain name to every file system; and a name longer than we make them.
HARMLESS = ("%2e%2e", "a%2fup", "a\u2215up", "a／up", "语" * 80)

SAME = (
    "morning",
    "Morning papers",
    "晨报",
    "CVPR 2026 (oral)",
    "c++",
    "semantic-segmentation",
    "v1.2",
    "é",
    "🦜",
    "%",
    "语" * 66,
)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("name", SAME)
def test_a_name_that_is_safe_stays_as_it_is(name: str) -> None:
    assert file_name(name) == name


def safe(name: str) -> bool:
    """Whether every system takes a name for a file of its own, in the folder it is put into."""
    return (
        0 < len(name.encode()) <= 200
        and name == unicodedata.normalize("NFC", name)
        and name[0] not in ".-~ "
        and name[-1] not in ". "
        and not set(name) & set('<>:"/\\|?*\0\r\n\x85\u2028\u202e')
        and name.partition(".")[0].strip().casefold() not in {"con", "prn", "aux", "nul", "com1", "com¹", "lpt9", "conin$"}
    )


@given(texts)
@example("nul")
@example("NUL .txt")
@example("a" * 191 + "语" * 5)
@example(".-. ~")
def test_any_name_becomes_a_safe_one(name: str) -> None:
    made = file_name(name)
    assert safe(made)
    assert made == file_name(name)
    assert file_name(made) == made


@given(st.sets(texts, max_size=8))
@example({"é", "e\u0301", "a/b", "a\\b", "a_b", "a", " a", "a ", ".a", "", " ", "con", "_con", "x" * 300, "x" * 301})
def test_different_names_are_different_files(names: set[str]) -> None:
    assert len({file_name(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", [*UNSAFE, *HARMLESS, "..%2fup", "..／up"])
def test_whatever_a_digest_is_called_it_stays_in_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    write_file(folder, f"2026-08-12/{file_name(name)}.md", b"digest")
    assert files(tmp_path) == [f"out/2026-08-12/{file_name(name)}.md"]


@pytest.mark.parametrize("place", [*UNSAFE, "语" * 86])
def test_a_place_that_is_not_safe_is_refused(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "out"
    with pytest.raises(DeliveryError, match="no place below the output folder"):
        write_file(folder, place, b"digest")
    assert files(tmp_path) == []


@pytest.mark.parametrize("place", HARMLESS)
def test_a_place_that_only_looks_unsafe_is_written(tmp_path: Path, place: str) -> None:
    write_file(tmp_path, place, b"digest")
    assert files(tmp_path) == [place]


@given(texts)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_place_is_written_below_the_folder_or_refused(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "deep" / "out"
    with suppress(DeliveryError):
        write_file(folder, place, place.encode("utf-8", "replace"))
        assert folder.joinpath(place).read_bytes() == place.encode()
    assert all(path.startswith("deep/out/") for path in files(tmp_path))


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_file(tmp_path, "2026-08-12/morning.md", b"one")
    write_file(tmp_path, "2026-08-12/morning.md", b"two")
    assert (tmp_path / "2026-08-12/morning.md").read_bytes() == b"two"
    assert files(tmp_path) == ["2026-08-12/morning.md"]


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def dies(_handle: int) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        # Nothing of what follows a SIGKILL runs, neither does the clearing up.
        patch.setattr(os, "fsync", dies)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(Killed):
            write_file(tmp_path, "morning.md", b"half")
    assert len(files(tmp_path)) == 1
    assert not (tmp_path / "morning.md").exists()
    write_file(tmp_path, "morning.md", b"whole")
    assert files(tmp_path) == ["morning.md"]


def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    old, new = b"o" * 300_000, b"n" * 400_000
    write_file(tmp_path, "morning.md", old)
    seen: set[bytes] = set()
    done = Event()

    def read() -> None:
        while not done.is_set():
            seen.add((tmp_path / "morning.md").read_bytes())

    reader = Thread(target=read)
    reader.start()
    for number in range(100):
        write_file(tmp_path, "morning.md", new if number % 2 else old)
    done.set()
    reader.join()
    assert seen <= {old, new}
    assert seen


def test_a_symbolic_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "out", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "ring").symlink_to(folder / "ring")
    for place in ("link/morning.md", "link/deeper/morning.md"):
        with pytest.raises(DeliveryError, match="a symbolic link leads out"):
            write_file(folder, place, b"digest")
    with pytest.raises(DeliveryError, match="ring"):
        write_file(folder, "ring/morning.md", b"digest")
    assert list(outside.iterdir()) == []


def test_a_symbolic_link_in_place_of_the_file_is_replaced_not_followed(tmp_path: Path) -> None:
    folder, secret = tmp_path / "out", tmp_path / "secret"
    folder.mkdir()
    secret.write_bytes(b"secret")
    (folder / "morning.md").symlink_to(secret)
    write_file(folder, "morning.md", b"digest")
    assert secret.read_bytes() == b"secret"
    assert (folder / "morning.md").read_bytes() == b"digest"


def test_an_output_folder_that_is_itself_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    write_file(tmp_path / "out", "2026-08-12/morning.md", b"digest")
    assert files(tmp_path / "real") == ["2026-08-12/morning.md"]


def test_a_file_in_the_way_of_a_folder_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "2026-08-12").write_bytes(b"in the way")
    with pytest.raises(DeliveryError, match=r"2026-08-12/morning\.md: .*(exists|directory)"):
        write_file(tmp_path, "2026-08-12/morning.md", b"digest")
    (tmp_path / "morning.md").mkdir()
    with pytest.raises(DeliveryError, match="directory"):
        write_file(tmp_path, "morning.md", b"digest")
    assert files(tmp_path) == ["2026-08-12"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is a thing of Linux")
def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(tmp_path, "morning.md", b"old")
    opened = os.open

    def full(path: str | Path, flags: int, mode: int = 0o777) -> int:
        return opened("/dev/full", os.O_WRONLY) if flags & os.O_CREAT else opened(path, flags, mode)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(DeliveryError, match="No space left on device"):
        write_file(tmp_path, "morning.md", b"new" * 100_000)
    monkeypatch.undo()
    assert (tmp_path / "morning.md").read_bytes() == b"old"
    assert files(tmp_path) == ["morning.md"]


def test_a_digest_is_readable_by_others_and_writable_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_file(tmp_path, "morning.md", b"digest")
    finally:
        os.umask(before)
    assert (tmp_path / "morning.md").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_digest_of_any_name_can_be_written(tmp_path: Path, payload: str) -> None:
    write_file(tmp_path, f"2026-08-12/{file_name(payload)}.html", b"digest")
    assert len(files(tmp_path)) == 1


@pytest.mark.real
def test_naughty_strings_are_files_of_their_own(tmp_path: Path) -> None:
    if not NAUGHTY.is_file():
        pytest.skip("the list of naughty strings is not beside the project")
    names = set(json.loads(NAUGHTY.read_text()))
    for name in names:
        write_file(tmp_path / "out", f"{file_name(name)}.md", name.encode("utf-8", "replace"))
    assert len(names) > 500
    assert len(files(tmp_path)) == len(list((tmp_path / "out").iterdir())) == len(names)
