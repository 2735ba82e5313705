"""The mirror: a folder that always holds the whole blog in files, so that it can be taken away at any moment.

`public/` has what every visitor may see and may be a Git repository; `private/` has the rest, if the owner wants it.
`manage.py restore_from` makes a blog of them (transfer.restore).
"""
