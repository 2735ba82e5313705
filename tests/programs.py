"""Programs that some tests run and no package brings."""

import os
import shutil

import pytest


def there(program):
    """The program, a failure where everything should be there, else a notice."""
    if found := shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"):
        return found
    missing = f"There is no {program} here: install it (apt-get install {program})."
    if os.environ.get("CI") == "true":
        pytest.fail(missing, pytrace=False)
    return pytest.skip(f"NOTICE: {missing}")
