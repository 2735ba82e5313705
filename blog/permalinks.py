"""Paths of posts and pages. The date in a permalink is the local date in the blog's time zone, not in UTC."""

# First path segments that the application uses; a page or post with such a slug would clash.
RESERVED = frozenset(
    "accounts admin archives atom author category comments desk embed favicon.ico feed health media metrics page "
    "preview rdf robots.txt rss rss2 search secret series setup sitemap.xml static tag theme type wp-admin "
    "wp-content wp-json wp-login.php".split()
)

STRUCTURES = {
    "day": "/{on:%Y}/{on:%m}/{on:%d}/{slug}/",
    "month": "/{on:%Y}/{on:%m}/{slug}/",
    "name": "/{slug}/",
    "category": "/{category}/{slug}/",
}


def path_of(post, structure, slug="", on=None):
    """The path of a dated post or of a page, unquoted, with slashes at both ends: "/2026/11/23/a-long-run/". `slug` and
    `on` replace the post's own slug and date.

    A page's path begins with its parent's. In the category structure a post's first category in alphabetical order
    counts, as in WordPress; a post without a category gets "uncategorized".
    """
    if post.kind == post.Kind.PAGE:
        above = post.parent.path if post.parent and post.parent.path else "/"
        return f"{above}{slug or post.slug}/"
    category = post.categories.first() if structure == "category" and post.pk else None
    return filled(structure, on or post.published_on, slug or post.slug, category.route if category else "")


def filled(structure, on, slug, route):
    """The path of a post of this day in this category ("" for none). A first segment that the application uses
    ("author") gets a number, because such URLs never reach the view of posts."""
    top, slash, rest = (route or "uncategorized").partition("/")
    top = f"{top}-2" if top in RESERVED else top
    return STRUCTURES[structure].format(on=on, slug=slug, category=f"{top}{slash}{rest}")
