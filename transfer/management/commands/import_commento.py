"""`manage.py import_commento FILE…`: bring the comments of Commento below the posts at their addresses."""

from transfer.management.comments_command import CommentsCommand


class Command(CommentsCommand):
    help = (
        "Brings the comments of Commento or Commento++, from its export, below the posts at their addresses. Bring the "
        "posts first. Can be interrupted and run again; nothing is brought twice."
    )
    system = "commento"
    files = "the export: .json or .json.gz"
