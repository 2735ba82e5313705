from django.db import migrations


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE TABLE blog_fts (id bigint PRIMARY KEY, words tsvector NOT NULL)")
        schema_editor.execute("CREATE INDEX blog_fts_words ON blog_fts USING gin (words)")
    else:
        schema_editor.execute(
            "CREATE VIRTUAL TABLE blog_fts USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 0')"
        )


def drop_index(apps, schema_editor):
    schema_editor.execute("DROP TABLE blog_fts")


class Migration(migrations.Migration):
    dependencies = [("blog", "0001_first")]
    operations = [migrations.RunPython(make_index, drop_index)]
