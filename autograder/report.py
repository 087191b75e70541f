"""Turn results into what people read: feedback in HTML, a summary for a terminal."""

from jinja2 import Environment

from autograder.results import CheckResult, ExerciseResult, SubmissionResult, Verdict

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
        "of": "of", "points": "points",
    },
    "zh": {
        "beyond": "笔记本之外的要求", "none": "暂无得分：将由人工处理",
        "of": "/", "points": "分",
    },
}  # fmt: skip

CARD = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<div style="border:1px solid #d0d7de;border-left:4px solid {{ colour }};padding:.5em 1em;\
font-family:sans-serif;font-size:14px">
<p style="margin:.2em 0"><b>{{ exercise.exercise }}</b> &middot; {{ verdict(exercise) }} &middot; \
{{ score }}</p>
{% for note in notes %}<p style="margin:.2em 0;color:#57606a">{{ note }}</p>
{% endfor %}
<ul style="list-style:none;padding:0;margin:.4em 0">
{% for check in exercise.checks %}
<li style="margin:.3em 0"><span style="color:{{ '#1a7f37' if passed(check) else '#cf222e' }}">\
{{ '✓' if passed(check) else '✗' }}</span> {{ title(check) }}\
{% if check.beyond %} <i style="color:#57606a">({{ words.beyond }})</i>{% endif %}
{% if not passed(check) %} <b>{{ verdict(check) }}</b>{% endif %}
{% if check.message %}<pre style="margin:.2em 0 .2em 1.4em;white-space:pre-wrap;border:0;\
background:#f6f8fa;padding:.4em">{{ check.message }}</pre>{% endif %}
</li>
{% endfor %}
</ul>
</div>
""")


def in_language(text: str, language: str) -> str:
    """The half of "English / 中文" that a reader wants; text without the two halves stays."""
    english, slash, chinese = text.partition(" / ")
    return text if not slash else (chinese if language == "zh" else english)


def verdict_words(verdict: Verdict, language: str) -> str:
    """A verdict in the reader's language."""
    return VERDICTS[verdict][language == "zh"]


def exercise_html(result: ExerciseResult, language: str, notes: tuple[str, ...] = ()) -> str:
    """What a student reads of one exercise; all that came from a student is escaped."""
    words = WORDS[language]
    earned = result.earned
    score = words["none"]
    if earned is not None:
        score = f"{earned:g} {words['of']} {result.possible:g} {words['points']}"

    def passed(check: CheckResult) -> bool:
        return check.verdict is Verdict.PASSED

    return CARD.render(
        exercise=result, words=words, score=score, notes=notes, passed=passed,
        colour="#1a7f37" if result.verdict is Verdict.PASSED else "#cf222e",
        verdict=lambda of: verdict_words(of.verdict, language),
        title=lambda check: in_language(check.title, language),
    )  # fmt: skip


def exercise_text(result: ExerciseResult, language: str) -> str:
    """The same in plain text, for notebooks opened without HTML."""
    lines = [f"{result.exercise}: {verdict_words(result.verdict, language)}"]
    for check in result.checks:
        sign = "+" if check.verdict is Verdict.PASSED else "-"
        lines.append(f"  {sign} {in_language(check.title, language)}")
        lines += [f"      {line}" for line in check.message.splitlines()]
    return "\n".join(lines)


def summary(result: SubmissionResult) -> str:
    """A grading in a few lines, for a terminal of 80 columns."""
    lines = []
    for exercise in result.exercises:
        earned = "-" if exercise.earned is None else f"{exercise.earned:g}"
        points = f"{earned:>5} / {exercise.possible:<4g}"
        lines.append(f"{exercise.exercise:<40} {points} {exercise.verdict.value}")
        for check in exercise.checks:
            if check.verdict is not Verdict.PASSED:
                first, *rest = check.message.splitlines() or [""]
                lines.append(f"    {check.name}: {first or check.verdict.value}")
                lines += [f"      {line.strip()}" for line in rest]
    total = "no score" if result.earned is None else f"{result.earned:g}"
    lines.append(f"{'automatic points':<40} {total:>5} / {result.possible:g}")
    if result.manual_possible:
        lines.append(f"{'written, marked by a person':<40}       / {result.manual_possible:g}")
    return "\n".join([*result.notes, *lines])
