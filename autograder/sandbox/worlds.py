"""The worlds a child can live in: what it has beside the standard library and NumPy, and limits."""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from autograder.sandbox.session import Limits


@dataclass(frozen=True)
class World:
    """A world, one zygote each.

    Attributes
    ----------
    package, version : str
        The one package it has beside NumPy, and what to install; empty when there is none.
    libraries : tuple of str
        What else the course allows, by the names that are imported.
    preloaded : tuple of str
        Modules that its zygote imports, so that each child has them at once.
    barred : tuple of str
        Modules that cannot be imported although the package has them.
    limits : Limits
        What a child may use.
    start_seconds : float
        How long the zygote may take to start on a busy machine.
    """

    package: str = ""
    version: str = ""
    libraries: tuple[str, ...] = ()
    preloaded: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    start_seconds: float = 60.0

    @property
    def folder(self) -> Path | None:
        """Where the package is installed; None when it is not."""
        found = importlib.util.find_spec(self.package) if self.package else None
        return Path(found.origin).parents[1] if found and found.origin else None

    @property
    def packages(self) -> tuple[str, ...]:
        """All that can be imported beside the standard library."""
        return ("numpy", *((self.package,) if self.package else ()), *self.libraries)

    @property
    def here(self) -> bool:
        """Whether this machine has it."""
        return not self.package or self.folder is not None


WORLDS = {
    "numpy": World(),
    # torch._dynamo: each optimizer imports it, and what it needs is out of a child's reach.
    # torch.hub: it fetches pretrained weights.
    "torch": World(
        package="torch",
        version="torch==2.13.0",
        preloaded=("torch", "torch._dynamo", "torch.utils.data"),
        barred=("torch.hub",),
        limits=Limits(check_seconds=60.0, memory_bytes=4 << 30),
        start_seconds=300.0,
    ),
}
