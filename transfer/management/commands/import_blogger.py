"""`manage.py import_blogger FILE…`: bring a Blogger blog into this one, from its backup."""

from transfer.management.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Brings a Blogger blog into this one, from the file of “Back up content” or of Google Takeout: posts, pages, "
        "comments, labels, authors, old addresses. Can be interrupted and run again; nothing is brought twice."
    )
    system = "blogger"
    files = "the backup: .xml, .atom or .zip"
    has_address = False
