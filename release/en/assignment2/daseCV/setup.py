"""Build the compiled twin of im2col; in the folder daseCV: ``python setup.py build_ext --inplace``.

The fast layers work without it, on NumPy. It needs the packages cython and setuptools and a C
compiler; what is missing is named with the command that installs it. Start Python (the notebook's
kernel) anew afterwards.
"""

import os
import sys
from pathlib import Path

try:
    from Cython.Build import cythonize
    from setuptools import Extension, setup
    from setuptools.command.build_ext import build_ext
    from setuptools.errors import CompileError, LinkError, PlatformError
except ImportError as error:
    sys.exit(
        f"The package {error.name} is missing. Install what the build needs with\n"
        f'  {sys.executable} -m pip install "cython>=3" setuptools\n'
        "You can also leave it: the fast layers work on NumPy, somewhat slower."
    )

COMPILER = """
There is no C compiler that works; what it said stands above. To install one:
  Debian, Ubuntu:  sudo apt-get install build-essential python3-dev
  Fedora:          sudo dnf install gcc python3-devel
  macOS:           xcode-select --install
  Windows:         winget install Microsoft.VisualStudio.2022.BuildTools
                   and in its installer "Desktop development with C++"
You can also leave it: the fast layers work on NumPy, somewhat slower."""


class Build(build_ext):
    """The usual build, but with advice at the end when there is no compiler."""

    def run(self):
        """Compile; exit with the advice if that cannot be done."""
        try:
            super().run()
        except (CompileError, LinkError, PlatformError) as error:
            sys.exit(f"error: {error}\n{COMPILER}")


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent)
    flags = [] if os.name == "nt" else ["-O3"]  # Microsoft's compiler has nothing above its default
    source = Extension("im2col_cython", ["im2col_cython.pyx"], extra_compile_args=flags)
    setup(
        name="im2col_cython",
        packages=[],
        py_modules=[],
        ext_modules=cythonize([source], build_dir="build"),
        cmdclass={"build_ext": Build},
    )
