"""`manage.py import_wordpress FILE…`: bring a WordPress blog into this one, from its export files."""

from transfer.management.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Brings a WordPress blog into this one, from the files of its “Tools → Export”: posts, pages, comments, "
        "categories, tags, authors, old addresses. Can be interrupted and run again; nothing is brought twice."
    )
    system = "wordpress"
    files = "the export: .xml, .xml.gz or .zip"
    media = "where the files come from: nowhere (skip), the old host, or a copy of wp-content/uploads"
