"""The reader is plain Python: it can be used without Django, and does not know our apps."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "transfer/wordpress").glob("*.py"))


def modules(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_the_reader_imports_the_standard_library_and_the_records_alone():
    assert len(FILES) > 5
    for file in FILES:
        for module in modules(file):
            ours = module == "transfer.records" or module.startswith("transfer.wordpress")
            assert ours or module.partition(".")[0] in sys.stdlib_module_names, (file.name, module)


def test_the_reader_runs_without_django():
    code = "import sys, transfer.wordpress.reader, transfer.wordpress.counting; print('django' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
