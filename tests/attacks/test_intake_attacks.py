"""Hand-ins made to harm who opens them: what is left out is named, the rest of the class goes on.

Each is tried through `collect`, beside an honest hand-in: nothing may be laid, kept or changed that
is not the student's, and the next one is collected as if nothing had been.
"""

import os
import random
import re
import socket
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import hostile_zips as zips
import peak
import pytest

from autograder import basket, collect, intake

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
HONEST = {"FC.ipynb": NOTEBOOK, "daseCV/layers.py": b"x = 1"}
SECRET = b"the-secret"
ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="only root can make this")


@pytest.fixture
def world(tmp_path):
    """A course, a secret beside it, and an inbox in which ada has handed in honestly."""
    release = tmp_path / "course" / "release" / "a2"
    release.mkdir(parents=True)
    (release / "FC.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "course" / "nbgrader_config.py").touch()
    (tmp_path / "secret.py").write_bytes(SECRET)
    (tmp_path / "in").mkdir()
    zips.pack(tmp_path / "in" / "ada.zip", HONEST)
    return tmp_path


def collected(world):
    """Collect; ada has to come through whole, and the secret nowhere."""
    found = {c.student: c for c in collect.collect([world / "in"], "a2", world / "course")}
    assert found["ada"].notes == ()
    assert {
        path.relative_to(found["ada"].folder).as_posix(): path.read_bytes()
        for path in found["ada"].folder.rglob("*") if path.is_file()
    } == HONEST  # fmt: skip
    for root in (world / "course" / "submitted", world / "course" / "originals"):
        for path in root.rglob("*"):
            assert not path.is_symlink()
            assert path.is_dir() or SECRET not in path.read_bytes(), path
    assert {p.name for p in world.iterdir()} == {"course", "secret.py", "in"}
    return found


def folder(world):
    """The folder of eve's hand-in, sound so far."""
    made = world / "in" / "eve"
    for name, data in HONEST.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return made


# --- one entry is left out -----------------------------------------------------------------------


def link(eve):
    (eve / "daseCV" / "bad.py").symlink_to(eve.parents[1] / "secret.py")


def link_to_folder(eve):
    (eve / "bad").symlink_to(eve.parents[1])


def link_to_itself(eve):
    (eve / "bad.py").symlink_to("bad.py")


def link_to_nothing(eve):
    (eve / "bad.py").symlink_to("nowhere")


def link_to_proc(eve):
    (eve / "bad.py").symlink_to("/proc/self/environ")


def fifo(eve):
    os.mkfifo(eve / "bad.py")


def device(eve):
    os.mknod(eve / "bad.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero


def unix_socket(eve):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(eve / "bad.py"))


def hard_link(eve):
    os.link(eve.parents[1] / "secret.py", eve / "bad.py")
    os.chown(eve, 12345, 12345)


def not_utf8(eve):
    Path(os.fsdecode(os.fsencode(eve) + b"/bad\xff.py")).touch()


def terminal_escape(eve):
    (eve / "bad\x1b]0;evil\x07.py").touch()


def bidi(eve):
    (eve / "bad\u202eyp.txt").touch()


def invisible(eve):
    (eve / "bad\u200b.py").touch()


def new_line(eve):
    (eve / "bad\n.py").touch()


def backslash(eve):
    (eve / "bad\\..\\..\\x.py").touch()


def drive(eve):
    (eve / "C:bad.py").touch()


def long_name(eve):
    (eve / f"bad{'x' * 250}").touch()


def long_path(eve):
    deep = eve.joinpath("bad", *"abcdefgh" * 30)
    deep.mkdir(parents=True)


def sparse(eve):
    with (eve / "bad.py").open("wb") as file:
        file.truncate(1 << 40)


def case_twin(eve):
    (eve / "bad.py").touch()
    (eve / "BAD.PY").touch()


def unicode_twin(eve):
    (eve / "bad\u00e9.py").touch()
    (eve / "bade\u0301.py").touch()


IN_FOLDERS = {
    link: "is a link", link_to_folder: "is a link", link_to_itself: "is a link",
    link_to_nothing: "is a link", link_to_proc: "is a link", fifo: "is not a regular file",
    unix_socket: "is not a regular file", not_utf8: "invisible characters",
    terminal_escape: "invisible characters", bidi: "invisible characters",
    invisible: "invisible characters", new_line: "invisible characters",
    backslash: "leads elsewhere", drive: "leads elsewhere", long_name: "too long a name",
    long_path: "too long a name", sparse: "is larger than 20 MiB",
    case_twin: "the name of another entry", unicode_twin: "the name of another entry",
}  # fmt: skip
ONLY_ROOT = {device: "is not a regular file", hard_link: "a hard link to a file of somebody else"}


@pytest.mark.parametrize(
    ("lay", "reason"),
    [
        *IN_FOLDERS.items(),
        *(pytest.param(*item, marks=needs_root) for item in ONLY_ROOT.items()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_hostile_entry_of_a_folder_is_left_out_by_name(world, lay, reason):
    lay(folder(world))
    eve = collected(world)["eve"]
    (note,) = eve.notes
    assert reason in note
    assert "bad" in note.lower()
    assert note.isprintable()
    assert len(note) < 600
    assert (eve.folder / "daseCV" / "layers.py").read_bytes() == b"x = 1"


@pytest.mark.skipif(not ROOT, reason="needs two users")
@pytest.mark.parametrize("bad", ["daseCV/bad.py", "bad", "."])
def test_what_may_not_be_read_is_left_out_by_name(bad):
    """A folder that may be listed and not entered, too; and one may not so much as look into eve's.

    Only an ordinary user meets it, so this one turns into one.
    """
    with tempfile.TemporaryDirectory() as place:
        world = Path(place)
        os.chmod(world, 0o777)
        eve = folder(world)
        (world / "course" / "release" / "a2").mkdir(parents=True)
        (world / "course" / "release" / "a2" / "FC.ipynb").write_bytes(NOTEBOOK)
        (world / "course" / "nbgrader_config.py").touch()
        (world / "secret.py").touch()
        zips.pack(world / "in" / "ada.zip", HONEST)
        (eve / "bad").mkdir()
        (eve / "bad" / "in.py").touch()
        (eve / "daseCV" / "bad.py").touch()
        for path in [world, *world.rglob("*")]:
            os.chown(path, 65534, 65534)
        os.chmod(eve / bad, 0o444 if bad == "bad" else 0)
        os.setegid(65534)
        os.seteuid(65534)
        try:
            notes = collected(world)["eve"].notes
        finally:
            os.seteuid(0)
            os.setegid(0)
        (note,) = notes
        assert ("eve" if bad == "." else "bad") in note
        assert "cannot be read" in note


NAMES = {
    b"../bad.py": "leads elsewhere", b"x/../../bad.py": "leads elsewhere",
    b"/tmp/bad.py": "leads elsewhere", b"//host/bad.py": "leads elsewhere",
    b"C:\\bad.py": "leads elsewhere", b"C:bad.py": "leads elsewhere",
    b"..\\..\\bad.py": "leads elsewhere", b"x//bad.py": "leads elsewhere",
    b"./bad.py": "leads elsewhere", b"bad.py/.": "leads elsewhere",
    b"bad\x00.py": "invisible", b"bad\x1b[2J.py": "invisible",
    b"bad" + b"x" * 300: "too long a name", "bad字".encode() * 60: "too long a name",
    "bad\u202eyp.txt".encode(): "invisible", "bad\u2066.py".encode(): "invisible",
    "bad\u200d.py".encode(): "invisible", "bad\U000e0041.py".encode(): "invisible",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_in_a_zip_file_is_left_out_by_name(world, name):
    write = zips.named if name.isascii() else zips.utf8_marked
    write(world / "in" / "eve.zip", name)
    note = next(note for note in collected(world)["eve"].notes if "bad" in note)
    assert NAMES[name] in note
    assert note.isprintable()
    assert len(note) < 600


def test_a_name_that_is_not_utf8_though_the_zip_file_says_so_is_refused(world):
    zips.utf8_marked(world / "in" / "eve.zip", b"bad\xff.py")
    assert "eve.zip: is not a zip file that can be read" in collected(world)["eve"].notes[0]


def test_a_zip_file_of_a_chinese_windows_is_read(world):
    """Its names are GBK without a mark; only the folder and the notebook of it matter."""
    name = "张三的作业/daseCV/layers.py".encode("gbk")
    zips.named(world / "in" / "eve.zip", name)
    submission = intake.read_submission(world / "in" / "eve.zip")
    assert submission.refused == ()
    assert any(path.endswith("daseCV/layers.py") for path in submission.files)


def encrypted(path):
    zips.pack(path, {"bad.py": b"x"})
    zips.patch(path, {6: b"\1\0"}, {8: b"\1\0"})


def strongly_encrypted(path):
    zips.pack(path, {"bad.py": b"x"})
    zips.patch(path, {6: b"\x41\0"}, {8: b"\x41\0"})


def unknown_packing(path):
    zips.pack(path, {"bad.py": b"x"})
    zips.patch(path, {8: b"\x63\0"}, {10: b"\x63\0"})


def bzip2(path):
    zips.pack(path, {zips.info("bad.py", zipfile.ZIP_BZIP2): b"x" * 100})


def lzma(path):
    zips.pack(path, {zips.info("bad.py", zipfile.ZIP_LZMA): b"x" * 100})


def wrong_digest(path):
    zips.pack(path, {"bad.py": b"x" * 100})
    zips.patch(path, {}, {16: b"\0\0\0\0"})


def another_name_inside(path):
    zips.pack(path, {"bad.py": b"x" * 100})
    zips.patch(path, {30: b"gut"}, {})


def place_out_of_reach(path):
    zips.pack(path, {"bad.py": b"x" * 100})
    zips.patch(path, {}, {42: b"\xff\xff\xff\x7f"})


def place_beyond_every_number(path):
    with zipfile.ZipFile(path, "w") as archive:
        made = zips.info("bad.py")
        archive.writestr(made, b"x")
        made.header_offset = (1 << 64) - 2


def link_in_zip(path):
    zips.pack(path, {zips.info("bad.py", mode=stat.S_IFLNK | 0o777): b"../../../secret.py"})


def device_in_zip(path):
    zips.pack(path, {zips.info("bad.py", mode=stat.S_IFBLK | 0o666): b""})


def fifo_in_zip(path):
    zips.pack(path, {zips.info("bad.py", mode=stat.S_IFIFO | 0o666): b""})


IN_ZIPS = {
    encrypted: "cannot be read", strongly_encrypted: "cannot be read",
    unknown_packing: "packed in a way", bzip2: "packed in a way", lzma: "packed in a way",
    wrong_digest: "cannot be read", another_name_inside: "cannot be read",
    place_out_of_reach: "cannot be read", place_beyond_every_number: "cannot be read",
    link_in_zip: "is a link", device_in_zip: "not a regular file", fifo_in_zip: "not a regular",
}  # fmt: skip


@pytest.mark.parametrize("write", IN_ZIPS, ids=lambda write: write.__name__)
def test_a_hostile_entry_of_a_zip_file_is_left_out_by_name(world, write):
    write(world / "in" / "eve.zip")
    eve = collected(world)["eve"]
    (note,) = (note for note in eve.notes if note.startswith("bad"))
    assert IN_ZIPS[write] in note
    assert not (eve.folder / "bad.py").exists()


# --- nothing of it is taken ----------------------------------------------------------------------


def sparse_zip(path):
    path.touch()
    os.truncate(path, 600 << 20)


HOPELESS = {
    "five of 19 MiB": (lambda path: zips.bomb(path, mebibytes=19, entries=5), "64 MiB in all"),
    "damaged": (lambda path: zips.damaged(path, 200), "64 MiB in all"),
    "long directory": (zips.long_directory, "too long a directory"),
    "2001 entries": (lambda path: zips.many(path, 2001), "more than 2000 entries"),
    "65535 entries": (lambda path: zips.many(path, 65_535), "more than 2000 entries"),
    "a million entries": (lambda path: zips.many(path, 1_000_000), "more than 2000 entries"),
    "no zip file": (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(999)), "not a zip file"),
    "empty": (lambda path: path.touch(), "not a zip file"),
    "600 MiB": (sparse_zip, "larger than 512 MiB"),
}  # fmt: skip
SPARING = {
    "bzip2": lambda path: zips.bomb(path, zipfile.ZIP_BZIP2, 120, says=1000),
    "deflate": lambda path: zips.bomb(path, mebibytes=120, says=1000),
    "overlapping": lambda path: zips.overlapping(path, 30),
    "zip files in zip files": zips.nested,
    **{name: write for name, (write, _) in HOPELESS.items() if name != "a million entries"},
}
READ = """
import sys, time
import peak
from autograder import intake
before, started = peak.mebibytes(), time.process_time()
try:
    intake.read_submission(sys.argv[1])
except intake.IntakeError:
    pass
print(peak.mebibytes() - before, time.process_time() - started)
"""


@pytest.mark.parametrize("name", HOPELESS)
def test_a_hopeless_zip_file_is_refused_by_name(world, name):
    write, reason = HOPELESS[name]
    write(world / "in" / "eve.zip")
    eve = collected(world)["eve"]
    (note,) = eve.notes
    assert note.startswith("eve.zip: ")
    assert re.search(reason, note)
    assert eve.folder is None
    assert not (world / "course" / "submitted" / "eve").exists()


@pytest.mark.parametrize("name", SPARING)
def test_a_bomb_takes_no_more_memory_and_time_than_a_hand_in_may(tmp_path, name):
    """In a process of its own, whose peak is its own."""
    SPARING[name](tmp_path / "eve.zip")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path / "eve.zip")],
        cwd=Path(peak.__file__).parent, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    mebibytes, seconds = map(float, done.stdout.split())
    assert mebibytes <= (basket.MAX_TOTAL + basket.MAX_FILE) >> 20
    assert seconds < 5


def test_a_folder_of_thousands_is_refused_by_name(world):
    eve = folder(world)
    for number in range(basket.MAX_ENTRIES):
        (eve / f"{number}.py").touch()
    (note,) = collected(world)["eve"].notes
    assert note.startswith("eve: more than 2000 entries")


def test_what_nobody_handed_in_on_purpose_hides_nothing(world):
    """macOS lays a "._" beside each file: they count for nothing, and take nobody's place."""
    eve = folder(world)
    for number in range(basket.MAX_ENTRIES + 50):
        (eve / f"._{number}.py").touch()
    assert collected(world)["eve"].notes == ()


def test_a_zip_file_broken_anywhere_is_read_or_refused(tmp_path):
    """The directory, its end and the headers, bytes changed at random; and cut off anywhere."""
    rng, outcomes = random.Random(20261121), Counter()
    whole = zips.pack(tmp_path / "eve.zip", {**HONEST, "daseCV/optim.py": b"y = 2"}).read_bytes()
    for number in range(600):
        data = bytearray(whole if number % 5 else whole[: rng.randrange(len(whole))])
        for _ in range(rng.randint(0, 6)):
            if data:
                data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7F, 0xFF, rng.randrange(256)))
        (tmp_path / "eve.zip").write_bytes(data)
        try:
            submission = intake.read_submission(tmp_path / "eve.zip")
        except intake.IntakeError as error:
            notes = [str(error)]
            outcomes["refused"] += 1
        else:
            notes = submission.refused
            outcomes["read"] += 1
            assert all(map(basket.parts, submission.files))
        assert all(note.isprintable() for note in notes)
    assert min(outcomes["refused"], outcomes["read"]) > 50


# --- exchanged between the look and the opening --------------------------------------------------

EXCHANGE = """
import os, sys
own, link, aside = sys.argv[1:]
print("started", flush=True)
while True:
    os.rename(own, aside), os.rename(link, own)
    os.rename(own, link), os.rename(aside, own)
"""


@pytest.mark.parametrize("kind", ["file", "folder", "notebook"])
def test_what_is_exchanged_for_a_link_in_a_race_shows_no_secret(world, kind):
    """Another process does it all the while; both ends of the race have to be seen."""
    eve, secret = folder(world), world / "elsewhere"
    for place, data in ((secret, SECRET), (eve / "lib", b"mine")):
        place.mkdir()
        (place / "in.py").write_bytes(data)
    own = {"file": eve / "lib" / "in.py", "folder": eve / "lib", "notebook": eve / "FC.ipynb"}[kind]
    link = world / "link"
    link.symlink_to(secret if kind == "folder" else secret / "in.py")
    swapper = subprocess.Popen(
        [sys.executable, "-c", EXCHANGE, str(own), str(link), str(world / "aside")],
        stdout=subprocess.PIPE,
    )
    outcomes = Counter()
    try:
        swapper.stdout.readline()
        until = time.monotonic() + 2
        while time.monotonic() < until:
            try:
                if kind == "notebook":
                    files, refused = {"lib/in.py": intake.read_file(own)}, ()
                else:
                    submission = intake.read_submission(eve)
                    files, refused = submission.files, submission.refused
            except intake.IntakeError as error:
                files, refused = {}, (str(error),)
            assert SECRET not in files.values()
            outcomes["taken"] += "lib/in.py" in files
            outcomes["left out"] += bool(refused)
    finally:
        swapper.kill()
        swapper.communicate()
    assert outcomes["left out"]
    assert outcomes["taken"]


def test_a_link_in_place_of_the_whole_hand_in_is_not_followed(world):
    """A zip file unpacked by hand can lay one where nbgrader looks for a student's notebooks."""
    (world / "in" / "eve").symlink_to(world / "in")
    assert "eve: is a link" in collected(world)["eve"].notes[0]
    (world / "there").mkdir()
    (world / "there" / "FC.ipynb").write_bytes(SECRET)
    (world / "in" / "mia").symlink_to(world / "there")
    with pytest.raises(intake.IntakeError, match="is a link"):
        intake.read_file(world / "in" / "mia" / "FC.ipynb")


# --- what is said of it --------------------------------------------------------------------------


def test_a_hand_in_of_a_hostile_name_writes_nothing_to_the_terminal(world):
    """Escapes, links of terminals, text that runs backwards, half a character."""
    inbox = os.fsencode(world / "in")
    for name in (b"eve\x1b]8;;http:x\x07", "eve\u202exe".encode(), b"eve\xff\x9b31m", b"eve\n\rok"):
        zips.pack(world / "in" / "x.zip", HONEST)
        os.rename(inbox + b"/x.zip", inbox + b"/" + name)
    release = world / "course" / "release"
    (release / "a2").rename(release / "assignment2")
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "collect", str(world / "in"), "--assignment",
         "assignment2", "--course", str(world / "course")], capture_output=True, check=False,
    )  # fmt: skip
    assert b"1 collected, 4 refused" in done.stdout
    for line in (done.stdout + done.stderr).decode().splitlines():
        assert line.isprintable()


def test_as_many_and_long_names_as_are_taken_reach_a_child(tmp_path, zygote):
    """All names of a hand-in stand in the header of one message."""
    with zipfile.ZipFile(tmp_path / "eve.zip", "w") as archive:
        for number in range(basket.MAX_ENTRIES - 1):
            archive.writestr(f"{'😀' * 55}{number}.py", b"")
        archive.writestr("daseCV/layers.py", b"f = int")
    submission = intake.read_submission(tmp_path / "eve.zip")
    assert "too long a name" in submission.refused[-1]
    with zygote.open(submission.modules) as session:
        assert session.student.layers.f("3") == 3
