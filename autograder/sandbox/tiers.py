"""The tiers of the wall, strongest first, and what each asks of a machine."""

import os
import shutil
import sys
from dataclasses import dataclass
from typing import Any

from autograder.sandbox import syscalls, visible
from autograder.sandbox.inside import lockdown
from autograder.sandbox.worlds import World

SPARE_UID = 64321  # of nobody: Debian, Fedora and systemd give out no number there


@dataclass(frozen=True)
class Tier:
    """A way to keep a child from everything else.

    Attributes
    ----------
    name : str
    bwrap : bool
        Whether the zygote and its children live in a world made by bubblewrap.
    namespaces : bool
        Whether each child has namespaces of its own in it.
    uid : bool
        Whether a child turns into a user that owns nothing.
    walls : bool
        Whether Landlock and seccomp hold it.
    """

    name: str
    bwrap: bool = False
    namespaces: bool = False
    uid: bool = False
    walls: bool = True

    def lacks(self) -> str:
        """What this machine does not have for it; empty when it is worth a try."""
        if not self.walls:
            return ""
        if sys.platform != "linux":
            return "Linux"
        if not lockdown.landlock_abi():
            return "Landlock (Linux 5.13 or newer)"
        if self.bwrap and not _bubblewrap():
            return "bubblewrap"
        if self.uid and not self.bwrap and os.geteuid():
            return "root"
        try:
            syscalls.program()
        except (ImportError, RuntimeError, OSError) as error:
            return f"libseccomp ({error})"
        return ""

    def command(self, world: World) -> list[str]:
        """What a command that runs behind it begins with."""
        if not self.bwrap:
            return []
        return visible.bwrap(_bubblewrap(), world.packages, powers=self.namespaces)

    @property
    def user(self) -> int | None:
        """Whom a child turns into; None when it stays who the grader is."""
        return SPARE_UID if self.uid and os.geteuid() == 0 else None

    def told(self, world: World, home: str) -> dict[str, Any]:
        """The arguments of `inside.lockdown.Walls`."""
        return {
            "namespaces": self.namespaces,
            "uid": self.user,
            "readable": visible.readable(world.packages) if self.walls else None,
            "listable": [home] if self.walls else [],
            "program": syscalls.program().hex() if self.walls else "",
        }


def _bubblewrap() -> str | None:
    """Where it is; the PATH of a service or of `sudo` may not name the system's programs."""
    return shutil.which("bwrap") or shutil.which("bwrap", path=os.defpath)


TIERS = (
    Tier("namespaces", bwrap=True, namespaces=True, uid=True),
    Tier("namespaces-shared", bwrap=True),
    Tier("landlock+uid", uid=True),
    Tier("landlock"),
    Tier("rlimits", walls=False),
)
NAMES = tuple(tier.name for tier in TIERS)
WALLS = tuple(tier.name for tier in TIERS if tier.walls)
MINIMUM = WALLS[-1]


def at_least(minimum: str = MINIMUM, *, trusted: bool = False) -> tuple[Tier, ...]:
    """That tier and the stronger ones, strongest first; for code that one trusts, all."""
    return TIERS if trusted else TIERS[: NAMES.index(minimum) + 1]
