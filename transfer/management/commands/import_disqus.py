"""`manage.py import_disqus FILE…`: bring the comments of a Disqus forum below the posts at their addresses."""

from transfer.management.comments_command import CommentsCommand


class Command(CommentsCommand):
    help = (
        "Brings the comments of a Disqus forum, from the file of “Export comments”, below the posts at their "
        "addresses. Bring the posts first. Can be interrupted and run again; nothing is brought twice."
    )
    system = "disqus"
    files = "the export: .xml or .xml.gz"
