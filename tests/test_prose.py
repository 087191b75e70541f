"""What a student writes is shown and never run, in feedback and in the form grader."""

import time

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

from autograder import HOME, prose

PNG = "iVBORw0KGgo="


def rendered(source, attachments=None):
    cell = nbformat.v4.new_markdown_cell(source)
    if attachments:
        cell["attachments"] = attachments
    exporter = HTMLExporter(filters={"markdown2html": prose.to_html})
    page, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    return page[page.index("<main>") :]


@pytest.mark.parametrize(
    "source",
    [
        "<script>evil()</script>",
        "hello <img src=x onerror='evil()'>",
        "[x](javascript:evil())",
        "[x](java&#115;cript:evil())",
        "<a href='&#1;javascript:evil()'>x</a>",
        "<iframe src='javascript:evil()'></iframe>",
        "<svg onload=evil()>",
        "<div style='position:fixed'>x</div>",
        "<form action='https://evil'><button>Save</button></form>",
        "```mermaid\n<script>evil()</script>\n```",
        "$<script>evil()</script>$",
        "\\begin{<script>}evil()\\end{<script>}",
        "<details><summary>x</summary><script>evil()</script></details>",
    ],
)
def test_nothing_that_a_student_wrote_runs(source):
    page = rendered(source)
    for danger in ("<script", "<iframe", "<svg", "<form", "<button", 'href="java', " style="):
        assert danger not in page, danger
    assert not {"onerror", "onload"} & {name for tag in tags(page) for name in tag.attrs}


def tags(page):
    return BeautifulSoup(page, "html.parser").find_all(True)


def test_what_students_use_stays():
    table, code = "| a | b |\n|:-:|---|\n| 1 | 2 |", "```python\nx = 1\n```"
    page = rendered(f"**b** `a < b` $a < b$\n\n{table}\n\n{code}")
    for shown in ("<strong>b</strong>", "<code>a &lt; b</code>", "$a &lt; b$", "<table>",
                  "text-align", '<span class="mi">1</span>'):  # fmt: skip
        assert shown in page


def test_an_attached_image_is_shown_and_a_missing_one_stops_nothing():
    source = "![a](attachment:a.png) ![c](attachment:c.png)"
    images = [t for t in tags(rendered(source, {"a.png": {"image/png": PNG}})) if t.name == "img"]
    assert [image.get("src") for image in images] == [f"data:image/png;base64,{PNG}", None]


def test_a_text_too_deep_to_be_set_is_shown_as_it_is():
    page = rendered("> a\n-\n" * 200 + "<script>")
    assert "&gt; a" in page
    assert "<script" not in page


@pytest.mark.parametrize("blank", ["\n", "\n \t", "\u2028\n", "\n\u3000", "\n\x0c"], ids=repr)
def test_thousands_of_empty_lines_of_code_cost_no_time(blank):
    before = time.process_time()
    prose.code_to_html(blank * (prose.LIMIT // len(blank)))
    assert time.process_time() - before < 2  # Pygments alone takes ten and more


def test_the_form_grader_takes_the_same_way(tmp_path, monkeypatch):
    """Marks are made in its page: whoever runs a script there gives them."""
    (tmp_path / "nbgrader_config.py").write_bytes((HOME / "nbgrader_config.py").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    application = FormgradeExtension()
    application.root_dir = str(tmp_path)
    application.initialize([])
    exporter = HTMLExporter(config=application.config)
    assert exporter.template_name == "formgrade"
    assert exporter.environment.filters["markdown2html"] is prose.to_html
