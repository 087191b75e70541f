"""The intake takes what is a student's and plain, and names what it leaves out."""

import os
import socket
import stat
import struct
import zipfile

import pytest

from autograder import basket, intake
from autograder.intake import IntakeError, Submission, read_file, read_submission

FILES = {
    "FullyConnectedNets.ipynb": b"{}",
    "daseCV/classifiers/fc_net.py": b"import daseCV",
    "daseCV/layers.py": b"x = 1",
    "mine.py": b"",
    "saved/TwoLayerNet.accuracy.npz": b"PK",
}


def lay(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def pack(path, files):
    """Write a zip file; a name may be a ZipInfo."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def entry(name, mode=0):
    info = zipfile.ZipInfo("placeholder")
    info.filename = info.orig_filename = name  # as it is, with backslashes and all
    info.external_attr = mode << 16
    return info


def of_entries(submission):
    return tuple(note for note in submission.refused if note != intake.NO_PACKAGE)


def left_out(submission):
    """What is said of entries, in English."""
    return tuple(note.partition(" / ")[0] for note in of_entries(submission))


@pytest.fixture(params=["folder", "zip", "wrapped folder", "wrapped zip"])
def hand_in(request, tmp_path):
    """Make a hand-in of files, in each of the forms it can have."""
    prefix = "assignment2/a2/" if "wrapped" in request.param else ""

    def make(files):
        files = {prefix + name: data for name, data in files.items()}
        if "zip" in request.param:
            return pack(tmp_path / "ann.zip", files)
        return lay(tmp_path / "ann", files)

    return make


def test_all_forms_give_the_same(hand_in):
    submission = read_submission(hand_in(FILES))
    assert submission == Submission.from_files("ann", FILES)
    assert submission.sha256 == Submission.from_files("bob", reversed_(FILES)).sha256
    assert list(submission.modules) == ["daseCV/classifiers/fc_net.py", "daseCV/layers.py",
                                        "mine.py"]  # fmt: skip
    assert submission.saved == {"TwoLayerNet.accuracy": b"PK"}


def reversed_(files):
    return dict(reversed(files.items()))


def test_the_digest_changes_with_any_name_or_byte():
    made = [
        {"a": b"bc"}, {"ab": b"c"}, {"a": b"b"}, {"a": b"", "b": b""}, {"a": b""}, {},
    ]  # fmt: skip
    assert len({Submission.from_files("", files).sha256 for files in made}) == len(made)


def test_what_nobody_handed_in_on_purpose_is_ignored(hand_in):
    rubbish = {
        "__pycache__/a.pyc": b"", ".git/config": b"", ".ipynb_checkpoints/x.ipynb": b"",
        ".DS_Store": b"", "daseCV/._layers.py": b"",
        "daseCV/datasets/cifar-10-batches-py/data_batch_1": b"",
    }  # fmt: skip
    submission = read_submission(hand_in({**FILES, **rubbish}))
    assert dict(submission.files) == FILES
    assert submission.refused == ()


def test_a_package_alone_is_no_wrapping(tmp_path):
    submission = read_submission(lay(tmp_path, {"dasecv/layers.py": b""}))
    assert list(submission.modules) == ["daseCV/layers.py"]
    assert list(submission.files) == ["dasecv/layers.py"]


WRAPPED = {
    "beside a report": ({"a2/daseCV/layers.py", "report.pdf"}, {"daseCV/layers.py", "report.pdf"}),
    "deep": ({"x/y/dasecv/a.py", "x/z.txt"}, {"dasecv/a.py", "x/z.txt"}),
    "with notebooks": (
        {"a2/daseCV/a.py", "a2/FC.ipynb", "a2/saved/x.npz", "desktop.ini"},
        {"daseCV/a.py", "FC.ipynb", "saved/x.npz", "desktop.ini"},
    ),
    "notebooks outside": ({"a2/daseCV/a.py", "FC.ipynb"}, {"daseCV/a.py", "FC.ipynb"}),
    "an older copy": (
        {"a2/daseCV/a.py", "a2/.history/daseCV/a.py", "x"},
        {"daseCV/a.py", ".history/daseCV/a.py", "x"},
    ),
    "one inside another": ({"daseCV/daseCV/a.py", "old/daseCV/a.py", "daseCV/a.py"},) * 2,
}


@pytest.mark.parametrize("case", WRAPPED)
def test_the_only_package_is_found_whatever_lies_beside_it(tmp_path, case):
    given, wanted = WRAPPED[case]
    submission = read_submission(pack(tmp_path / "ann.zip", dict.fromkeys(sorted(given), b"")))
    assert set(submission.files) == wanted
    assert submission.refused == ()
    again = read_submission(lay(tmp_path / "again", submission.files))
    assert (again.files, again.refused) == (submission.files, ())


def test_what_lies_beside_a_wrapping_takes_no_name_from_what_is_in_it(tmp_path):
    files = {"A.ipynb": b"outer", "z/a.ipynb": b"inner", "z/daseCV/a.py": b""}
    submission = read_submission(lay(tmp_path, files))
    assert submission.files == {"a.ipynb": b"inner", "daseCV/a.py": b""}
    assert left_out(submission) == ("A.ipynb: has the name of another entry",)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["layers.py", "classifiers/fc_net.py"], "no Python file of daseCV/ was handed in"),
        (["FC.ipynb", "a2/layers.py"], "no Python file of daseCV/ was handed in"),
        (["report.pdf"], "no Python file of daseCV/ was handed in"),
        (["a1/daseCV/x.py", "a2/daseCV/layers.py"], "several folders daseCV/ were handed in"),
    ],
)
def test_a_package_that_is_not_found_is_told(hand_in, names, said):
    (note,) = read_submission(hand_in(dict.fromkeys(names, b""))).refused
    english, _, chinese = note.partition(" / ")
    assert english.startswith(said)
    assert chinese


# --- left out and listed ---------------------------------------------------------------------


def test_links_and_devices_in_a_folder_are_left_out(tmp_path):
    secret = lay(tmp_path / "elsewhere", {"secret.py": b"answer"})
    folder = lay(tmp_path / "ann", FILES)
    (folder / "link.py").symlink_to(secret / "secret.py")
    (folder / "linked").symlink_to(secret)
    os.mkfifo(folder / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "socket.py"))
    submission = read_submission(folder)
    assert dict(submission.files) == FILES
    assert left_out(submission) == (
        "link.py: is a link",
        "linked: is a link",
        "pipe.py: is not a regular file",
        "socket.py: is not a regular file",
    )


def test_only_hard_links_to_files_of_others_are_left_out(tmp_path, monkeypatch):
    folder = lay(tmp_path / "ann", {"own.py": b"", "mine.py": b""})
    os.link(folder / "own.py", tmp_path / "backup.py")
    assert set(read_submission(folder).files) == {"own.py", "mine.py"}

    true_stat = os.stat

    def other_owner(name, **options):
        info = list(true_stat(name, **options))
        info[stat.ST_UID] += 1
        return os.stat_result(info)

    monkeypatch.setattr(os, "stat", other_owner)
    submission = read_submission(folder / ".." / "ann")
    assert left_out(submission) == ("own.py: is a hard link to a file of somebody else",)
    assert set(submission.files) == {"mine.py"}


@pytest.mark.parametrize(
    ("exchange", "reason"),
    [
        (lambda path: os.symlink("/etc/passwd", path), "cannot be read"),
        (os.mkfifo, "is not a regular file"),
    ],
)
def test_a_file_exchanged_meanwhile_is_left_out(tmp_path, monkeypatch, exchange, reason):
    folder = lay(tmp_path / "ann", {"a.py": b"", "b.py": b""})
    true_open = os.open

    def exchanging(name, flags, **options):
        if name == "a.py":
            (folder / name).unlink()
            exchange(folder / name)
        return true_open(name, flags, **options)

    monkeypatch.setattr(os, "open", exchanging)
    submission = read_submission(folder)
    assert left_out(submission) == (f"a.py: {reason}",)
    assert list(submission.files) == ["b.py"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.py", "leads elsewhere"),
        ("a/../evil.py", "leads elsewhere"),
        ("/etc/evil.py", "leads elsewhere"),
        ("C:evil.py", "leads elsewhere"),
        ("a\\evil.py", "leads elsewhere"),
        ("a//evil.py", "leads elsewhere"),
        ("ev\u202eil.py", "invisible"),
        ("evil\x00.py", "invisible"),
        ("x" * 300, "too long"),
    ],
)
def test_dubious_names_in_a_zip_are_left_out(tmp_path, name, reason):
    placeholder = "p" * len(name.encode())
    path = pack(tmp_path / "ann.zip", {"fine.py": b"", placeholder: b""})
    path.write_bytes(path.read_bytes().replace(placeholder.encode(), name.encode()))
    if not name.isascii():
        path = pack(path, {"fine.py": b"", entry(name): b""})
    submission = read_submission(path)
    assert list(submission.files) == ["fine.py"]
    (message,) = of_entries(submission)
    assert reason in message
    assert message.isprintable()
    assert len(message) < 600


@pytest.mark.parametrize(
    ("mode", "reason"),
    [(stat.S_IFLNK, "is a link"), (stat.S_IFCHR, "is not a regular file")],
)
def test_links_and_devices_in_a_zip_are_left_out(tmp_path, mode, reason):
    files = {entry("a.py", mode): b"/etc/passwd", entry("b.py", stat.S_IFREG | 0o644): b""}
    submission = read_submission(pack(tmp_path / "ann.zip", files))
    assert left_out(submission) == (f"a.py: {reason}",)
    assert list(submission.files) == ["b.py"]


@pytest.mark.parametrize(
    ("twins", "kept"),
    [
        (["layers.py", "Layers.py"], "layers.py"),
        (["é.py", "e\u0301.py"], None),
        (["a/x.py", "A/X.PY"], "a/x.py"),
        (["a", "a/b.py"], "a"),
    ],
)
def test_of_twins_one_is_left_out(tmp_path, twins, kept):
    submission = read_submission(pack(tmp_path / "ann.zip", dict.fromkeys([*twins, "z"], b"")))
    assert len(submission.files) == 2
    assert kept is None or kept in submission.files
    assert "has the name of another entry" in submission.refused[0]


def test_of_two_entries_of_one_name_the_second_is_left_out(tmp_path):
    path = pack(tmp_path / "ann.zip", {entry("a.py"): b"1", entry("b.py"): b"2"})
    path.write_bytes(path.read_bytes().replace(b"b.py", b"a.py"))
    submission = read_submission(path)
    assert submission.files == {"a.py": b"1"}
    assert of_entries(submission) == ("a.py: has the name of another entry / a.py：与另一条目重名",)


def test_large_files_are_left_out(hand_in, monkeypatch):
    monkeypatch.setattr(basket, "MAX_FILE", 1000)
    submission = read_submission(hand_in({"a.py": b"x" * 1000, "b.py": b"x" * 1001}))
    assert list(submission.files) == ["a.py"]
    assert "b.py: is larger than" in submission.refused[0]


def test_what_a_zip_says_is_too_large_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setattr(basket, "MAX_FILE", 1000)
    monkeypatch.setattr(basket, "MAX_TOTAL", 3000)
    files = {f"{n}.bin": bytes(1500) for n in range(5)}
    submission = read_submission(pack(tmp_path / "ann.zip", {**files, "a.py": b""}))
    assert list(submission.files) == ["a.py"]
    assert len(of_entries(submission)) == 5


def test_damaged_entries_are_left_out(tmp_path):
    path = pack(tmp_path / "ann.zip", {"a.py": os.urandom(99), "b.py": b"fine"})
    data = bytearray(path.read_bytes())
    data[60] ^= 255
    path.write_bytes(data)
    submission = read_submission(path)
    assert left_out(submission) == ("a.py: cannot be read",)
    assert submission.files == {"b.py": b"fine"}


# --- hopeless --------------------------------------------------------------------------------


def test_a_bomb_is_refused_whatever_it_says_of_itself(tmp_path, monkeypatch):
    path = pack(tmp_path / "ann.zip", {f"{n}.py": bytes(9000) for n in range(9)})
    monkeypatch.setattr(basket, "MAX_TOTAL", 80_000)
    with pytest.raises(IntakeError, match=r"ann\.zip: more than 64 MiB in all"):
        read_submission(path)
    lying = path.read_bytes().replace(struct.pack("<I", 9000), struct.pack("<I", 10))
    path.write_bytes(lying)
    submission = read_submission(path)
    assert len(of_entries(submission)) == 9  # zipfile stops at the size that was promised
    assert not submission.files


def test_too_many_entries_are_refused(hand_in, monkeypatch):
    path = hand_in({f"{n}.py": b"" for n in range(basket.MAX_ENTRIES + 1)})
    with pytest.raises(IntakeError, match="more than 2000 entries"):
        read_submission(path)
    monkeypatch.setattr(basket, "MAX_ENTRIES", 10)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # counted before it would make its objects
    with pytest.raises(IntakeError, match="more than 2000 entries"):
        read_submission(path)


def test_what_is_no_hand_in_is_refused(tmp_path, monkeypatch):
    (tmp_path / "notes.txt").write_bytes(b"text")
    with pytest.raises(IntakeError, match=r"notes\.txt: is not a zip file"):
        read_submission(tmp_path / "notes.txt")
    with pytest.raises(IntakeError, match="absent: cannot be read, No such file"):
        read_submission(tmp_path / "absent")
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(IntakeError, match="link: is a link"):
        read_submission(tmp_path / "link")
    monkeypatch.setattr(intake, "MAX_ZIP", 3)
    with pytest.raises(IntakeError, match="is larger than"):
        read_submission(tmp_path / "notes.txt")


def test_an_encrypted_entry_is_left_out(tmp_path):
    path = pack(tmp_path / "ann.zip", {"a.py": b"1"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    assert left_out(read_submission(path)) == ("a.py: cannot be read",)


def test_a_single_file_is_read_under_the_same_rules(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"1234")
    assert read_file(path) == b"1234"
    (tmp_path / "link").symlink_to(path)
    monkeypatch.setattr(basket, "MAX_FILE", 3)
    for name, reason in [("link", "is a link"), ("a.ipynb", "is larger")]:
        with pytest.raises(IntakeError, match=f"{name}: {reason}"):
            read_file(tmp_path / name)
    monkeypatch.undo()
    with pytest.raises(IntakeError, match="cannot be read, Is a directory"):
        read_file(tmp_path)


def test_names_of_students():
    assert all(map(basket.is_plain_name, ["ann", "1020-王 小明", "a.b"]))
    bad = ["", ".", "..", "a/b", "a\\b", ".hidden", "a\n", "x" * 300, "c:", "\u202e"]
    assert not any(map(basket.is_plain_name, bad))


def test_a_name_does_not_part_the_languages_of_its_message(tmp_path):
    lay(tmp_path / "ann", {"x / y.py": b""})
    (tmp_path / "ann" / "x " / " z.py").symlink_to("y.py")
    (message,) = of_entries(read_submission(tmp_path / "ann"))
    assert message == "x/z.py: is a link / x/z.py：是链接"


def test_a_large_file_costs_itself_and_not_the_rest(tmp_path):
    """A data set that somebody left in their folder is told by its size, unread."""
    folder = lay(tmp_path / "ann", FILES)
    for number in range(9):
        (folder / f"{number}.bin").touch()
        os.truncate(folder / f"{number}.bin", basket.MAX_FILE + 1)
    submission = read_submission(folder)
    assert dict(submission.files) == FILES
    assert len(submission.refused) == 9
