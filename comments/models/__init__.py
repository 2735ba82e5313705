from comments.models.comment import Comment
from comments.models.decision import Decision
from comments.models.digest import DigestLine
from comments.models.discussion import Discussion
from comments.models.draft import Draft
from comments.models.formertext import FormerText
from comments.models.news import Mailing, News
from comments.models.person import Person
from comments.models.report import Report
from comments.models.spam import Learned, Lesson, Trace
from comments.models.subscription import Subscription

__all__ = [
    "Comment",
    "Decision",
    "DigestLine",
    "Discussion",
    "Draft",
    "FormerText",
    "Learned",
    "Lesson",
    "Mailing",
    "News",
    "Person",
    "Report",
    "Subscription",
    "Trace",
]
