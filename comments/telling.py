"""Readers are told of new answers, and that their own comment is published: once, and only of what they may read.

That there is something to tell is a row of its own (News, Mailing), written with what makes it so. Few letters are
written in the same transaction, many by the worker; each is asked once more right before it leaves.
"""

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from comments.models import Comment, Decision, News, Subscription
from comments.models.decision import afterwards, parts
from comments.models.subscription import normal
from ground import mail
from ground.jobs import Again, daily, job, minutely, stopping
from ground.models import Letter
from ground.site import absolute, site
from ground.words import tidy, tidy_line

ANSWER, PUBLISHED, POST, DAILY = "new comment", "comment published", "new post", "daily letter"
KINDS = (ANSWER, PUBLISHED, POST, DAILY)
AT_ONCE = 20  # letters that somebody's press of a button may wait for
PART = 200
STALE = timedelta(days=30)  # an answer that waited so long, or came with an import, is no news
OUTLIVED = timedelta(days=7)  # a letter that could not leave for so long tells nothing new
LEDGER = timedelta(days=30)  # sent letters are known by their key for so long; their texts for a day
SALT = "comments.letters_of"
PAGE_FOR = timedelta(days=365)

What = Subscription.What


class InOwnLanguage(translation.override):
    """Letters that the worker writes speak as the pages do."""

    def __init__(self):
        super().__init__(site().language)


# That there is news


@afterwards
def tell_readers(decision):
    """Whatever was decided, or taken back: what stands now and did not is told, what does not any more is not."""
    before, after = (3, 1) if decision.undone_at else (1, 3)
    came = [item[0] for item in decision.items if item[after] == Comment.State.APPROVED]
    went = [item[0] for item in decision.items if item[before] == Comment.State.APPROVED]
    if came:
        make_known(came, stood=bool(decision.undone_at) or decision.what == Decision.What.RESTORE)
    if went:
        take_back(went)


def make_known(numbers, *, stood=False):
    """These comments stand from now on: whoever follows is told, by the worker if that is much. Those that `stood`
    before are no news, but to those whose letters were taken back."""
    followed = Q(post__in=Subscription.objects.confirmed().values("post"), posted_at__gt=timezone.now() - STALE)
    awaited = Q(pk__in=Subscription.objects.values("comment"))
    untold = []
    for pks in parts(numbers):
        if not stood:
            fresh = Comment.objects.approved().filter(followed | awaited, pk__in=pks, news=None)
            fresh = [News(comment_id=pk) for pk in fresh.values_list("pk", flat=True)]
            News.objects.bulk_create(fresh, ignore_conflicts=True)
        untold += News.objects.standing().untold().filter(pk__in=pks).values_list("pk", flat=True)
    if len(untold) > 1 or untold and not tell(untold[0], most=AT_ONCE):
        tell_all.enqueue()


def take_back(numbers):
    """Of what does not stand any more no letter leaves; should it return, only those that had none get theirs."""
    gone, letters = set(numbers), {}
    for pks in parts(numbers):
        gone -= set(Comment.objects.approved().filter(pk__in=pks).values_list("pk", flat=True))
    waiting = Letter.objects.waiting().filter(kind__in=[ANSWER, PUBLISHED])
    for pk, key in waiting.values_list("pk", "key"):
        if (number := numbers_in(key)[0]) in gone:
            letters[pk] = number
    if letters:
        Letter.objects.waiting().filter(pk__in=list(letters)).delete()
        News.objects.filter(pk__in=set(letters.values())).update(told_at=None)


# What is told of an answer


@job
def tell_all():
    """All that is not told yet. Bears being killed anywhere and run twice: no key has two letters."""
    for number in list(News.objects.standing().untold().order_by("made_at", "pk").values_list("pk", flat=True)):
        if stopping():
            raise Again
        tell(number)


@minutely
def tell_what_was_missed():
    """By a worker that died, or a job that was given up."""
    if News.objects.standing().untold().filter(made_at__lt=timezone.now() - timedelta(minutes=1)).exists():
        tell_all.call()


def tell(number, *, most=None):
    """Write the letters about one comment, a part at a time, and then that it is told; False if they were too many."""
    comment, reached, here = known(number), 0, site()
    listening = listeners(comment).order_by("pk") if comment else Subscription.objects.none()
    with InOwnLanguage():
        while some := list(listening.filter(pk__gt=reached)[: PART if most is None else most + 1]):
            if most is not None and len(some) > most:
                return False
            mail.write_all([answer_letter(comment, subscription, here) for subscription in some])
            reached = some[-1].pk
            if most is not None:
                break
        if comment:
            tell_its_writer(comment)
    News.objects.untold().filter(pk=number).update(told_at=timezone.now())
    if reached:
        mail.send_soon()
    return True


def known(number):
    """The comment, if everybody may read it."""
    people = ("person__account", "parent__person__account", "post")
    return Comment.objects.public().select_related(*people).filter(pk=number).first()


def listeners(comment):
    """Who is told of it at once: all who follow the post, but not whoever wrote it."""
    answered = addresses_behind(comment.parent) if comment.parent else []
    wanted = Q(what=What.COMMENTS) | Q(what=What.REPLIES, address__in=answered)
    following = Subscription.objects.confirmed().at_once().to_answers(comment.post)
    if comment.posted_at < timezone.now() - STALE:
        return following.none()
    return following.filter(wanted).exclude(address__in=addresses_behind(comment))


def addresses_behind(comment):
    """The addresses of whoever wrote it: the one it was written with, and the account's."""
    account = comment.person.account if comment.person else None
    return [address for address in {normal(comment.email), normal(account.email if account else "")} if address]


def tell_its_writer(comment):
    """Whoever waits for this comment to be published hears that it is."""
    for subscription in Subscription.objects.confirmed().filter(comment=comment):
        mail.write(**published_letter(comment, subscription))


def published_letter(comment, subscription):
    return {
        "to": subscription.address,
        "subject": tidy_line(_("[%(site)s] Your comment is published") % {"site": site().title}),
        "text": render_to_string("comments/mail/your_comment.txt", about(comment, subscription, site())),
        "kind": PUBLISHED,
        "key": f"published {comment.pk} to {subscription.person_id}",
    }


def answer_letter(comment, subscription, here):
    mine = subscription.what == What.REPLIES
    said = _("[%(site)s] %(name)s answers you on “%(post)s”") if mine else _("[%(site)s] %(name)s on “%(post)s”")
    words = {"site": here.title, "name": comment.writer[:80], "post": comment.post}
    return {
        "to": subscription.address,
        "subject": tidy_line(said % words),
        "text": render_to_string("comments/mail/answer.txt", about(comment, subscription, here) | {"mine": mine}),
        "kind": ANSWER,
        "key": f"comment {comment.pk} to {subscription.person_id}",
        "headers": headers_of(subscription),
    }


def about(comment, subscription, here):
    return {
        "comment": comment,
        "lines": comment.text.splitlines(),
        "answer_url": absolute(comment.get_absolute_url()),
    } | foot_of(subscription, here)


def foot_of(subscription, here):
    """What stands at the end of every letter: whose it is, and how to be rid of it."""
    return {
        "subscription": subscription,
        "site": here,
        "stop_url": absolute(subscription.stop_path),
        "page_url": page_of(subscription.person_id),
    }


def page_of(person):
    """The address of the page of all letters that somebody gets."""
    return absolute(reverse("subscriptions", args=[signing.dumps(person, salt=SALT)]))


def headers_of(subscription):
    """What mail programs make their own button of (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{absolute(subscription.stop_path)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


# Asked once more, when a letter is about to leave


@mail.asked_before_sending(ANSWER)
def is_still_to_be_told(letter):
    number, person = numbers_in(letter.key)
    comment = known(number)
    follows = comment and Subscription.objects.confirmed().filter(person=person, post=comment.post).first()
    if not (follows and is_recent(letter)):
        return False
    with InOwnLanguage():
        say_anew(letter, answer_letter(comment, follows, site()))
    return True


@mail.asked_before_sending(PUBLISHED)
def is_still_published(letter):
    number, person = numbers_in(letter.key)
    comment = known(number)
    waits = comment and Subscription.objects.confirmed().filter(person=person, comment=comment).first()
    if not waits:
        return False
    with InOwnLanguage():
        say_anew(letter, published_letter(comment, waits))
    return True


def say_anew(letter, said):
    """What was edited while the letter waited is told as it is now."""
    letter.text, letter.subject = tidy(said["text"]), tidy_line(said["subject"])[:250]
    letter.save(update_fields=["text", "subject"])


def is_recent(letter):
    return letter.made_at > timezone.now() - OUTLIVED


def numbers_in(key):
    """Whom and what a letter's key names: "comment 12 to 7" is (12, 7)."""
    words = key.split()
    return int(words[1]), int(words[3])


# What need not be kept


def forget(numbers):
    """Take the letters that quote these comments out of the ledger, and what waits for them."""
    gone, quoting = set(numbers), Letter.objects.filter(kind__in=[ANSWER, PUBLISHED])
    letters = [pk for pk, key in quoting.values_list("pk", "key") if numbers_in(key)[0] in gone]
    for pks in parts(letters):
        Letter.objects.filter(pk__in=pks).delete()
    for pks in parts(numbers):
        Subscription.objects.filter(comment__in=pks).delete()
    # Those that wait are written anew before they leave.
    waiting = [Letter.State.WAITING, Letter.State.SENDING]
    Letter.objects.filter(kind=DAILY).exclude(state__in=waiting).update(text="")


@daily
def forget_old_letters():
    """The texts of letters that arrived, then the letters; wishes that nobody confirmed, and fulfilled ones."""
    now = timezone.now()
    sent = Letter.objects.filter(kind__in=KINDS, state=Letter.State.SENT)
    sent.filter(sent_at__lt=now - timedelta(days=1)).exclude(text="").update(text="", html="")
    sent.filter(sent_at__lt=now - LEDGER).delete()
    with transaction.atomic():
        # A letter may wait for its server for days, and the question whether it is wanted at all for a week.
        told = News.objects.filter(told_at__lt=now - timedelta(days=8)).values("pk")
        Subscription.objects.filter(what=What.PUBLISHED, comment__in=told).delete()
    Subscription.objects.waiting().filter(made_at__lt=now - timedelta(days=8)).delete()
