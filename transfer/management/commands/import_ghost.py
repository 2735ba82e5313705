"""`manage.py import_ghost FILE…`: bring a Ghost blog into this one, from its export."""

from transfer.management.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Brings a Ghost blog into this one, from the JSON file of its “Export content”: posts, pages, tags, authors, "
        "old addresses. Can be interrupted and run again; nothing is brought twice."
    )
    system = "ghost"
    files = "the export: .json or .zip"
    media = "where the files come from: nowhere (skip), the old host, or a copy of Ghost's folder content"
    has_address = False
