"""The trusted side of daseCV: makes releases, judges hand-ins; never released to students."""

from pathlib import Path

__version__ = "0.1.0"

HOME = Path(__file__).parents[1]  # the course this kit is checked out as
KIT = HOME / "daseCV"  # the solved package
CHECKS = Path(__file__).parent / "checks"
