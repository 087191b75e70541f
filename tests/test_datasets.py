"""The data arrives whole or not at all, says what went wrong, and the stand-in is a fair ladder."""

import gzip
import hashlib
import http.server
import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import numpy as np
import pytest

from daseCV.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from daseCV.data_utils import DataError, data_digest, get_CIFAR10_data, load_pickle
from daseCV.datasets import __main__, download, install, synthesize
from daseCV.datasets import folder as folders
from daseCV.solver import Solver

KIT = Path(folders.__file__).parents[2]
CONTENT = {name: os.urandom(3000) + name.encode() for name in folders.FILES}
CHECKSUMS = {name: hashlib.md5(content).hexdigest() for name, content in CONTENT.items()}


def archive_of(members, links=()):
    """A compressed archive; its members by path."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return file.getvalue()


def official_members():
    return {f"cifar-10-batches-py/{name}": content for name, content in CONTENT.items()}


GOOD = archive_of({**official_members(), "cifar-10-batches-py/readme.html": b"hello"})
EXPECTED = {"archive_md5": hashlib.md5(GOOD).hexdigest(), "checksums": CHECKSUMS}


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the archive: whole, in parts on request, broken off, with a wrong byte, or not."""

    def do_GET(self):
        body = GOOD.replace(GOOD[500:502], b"??") if self.path == "/corrupt" else GOOD
        start = 0
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.path == "/good" and "Range" in self.headers:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        self.server.requests.append((self.path, start))
        self.send_response(206 if start else 200)
        if self.path != "/unmeasured":
            self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.wfile.write(body[start : len(body) // 2 if self.path == "/truncated" else None])

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.requests = []
        thread = threading.Thread(target=made.serve_forever, args=[0.01])
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DASECV_DATA", str(tmp_path / "data"))
    return tmp_path / "data/cifar-10-batches-py"


@pytest.fixture
def fetch(server, folder):
    """Download from some of the server's paths."""

    def run(*paths):
        sources = [f"http://127.0.0.1:{server.server_port}/{path}" for path in paths]
        return download(sources=sources, **EXPECTED)

    return run


def read(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_download(fetch, folder, capsys):
    assert fetch("good") == folder
    assert read(folder) == CONTENT  # and no readme, and no archive
    assert list(folder.parent.iterdir()) == [folder]
    assert "0 / 0 MB" in capsys.readouterr().out


def test_what_is_there_is_not_downloaded_again(fetch, server, capsys):
    fetch("good")
    fetch("good")
    assert len(server.requests) == 1
    assert "The official data is there already" in capsys.readouterr().out


def test_a_source_without_a_length_will_do(fetch, folder):
    fetch("unmeasured")
    assert read(folder) == CONTENT


@pytest.mark.parametrize("first", ["missing", "corrupt", "truncated"])
def test_the_next_source_takes_over(fetch, folder, first):
    fetch(first, "good")
    assert read(folder) == CONTENT


def test_the_next_source_goes_on_where_the_first_broke_off(fetch, server):
    fetch("truncated", "good")
    assert server.requests == [("/truncated", 0), ("/good", len(GOOD) // 2)]


def test_a_bad_first_part_is_downloaded_again(fetch, server, folder, monkeypatch):
    sent = []

    def corrupt_once(handler):  # half an archive of zeros, then the right one
        if sent:
            return Handler.do_GET(handler)
        sent.append(handler.send_response(200))
        handler.send_header("Content-Length", str(len(GOOD)))
        handler.end_headers()
        handler.wfile.write(bytes(1000))

    handler = type("Corrupt", (Handler,), {"do_GET": corrupt_once})
    monkeypatch.setattr(server, "RequestHandlerClass", handler)
    fetch("truncated", "good")
    assert read(folder) == CONTENT
    assert server.requests == [("/good", 1000), ("/good", 0)]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing", "Not Found"),
        ("corrupt", "wrong checksum"),
        ("truncated", "connection closed after"),
    ],
)
def test_a_failed_download_changes_nothing(fetch, folder, path, reason):
    folder.mkdir(parents=True)
    (folder / "mine").write_text("keep me")
    with pytest.raises(DataError, match=rf"Download failed .*127\.0\.0\.1.*{reason}") as caught:
        fetch(path)
    assert "install FILE | python -m daseCV.datasets synthesize" in str(caught.value)
    assert read(folder) == {"mine": b"keep me"}
    assert list(folder.parent.iterdir()) == [folder]


def test_nobody_answers(folder):
    with pytest.raises(DataError, match=r"Download failed .*127\.0\.0\.1:9: .*Offline\?"):
        download(sources=["http://127.0.0.1:9/x"], **EXPECTED)
    assert not folder.exists()


def handed_out(tmp_path, content=GOOD):
    path = tmp_path / "cifar-10-python.tar.gz"
    path.write_bytes(content)
    return path


def expecting(content):
    """The checksums that let an archive pass the first check."""
    return {"archive_md5": hashlib.md5(content).hexdigest(), "checksums": CHECKSUMS}


def test_install(folder, tmp_path):
    assert install(handed_out(tmp_path), **EXPECTED) == folder
    assert read(folder) == CONTENT
    assert (tmp_path / "cifar-10-python.tar.gz").exists()  # it belongs to whoever handed it out


def test_install_of_nothing(folder, tmp_path):
    with pytest.raises(DataError, match=r"none\.tar\.gz: no such file"):
        install(tmp_path / "none.tar.gz", **EXPECTED)


def test_install_of_another_file(folder, tmp_path):
    with pytest.raises(DataError, match="not the official archive, or damaged .*md5 [0-9a-f]{32}"):
        install(handed_out(tmp_path, GOOD[:-10]), **EXPECTED)
    assert not folder.parent.exists()


OTHERS = {
    "no archive": (b"hello", "cannot be unpacked"),
    "broken off": (GOOD[: len(GOOD) // 2], "cannot be unpacked"),
    "not a tarball": (gzip.compress(b"hello" * 1000), "cannot be unpacked"),
    "a file changed": (
        archive_of({**official_members(), "cifar-10-batches-py/test_batch": b"x"}),
        "test_batch: wrong checksum",
    ),
    "files elsewhere": (
        archive_of({f"../{name}": content for name, content in CONTENT.items()}),
        "lacks / 缺少 batches.meta, data_batch_1",
    ),
    "links": (
        archive_of({}, [(f"cifar-10-batches-py/{n}", "/etc/passwd") for n in CONTENT]),
        "lacks / 缺少 batches.meta, data_batch_1",
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_an_archive_with_other_things_in_it(folder, tmp_path, kind):
    content, problem = OTHERS[kind]
    with pytest.raises(DataError, match=problem):
        install(handed_out(tmp_path, content), **expecting(content))
    assert {path.name for path in tmp_path.rglob("*")} == {"cifar-10-python.tar.gz", "data"}


def test_strangers_in_an_archive_are_left_there(folder, tmp_path):
    content = archive_of({**official_members(), "../evil": b"x", "cifar-10-batches-py/../e": b"x"})
    install(handed_out(tmp_path, content), **expecting(content))
    assert read(folder) == CONTENT
    assert {path.name for path in tmp_path.iterdir()} == {"cifar-10-python.tar.gz", "data"}


def test_unknown_files_are_kept_under_another_name(folder, tmp_path, capsys):
    for number in ("", "1"):
        folder.mkdir(parents=True)
        (folder / "mine").write_text("keep me")
        install(handed_out(tmp_path), **EXPECTED)
        kept = folder.with_name(f"cifar-10-batches-py.old{number}")
        assert (kept / "mine").read_text() == "keep me"
        assert str(kept) in capsys.readouterr().out
        shutil.rmtree(folder)


# The stand-in


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    return synthesize(tmp_path_factory.mktemp("stand-in") / "cifar-10-batches-py")


def test_the_stand_in_has_the_same_bytes_everywhere(stand_in):
    # Made with Python 3.10, 3.11 and 3.13, NumPy 1.24 and 2.4; a new number here is a new data set.
    digest = "c069f27afddc64688bc20c4336b73e88b1d6524233c3a8a0a990740f84c66b1c"
    assert data_digest(stand_in) == digest
    test_digest = hashlib.sha256((stand_in / "test_batch").read_bytes()).hexdigest()
    assert test_digest == "2e57461579d5f1154f5471fd183b877a7e0d89c8c4a0fa17f95e37126bd078c9"


def test_the_stand_in_has_the_official_layout(stand_in):
    assert sorted(read(stand_in)) == sorted(folders.FILES)
    assert sum(len(content) for content in read(stand_in).values()) < 30e6
    for name in folders.FILES[:-1]:
        with open(stand_in / name, "rb") as file:
            batch = load_pickle(file)
        n = 2000 if name == "test_batch" else 1400
        assert set(batch) == {"batch_label", "labels", "data", "filenames"}
        assert (batch["data"].shape, batch["data"].dtype) == ((n, 3072), np.uint8)
        assert len(batch["labels"]) == len(batch["filenames"]) == n
        assert np.bincount(batch["labels"]).min() > n / 20


def test_a_stand_in_makes_way_for_official_data(folder, tmp_path, stand_in, capsys):
    shutil.copytree(stand_in, folder)
    install(handed_out(tmp_path), **EXPECTED)
    assert read(folder) == CONTENT
    assert list(folder.parent.iterdir()) == [folder]
    assert capsys.readouterr().out == ""


def test_a_stand_in_is_made_again(stand_in, tmp_path):
    again = shutil.copytree(stand_in, tmp_path / "cifar-10-batches-py")
    (again / "data_batch_1").write_bytes(b"damaged")
    synthesize(str(again))
    assert read(again) == read(stand_in)
    assert list(tmp_path.iterdir()) == [again]


def test_official_data_does_not_make_way_for_a_stand_in(folder, tmp_path, monkeypatch):
    install(handed_out(tmp_path), **EXPECTED)
    for name, md5 in CHECKSUMS.items():
        monkeypatch.setitem(folders.OFFICIAL, name, md5)
    with pytest.raises(DataError, match="holds the official CIFAR-10"):
        synthesize()
    assert read(folder) == CONTENT


@pytest.fixture(scope="module")
def data(stand_in):
    full = get_CIFAR10_data(folder=stand_in)
    return {k: v.astype(np.float32) if k.startswith("X") else v for k, v in full.items()}


def nearest_neighbour(data):
    """Test accuracy of the five nearest neighbours of 500 images."""
    X, T = (data[part].reshape(len(data[part]), -1) for part in ("X_train", "X_test"))
    T = T[:500]
    squares = np.sum(X**2, axis=1) - 2 * T @ X.T
    votes = data["y_train"][np.argsort(squares, axis=1)[:, :5]]
    labels = [np.bincount(row).argmax() for row in votes]
    return np.mean(labels == data["y_test"][:500])


def trained(model, data, rate, epochs=10, **arguments):
    """Best validation accuracy."""
    np.random.seed(0)
    arguments |= {"optim_config": {"learning_rate": rate}, "num_epochs": epochs, "lr_decay": 0.95}
    solver = Solver(model, data, num_train_samples=100, verbose=False, **arguments)
    solver.train()
    return solver.best_val_acc


def test_the_ladder_of_the_course_holds_on_the_stand_in(data):
    np.random.seed(0)
    neighbour = nearest_neighbour(data)
    linear = trained(FullyConnectedNet([], weight_scale=1e-3), data, 1e-4, 5)
    two = trained(TwoLayerNet(hidden_dim=50, reg=0.2), data, 1e-3)
    net = FullyConnectedNet([128, 64], weight_scale=2e-2, normalization="batchnorm", dropout=0.7)
    deep = trained(net, data, 1e-3, 6, update_rule="adam")
    assert 0.2 < neighbour < linear < 0.48
    assert 0.55 < two < deep < 0.85


# The command


def command(folder, *words, encoding="utf-8", **environment):
    """Run the command offline."""
    environment = {
        **os.environ,
        "DASECV_DATA": str(folder.parent),
        "https_proxy": "http://127.0.0.1:9",
        "PYTHONIOENCODING": encoding,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **environment,
    }
    return subprocess.run(
        words, cwd=KIT, env=environment, capture_output=True, encoding=encoding, check=False
    )


def datasets(folder, *words, **more):
    return command(folder, sys.executable, "-m", "daseCV.datasets", *words, **more)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "ascii"])
def test_the_command_offline(folder, encoding):
    done = datasets(folder, "download", encoding=encoding)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Download failed")
    assert "python -m daseCV.datasets install FILE" in line
    assert not folder.exists()


def test_the_command_makes_a_stand_in(folder, stand_in):
    done = datasets(folder, "synthesize", encoding="gbk")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Ready / 数据已就绪: {folder}\n"
    assert read(folder) == read(stand_in)


def test_the_command_installs(folder, tmp_path):
    done = datasets(folder, "install", str(handed_out(tmp_path)))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "expected / 应为 c58f30108f718f92721af3b95e74349a" in line


def test_the_command_in_a_place_that_is_no_folder(folder):
    folder.parent.write_text("a file")
    done = datasets(folder, "synthesize")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_an_interrupted_command_says_so(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "download", interrupted)
    with pytest.raises(SystemExit, match="Interrupted, nothing was changed"):
        __main__.main(["download"])


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_script_of_the_course_calls_the_command(folder):
    done = command(folder, "bash", str(KIT / "daseCV/datasets/get_datasets.sh"), PWD="/")
    assert done.returncode == 1
    assert done.stderr.startswith("Download failed")
