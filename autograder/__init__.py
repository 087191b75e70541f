"""The trusted side of daseCV: makes releases, judges hand-ins; never released to students."""

import os
from pathlib import Path

# Before NumPy is imported: many gradings share a machine, and threads of one only wait for those
# of the others (a matrix product was seen to take fifteen times as long).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # PyTorch's

__version__ = "0.1.0"

HOME = Path(__file__).parents[1]  # the course this kit is checked out as
KIT = HOME / "daseCV"  # the solved package
CHECKS = Path(__file__).parent / "checks"
