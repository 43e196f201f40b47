"""Every fault that check.py is to find is planted in a page of its own, and must be found there.

No arguments; makes its pages in a temporary folder. A page without a fault must pass with nothing
told.
"""
import pathlib
import tempfile

from playwright.sync_api import sync_playwright

import check

STYLE = """
html { font: 16px sans-serif } body { margin: 0; padding: 1em; background: #fff; color: #222; overflow-wrap: anywhere }
.scroll { overflow-x: auto } svg { display: block; width: 100%; height: auto } svg text { fill: #222 }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } svg text { fill: #eee } a { color: #9cf } }
"""
PICTURE = """<figure><figcaption>Bars</figcaption><svg viewBox="0 0 300 60" style="max-width: 600px" role="img" aria-label="Two bars">
<rect x="80" y="5" width="100" height="20" fill="#07b"/><text x="5" y="20" font-size="12">first</text>
<text x="5" y="48" font-size="12">second</text>{}</svg></figure>"""
SCROLLED = """<div class="scroll" tabindex="0" role="group" aria-label="Wide"><div style="width: 3000px">wide</div></div>"""
TABLE = "<table><caption>t</caption><thead><tr><th scope='col'>a</th><th scope='col'>b</th></tr></thead>{}</table>"


def document(body, style="", head="", attributes='lang="en"'):
    return (
        f'<!DOCTYPE html><html {attributes}><head><meta charset="utf-8"><title>A page</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}{style}</style>{head}</head>'
        f'<body><main><h1>A page</h1><p><a href="#part">To the part</a></p>'
        f'<section id="part"><h2>A part</h2>{body}</section></main></body></html>'
    )


def text(x, y, words, size=12, more=""):
    return f'<text x="{x}" y="{y}" font-size="{size}" {more}>{words}</text>'


SLANTED = "".join(text(x, 56, "slanted", 9, f'transform="rotate(-40 {x} 56)"') for x in (220, 238))
CLEAN = document(PICTURE.format(SLANTED) + SCROLLED + TABLE.format("<tr><td>1</td><td>2</td></tr>"))
DARK_ONLY = "@media (prefers-color-scheme: dark) { .x { color: #333 } }"

# What is planted: the page and what a failure must say of it, in which views (None: it is looked at in the
# first alone).
FAULTS = {
    "ran": (document("<script>window.ran = true</script>"), "window.ran", None),
    "handler": (document('<p onclick="window.ran=true">x</p>'), "has onclick", None),
    "svg-handler": (document("<svg onload='window.ran=true'></svg>"), "window.ran", None),
    "script": (document("<script type='text/plain'></script>"), "active content", None),
    "scheme": (document('<a href="javascript:window.ran=true">x</a>'), "a link out of the page", None),
    "elsewhere": (document('<a href="https://a.example/">x</a>'), "a link out of the page", None),
    "nowhere": (document('<a href="#missing">x</a>'), "a link to nowhere", None),
    "twice": (document('<p id="a">x</p><p id="a">y</p>'), "occurs twice", None),
    "dialog": (document("<script>alert(7)</script>"), "opens a dialog: 7", None),
    "throws": (document("<script>setTimeout(() => { throw new Error('thrown') })</script>"), "thrown", None),
    "console": (document("<script>console.error('complaint')</script>"), "complaint", None),
    "policy": (
        document("<style>p { color: #222 }</style>", head='<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'),
        "error on the console", None,
    ),
    "network": (document('<img alt="x" src="http://127.0.0.1:9/a.png">'), "asks for http://127.0.0.1:9/a.png", None),
    "host": (document("", head='<link rel="stylesheet" href="https://a.example/a.css">'), "asks for https://a.example", None),
    "file": (document('<img alt="x" src="other.png">'), "/other.png", None),
    "style": (document("<p class='x'>x</p>", ".x { background: url(http://127.0.0.1:9/b.png) }"), "/b.png", None),
    "fetch": (document("<script>fetch('http://127.0.0.1:9/c').catch(() => 0)</script>"), "/c", None),
    "window": (document("<script>window.open('about:blank')</script>"), "opens a window", None),
    "wide": (document("<div style='width: 2000px'>x</div>"), "px wide in a window", None),
    "narrow": (document("<div style='width: 600px'>x</div>"), "px wide in a window", {"400 light", "400 dark"}),
    "hidden": (document("<div style='overflow: hidden'><p style='width: 2000px'>x</p></div>"), "stick out", None),
    "left": (document("<p style='margin-left: -90px'>x</p>"), "stick out", None),
    "cell": (
        document(TABLE.format(f"<tr><td>{'x' * 60}</td><td>2</td></tr>"), "table { table-layout: fixed; width: 300px } td { overflow-wrap: normal }"),
        "out of its box", None,
    ),
    "box": (document("<p style='width: 90px; white-space: nowrap; overflow: hidden'>many words in a line</p>"), "out of its box", None),
    "language": (document("", attributes=""), "axe html-has-lang", None),
    "button": (document("<button></button>"), "axe button-name", None),
    "contrast": (document("<p style='color: #bbb'>pale</p>"), "axe color-contrast", {"1280 light", "400 light"}),
    "dark": (document("<p class='x'>pale</p>", DARK_ONLY), "axe color-contrast", {"1280 dark", "400 dark"}),
    "big": (document(f"<!-- {'x' * check.MOST_BYTES} -->"), "bytes, which must be below", {"file"}),
    "tiny": (document(PICTURE.format(text(200, 20, "tiny", 3))), "below 8 px", {"1280 light", "1280 dark"}),
    "scaled": (document(f"<div style='width: 150px'>{PICTURE.format('')}</div>"), "below 8 px", {"1280 light", "1280 dark"}),
    "cut": (document(PICTURE.format(text(270, 20, "beyond the edge"))), "px off: \"beyond", None),
    "unseen": (
        document(PICTURE.format(text(200, 20, "unseen", more="style='fill: #222'"))),
        "of a picture's text: \"unseen", {"1280 dark", "400 dark"},
    ),
    "on-bar": (
        document(PICTURE.format(text(90, 20, "on it", more="style='fill: #18c'"))),
        "of a picture's text: \"on it", None,
    ),
    "unprinted": (document("", "@media print { body { display: none } }"), "printed pages", {"A4"}),
}
# The same of what is told but does not fail.
TOLD = {
    "overlap": (document(PICTURE.format(text(15, 20, "third"))), "\"first\" and \"third\"", None),
    "slanted": (document(PICTURE.format(SLANTED + text(200, 46, "across"))), "\"slanted\" and \"across\"", None),
    "near": (document(PICTURE.format(text(200, 24, "above") + text(210, 30, "below"))), "\"above\" and \"below\"", None),
    "small": (document(PICTURE.format(text(200, 20, "small", 8))), "below 8 px", {"400 light", "400 dark"}),
    "turned": (document("<p>a\u202etxt.exe</p>"), "turned round", None),
    "heading": (document("<h4>too deep</h4>"), "axe heading-order (moderate", None),
    "paper": (document(SCROLLED, "@media print { .scroll { overflow: visible } }"), "wide on paper", {"A4"}),
}
FIRST = "1280 light"


def views(lines, page, words):
    """The views in which something with these words was found on a page."""
    return {v for (p, what), found in lines.items() if p == page and words in what for v in found}


def looked(chromium, folder, name, html, where):
    path = folder / f"{name}.html"
    path.write_text(html, encoding="utf-8")
    checker = check.Checker(chromium)
    checker.check(path, check.VIEWS if where else check.VIEWS[:1])
    return checker.found


def main():
    with tempfile.TemporaryDirectory() as made, sync_playwright() as play, check.browser(play) as chromium:
        folder = pathlib.Path(made)
        found = looked(chromium, folder, "clean", CLEAN.replace("max-width: 600px", "min-width: 340px"), {FIRST})
        assert not found.failures and not found.told, (found.failures, found.told)
        for name, (html, words, where) in FAULTS.items():
            found = looked(chromium, folder, name, html, where)
            got = views(found.failures, f"{name}.html", words)
            assert got == (where or {FIRST}), f"{name}: {words} in {got}: {found.failures}"
        for name, (html, words, where) in TOLD.items():
            found = looked(chromium, folder, name, html, where)
            assert not found.failures, f"{name}: {found.failures}"
            got = views(found.told, f"{name}.html", words)
            assert got == (where or {FIRST}), f"{name}: {words} in {got}: {found.told}"
    print(f"check.py finds all {len(FAULTS) + len(TOLD)} planted faults, and none in a page without")


if __name__ == "__main__":
    main()
