"""What a confined process says of its wall: the tier, what gets through, some grades; as JSON."""

import json
import sys

import forged_answers
import reach
from forgery import Forgery

from autograder import KIT
from autograder.results import Verdict
from autograder.sandbox import Zygote

SOLVED = Forgery("solved", Verdict.PASSED, {"daseCV/layers.py": (KIT / "layers.py").read_bytes()})
GRADED = (SOLVED, *forged_answers.SEARCHES[:3])


def main():
    """Start, try everything, grade a few; print it."""
    with Zygote() as zygote, reach.Outside() as outside:
        zygote.start()
        through = [a.name for a in reach.ATTACKS if reach.attempt(zygote, a, outside)]
        results = {forgery.name: forgery.grade(zygote) for forgery in GRADED}
        said = {
            "tier": zygote.wall.tier,
            "landlock": zygote.wall.landlock,
            "fallen": zygote.fallen,
            "through": through,
            "graded": {n: [r.verdict, r.earned, r.possible] for n, r in results.items()},
        }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
