from django.db import migrations


class Migration(migrations.Migration):
    """Trace is SpamIndicator now. The table keeps its name: the former version reads it too."""

    dependencies = [("comments", "0005_fill_commenters_in_lists")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Trace", "SpamIndicator"),
                migrations.AlterModelTable("spamindicator", "comments_trace"),
            ],
        ),
    ]
