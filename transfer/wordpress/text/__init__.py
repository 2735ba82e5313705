"""The raw text of WordPress's posts as HTML: what WordPress would have shown, for `source_format="html"`.

    converted = to_html(item.content, Context(attachments=…, media=table.find, link=…, language="de"))

`converted.notices` name what could not be carried as it was. Pure Python without Django.
"""

from transfer.wordpress.text.context import Attachment, Context, Converted, Notice
from transfer.wordpress.text.convert import to_html
from transfer.wordpress.text.media_keys import MediaTable, media_key, variants

__all__ = ["Attachment", "Context", "Converted", "MediaTable", "Notice", "media_key", "to_html", "variants"]
