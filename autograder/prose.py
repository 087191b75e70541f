"""A student's text and code as HTML that runs nothing, for feedback and the form grader."""

import re
from html import escape
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors.sanitize import SanitizeHTML

TAGS = [
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
]  # fmt: skip
LIMIT = 8_000  # characters of a cell: rendering can take a time that grows with their cube
BLANK = re.compile(r"(\n[^\S\n]*){3,}")  # of these, Pygments makes minutes


def _image(_: str, name: str, value: str) -> bool:  # nothing from elsewhere: it would call home
    return name in ("alt", "title", "width", "height") or (
        name == "src" and value.startswith("attached-")
    )


def _coloured(_: str, name: str, value: str) -> bool:  # the form grader acts on "full-credit"
    return name == "class" and bool(re.fullmatch(r"highlight|[a-z]{1,2}\d?", value))


ATTRIBUTES = {
    "a": ["href", "title"], "img": _image,
    "div": _coloured, "span": _coloured, "th": ["style"], "td": ["style"],
}  # fmt: skip
COLOURED = Highlight2HTML(pygments_lexer="ipython3")
CLEAN = SanitizeHTML(tags=TAGS, attributes=ATTRIBUTES, styles=["text-align"])


class _Renderer(IPythonRenderer):
    """Leaves a name where an attached image belongs: cleaning takes out images in the text."""

    def _embed_image_or_attachment(self, src: str) -> str:
        name = src.removeprefix("attachment:")
        return _place(name) if name in self.attachments else src


def _place(name: str) -> str:
    return f"attached-{name.encode().hex()}"


@pass_context
def to_html(context: Context, source: str) -> str:
    """Render the Markdown of a cell; what is no harmless tag stands there as text."""
    if len(source) > LIMIT:
        return f"<pre>{escape(source[:LIMIT])} [...]</pre>"
    attached = (context.get("cell") or {}).get("attachments", {})
    renderer = _Renderer(escape=False, attachments=attached, exclude_anchor_links=True)
    try:
        html = CLEAN.sanitize_html_tags(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # a text that is nested too deeply, or that finds another fault in there
        return f"<pre>{escape(source)}</pre>"
    for name, image in attached.items():
        for mime, data in image.items():
            shown = f'src="data:{mime};base64,{data}"'
            html = html.replace(f'src="{_place(name)}"', shown, 1)  # a thousand would fill memory
    return html


def code_to_html(source: str, **kwargs: Any) -> str:
    """Colour the code of a cell, as nbconvert does, when that takes no time."""
    if len(source) > LIMIT:
        return f'<div class="highlight"><pre>{escape(source)}</pre></div>'
    return COLOURED(BLANK.sub("\n\n", source), **kwargs)
