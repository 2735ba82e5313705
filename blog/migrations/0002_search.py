import django.db.models.deletion
from django.db import migrations, models


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
    dependencies = [("blog", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("thing", models.BigIntegerField()),
                ("title", models.CharField(blank=True, max_length=500)),
                ("text", models.TextField(blank=True)),
                ("url", models.CharField(blank=True, max_length=1200)),
                ("at", models.DateTimeField(null=True)),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="blog.post"),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=["kind", "thing"], name="one_entry_a_thing")]},
        ),
        migrations.RunPython(make_index, drop_index),
    ]
