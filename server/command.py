"""The command `longrun` of an installed wheel: `manage.py` with a word of its own, `run`.

In a wheel the whole tree lies in the package folder `longrun`; this puts that folder first on the path, where `config`,
`core` and the others are found as in a checkout.
"""

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["run"]:
        sys.argv[1] = "serve"
    importlib.import_module("manage").main()
