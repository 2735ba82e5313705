"""`manage.py import_medium FILE…`: bring what one wrote at Medium into this blog, from its export."""

from transfer.management.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Brings what you wrote at Medium into this blog, from the zip archive of Settings, Security, Download your "
        "information: stories and drafts. Responses are kept as data. Can be interrupted and run again; nothing is "
        "brought twice."
    )
    system = "medium"
    files = "the export: .zip, or the folder that was in it"
    takes_folders = True
    has_address = False
