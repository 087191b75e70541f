"""What pytest leaves out: without PyTorch, the notebook that is about it (`--nbval source`)."""

import importlib.util

HERE = importlib.util.find_spec("torch") is not None
collect_ignore = [] if HERE else ["source/assignment2/PyTorch.ipynb"]


def pytest_report_header(config):
    """Say so, when notebooks are run."""
    if not HERE and config.getoption("--nbval", default=False):
        return "PyTorch.ipynb is skipped: torch is not installed; `pip install torch==2.13.0`"
    return None
