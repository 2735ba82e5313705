from comments.models.block import Block
from comments.models.comment import Comment
from comments.models.comment_revision import CommentRevision
from comments.models.digest import DigestLine
from comments.models.discussion_settings import DiscussionSettings
from comments.models.message import Message
from comments.models.moderation_action import ModerationAction
from comments.models.pending_notification import PendingNotification, PostAnnouncement
from comments.models.person import Person
from comments.models.report import Report
from comments.models.saved_comment import SavedComment
from comments.models.spam_training import FilterWeights, SpamIndicator, TrainingExample
from comments.models.stopped_address import StoppedAddress
from comments.models.subscription import Subscription

__all__ = [
    "Block",
    "Comment",
    "Message",
    "ModerationAction",
    "DigestLine",
    "DiscussionSettings",
    "SavedComment",
    "CommentRevision",
    "FilterWeights",
    "TrainingExample",
    "PostAnnouncement",
    "PendingNotification",
    "Person",
    "Report",
    "StoppedAddress",
    "Subscription",
    "SpamIndicator",
]
