"""Finding posts, pages and comments. Their owners push what may be found: `put_post`, `put`, `drop`."""


def put_post(post):
    """Files a post's words; one in the trash is dropped."""


def put(kind, pk, *, title, body):
    """Files the words of one thing ("post", "comment") under its number."""


def drop(kind, pk):
    """Forgets one thing."""
