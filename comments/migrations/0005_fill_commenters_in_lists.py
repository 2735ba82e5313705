from django.db import migrations

FILL = """
UPDATE comments_person SET
    last_at = (SELECT MAX(posted_at) FROM comments_comment WHERE person_id = comments_person.id),
    comment_count = (SELECT COUNT(*) FROM comments_comment WHERE person_id = comments_person.id),
    approved_count = (
        SELECT COUNT(*) FROM comments_comment WHERE person_id = comments_person.id AND state = 'approved'),
    listed_as = CASE
        WHEN trust <> 'unknown' THEN trust
        WHEN EXISTS (SELECT 1 FROM comments_comment WHERE person_id = comments_person.id AND state = 'approved')
        THEN 'known' ELSE 'unknown' END
"""


class Migration(migrations.Migration):
    """In one statement: a second for 100,000 commenters with 350,000 comments."""

    dependencies = [("comments", "0004_commenters_in_lists")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
