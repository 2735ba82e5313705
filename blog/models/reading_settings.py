import hashlib

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from blog import web_fonts
from blog.markup.safe_html import trusted
from blog.own_css import valid_css
from blog.site_lines import profiles_in, valid_profiles, valid_verifications, verifications_in
from blog.snippet import Snippet, read_snippet, valid_hosts, valid_snippet
from blog.themes import THEMES
from core import cache_version
from core.cache_version import cached_per_version

EMS = {"narrow": 26, "wide": 36}

# The sidebar's widgets, each with its default number of lines; 0 where the number cannot be chosen.
WIDGETS = {
    "about": 0,
    "search": 0,
    "posts": 5,
    "comments": 0,
    "archives": 12,
    "categories": 0,
    "tags": 45,
    "subscribe": 0,
}


LOGO = (240, 48)  # pixels
LONGEST_TITLE, LONGEST_TEXT = 100, 5000  # characters of a text widget

path_or_https = RegexValidator(
    r"\A(/(?![/\\])|https?://)\S*\Z", _("Write a path of this blog, such as /about/, or an address with https://.")
)


# Where a post may be shared, by the name that `_share.html` knows.
SHARE = {
    "email": _("Email"),
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "facebook": "Facebook",
    "x": "X",
    "linkedin": "LinkedIn",
    "whatsapp": "WhatsApp",
    "copy": _("Copy link"),
}
SHARE_USUAL = ("email", "bluesky", "facebook", "x")


def usual_share_links():
    return [*SHARE_USUAL]


def usual_widgets():
    return [[name, lines] for name, lines in WIDGETS.items()]


def sanitized(text, prefix):
    """Markdown of the owner as HTML; `prefix` sets its ids apart from those of other texts on the page."""
    from blog import markup

    return trusted(markup.render(text, markup.POST, prefix=f"{prefix}-").html) if text else ""


def as_far_as_valid(read, text):
    """What `read` finds in a stored text; nothing in one that a newer version would refuse."""
    try:
        return read(text)
    except ValidationError:
        return []


class ReadingSettings(models.Model):
    """The blog's reading settings: one row, created at set-up. `reading()` returns the row of the current cache
    version."""

    PICTURES = ("header_picture", "about_picture", "logo")  # around every page

    class Permalinks(models.TextChoices):
        DAY = "day", _("Day and name: /2026/11/23/sample-post/")
        MONTH = "month", _("Month and name: /2026/11/sample-post/")
        NAME = "name", _("Post name: /sample-post/")
        CATEGORY = "category", _("Category and name: /running/sample-post/")

    class Width(models.TextChoices):
        NARROW = "narrow", _("Narrow")
        USUAL = "", _("Normal: 68 characters per line")
        WIDE = "wide", _("Wide")

    class Header(models.TextChoices):
        THEME = "", _("As the theme has it")
        START = "start", _("At the beginning of the line")
        CENTER = "center", _("In the middle")

    class Columns(models.IntegerChoices):
        THEME = 0, _("As the theme has it")
        TWO = 2, "2"
        THREE = 3, "3"
        FOUR = 4, "4"

    class Scheme(models.TextChoices):
        AUTO = "", _("Same as the reader's device")
        LIGHT = "light", _("Always light")
        DARK = "dark", _("Always dark")

    class FrontPosts(models.TextChoices):
        WHOLE = "", _("Whole")
        EXCERPTS = "excerpts", _("Excerpts")
        CARDS = "cards", _("Cards: picture, title and excerpt")
        TITLES = "titles", _("Titles with dates")

    permalinks = models.CharField(_("permalinks"), max_length=10, choices=Permalinks, default=Permalinks.DAY)
    posts_per_page = models.PositiveSmallIntegerField(
        _("posts per page"), default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    front_posts = models.CharField(
        _("posts on the front page"), max_length=8, choices=FrontPosts, blank=True, default="", db_default=""
    )
    front_size = models.PositiveSmallIntegerField(
        _("posts per page on the front page"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    # The pks of the categories whose posts the front page shows, with those below them; all if none of them is left.
    front_categories = models.JSONField(
        _("categories on the front page"), blank=True, default=list, db_default=models.Value([], models.JSONField())
    )
    front_page = models.ForeignKey(
        "blog.Post", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("front page")
    )
    posts_page = models.ForeignKey(
        "blog.Post", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("page of the posts")
    )
    feed_items = models.PositiveSmallIntegerField(
        _("posts in a feed"), default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    feed_full = models.BooleanField(_("full text in feeds"), default=True)
    link_cards = models.BooleanField(_("cards for links to other sites"), default=True, db_default=True)
    smart_punctuation = models.BooleanField(_("smart punctuation"), default=True)
    default_category = models.ForeignKey(
        "blog.Category", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("default category")
    )
    accent = models.CharField(
        _("accent color"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Enter a color as # and six digits, such as #2f5d3a."))],
    )
    theme = models.CharField(
        _("theme"),
        max_length=20,
        choices=[(theme.name, theme.label) for theme in THEMES.values()],
        blank=True,
        default="",
        db_default="",
    )
    type = models.CharField(_("type"), max_length=30, choices=web_fonts.CHOICES, blank=True)
    heading_type = models.CharField(
        _("type of headings"), max_length=30, choices=web_fonts.CHOICES, blank=True, default="", db_default=""
    )
    columns = models.PositiveSmallIntegerField(_("columns"), choices=Columns, default=Columns.THEME, db_default=0)
    header = models.CharField(_("header"), max_length=6, choices=Header, blank=True, default="", db_default="")
    width = models.CharField(_("text width"), max_length=6, choices=Width, blank=True)
    scheme = models.CharField(_("color scheme"), max_length=5, choices=Scheme, blank=True)
    header_picture = models.ForeignKey(
        "blog.Media", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("header picture")
    )
    logo = models.ForeignKey(
        "blog.Media", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("logo")
    )
    logo_and_title = models.BooleanField(_("show the title next to the logo"), default=False, db_default=False)
    icon = models.CharField(max_length=16, blank=True, editable=False)  # the digest in the icons' URLs
    sidebar = models.BooleanField(_("show the sidebar"), default=True)
    widgets = models.JSONField(default=usual_widgets, editable=False)  # [[name, how many lines], …] from the top
    about_picture = models.ForeignKey(
        "blog.Media", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    about_text = models.TextField(_("about me"), max_length=LONGEST_TEXT, blank=True, default="", db_default="")
    # [{"name": "text-1", "title": …, "text": Markdown}, …]; `widgets` says where each stands.
    text_widgets = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), editable=False)
    share_links = models.JSONField(
        _("share links"),
        blank=True,
        default=usual_share_links,
        db_default=models.Value([*SHARE_USUAL], models.JSONField()),
    )
    footer = models.CharField(_("footer"), max_length=500, blank=True)
    profiles = models.TextField(
        _("profiles elsewhere"), max_length=10_000, blank=True, default="", db_default="", validators=[valid_profiles]
    )
    verifications = models.TextField(
        _("verification"), max_length=10_000, blank=True, default="", db_default="", validators=[valid_verifications]
    )
    own_css = models.TextField(
        _("own CSS"), max_length=65_536, blank=True, default="", db_default="", validators=[valid_css]
    )
    snippet = models.TextField(
        _("snippet"), max_length=20_000, blank=True, default="", db_default="", validators=[valid_snippet]
    )
    snippet_hosts = models.TextField(
        _("further hosts"), max_length=5_000, blank=True, default="", db_default="", validators=[valid_hosts]
    )
    privacy_page = models.ForeignKey(
        "blog.Post", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("privacy page")
    )

    check_links = models.BooleanField(_("check the links in posts once a week"), default=False, db_default=False)

    # Which robots may read the blog. All but those that train models: who starts a blog expects to be asked for that.
    allow_search = models.BooleanField(_("search engines"), default=True)
    allow_ai_search = models.BooleanField(_("AI search and assistants"), default=True)
    allow_ai_training = models.BooleanField(_("AI training"), default=False)
    allow_archives = models.BooleanField(_("archives and research"), default=True)
    allow_marketing = models.BooleanField(_("SEO and advertising"), default=True)

    @property
    def posts_on_front_page(self):
        return self.front_size or self.posts_per_page

    @classmethod
    def replace_category(cls, category, other):
        """Name the category `other` wherever `category`, which is merged into it, is named."""
        cls.objects.filter(default_category=category).update(default_category=other)
        for row in cls.objects.exclude(front_categories=[]):
            named = [other.pk if pk == category.pk else pk for pk in row.front_categories]
            if named != row.front_categories:
                row.front_categories = list(dict.fromkeys(named))
                row.save(update_fields=["front_categories"])

    @property
    def refused_robots(self):
        """The kinds of robots (`blog.robots.known.Kind`) that are not allowed."""
        kinds = ("search", "ai_search", "ai_training", "archives", "marketing")
        return frozenset(kind for kind in kinds if not getattr(self, f"allow_{kind}"))

    @property
    def theme_css(self):
        """The owner's CSS custom properties, which override Longrun's defaults."""
        tokens = {
            "--accent-chosen": self.accent,
            "--serif": web_fonts.SYSTEM.get(self.type),
            "--measure": f"calc(var(--text-1)*{EMS[self.width]})" if self.width else "",
            "--columns": self.columns,
            "--masthead": self.header,
        }
        said = ";".join(f"{name}:{value}" for name, value in tokens.items() if value)
        return web_fonts.css(self.type, self.heading_type) + (f":root{{{said}}}" if said else "")

    @property
    def preloaded_fonts(self):
        return [font.preloaded for font in web_fonts.chosen(self.type, self.heading_type)]

    @property
    def logo_size(self):
        """(width, height) in pixels at which the logo is shown: at most 240 × 48, never larger than it is."""
        if not self.logo:
            return None
        scale = min(1, LOGO[0] / max(self.logo.width, 1), LOGO[1] / max(self.logo.height, 1))
        return max(1, round(self.logo.width * scale)), max(1, round(self.logo.height * scale))

    @property
    def about_html(self):
        """The text of the widget "About me", which is Markdown, as HTML."""
        return sanitized(self.about_text, "about")

    @property
    def shown_widgets(self):
        """(name, text widget or None) of each widget of the sidebar; the text as `title` and `html`."""
        texts = {each["name"]: each for each in self.text_widgets}
        for name, _lines in self.widgets:
            each = texts.get(name)
            yield name, {"title": each["title"], "html": sanitized(each["text"], name)} if each else None

    @property
    def footer_html(self):
        """The footer, which is Markdown, as HTML; "" without one."""
        return sanitized(self.footer, "footer")

    @property
    def profile_links(self):
        return as_far_as_valid(profiles_in, self.profiles)

    @property
    def verification_elements(self):
        return as_far_as_valid(verifications_in, self.verifications)

    @cached_property
    def snippet_read(self):
        """The snippet for analytics; an empty one if a newer version would refuse the stored text."""
        try:
            return read_snippet(self.snippet, self.snippet_hosts)
        except ValidationError:
            return Snippet()

    def lines(self, widget):
        """How many lines a widget of the sidebar shows."""
        return dict(self.widgets).get(widget) or WIDGETS[widget]

    @property
    def theme_hash(self):
        return hashlib.sha256(self.theme_css.encode()).hexdigest()[:12]

    @property
    def own_css_hash(self):
        return hashlib.sha256(self.own_css.encode()).hexdigest()[:12]

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
            cache_version.invalidate(cache_version.SITE)


class MenuLink(models.Model):
    """A menu entry that is not a page of the blog. Pages have their own order (`menu_order`)."""

    title = models.CharField(_("title"), max_length=100)
    url = models.CharField(_("address"), max_length=1000, validators=[path_or_https])
    number = models.SmallIntegerField(_("number"), default=0)

    class Meta:
        ordering = ["number", "title", "pk"]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
            cache_version.invalidate(cache_version.SITE)

    def delete(self, *args, **kwargs):
        with transaction.atomic():
            cache_version.invalidate(cache_version.SITE)
            return super().delete(*args, **kwargs)


class Icon(models.Model):
    """The site icon in one size, as PNG. Stored in the database, so that each database backup holds it."""

    size = models.PositiveSmallIntegerField(primary_key=True)
    png = models.BinaryField()


@cached_per_version()
def reading():
    """The settings of the current cache version; the defaults before the blog is set up."""
    return (
        ReadingSettings.objects.select_related("default_category", *ReadingSettings.PICTURES).first()
        or ReadingSettings()
    )
