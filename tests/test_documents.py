"""What documents tell people to type exists, and what they say of the code is so."""

import importlib.util
import re
from functools import cache

import click
import pytest
import yaml
from nbgrader.apps import NbGraderApp
from traitlets import HasTraits

from autograder import HOME, basket, children, judge, plugins
from autograder.cli import main
from autograder.sandbox import WORLDS, hostile, tiers
from autograder.sandbox.errors import REMEDIES
from autograder.sandbox.inside import wire

DOCUMENTS = [HOME / "README.md", HOME / "CONTRIBUTING.md", *sorted((HOME / "docs").glob("*.md"))]
FILES = [*DOCUMENTS, HOME / "Containerfile"]
SECURITY, OPERATE = (
    (HOME / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("security", "operate")
)


def by_name(path):
    return path.name


@cache
def text(path):
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_commands_and_their_options_exist(path):
    for name, rest in re.findall(r"python -m autograder ([a-z-]+)([^\n`#]*)", text(path)):
        assert name in main.commands, name
        known = {opt for p in main.commands[name].params for opt in p.opts} | {"--help"}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, f"{name}{rest}"


def test_a_choice_that_is_shown_can_be_made():
    grade = main.commands["grade"]
    (option,) = (p for p in grade.params if "--minimum-tier" in p.opts)
    assert isinstance(option.type, click.Choice)
    for path in DOCUMENTS:
        chosen = re.findall(r"(?:--minimum-tier |minimum_tier = \")([a-z+-]+)", text(path))
        assert set(chosen) <= set(option.type.choices), path.name


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_commands_of_nbgrader_exist(path):
    blocks = re.findall(r"^```\w*\n(.*?)^```", text(path), re.M | re.S)
    code = "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text(path))])
    used = re.findall(r"(?:^|[ \[])nbgrader,? ([a-z_]+)", code, re.M)
    assert set(used) <= NbGraderApp().subcommands.keys()
    assert used or path.name not in ("README.md", "operate.md")


@pytest.mark.parametrize("path", DOCUMENTS, ids=by_name)
def test_settings_of_the_plugins_exist(path):
    for owner, name in re.findall(r"(?:\bc\.|--)([A-Z]\w+)\.(\w+)", text(path)):
        kind = getattr(plugins, owner)
        assert issubclass(kind, HasTraits)
        assert kind.class_traits()[name].metadata["config"], f"{owner}.{name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=by_name)
def test_links_and_names_of_files_lead_somewhere(path):
    for link in re.findall(r"\]\(([^)#:\s]+)\)", text(path)):
        assert (path.parent / link).exists(), link
    for name in re.findall(r"`((?:autograder|tests|benchmarks|daseCV)/[\w/.]+)`", text(path)):
        assert (HOME / name).exists(), name
    for words in re.findall(r"\bpytest ((?:[\w/]+\.?\w* ?)+)", text(path)):
        assert all((HOME / word).exists() for word in words.split() if "/" in word), words


# --- the wall --------------------------------------------------------------------------------


def test_what_to_install_stands_in_the_same_words():
    for system, remedy in REMEDIES.items():
        assert f"| {system} | {remedy.removesuffix('see docs/operate.md')}" in OPERATE


def test_every_tier_is_promised_something():
    header = next(line for line in SECURITY.splitlines() if line.startswith("| a child cannot"))
    assert re.findall(r"`([a-z+-]+)`", header) == list(tiers.NAMES)
    assert f"The default minimum is `{tiers.MINIMUM}`" in SECURITY


def test_every_attack_of_the_canary_is_named():
    words = {
        "read": "read", "list_folder": "list", "write": "write", "truncate": "truncate",
        "environ": "environment", "signal": "signal", "trace": "memory", "connect": "connect",
        "fork": "fork", "thread": "thread", "fill_memory": "too much memory", "execute": "execute",
    }  # fmt: skip
    assert words.keys() == {attack.__name__ for attack in hostile.ATTACKS}
    (told,) = re.findall(r"a \*canary\* in a child tries to (.*?)\. ", SECURITY, re.S)
    assert all(word in told for word in words.values())


def test_limits_are_those_of_the_code():
    numpy, torch = WORLDS["numpy"].limits, WORLDS["torch"].limits
    for said in (
        f"{judge.CHECK_SECONDS:.0f} s of CPU time (PyTorch {torch.check_seconds:.0f} s)",
        f"{judge.SUBMISSION_SECONDS:.0f} s of CPU time; "
        f"{judge.SUBMISSION_WAITING_SECONDS / 60:.0f} minutes of waiting in vain; "
        f"{children.MOST_CHILDREN} children at a time",
        f"{numpy.memory_bytes >> 30} GiB of address space",
        f"(PyTorch {torch.memory_bytes >> 30} GiB)",
        f"{wire.MAX_BODY >> 20} MiB, {wire.MAX_NODES} values, {wire.MAX_DEPTH} levels",
        f"{basket.MAX_TOTAL >> 20} MiB, {basket.MAX_ENTRIES} entries, "
        f"{basket.MAX_FILE >> 20} MiB a file",
    ):
        assert said in SECURITY


# --- containers ------------------------------------------------------------------------------


def test_the_container_has_what_the_wall_needs():
    containerfile = text(HOME / "Containerfile")
    needed = re.match(r"apt-get install ([\w ]+),", REMEDIES["Debian, Ubuntu"])[1].split()
    (installed,) = re.findall(r"apt-get install .*?((?: [a-z0-9]+)+) \\", containerfile)
    assert installed.split() == needed
    for sources in re.findall(r"^COPY (.*) \S+$", containerfile, re.M):
        assert all((HOME / source).exists() for source in sources.split())
    assert re.search(r"^USER 1000", containerfile, re.M)


def test_nobodys_work_gets_into_an_image():
    left_out = (HOME / ".dockerignore").read_text(encoding="utf-8").splitlines()
    ignored = (HOME / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.rstrip("/") for line in ignored if line and not line.startswith("#")]
    assert "gradebook.db*" in patterns
    for pattern in (*patterns, ".git"):
        rooted = "/" in pattern or pattern == ".git"
        assert (pattern if rooted else f"**/{pattern}") in left_out, pattern


def test_the_pod_is_restricted():
    """The Pod Security Standard of that name, as Kubernetes 1.25 and later check it."""
    (block,) = re.findall(r"```yaml\n(.*?)```", OPERATE, re.S)
    spec = yaml.safe_load(block)["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["command"][0] == "nbgrader"
    kinds = {kind for volume in spec["volumes"] for kind in volume if kind != "name"}
    assert kinds <= {"configMap", "emptyDir", "persistentVolumeClaim", "secret"}


def test_the_table_of_room_is_the_one_that_is_measured():
    spec = importlib.util.spec_from_file_location("room", HOME / "benchmarks" / "room.py")
    room = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(room)
    assert f"\n{room.HEAD}\n" in OPERATE


# --- set-up ----------------------------------------------------------------------------------


def test_the_versions_suit_every_python_that_the_readme_promises():
    from importlib.metadata import PackageNotFoundError, distribution

    from packaging.specifiers import SpecifierSet

    assert "Python ≥ 3.11," in text(HOME / "README.md")
    for line in text(HOME / "requirements.lock").splitlines()[1:]:
        name, _, version = line.partition("==")
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        if found.version == version:
            asked = found.metadata["Requires-Python"]
            assert not asked or SpecifierSet(asked).contains("3.11.0"), f"{line} wants {asked}"
