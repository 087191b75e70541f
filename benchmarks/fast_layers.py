"""Measure the fast layers against the course's design and PyTorch; writes docs/fast_layers.md.

`make bench` runs it (alone: ``python benchmarks/fast_layers.py``). Peers take turns within one run,
one thread each, and what counts is the ratio of their median CPU times.
"""

import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import course_layers
import numpy as np

from autograder import HOME
from daseCV import fast_layers, im2col

try:
    import torch
except ImportError:  # PyTorch is optional
    torch = None

ROUNDS = (5, 50)  # at least, at most
SECONDS = 1.0  # of a case, beyond its least rounds
CONVOLUTIONS = {  # x, w, stride, padding
    "S1": ((100, 3, 31, 31), (25, 3, 3, 3), 2, 1),  # the notebook's timing cell
    "S2": ((50, 3, 32, 32), (32, 3, 7, 7), 1, 3),  # training ThreeLayerConvNet
    "S3": ((64, 32, 32, 32), (64, 32, 3, 3), 1, 1),
    "S4": ((64, 64, 16, 16), (128, 64, 3, 3), 1, 1),
    "S5": ((2, 3, 200, 200), (2, 3, 3, 3), 1, 1),  # the two photographs
    "S6": ((128, 16, 32, 32), (16, 16, 5, 5), 1, 2),
    "S7": ((64, 128, 16, 16), (64, 128, 1, 1), 1, 0),
}
POOLINGS = {  # x, window, stride
    "P1": ((100, 3, 32, 32), 2, 2),
    "P2": ((50, 32, 32, 32), 2, 2),
    "P3": ((50, 32, 33, 33), 3, 2),  # windows overlap
}
Peers = dict[str, tuple[Callable, Callable]]  # forward -> (out, cache), backward of (dout, cache)
Row = tuple[str, str, str, dict[str, float]]  # case, dtype, direction, seconds of each peer


def main() -> None:
    """Measure, write the document and print what it comes to."""
    for what, measured, limit, holds in results():
        print(f"{'ok ' if holds else 'NO '} {what}: {measured} (limit {limit})")


def results() -> Iterator[tuple[str, str, str, bool]]:
    """Write the document; yield the worst cases as rows of the table of run.py."""
    try:
        rows = list(measure())
    except (ImportError, SystemExit) as error:  # no Cython, or no compiler
        yield "fast layers beside the course's design", f"not measured: {error}", "1.00", False
        return
    write(rows)
    for peer, limit in (("Cython", 1.0), ("NumPy", 1.25)):  # the peer is compiled
        ratio, where = worst(rows, peer)
        what = f"fast layers ({peer}) beside the course's design, the worst case ({where})"
        yield what, f"ratio {ratio:.2f}", f"{limit:.2f}", ratio <= limit


def measure() -> Iterator[Row]:
    """Yield the times of every case; needs Cython and a C compiler, for the peer as for ours."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = build(HOME / "daseCV" / "im2col_cython.pyx", Path(folder))
        course = build(HOME / "benchmarks" / "course_col2im.pyx", Path(folder))
        rng = np.random.default_rng(0)
        for dtype in ("float32", "float64"):
            for name, (x, w, stride, pad) in CONVOLUTIONS.items():
                arrays = [rng.normal(size=shape).astype(dtype) for shape in (x, w, w[:1])]
                peers = convolutions(course.col2im, compiled)
                yield from case(name, peers, *arrays, {"stride": stride, "pad": pad})
            for name, (x, size, stride) in POOLINGS.items():
                param = {"pool_height": size, "pool_width": size, "stride": stride}
                yield from case(name, poolings(), rng.normal(size=x).astype(dtype), param)


def build(source: Path, folder: Path) -> ModuleType:
    """Compile a Cython module into a folder and import it from there."""
    from Cython.Build import cythonize
    from setuptools import Extension, setup

    extension = Extension(source.stem, [str(source)], extra_compile_args=["-O3"])
    setup(
        name=source.stem,
        packages=[],
        py_modules=[],
        ext_modules=cythonize([extension], build_dir=str(folder), quiet=True),
        script_args=["-q", "build_ext", f"--build-lib={folder}", f"--build-temp={folder}"],
    )
    loader = ExtensionFileLoader(source.stem, str(folder / f"{source.stem}{EXTENSION_SUFFIXES[0]}"))
    module = module_from_spec(spec_from_loader(source.stem, loader))
    loader.exec_module(module)
    return module


def convolutions(col2im: Callable, compiled: ModuleType) -> Peers:
    """The peers of a convolution."""
    peers = {
        "course": (
            course_layers.conv_forward,
            lambda dout, cache: course_layers.conv_backward(dout, cache, col2im),
        ),
        "NumPy": on(im2col),
        "Cython": on(compiled),
    }
    return {**peers, "torch": (torch_conv, torch_backward)} if torch else peers


def on(twin: ModuleType) -> tuple[Callable, Callable]:
    """Our convolution, on one of the twins of im2col."""

    def forward(*arguments):
        fast_layers.im2col, fast_layers.col2im = twin.im2col, twin.col2im
        return fast_layers.conv_forward_fast(*arguments)

    return forward, fast_layers.conv_backward_fast


def poolings() -> Peers:
    """The peers of a pooling; ours is NumPy in any case."""
    peers = {
        "course": (course_layers.pool_forward, course_layers.pool_backward),
        "NumPy": (fast_layers.max_pool_forward_fast, fast_layers.max_pool_backward_fast),
    }
    return {**peers, "torch": (torch_pool, torch_backward)} if torch else peers


def torch_conv(x, w, b, conv_param):
    """PyTorch's convolution; the arrays are shared, not copied."""
    inputs = [torch.from_numpy(a).requires_grad_() for a in (x, w, b)]
    stride, pad = conv_param["stride"], conv_param["pad"]
    out = torch.nn.functional.conv2d(*inputs, stride=stride, padding=pad)
    return out.detach().numpy(), (out, inputs)


def torch_pool(x, pool_param):
    """PyTorch's pooling."""
    inputs = [torch.from_numpy(x).requires_grad_()]
    size, stride = pool_param["pool_height"], pool_param["stride"]
    out = torch.nn.functional.max_pool2d(*inputs, size, stride)
    return out.detach().numpy(), (out, inputs)


def torch_backward(dout, cache):
    """The gradients of all inputs."""
    return torch.autograd.grad(*cache, torch.from_numpy(dout))


def case(name: str, peers: Peers, *arguments) -> Iterator[Row]:
    """Both directions of one case: each round, every peer once; the first round warms up."""
    times = {peer: ([], []) for peer in peers}
    started = time.process_time()
    least, most = ROUNDS
    for number in range(1 + most):
        if number > least and time.process_time() - started > SECONDS:
            break
        for peer, (forward, backward) in peers.items():
            spent, (out, cache) = timed(forward, *arguments)
            times[peer][0].append(spent)
            times[peer][1].append(timed(backward, np.ones_like(out), cache)[0])
    for direction, way in enumerate(("forward", "backward")):
        medians = {peer: statistics.median(spent[direction][1:]) for peer, spent in times.items()}
        yield name, str(arguments[0].dtype), way, medians


def timed(function: Callable, *arguments) -> tuple[float, object]:
    """CPU seconds of a call, which neighbours on the machine hardly change, and its result."""
    started = time.process_time()
    result = function(*arguments)
    return time.process_time() - started, result


def worst(rows: list[Row], peer: str) -> tuple[float, str]:
    """The largest ratio of ours to the course's, and where it is; pooling has one form only."""
    return max(
        (seconds.get(peer, seconds["NumPy"]) / seconds["course"], f"{name} {dtype} {way}")
        for name, dtype, way, seconds in rows
    )


def write(rows: list[Row]) -> None:
    """Write the document."""
    lines = [
        "<!-- Generated by `make bench`; do not edit. -->",
        "# The fast layers, measured",
        "",
        f"`make bench`, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, NumPy {np.__version__}, "
        f"{f'PyTorch {torch.__version__}' if torch else 'without PyTorch'}, one thread. CPU time, "
        f"medians of {ROUNDS[0]} to {ROUNDS[1]} interleaved rounds; differences below 10 % are "
        "ties. \"Course\" is the course's design (one im2col matrix, compiled col2im; pooling by "
        "reshape or by index arrays), written anew in `benchmarks/course_layers.py`. Ours is "
        "`daseCV.fast_layers`, on either twin of im2col. Below 1, ours is faster.",
        "",
        "| case | dtype | | course, ms | NumPy / course | Cython / course "
        "| ours / PyTorch |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *map(line, rows),
        "",
        "| case | x | w, or window | stride | padding |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {name} | {x} | {w} | {stride} | {pad} |"
          for name, (x, w, stride, pad) in CONVOLUTIONS.items()),
        *(f"| {name} | {x} | {size} x {size} | {stride} | |"
          for name, (x, size, stride) in POOLINGS.items()),
    ]  # fmt: skip
    (HOME / "docs" / "fast_layers.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def line(row: Row) -> str:
    """One line of the table."""
    name, dtype, way, seconds = row
    course = seconds["course"]
    ours = [seconds[peer] / course if peer in seconds else None for peer in ("NumPy", "Cython")]
    best = min(ratio for ratio in ours if ratio)
    beside = [*ours, best * course / seconds["torch"] if "torch" in seconds else None]
    cells = " | ".join(f"{ratio:.2f}" if ratio else "" for ratio in beside)
    return f"| {name} | {dtype} | {way} | {1000 * course:.2f} | {cells} |"


if __name__ == "__main__":
    main()
