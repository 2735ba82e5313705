"""`manage.py import_substack FILE…`: bring a Substack into this blog, from its export."""

from transfer.management.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Brings a Substack into this blog, from the zip archive of Settings, Exports: posts, pages, podcasts, "
        "pictures, subscribers whose consent it proves. Can be interrupted and run again; nothing is brought twice."
    )
    system = "substack"
    files = "the export: .zip, or the folder that was in it"
    takes_folders = True
    has_address = False
