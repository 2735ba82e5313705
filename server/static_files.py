"""Join the style sheets: `static/css/` has a file per component, browsers load `site.css`, at the desk
`desk.css`, on account pages `account.css`, `content.css` with posts that hold more than words and pictures, `lists.css`
with cards and titles, `focus-points.css` once a picture has a focus point, and `interface-direction.css` where the
language of the blog and its interface are written in different directions.

A theme has a folder in `static/css/themes/`. Browsers load its sheet, such as `magazine.css`, instead of `site.css`:
the same files, but those of its own that have the same names, and on lists of posts also `magazine-lists.css`."""

import functools
import posixpath
import re
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

THEMES = ("magazine", "notebook", "portfolio")
# {bundle: the folders under static/ whose files it joins; of equal names, the last folder's file}
BUNDLES = {
    "site.css": ["css"],
    "content.css": ["css/content"],
    "lists.css": ["css/lists"],
    "focus-points.css": ["css/focus-points"],
    "interface-direction.css": ["css/interface-direction"],
    "account.css": ["css/account"],
    "desk.css": ["css/desk", "css/account"],
    **{f"{theme}.css": ["css", f"css/themes/{theme}"] for theme in THEMES},
    **{f"{theme}-lists.css": [f"css/themes/{theme}/lists"] for theme in THEMES},
}
FIRST_FILE = "tokens.css"


class BundleFinder(FileSystemFinder):
    """Finds the files of static/, with style sheets only as bundles, in development as in production."""

    def list(self, ignore_patterns):
        yield from super().list([*(ignore_patterns or []), "*.ttf", "css/*.css"])
        for name in BUNDLES:
            write_bundle(name, self.storages.values())
            yield name, FileSystemStorage(bundle_folder())

    def find(self, path, find_all=False, **kwargs):
        if path in BUNDLES:
            made = write_bundle(path, self.storages.values())
            return [made] if find_all else made
        if path.startswith("css/") and path.endswith(".css"):
            return []
        return super().find(path, find_all=find_all, **kwargs)


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """File names with hashes, also in style sheets and JavaScript imports; files are compressed when collected."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 10  # at least the depth of imports among modules

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.url = functools.lru_cache(maxsize=1024)(self.url)  # a lookup costs as much as a query and never changes


_writing = threading.Lock()  # of two folders that were made at once, one would be deleted with what is in it


@functools.cache
def _temporary():
    return TemporaryDirectory(prefix="longrun-css-")


def bundle_folder():
    """The temporary folder for this process's bundles; it is deleted when the process ends."""
    return _temporary().name


def write_bundle(name, storages):
    text = bundle(name, [Path(storage.location) for storage in storages])
    with _writing:
        made = Path(bundle_folder(), name)
        if not made.exists() or made.read_text(encoding="utf-8") != text:
            made.write_text(text, encoding="utf-8")
    return str(made)


def bundle(name, roots):
    """The text of a bundle: tokens.css, then the other files by name; of equal names, the earlier root's file."""
    files = {
        file.name: (file, folder)
        for folder in BUNDLES[name]
        for root in reversed(roots)
        for file in Path(root, folder).glob("*.css")
    }
    ordered = sorted(files, key=lambda file: (file != FIRST_FILE, file))
    return "".join(minify(file.read_text(encoding="utf-8"), folder) for file, folder in map(files.get, ordered)) + "\n"


# URLs and strings are kept; a comment or a run of white space becomes one space.
TOKEN = re.compile(
    r"""url\(\s*(?P<url>"[^"\n]*"|'[^'\n]*'|[^)"']*?)\s*\)"""
    r"""|(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"""|/\*.*?\*/|\s+""",
    re.DOTALL,
)


def minify(css, folder="css"):
    """`css` without comments and unneeded white space; relative URLs are rebased from `folder` to the bundle."""
    kept = []

    def keep(piece):
        if piece["url"] is not None:
            kept.append(f"url({rebase_url(piece['url'], folder)})")
        elif piece["string"]:
            kept.append(piece["string"])
        else:
            return " "
        return f"\0{len(kept) - 1}\0"

    css = re.sub(" +", " ", TOKEN.sub(keep, css))
    # The space between ":" and ";" stays: `--token: ;` is a custom property without a value.
    css = re.sub(r" ?([{},]) ?|(?<!:) ?(;) ?", lambda sign: sign[1] or sign[2], css)
    css = re.sub(r": (?![;}])", ":", css.replace(";}", "}")).strip()
    return re.sub("\0(\\d+)\0", lambda place: kept[int(place[1])], css)


def rebase_url(address, folder):
    quote = address[:1] if address[:1] in ("'", '"') else ""
    path = address.strip("\"'")
    if re.match(r"[a-z][a-z0-9+.-]*:|[/#]|$", path, re.IGNORECASE):
        return address
    return quote + posixpath.normpath(posixpath.join(folder, path)) + quote
