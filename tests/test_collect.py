"""Hand-ins come into `submitted/` as they should, and a bad one stops nobody."""

import shlex
import zipfile

import pytest

from autograder import collect

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def course(tmp_path):
    release = tmp_path / "course" / "release" / "a2"
    release.mkdir(parents=True)
    (release / "FC.ipynb").write_text(NOTEBOOK)
    (tmp_path / "course" / "nbgrader_config.py").touch()
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
    (lost,) = collect.lost(course, "ada", "a2")
    assert lost.startswith(f"{note} / ")
    zipped(inbox / "ada.zip", **{**files, "FC_dot_ipynb": NOTEBOOK})
    run(course, inbox)
    assert not collect.lost(course, "ada", "a2")
    assert (course / "submitted/ada/a2/FC.ipynb").read_text() == NOTEBOOK


def test_the_original_is_kept_through_every_collection(course, inbox):
    for text in ("first", "second"):
        zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK, note_dot_py=text)
        sent = (inbox / "ada.zip").read_bytes()
        run(course, inbox)
        kept = sorted((course / "originals/ada").glob("*.zip"))
        assert sent in [path.read_bytes() for path in kept]
    assert len(kept) == 2
    assert (course / "submitted/ada/a2/note.py").read_text() == "second"


def test_a_link_is_left_out_and_said(course, inbox):
    secret = course / "secret.py"
    secret.write_text("password = 1")
    (inbox / "eve").mkdir()
    (inbox / "eve" / "FC.ipynb").write_text(NOTEBOOK)
    (inbox / "eve" / "link.py").symlink_to(secret)
    note, _ = run(course, inbox)["eve"].notes
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


def test_a_name_that_no_disk_takes_is_left_out_and_stops_nobody(course, inbox):
    zipped(inbox / "ada.zip", **{"FC_dot_ipynb": NOTEBOOK, "字" * 100 + "_dot_py": "x = 1"})
    zipped(inbox / "ben.zip", FC_dot_ipynb=NOTEBOOK, daseCV__a_dot_py="y = 2")
    collected = run(course, inbox)
    assert "too long a name" in collected["ada"].notes[0]
    assert collected["ben"].notes == ()


FORMULAS = ["=1+1", "+49", "-x", "@SUM(A1)"]


@pytest.mark.parametrize("name", ["a,b", "x[1]", "<img>", 'x"y', *FORMULAS])
def test_a_name_that_breaks_globs_or_tables_is_refused(course, inbox, name):
    """The CSV of nbgrader is unquoted, a table takes such cells for formulas; it globs."""
    zipped(inbox / f"{name}.zip", FC_dot_ipynb=NOTEBOOK)
    assert run(course, inbox)[name].folder is None


def test_a_zip_file_that_names_only_the_assignment_is_refused(course, inbox):
    zipped(inbox / "a2.zip", FC_dot_ipynb=NOTEBOOK)
    (refused,) = run(course, inbox).values()
    assert refused.folder is None
    assert refused.notes == ("a2.zip: names no student; call it a2-<student>.zip",)


def test_a_notebook_of_countless_parts_is_replaced_and_reported(course, inbox):
    """As objects, 20 MB of nothing else would take 3 GB."""
    many = NOTEBOOK.replace("[]", "[" * 400_000)
    zipped(inbox / "ada.zip", FC_dot_ipynb=many, daseCV__x_dot_py="")
    (note,) = run(course, inbox)["ada"].notes
    assert note.startswith("FC.ipynb has more parts than any notebook; the released one takes")


def test_nothing_in_the_folder_is_overlooked(course, inbox):
    (inbox / "ada.rar").write_bytes(b"Rar!")
    zipped(inbox / "BEN.ZIP", FC_dot_ipynb=NOTEBOOK)
    collected = run(course, inbox)
    assert "is not a zip file" in collected["ada.rar"].notes[0]
    assert collected["BEN"].folder.is_dir()


def test_a_zip_file_alone_in_the_folder_of_a_student_is_the_hand_in(course, inbox):
    (inbox / "ada").mkdir()
    zipped(inbox / "ada" / "a2-12345.zip", FC_dot_ipynb=NOTEBOOK, daseCV__x_dot_py="x = 1")
    assert run(course, inbox)["ada"].notes == ()
    assert (course / "submitted/ada/a2/daseCV/x.py").read_text() == "x = 1"


def test_a_bare_notebook_among_hand_ins_is_refused_and_stops_nobody(course, inbox):
    (inbox / "eve.ipynb").write_text(NOTEBOOK)
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK)
    collected = run(course, inbox)
    assert "eve.ipynb: is not a zip file" in collected["eve.ipynb"].notes[0]
    assert collected["ada"].folder.is_dir()


def test_who_cannot_be_laid_out_stops_nobody(course, inbox):
    for name in ("ada", "ben"):
        zipped(inbox / f"{name}.zip", FC_dot_ipynb=NOTEBOOK)
    (course / "submitted").mkdir()
    (course / "submitted" / "ada").write_text("a file where a folder belongs")
    collected = run(course, inbox)
    assert collected["ada"].folder is None
    assert "cannot be kept" in collected["ada"].notes[0]
    assert collected["ben"].folder.is_dir()


def test_what_nbgrader_would_believe_is_not_laid_out(course, inbox):
    """Its own time of submission; on some disks the case of a name is no difference."""
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK, TIMESTAMP_dot_TXT="2001-01-01", x_dot_py="")
    laid = run(course, inbox)["ada"].folder
    assert {path.name for path in laid.iterdir()} == {"FC.ipynb", "x.py"}


def test_the_command_that_is_advised_does_what_it_says(course, inbox):
    """Whoever pastes it into a shell must not run what a name says."""
    name = "ada'; touch pwned; '"
    for text in ("x = 1", "x = 2"):
        zipped(inbox / f"{name}.zip", FC_dot_ipynb=NOTEBOOK, daseCV__x_dot_py=text)
        notes = run(course, inbox)[name].notes
        (course / "autograded" / name / "a2").mkdir(parents=True, exist_ok=True)
    words = shlex.split(notes[-1].partition("`")[2].rstrip("`"))
    assert words == ["nbgrader", "autograde", "a2", f"--student={name}", "--force"]


def test_one_hand_in_is_not_taken_for_a_class(course, inbox):
    (inbox / "FC.ipynb").write_text(NOTEBOOK)
    with pytest.raises(collect.CollectError, match="is one hand-in"):
        run(course, inbox)
    (inbox / "daseCV").mkdir()
    with pytest.raises(collect.CollectError, match="is one hand-in"):
        run(course, inbox)
    assert not (course / "submitted").exists()


def test_nothing_is_collected_where_nbgrader_would_not_know_the_kit(course, inbox):
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK)
    (course / "nbgrader_config.py").unlink()
    with pytest.raises(collect.CollectError, match=r"without the kit's nbgrader_config\.py"):
        run(course, inbox)
    assert not (course / "submitted").exists()


def test_nothing_to_collect_is_said(course, inbox):
    with pytest.raises(collect.CollectError, match=r"in: there is no hand-in in it"):
        run(course, inbox)


def test_a_hand_in_without_the_package_is_said(course, inbox):
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK, layers_dot_py="x = 1")
    (note,) = run(course, inbox)["ada"].notes
    assert note == "no Python file of daseCV/ was handed in; hand in that folder itself"


def test_a_new_hand_in_after_a_grading_says_how_to_grade_it(course, inbox):
    """nbgrader would skip it, and say so only among its messages."""
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK, daseCV__x_dot_py="x = 1")
    run(course, inbox)
    (course / "autograded/ada/a2").mkdir(parents=True)
    assert run(course, inbox)["ada"].notes == ()
    zipped(inbox / "ada.zip", FC_dot_ipynb=NOTEBOOK, daseCV__x_dot_py="x = 2")
    (note,) = run(course, inbox)["ada"].notes
    assert "nbgrader autograde a2 --student=ada --force" in note


def with_cell(grade_id):
    part = f'{{"nbgrader": {{"grade_id": "{grade_id}", "grade": true}}}}'
    cell = f'{{"cell_type": "markdown", "id": "a", "source": "mine", "metadata": {part}}}'
    return NOTEBOOK.replace("[]", f"[{cell}]")


@pytest.mark.parametrize("others", [1, 2])
def test_a_notebook_under_another_name_is_known_by_its_cells_when_it_is_one(course, inbox, others):
    (course / "release/a2/FC.ipynb").write_text(with_cell("Q1"))
    files = {f"FC ({n})_dot_ipynb": with_cell("Q1") for n in range(others)}
    zipped(inbox / "ada.zip", notes_dot_ipynb=NOTEBOOK, daseCV__x_dot_py="", **files)
    (note,) = run(course, inbox)["ada"].notes
    assert ("FC (0).ipynb is taken for it" in note) == (others == 1)
    assert (course / "submitted/ada/a2/FC.ipynb").is_file()
    assert (course / "submitted/ada/a2/notes.ipynb").is_file()
