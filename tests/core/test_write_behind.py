import subprocess
import sys
from textwrap import dedent

from core.write_behind import WriteBehindCounter
from tests.blog_process import ROOT


def test_no_new_key_is_taken_beyond_the_most_and_known_ones_still_count():
    stored = []
    counter = WriteBehindCounter(stored.append, most=2)
    for key in ("a", "b", "c", "a"):
        counter.add(key)
    counter.write()
    counter.write()
    assert stored == [{"a": 2, "b": 1}]
    counter.forget()


def test_a_worker_that_ends_in_order_writes_first():
    """Also one that `multiprocessing` started, as the web server's is: `atexit` does nothing there."""
    code = """
        import multiprocessing, os
        from core.write_behind import WriteBehindCounter

        def work():
            global counter
            counter = WriteBehindCounter(lambda counts: print(dict(counts), flush=True))
            counter.add("a")

        if __name__ == "__main__":
            child = multiprocessing.get_context("fork").Process(target=work)
            child.start()
            child.join()
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "{'a': 1}\n", done.stderr
