"""Opens pages in headless Chromium, without a network, and says what is wrong with them.

Arguments: HTML files; `--out DIR` keeps screenshots and what is printed there. Every page is shown
light and dark, in windows of 1280 and 400 px: nothing of its data may be carried out, nothing may
be asked for but the page itself, nothing may stick out, every text can be read, axe-core finds no
serious violation, and it prints on A4. Exit code 1 when a page fails; what is only told is for a
person to look at.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import re
import shutil
import sys

from playwright.sync_api import Error, sync_playwright

MOST_BYTES = 2_000_000
HEIGHT = 800
WIDTHS = [1280, 400]
THEMES = ["light", "dark"]
# The first also prints the page.
VIEWS = [(width, theme) for theme in THEMES for width in WIDTHS]
# A4 less margins of 14 mm, in CSS px.
PAPER = 688
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
HARD = ["serious", "critical"]
# The most that is said of one kind in one view of a page.
MOST_LINES = 12
MEASURES = (pathlib.Path(__file__).parent / "measures.js").read_text(encoding="utf-8")
VIOLATIONS = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
  return found.violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help, count: nodes.length, first: nodes[0].html, why: nodes[0].failureSummary || "",
  }));
}"""


def axe():
    """The text of axe-core, which a package of Python carries."""
    # The package itself wants a newer Python than its script does, so it is not imported.
    spec = importlib.util.find_spec("pytest_playwright_axe")
    folder = pathlib.Path(spec.submodule_search_locations[0])
    return (folder / "resources/axe.min.js").read_text(encoding="utf-8")


def short(text, most=160):
    """One line of text that no terminal takes for more than text."""
    line = "".join(c if c.isprintable() else "·" for c in " ".join(text.split()))
    return line if len(line) <= most else line[:most] + "…"


class Found:
    """What is wrong with pages (`failures`) or to be looked at (`told`): {(page, what): [views]}."""

    def __init__(self):
        self.failures, self.told = {}, {}

    def add(self, where, page, view, lines):
        for line in lines[:MOST_LINES]:
            views = where.setdefault((page, short(line, 240)), [])
            if view not in views:
                views.append(view)
        if len(lines) > MOST_LINES:
            first = re.split(r'[\d"<]', lines[0])[0].strip() or lines[0]
            more = f"{len(lines) - MOST_LINES} more beside: {first} …"
            where.setdefault((page, short(more)), []).append(view)

    def fail(self, page, view, *lines):
        self.add(self.failures, page, view, lines)

    def tell(self, page, view, *lines):
        self.add(self.told, page, view, lines)


class Guard:
    """Lets a page ask for itself alone, and hears what it says."""

    def __init__(self, context, page, address):
        self.address, self.heard = address, []
        context.route("**/*", self.route)
        page.on("request", self.asked)
        page.on("websocket", lambda socket: self.hear(f"asks for {socket.url}"))
        page.on("console", self.said)
        page.on("pageerror", lambda error: self.hear(f"error of a script: {error}"))
        page.on("dialog", self.dialog)
        context.on("page", lambda other: self.hear("opens a window") if other != page else None)

    def hear(self, line):
        if line not in self.heard:
            self.heard.append(line)

    def own(self, url):
        return url.split("#")[0] == self.address

    def route(self, route):
        route.continue_() if self.own(route.request.url) else route.abort()

    def asked(self, request):
        if not self.own(request.url):
            self.hear(f"asks for {request.url}")

    def said(self, message):
        if message.type == "error":
            self.hear(f"error on the console: {message.text}")

    def dialog(self, dialog):
        self.hear(f"opens a dialog: {dialog.message}")
        dialog.dismiss()


class Checker:
    """Checks pages with a browser; screenshots go to `out`, a folder or None."""

    def __init__(self, browser, out=None):
        self.browser, self.out, self.axe, self.found = browser, out, axe(), Found()

    def check(self, path, views=VIEWS):
        size = path.stat().st_size
        if size >= MOST_BYTES:
            self.found.fail(path.name, "file", f"{size:,} bytes, which must be below {MOST_BYTES:,}")
        for width, theme in views:
            self.view(path, width, theme)

    def view(self, path, width, theme):
        view = f"{width} {theme}"
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHT}, color_scheme=theme, offline=True
        )
        page = context.new_page()
        guard = Guard(context, page, path.resolve().as_uri())
        try:
            page.goto(guard.address, wait_until="load")
            # A turn of the loop, in which handlers that wait for one are carried out.
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            self.screenshots(page, path, theme, width)
            measured = page.evaluate(f"({MEASURES.strip()})", {"wide": width == WIDTHS[0]})
            self.found.fail(path.name, view, *measured["failures"])
            self.found.tell(path.name, view, *measured["told"])
            self.accessible(page, path.name, view)
            if (width, theme) == VIEWS[0]:
                self.printed(page, path)
        except Error as error:
            self.found.fail(path.name, view, f"cannot be looked at: {error.message}")
        finally:
            self.found.fail(path.name, view, *guard.heard)
            context.close()

    def accessible(self, page, name, view):
        page.evaluate(self.axe)
        for hit in page.evaluate(VIOLATIONS, TAGS):
            why = short(hit["why"].split("\n", 1)[-1], 120)
            line = f"axe {hit['id']} ({hit['impact']}, {hit['count']}×): {hit['help']}: {why}: {short(hit['first'], 60)}"
            tell = self.found.fail if hit["impact"] in HARD else self.found.tell
            tell(name, view, line)

    def screenshots(self, page, path, theme, width):
        if self.out is None:
            return
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem)
        page.screenshot(path=self.out / f"{stem}-{theme}-{width}.png", full_page=True)
        if width == WIDTHS[0]:
            page.screenshot(path=self.out / f"{stem}-{theme}-first.png")

    def printed(self, page, path):
        """Prints the page; it is left as paper shows it."""
        options = {"format": "A4", "prefer_css_page_size": True, "print_background": True}
        paper = page.pdf(**options)
        if self.out is not None:
            stem = re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem)
            (self.out / f"{stem}.pdf").write_bytes(paper)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": PAPER, "height": HEIGHT})
        sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
        if sheets == 0 or not page.evaluate("() => document.body.offsetHeight && document.body.innerText.trim()"):
            self.found.fail(path.name, "A4", f"nothing on {sheets} printed pages")
        width = page.evaluate("() => document.documentElement.scrollWidth")
        if width > PAPER:
            self.found.tell(path.name, "A4", f"{width} px wide on paper of {PAPER}")


def browser(play):
    """The system's Chromium, which finds no host."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    refused = ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-gpu"]
    return play.chromium.launch(executable_path=program, args=refused)


def show(found, pages):
    """Prints what was found, the failures last."""
    for word, lines in [("look at", found.told), ("FAILED", found.failures)]:
        for (page, what), views in lines.items():
            print(f"{word}: {page} [{', '.join(views)}]: {what}")
    failed = {page for page, _ in found.failures}
    print(f"{pages} pages, {len(failed)} with failures, {len(found.told)} things to look at")


def main():
    parser = argparse.ArgumentParser(description="Checks HTML pages in headless Chromium.")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, help="folder of screenshots")
    parser.add_argument("--json", type=pathlib.Path, help="file that keeps what was found")
    options = parser.parse_args()
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play, browser(play) as chromium:
        checker = Checker(chromium, options.out)
        for path in options.files:
            checker.check(path)
    found = checker.found
    show(found, len(options.files))
    if options.json:
        rows = [
            {"kind": kind, "page": page, "views": views, "what": what}
            for kind, lines in [("failure", found.failures), ("told", found.told)]
            for (page, what), views in lines.items()
        ]
        options.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    sys.exit(1 if found.failures else 0)


if __name__ == "__main__":
    main()
