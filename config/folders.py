"""Where the program and its data are. Nothing but Python's own library is imported here: `manage.py` asks before Django
is loaded, perhaps in another version than the one that is going to run."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
IS_CHECKOUT = (HERE / "run.py").is_file()  # else it was installed from a wheel
ENVIRONMENT = dict(os.environ)  # as this process was started: `.env` of the data folder adds to os.environ later


def default_data_folder():
    """`data` beside a checkout; for an installed Longrun the user's folder for application data."""
    if IS_CHECKOUT:
        return HERE / "data"
    usual = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_DATA_HOME")
    return Path(usual or "~/.local/share") / "longrun"


def data_folder():
    """The data folder's path, whether it exists or not."""
    return Path(os.environ.get("LONGRUN_DATA") or default_data_folder()).expanduser().resolve()


def static_folder(data):
    """Where static files are collected unless LONGRUN_STATIC says: beside the code, if that is this user's own."""
    return HERE / ".static" if IS_CHECKOUT else data / "static"
