"""The command ``python -m daseCV.datasets``: get the data, from wherever it can be had."""

import argparse
import sys

from daseCV.datasets import download, install, synthesize


def main(arguments=None):
    """Run one command; a failure is one line, and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # notebooks have streams of their own
            stream.reconfigure(errors="replace")  # not every terminal knows every character
    options = _parser().parse_args(arguments)
    try:
        if options.command == "download":
            folder = download()
        elif options.command == "install":
            folder = install(options.file)
        else:
            folder = synthesize()
    except OSError as error:
        sys.exit(" ".join(str(error).split()))
    except KeyboardInterrupt:
        sys.exit("Interrupted, nothing was changed / 已中断，未做任何改动")
    print(f"Ready / 数据已就绪: {folder}")


def _parser():
    """Describe the commands."""
    parser = argparse.ArgumentParser(prog="python -m daseCV.datasets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("download", help="fetch CIFAR-10 from the internet (163 MB)")
    from_file = commands.add_parser("install", help="unpack cifar-10-python.tar.gz that you have")
    from_file.add_argument("file", metavar="FILE")
    commands.add_parser("synthesize", help="make a small stand-in, offline, in seconds")
    return parser


if __name__ == "__main__":
    main()
