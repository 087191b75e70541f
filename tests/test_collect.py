"""Hand-ins come into `submitted/` as they should, and a bad one stops nobody."""

import zipfile

import pytest

from autograder import collect

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def course(tmp_path):
    release = tmp_path / "course" / "release" / "a2"
    release.mkdir(parents=True)
    (release / "FC.ipynb").write_text(NOTEBOOK)
    (tmp_path / "in").mkdir()
    return tmp_path / "course"


@pytest.fixture
def inbox(course):
    return course.parent / "in"


def zipped(path, **files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)


def run(course, inbox):
    return {c.student: c for c in collect.collect([inbox], "a2", course)}


def test_zip_files_and_folders_are_laid_out(course, inbox):
    theirs = NOTEBOOK.replace("[]", "[ ]")
    zipped(inbox / "a2-ada.zip", FC_dot_ipynb=theirs, daseCV__layers_dot_py="x = 1")
    (inbox / "ben" / "daseCV").mkdir(parents=True)
    (inbox / "ben" / "daseCV" / "optim.py").write_text("y = 2")
    (inbox / "ben" / "FC.ipynb").write_text(NOTEBOOK)
    collected = run(course, inbox)
    assert {name: c.notes for name, c in collected.items()} == {"ada": (), "ben": ()}
    assert (course / "submitted/ada/a2/FC.ipynb").read_text() == theirs
    assert (course / "submitted/ada/a2/daseCV/layers.py").read_text() == "x = 1"
    assert (course / "submitted/ben/a2/daseCV/optim.py").read_text() == "y = 2"


@pytest.mark.parametrize(("text", "word"), [(None, "was not handed in"), ("{", "not a readable")])
def test_a_missing_or_broken_notebook_is_replaced_and_reported(course, inbox, text, word):
    files = {"daseCV__layers_dot_py": "x = 1"} | ({"FC_dot_ipynb": text} if text else {})
    zipped(inbox / "ada.zip", **files)
    (note,) = run(course, inbox)["ada"].notes
    assert note.startswith("FC.ipynb")
    assert word in note
    assert "the released one takes its place" in note
    assert (course / "submitted/ada/a2/FC.ipynb").read_text() == NOTEBOOK


def test_the_original_is_kept_through_every_collection(course, inbox):
    for text in ("first", "second"):
        zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK, note_dot_py=text)
        sent = (inbox / "ada.zip").read_bytes()
        run(course, inbox)
        kept = sorted((course / "originals/ada").iterdir())
        assert sent in [path.read_bytes() for path in kept]
    assert len(kept) == 2
    assert (course / "submitted/ada/a2/note.py").read_text() == "second"


def test_a_link_is_left_out_and_said(course, inbox):
    secret = course / "secret.py"
    secret.write_text("password = 1")
    (inbox / "eve").mkdir()
    (inbox / "eve" / "FC.ipynb").write_text(NOTEBOOK)
    (inbox / "eve" / "link.py").symlink_to(secret)
    (note,) = run(course, inbox)["eve"].notes
    assert "link.py" in note
    assert not (course / "submitted/eve/a2/link.py").exists()


def test_a_hopeless_hand_in_is_refused_and_the_rest_goes_on(course, inbox):
    (inbox / "eve.zip").write_bytes(b"not a zip file")
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK)
    collected = run(course, inbox)
    assert collected["eve"].folder is None
    assert "eve.zip" in collected["eve"].notes[0]
    assert collected["ada"].folder.is_dir()


def test_a_refused_hand_in_leaves_an_earlier_one_alone(course, inbox):
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK, note_dot_py="good")
    run(course, inbox)
    (inbox / "ada.zip").write_bytes(b"")
    assert run(course, inbox)["ada"].folder is None
    assert (course / "submitted/ada/a2/note.py").read_text() == "good"


def test_a_time_stamp_of_the_student_is_not_believed(course, inbox):
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK, timestamp_dot_txt="1999-01-01 00:00:00")
    run(course, inbox)
    assert not (course / "submitted/ada/a2/timestamp.txt").exists()


def test_two_hand_ins_of_one_student_are_not_guessed_about(course, inbox):
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK)
    zipped(inbox / "a2-ada.zip", FC_dot_ipynb=NOTEBOOK)
    with pytest.raises(collect.CollectError, match="two hand-ins of ada"):
        run(course, inbox)
    assert not (course / "submitted").exists()


def test_what_is_not_there_is_named(course, inbox):
    with pytest.raises(collect.CollectError, match="no such file or folder"):
        collect.collect([inbox / "nobody"], "a2", course)
    with pytest.raises(collect.CollectError, match="run `make release`"):
        collect.collect([inbox], "a3", course)


def test_a_name_that_nbgrader_cannot_take_is_refused(course, inbox):
    zipped(inbox / "a\\b.zip", FC_dot_ipynb=NOTEBOOK)
    (refused,) = run(course, inbox).values()
    assert refused.folder is None
    assert "not a name" in refused.notes[0]
