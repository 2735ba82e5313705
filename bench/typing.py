"""What a key costs in the two editors of the write page: in Chromium, with a text of 20,000 words.

    .venv/bin/python -m bench.typing            prints the figures for docs/performance.md
    .venv/bin/python -m bench.typing 5000       with 5,000 words

For each of 200 keys at the end and 200 in the middle of the text, first at full speed, then with the CPU throttled to a
quarter: the work of the page's main thread (scripts, style, layout, paint: `TaskDuration`, the browser's own count, in
time of that thread), and the time from the key event's timestamp to the end of the next animation frame, which includes
the wait for that frame. The editors take turns of 50 keys, so that a busy moment of the machine meets both.
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
from tests.walks.writing import EDITORS, fill, select, value_of

ROOT = Path(__file__).resolve().parent.parent
KEYS = 200
TURN = 50  # keys before it is the other editor's turn
OWNER = {
    "DJANGO_SUPERUSER_EMAIL": "ada@example.org",
    "DJANGO_SUPERUSER_PASSWORD": "hills and dales and hills",
    "DJANGO_SUPERUSER_USERNAME": "Ada",
}
WORDS = "The first mile is a liar and says that you are tired so I count the steps until the wood sounds".split()
WATCH = """() => {
    window.taken = [];
    document.querySelector(".write__editor").addEventListener("keydown", (event) => {
        requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => window.taken.push(performance.now() - event.timeStamp);
            channel.port2.postMessage(0);
        });
    }, { capture: true });
}"""


def text_of(words):
    """A text of `words` words: paragraphs of 80 words, with a heading before every tenth."""
    picked = [WORDS[number % len(WORDS)] for number in range(words)]
    parts = [" ".join(picked[at : at + 80]) for at in range(0, words, 80)]
    return "\n\n".join(f"## Part {n // 10}\n\n{part}" if n % 10 == 0 else part for n, part in enumerate(parts))


def p50(taken):
    return sorted(taken)[len(taken) // 2]


def p95(taken):
    return sorted(taken)[int(len(taken) * 0.95)]


def work(chromium):
    """Seconds that the page's main thread has worked so far."""
    counters = {each["name"]: each["value"] for each in chromium.send("Performance.getMetrics")["metrics"]}
    return counters["TaskDuration"]


def turn(page, chromium, pause):
    """[ms of work], [ms from key to frame] for `TURN` keys, `pause` ms apart: by then the frame is there."""
    page.bring_to_front()
    page.wait_for_timeout(1000)
    page.evaluate("window.taken = []")
    worked = []
    for number in range(TURN):
        before = work(chromium)
        page.keyboard.press("a" if number % 6 else "Space")
        page.wait_for_timeout(pause)
        worked.append((work(chromium) - before) * 1000)
    page.wait_for_function("wanted => window.taken.length >= wanted", arg=TURN)
    return worked, page.evaluate("window.taken")


def open_editor(context, editor, words):
    page = context.new_page()
    page.goto("/desk/write/")
    page.evaluate(EDITORS[editor])
    page.goto("/desk/write/")
    fill(page, text_of(words))
    page.evaluate(WATCH)
    chromium = context.new_cdp_session(page)
    chromium.send("Performance.enable", {"timeDomain": "threadTicks"})
    return page, chromium


def run(context, words):
    pages = {editor: open_editor(context, editor, words) for editor in EDITORS}
    print(f"{words:,} words, {KEYS} keys each, ms: the work of a key, and from key to frame")
    for throttle in (1, 4):
        for _page, chromium in pages.values():
            chromium.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
        for where in ("end", "middle"):
            found = {editor: ([], []) for editor in pages}
            for page, _chromium in pages.values():
                length = len(value_of(page))
                select(page, length if where == "end" else length // 2)
            for _turn in range(KEYS // TURN):
                for editor, (page, chromium) in pages.items():
                    for kept, new in zip(found[editor], turn(page, chromium, 50 * throttle), strict=True):
                        kept.extend(new)
            for editor, (worked, taken) in found.items():
                figures = [p50(worked), p95(worked), p50(taken), p95(taken)]
                told = "work p50 {:5.1f} p95 {:5.1f}   to frame p50 {:5.1f} p95 {:5.1f}".format(*figures)
                print(f"  processor 1/{throttle}, {where:6} {editor:5}  {told}")
            print(f"    to frame, rich / plain at p95: {p95(found['rich'][1]) / p95(found['plain'][1]):.2f}")


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
                size = {"width": 1280, "height": 800}
                context = browser.new_context(base_url=f"http://localhost:{port}", viewport=size)
                page = context.new_page()
                page.goto("/accounts/login/")
                page.locator("input[name=login]").fill(OWNER["DJANGO_SUPERUSER_EMAIL"])
                page.locator("input[name=password]").fill(OWNER["DJANGO_SUPERUSER_PASSWORD"])
                page.locator("main form button").first.click()
                page.wait_for_url("**/desk/**")
                page.close()
                run(context, words)
                browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000)
