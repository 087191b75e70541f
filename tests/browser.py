"""A real browser for tests, kept from the network, that tells what ran in a page."""

import contextlib
import shutil
from collections import Counter

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
if not CHROMIUM:
    pytest.skip("no Chromium: install chromium or google-chrome", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


@contextlib.contextmanager
def launched():
    """Chromium itself."""
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield made
        made.close()


class Seen:
    """A page as opened in Chromium, and what happened there; only `home` can be reached."""

    def __init__(self, browser, url, width=1200, home="file:"):
        self.ran, self.errors, self.asked, self.home = Counter(), [], [], home
        self.tab = browser.new_page(viewport={"width": width, "height": 900})
        self.tab.expose_function("ran", lambda what: self.ran.update([what]))
        self.tab.on("dialog", lambda dialog: (self.ran.update(["dialog"]), dialog.dismiss()))
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("console", self._console)
        self.tab.route("**/*", self._offline)
        self.open(url)

    def open(self, url):
        """Go to another page; return its status."""
        answer = self.tab.goto(url, wait_until="load")
        self.tab.wait_for_timeout(300)
        return answer.status if answer else None

    def _offline(self, route):
        if route.request.url.startswith(self.home):
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()

    def _console(self, message):
        if message.type == "error" and "ERR_FAILED" not in message.text:  # MathJax, offline
            self.errors.append(message.text)
