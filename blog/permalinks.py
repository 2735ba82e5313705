"""Where posts and pages live. The date in a permalink is the author's local date, never UTC's."""

# First words of addresses that are ours; a page or a post of these names would hide or be hidden.
RESERVED = frozenset(
    "accounts admin atom author category comments desk embed favicon.ico feed health media page preview rdf robots.txt "
    "rss rss2 search secret setup sitemap.xml static tag theme type wp-admin wp-content wp-json wp-login.php".split()
)

STRUCTURES = {
    "day": "/{on:%Y}/{on:%m}/{on:%d}/{slug}/",
    "month": "/{on:%Y}/{on:%m}/{slug}/",
    "name": "/{slug}/",
    "category": "/{category}/{slug}/",
}


def path_of(post, structure, slug="", on=None):
    """The path of a dated post or of a page, unquoted, with slashes at both ends: "/2026/11/23/a-long-run/"; or what it
    would be with another `slug`, or on another day.

    A page hangs below its parent's path. By category the post's first category in alphabetical order counts, as
    in WordPress; a post without one lives under "uncategorized".
    """
    if post.kind == post.Kind.PAGE:
        above = post.parent.path if post.parent and post.parent.path else "/"
        return f"{above}{slug or post.slug}/"
    category = post.categories.first() if structure == "category" and post.pk else None
    return filled(structure, on or post.published_on, slug or post.slug, category.route if category else "")


def filled(structure, on, slug, route):
    """The path of a post of this day below this category ("" for none). Where its first word is an address of ours
    ("author"), it gets a number: below that nobody looks for posts."""
    top, slash, rest = (route or "uncategorized").partition("/")
    top = f"{top}-2" if top in RESERVED else top
    return STRUCTURES[structure].format(on=on, slug=slug, category=f"{top}{slash}{rest}")
