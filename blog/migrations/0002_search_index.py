from django.db import migrations


def make_index(apps, schema_editor):
    """The full-text index: FTS5 with tokens between spaces on SQLite, a tsvector with a GIN index on PostgreSQL."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE TABLE blog_fts (id bigint PRIMARY KEY, words tsvector NOT NULL)")
        schema_editor.execute("CREATE INDEX blog_fts_words ON blog_fts USING gin (words)")
    else:
        schema_editor.execute("CREATE VIRTUAL TABLE blog_fts USING fts5(title, body, tokenize = 'ascii')")


def drop_index(apps, schema_editor):
    schema_editor.execute("DROP TABLE blog_fts")


class Migration(migrations.Migration):
    dependencies = [("blog", "0001_initial")]
    operations = [migrations.RunPython(make_index, drop_index)]
