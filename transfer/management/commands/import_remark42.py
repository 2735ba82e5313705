"""`manage.py import_remark42 FILE…`: bring the comments of Remark42 below the posts at their addresses."""

from transfer.management.comments_command import CommentsCommand


class Command(CommentsCommand):
    help = (
        "Brings the comments of Remark42, from one of its backups, below the posts at their addresses. Bring the posts "
        "first. Can be interrupted and run again; nothing is brought twice."
    )
    system = "remark42"
    files = "the backup: .gz or .json"
