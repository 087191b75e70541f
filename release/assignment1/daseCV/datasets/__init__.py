"""The data sets of the course, fetched or synthesised: ``python -m daseCV.datasets --help``."""

from daseCV.datasets.fetch import download, install
from daseCV.datasets.synthetic import synthesize

__all__ = ["download", "install", "synthesize"]
