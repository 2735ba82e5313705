"""`manage.py import_isso comments.db`: bring the comments of Isso below the posts at their addresses."""

from transfer.management.comments_command import CommentsCommand


class Command(CommentsCommand):
    help = (
        "Brings the comments of Isso, from its SQLite database, below the posts at their addresses. Bring the posts "
        "first, and stop Isso before you copy the file. Can be interrupted and run again; nothing is brought twice."
    )
    system = "isso"
    files = "the database: comments.db"
