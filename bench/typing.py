"""Latency from key press to paint in the editor of the write page: p95 in Chromium, with a text of 20,000 words.

    .venv/bin/python -m bench.typing            prints the figures for docs/performance.md
    .venv/bin/python -m bench.typing 5000       with 5,000 words

Measured from the key event's timestamp to the end of the next animation frame, for 200 keys at the end and 200 in the
middle of the text; first at full speed, then with the CPU throttled to a quarter. Also printed is the time per key
that the browser counts for scripts, styles and layout.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import FLAGS, NAMES
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
KEYS = 200
OWNER = {
    "DJANGO_SUPERUSER_EMAIL": "ada@example.org",
    "DJANGO_SUPERUSER_PASSWORD": "hills and dales and hills",
    "DJANGO_SUPERUSER_USERNAME": "Ada",
}
WORDS = "The first mile is a liar and says that you are tired so I count the steps until the wood sounds".split()
WATCH = """() => {
    window.taken = [];
    document.querySelector("#id_source").addEventListener("keydown", (event) => {
        requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => window.taken.push(performance.now() - event.timeStamp);
            channel.port2.postMessage(0);
        });
    });
}"""


def text_of(words):
    """A text of `words` words: paragraphs of 80 words, with a heading before every tenth."""
    picked = [WORDS[number % len(WORDS)] for number in range(words)]
    parts = [" ".join(picked[at : at + 80]) for at in range(0, words, 80)]
    return "\n\n".join(f"## Part {n // 10}\n\n{part}" if n % 10 == 0 else part for n, part in enumerate(parts))


def p95(taken):
    return sorted(taken)[int(len(taken) * 0.95)]


def measure(page, where):
    field = page.locator("#id_source")
    field.evaluate(
        "(field, end) => { const at = end ? field.value.length : field.value.length >> 1;"
        " field.focus(); field.setSelectionRange(at, at); }",
        where == "end",
    )
    page.wait_for_timeout(1500)
    page.evaluate("window.taken = []")
    for number in range(KEYS):
        page.keyboard.press("a" if number % 6 else "Space")
        page.wait_for_timeout(40)
    page.wait_for_function("wanted => window.taken.length >= wanted", arg=KEYS)
    return page.evaluate("window.taken")


def spent(chromium):
    """[scripts, styles, layout]: seconds that the page has spent on each so far."""
    counters = {each["name"]: each["value"] for each in chromium.send("Performance.getMetrics")["metrics"]}
    return [counters[f"{what}Duration"] for what in ("Script", "RecalcStyle", "Layout")]


def run(page, words):
    page.goto("/desk/write/")
    page.locator("#id_source").evaluate(
        "(field, text) => { field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })); }",
        text_of(words),
    )
    page.evaluate(WATCH)
    chromium = page.context.new_cdp_session(page)
    chromium.send("Performance.enable")
    print(f"{words:,} words; key to paint in ms, {KEYS} keys each")
    for throttle in (1, 4):
        chromium.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
        for where in ("end", "middle"):
            before = spent(chromium)
            taken = sorted(measure(page, where))
            each = [(now - then) / KEYS * 1000 for then, now in zip(before, spent(chromium), strict=True)]
            print(
                f"  processor 1/{throttle}, {where:6}  p50 {taken[len(taken) // 2]:6.1f}  p95 {p95(taken):6.1f}"
                "   a key: scripts {:.1f}, styles {:.1f}, layout {:.1f}".format(*each)
            )


def main(words):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        ours = {"LONGRUN_DATA": f"{folder}/data", "LONGRUN_STATIC": f"{folder}/static", "PORT": str(port)}
        here = {"cwd": ROOT, "env": os.environ | OWNER | ours, "text": True}
        for command in (["prepare"], ["createsuperuser", "--noinput"]):
            subprocess.run([sys.executable, "manage.py", *command], check=True, stdout=subprocess.DEVNULL, **here)
        server = subprocess.Popen([sys.executable, "manage.py", "serve"], stdout=subprocess.PIPE, **here)
        try:
            if not any("Longrun is at" in line for line in server.stdout):
                sys.exit("The blog did not start; the lines above say why.")
            with sync_playwright() as play:
                browser = play.chromium.launch(
                    executable_path=next((path for name in NAMES if (path := shutil.which(name))), None),
                    args=[*FLAGS, "--no-sandbox"],
                )
                page = browser.new_page(base_url=f"http://localhost:{port}", viewport={"width": 1280, "height": 800})
                page.goto("/accounts/login/")
                page.locator("input[name=login]").fill(OWNER["DJANGO_SUPERUSER_EMAIL"])
                page.locator("input[name=password]").fill(OWNER["DJANGO_SUPERUSER_PASSWORD"])
                page.locator("main form button").first.click()
                page.wait_for_url("**/desk/**")
                run(page, words)
                browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000)
