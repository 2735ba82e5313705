"""The accent color as a theme shows it, in light and dark, and what its contrast is, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from blog import contrast
from blog.picture_cards import COLOURS


@dataclass(frozen=True)
class AccentSample:
    label: str
    paper: str
    ink: str
    rule: str
    accent: str
    verdict: str  # empty for the theme's own color


def accent_samples(accent, theme):
    """A sample in light and one in dark; without an accent that of the theme."""
    places = (_("On a light background"), _("On a dark background"))
    checks = contrast.check_contrast(accent, *theme.papers) if accent else (None, None)
    return [
        AccentSample(
            label=place,
            paper=paper,
            ink=ink,
            rule=rule,
            accent=check.shown if check else own,
            verdict=sentence(place, check) if check else "",
        )
        for place, check, (paper, ink, _soft, rule, own) in zip(places, checks, COLOURS[theme.name], strict=True)
    ]


def sentence(where, judgement):
    facts = {"where": where, "contrast": f"{judgement.contrast:.1f}", "shown": f"{judgement.contrast_shown:.1f}"}
    if not judgement.is_changed:
        return _("%(where)s it is easy to read: contrast %(contrast)s to 1.") % facts
    if judgement.is_readable:
        return (
            _("%(where)s it is readable (contrast %(contrast)s to 1), and shown a little stronger: %(shown)s to 1.")
            % facts
        )
    return (
        _("%(where)s it is hard to read (contrast %(contrast)s to 1), so its lightness is adjusted: %(shown)s to 1.")
        % facts
    )
