"""What the commands that bring the comments of a comment system share."""

from django.core.management.base import CommandParser

from transfer.management.import_command import ImportCommand


class CommentsCommand(ImportCommand):
    """Comments have no files and no local dates; they are matched to the posts here by their addresses."""

    has_address = False
    address_help = "the address of the blog at which they were written, if it lay in a folder: https://example.com/blog"
    has_posts = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(media="skip", timezone=None)
