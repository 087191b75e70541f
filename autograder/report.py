"""Turn results into what people read: feedback in HTML, a summary for a terminal."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jinja2 import Environment

from autograder import basket
from autograder.results import CheckResult, ExerciseResult, SubmissionResult, Verdict

_INDENT = {"initial_indent": " " * 4, "subsequent_indent": " " * 6}
_DEEPER = {"initial_indent": " " * 6, "subsequent_indent": " " * 8}
VERDICTS = {
    Verdict.GRADER_ERROR: ("grader error", "评分程序出错"),
    Verdict.REFUSED: ("refused", "不予接受"),
    Verdict.TIMED_OUT: ("timed out", "超时"),
    Verdict.OUT_OF_MEMORY: ("out of memory", "内存不足"),
    Verdict.CRASHED: ("crashed", "运行出错"),
    Verdict.BLOCKED: ("blocked", "无法评判"),
    Verdict.FAILED: ("failed", "未通过"),
    Verdict.NOT_IMPLEMENTED: ("not implemented", "尚未完成"),
    Verdict.NOT_HANDED_IN: ("not handed in", "未提交"),
    Verdict.PASSED: ("passed", "通过"),
}
WORDS = {
    "en": {
        "beyond": "beyond the notebook", "none": "no score yet: a person will look",
        "of": "of", "points": "points", "all": "in all checks",
        "passed": "{} of {} checks passed", "hint": "hint", "waiting": "waits for a person",
        "colon": ": ", "total": "{} of {} points",
        "open": "; {} more wait for a person", "comment": "comment",
        "whole": "About the whole hand-in", "ungraded": "not graded yet: {} points",
    },
    "zh": {
        "beyond": "笔记本之外的要求", "none": "暂无得分：将由人工处理",
        "of": "/", "points": "分", "all": "全部检查",
        "passed": "{} / {} 项检查通过", "hint": "提示", "waiting": "待人工评阅",
        "colon": "：", "total": "{} / {} 分",
        "open": "，另有 {} 分待人工评阅", "comment": "评语",
        "whole": "关于整份作业", "ungraded": "尚未评分，共 {} 分",
    },
}  # fmt: skip
MOST_NOTES = 20
LONGEST = 1000  # characters of a line: a name in a student's code can have a million
HINT = "hint / 提示: "  # how `daseCV.compare.Mismatch` begins its hint
GREEN, AMBER, RED = "#1a7f37", "#9a6700", "#cf222e"

# Styles stand in the elements: JupyterLab takes <style> out of what it shows.
PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
CARD = PAGE.from_string("""\
{% if notes %}
<div class="dasecv-notes" style="color:#57606a;font:14px/1.5 sans-serif;margin-bottom:.6em;\
overflow-wrap:anywhere"><b>{{ words.whole }}</b>
{% for note in notes %}
<div>{{ note }}</div>
{% endfor %}
</div>
{% endif %}
<div class="dasecv-card" style="border:1px solid #d0d7de;border-left:4px solid {{ colour }};\
padding:.6em 1em;background:#fff;color:#1f2328;font:14px/1.5 sans-serif;overflow-wrap:anywhere">
<div><b>{{ exercise.exercise }}</b> <span style="background:{{ colour }};color:#fff;\
border-radius:1em;padding:0 .6em;white-space:nowrap">{{ verdict }}</span> \
<span style="white-space:nowrap">{{ score }}</span></div>
{% for fault in faults %}
<div style="margin-top:.6em"><span style="color:#cf222e">✗</span> <b>{{ fault.what }}</b>
<ul style="margin:0;padding-left:2.2em">
{% for title, detail, beyond, times in fault.where %}
<li>{{ title }}{% if times > 1 %} &times;{{ times }}{% endif %}\
{% if beyond %} <i style="color:#57606a">({{ words.beyond }})</i>{% endif %}
{% if detail %}

<div style="font-family:monospace;font-size:13px;color:#57606a">{{ detail }}</div>
{% endif %}
</li>
{% endfor %}
</ul>
{% for hint in fault.hints %}
<div style="margin:.2em 0 0 1.2em;padding:.1em .6em;background:#fff8c5">\
<b>{{ words.hint }}</b> {{ hint }}</div>
{% endfor %}
</div>
{% endfor %}
{% for remark in remarks %}
<div style="margin-top:.6em;color:#57606a">{{ remark }}</div>
{% endfor %}
{% if passed %}
<details style="margin-top:.6em"><summary style="cursor:pointer;display:list-item">\
<span style="color:#1a7f37">✓</span> {{ tally }}</summary>
<ul style="margin:0;padding-left:2.2em">
{% for title, beyond, times in passed %}
<li>{{ title }}{% if times > 1 %} &times;{{ times }}{% endif %}\
{% if beyond %} <i style="color:#57606a">({{ words.beyond }})</i>{% endif %}</li>
{% endfor %}
</ul></details>
{% endif %}
</div>
""")

# What nbgrader's page needs to be read: its list calls every exercise "Test cell", and its boxes
# are wider than a phone.
STYLE = """\
#toc, .anchor-link, div.prompt { display: none }
.rendered_html, .dasecv-overview { overflow-wrap: anywhere }
div.output_subarea { max-width: 100%; padding: 0; overflow-x: auto }
div.input_area pre, div.output_area pre { word-break: normal; overflow-x: auto }
div.inner_cell, div.input_area, div.nbgrader_cell { min-width: 0; max-width: 100% }
div.nbgrader_cell .panel-heading { height: auto !important; overflow: hidden }
img { max-width: 100%; height: auto }
@media (max-width: 600px) {
  body > .container, .panel-body, #notebook-container, #notebook { padding: 4px !important }
}
"""
OVERVIEW = PAGE.from_string("""\
<style>{{ style|safe }}</style>
<div class="dasecv-overview" style="font:14px/1.6 sans-serif">
<p style="font-size:18px;margin:0 0 .4em">{{ total }}</p>
<ul style="list-style:none;margin:0;padding:0;columns:2 22em">
{% for row, sign, colour, score in rows %}
<li style="break-inside:avoid"><span style="color:{{ colour }};display:inline-block;width:1.2em">\
{{ sign }}</span><a href="#{{ row.anchor }}"\
{% if sign in "✗◐" %} style="font-weight:bold"{% endif %}>{{ row.name }}</a> \
<span style="color:#57606a">{{ score }}</span>\
{% if row.comment %} <a href="#comment-{{ row.anchor }}">{{ words.comment }}</a>{% endif %}</li>
{% endfor %}
</ul>
</div>
""")


@dataclass(frozen=True)
class Row:
    """A graded cell as the gradebook has it; `earned` is None while it waits for a person."""

    anchor: str
    name: str
    earned: float | None
    possible: float
    comment: bool = False


def in_language(text: str, language: str) -> str:
    """The half of "English / 中文" that a reader wants; text without the two halves stays."""
    english, slash, chinese = text.partition(" / ")
    return plain(text if not slash else (chinese if language == "zh" else english))


def plain(line: str) -> str:
    """A line of bounded length, without what is invisible, such as commands to a terminal."""
    line = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    return basket.printable(line)


def points(number: float) -> str:
    """Points as the gradebook has them, to 4 digits: in fewer, rows would not add up to a total."""
    return f"{round(number, 4):.8g}"


def _some(notes: Sequence[str]) -> list[str]:
    """The first of many notes, and how many more there are."""
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], *([f"and {more} more / 另有 {more} 条"] if more > 0 else [])]


def verdict_words(verdict: Verdict, language: str) -> str:
    """A verdict in the reader's language."""
    return VERDICTS[verdict][language == "zh"]


def exercise_html(result: ExerciseResult, language: str, notes: tuple[str, ...] = ()) -> str:
    """What a student reads of one exercise; all that came from a student is escaped."""
    words, checks = WORDS[language], result.checks
    earned = result.earned
    score = words["none"]
    if earned is not None:
        score = f"{points(earned)} {words['of']} {points(result.possible)} {words['points']}"
    passed = [check for check in checks if check.verdict is Verdict.PASSED]
    waits = result.verdict in (Verdict.GRADER_ERROR, Verdict.REFUSED)
    titles = Counter((in_language(c.title, language), c.beyond) for c in passed)
    remarks = [in_language(line, language) for c in passed for line in c.message.splitlines()]
    colour = GREEN if result.verdict is Verdict.PASSED else AMBER if waits else RED
    return CARD.render(
        exercise=result, words=words, score=score, colour=colour,
        verdict=verdict_words(result.verdict, language),
        notes=[in_language(note, language) for note in _some(notes)],
        faults=_faults(result, language), remarks=dict.fromkeys(remarks),
        passed=[(*title, times) for title, times in titles.items()],
        tally=words["passed"].format(len(passed), len(checks)),
    )  # fmt: skip


def _faults(result: ExerciseResult, language: str) -> list[dict]:
    """Failed checks, those that say the same taken together: what, where, hints."""
    groups: dict[str, list[tuple[CheckResult, str, list[str]]]] = {}
    for check in result.checks:
        if check.verdict is not Verdict.PASSED:
            first, *rest = check.message.splitlines() or [""]
            what = in_language(first, language)
            if check.verdict is not result.verdict or not what:
                words = verdict_words(check.verdict, language)
                what = f"{words}{WORDS[language]['colon']}{what}" if what else words
            rest = [plain(line.strip()) for line in rest]
            hints = [line.removeprefix(HINT) for line in rest if line.startswith(HINT)]
            detail = " ".join(line for line in rest if not line.startswith(HINT))
            groups.setdefault(what, []).append((check, detail, hints))
    faults = []
    for what, group in groups.items():
        where = Counter((in_language(c.title, language), d, c.beyond) for c, d, _ in group)
        rows = [(*one, times) for one, times in where.items()]
        if len(group) == len(result.checks) > 1 and not any(detail for _, detail, _ in group):
            rows = [(WORDS[language]["all"], "", False, 1)]
        hints = dict.fromkeys(in_language(h, language) for _, _, found in group for h in found)
        faults.append({"what": what, "where": rows, "hints": hints})
    return faults


def overview_html(rows: Iterable[Row], language: str) -> str:
    """The head of a feedback page: all points, and a line with a link for each graded cell."""
    rows, words = list(rows), WORDS[language]
    shown = []
    for row in rows:
        if row.earned is None:
            sign, colour, score = "…", AMBER, words["waiting"]
        else:
            sign, colour = ("✗", RED) if row.earned <= 0 else ("◐", AMBER)
            sign, colour = ("✓", GREEN) if row.earned >= row.possible else (sign, colour)
            score = f"{points(row.earned)} {words['of']} {points(row.possible)}"
        shown.append((row, sign, colour, score))
    judged = [row for row in rows if row.earned is not None]
    earned, possible = (sum(getattr(row, of) for row in judged) for of in ("earned", "possible"))
    waiting = sum(row.possible for row in rows) - possible
    total = words["total"].format(points(earned), points(possible))
    total += words["open"].format(points(waiting)) if waiting else ""
    if not judged:
        total = words["ungraded"].format(points(waiting))
    return OVERVIEW.render(rows=shown, words=words, total=total, style=STYLE)


def exercise_text(result: ExerciseResult, language: str) -> str:
    """The same in plain text, for notebooks opened without HTML."""
    lines = [f"{result.exercise}: {verdict_words(result.verdict, language)}"]
    for check in result.checks:
        sign = "+" if check.verdict is Verdict.PASSED else "-"
        lines.append(f"  {sign} {in_language(check.title, language)}")
        lines += [f"      {plain(line)}" for line in check.message.splitlines()]
    return "\n".join(lines)


def summary(result: SubmissionResult) -> str:
    """A grading in a few lines, for a terminal of 80 columns."""
    lines = []
    for exercise in result.exercises:
        earned = "-" if exercise.earned is None else points(exercise.earned)
        score = f"{earned:>8} / {points(exercise.possible):<4}"
        lines.append(f"{exercise.exercise:<40} {score} {exercise.verdict.value}")
        lines += _failures(exercise)
    total = "no score" if result.earned is None else points(result.earned)
    lines.append(f"{'automatic points':<40} {total:>8} / {points(result.possible)}")
    if result.manual_possible:
        written = points(result.manual_possible)
        lines.append(f"{'written, marked by a person':<40} {'':>8} / {written}")
    notes = [
        part for note in _some(result.notes)
        for part in textwrap.wrap(in_language(note, "en"), 80, subsequent_indent="  ")
    ]  # fmt: skip
    return "\n".join(map(plain, [*notes, *lines]))


def _in_english(line: str) -> str:
    hint = f"hint: {line.removeprefix(HINT)}" if line.startswith(HINT) else line
    return in_language(hint, "en")


def _failures(result: ExerciseResult) -> list[str]:
    """The failed checks for a terminal; those that say the same are told once."""
    told: dict[str, list[str]] = {}
    for check in result.checks:
        if check.verdict is not Verdict.PASSED:
            told.setdefault(check.message or check.verdict.value, []).append(check.name)
    lines = []
    for message, names in told.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        first, *rest = (_in_english(line.strip()) for line in message.splitlines())
        lines += textwrap.wrap(f"{names[0]}{more}: {first}", 80, **_INDENT)
        lines += [part for line in rest for part in textwrap.wrap(line, 80, **_DEEPER)]
    return lines
