"""Languages as BCP 47 tags: the choices of forms, validation, text direction, and Open Graph locales."""

import re
from functools import cache

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 35  # characters; RFC 5646, section 4.4.1

# The grammar of RFC 5646, without grandfathered tags and languages of over three letters: language, script, region,
# variants, extensions, private use.
_WELL_FORMED = re.compile(
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+"
)
_RIGHT_TO_LEFT = {
    "ar", "arc", "ckb", "dv", "fa", "glk", "he", "iw", "khw", "lrc", "mzn", "nqo", "pnb", "ps", "sd", "syr", "ug", "ur",
    "yi",
}  # fmt: skip
_RIGHT_TO_LEFT_SCRIPTS = {"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"}
# Languages that Django lacks, or has by their English name only.
_NAMES = {
    "am": "አማርኛ", "bo": "བོད་སྐད་", "dv": "ދިވެހި", "eu": "Euskara", "fil": "Filipino", "fo": "Føroyskt",
    "gu": "ગુજરાતી", "gv": "Gaelg", "ha": "Hausa", "ja": "日本語", "jv": "Basa Jawa", "ka": "ქართული", "km": "ភាសាខ្មែរ",
    "kn": "ಕನ್ನಡ", "la": "Latina", "lo": "ລາວ", "mi": "Māori", "mn": "Монгол", "mt": "Malti", "oc": "Occitan",
    "or": "ଓଡ଼ିଆ", "pa": "ਪੰਜਾਬੀ", "ps": "پښتو", "rm": "Rumantsch", "sc": "Sardu", "sd": "سنڌي", "si": "සිංහල",
    "so": "Soomaali", "yi": "ייִדיש", "yo": "Yorùbá", "zu": "isiZulu",
}  # fmt: skip
# The region of a language in an Open Graph locale, where it is not the language's code in capitals.
_REGIONS = dict(
    pair.split("_")
    for pair in """
    am_ET ar_AR be_BY bn_IN ca_ES ckb_IQ cs_CZ cy_GB da_DK el_GR en_US et_EE eu_ES fa_IR fil_PH ga_IE gl_ES gu_IN
    he_IL hi_IN hy_AM ja_JP ka_GE kk_KZ km_KH kn_IN ko_KR ky_KG la_VA lb_LU lo_LA ml_IN mr_IN ms_MY my_MM nb_NO
    ne_NP nn_NO pa_IN ps_AF si_LK sl_SI sq_AL sr_RS sv_SE sw_KE ta_IN te_IN tg_TJ tk_TM uk_UA ur_PK vi_VN zh_CN
    zh-Hant_TW zu_ZA
    """.split()
)


def canonical(tag: str) -> str:
    """The tag in canonical case ("zh-Hant-TW"), or "" if it is not well-formed (RFC 5646, 2.1.1)."""
    tag = tag.strip().replace("_", "-").lower()
    if len(tag) > MAX_LENGTH or not _WELL_FORMED.fullmatch(tag):
        return ""
    parts = tag.split("-")
    for at, part in enumerate(parts[1:], 1):
        if len(parts[at - 1]) == 1:
            break
        parts[at] = part.upper() if len(part) == 2 else part.title() if len(part) == 4 and part.isalpha() else part
    return "-".join(parts)


def validate_tag(tag: str) -> None:
    """Validator for model and form fields: raise ValidationError unless the tag is well-formed."""
    if not canonical(tag):
        raise ValidationError(_("“%(tag)s” is not a language code, such as de or pt-BR."), params={"tag": tag})


def direction(tag: str) -> str:
    """ "rtl" or "ltr" for a tag, by its script where it names one; "" for no tag."""
    if not tag:
        return ""
    first, *others = canonical(tag).split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), "")
    return "rtl" if (script in _RIGHT_TO_LEFT_SCRIPTS if script else first in _RIGHT_TO_LEFT) else "ltr"


@cache
def translated() -> frozenset[str]:
    """Languages in which all texts for readers exist: English, and those with a compiled catalogue in `locale/`."""
    compiled = (settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/django.mo")
    return frozenset({"en", *(file.parts[-3].lower().replace("_", "-") for file in compiled)})


def interface(tag: str) -> str:
    """The interface language for pages with texts in language `tag`, as a code for `translation.override`.

    The same language if all our texts are translated into it, else English: Django and allauth have more translations
    than we do, and a page must not mix two languages.
    """
    code = tag.lower().replace("_", "-")
    if code.partition("-")[0] not in translated():
        return code if code in translated() else "en"
    return code if code in LANG_INFO else code.partition("-")[0]


def desk_interface(tag: str) -> str:
    """The interface language of the desk and the set-up page: always a variant of English, since they have no
    translations."""
    return interface(tag) if base(tag) == "en" else "en"


def base(tag: str) -> str:
    """The language of a tag without its region: "de" of "de-AT"."""
    return tag.lower().replace("_", "-").partition("-")[0]


@cache
def choices() -> tuple[tuple[str, str], ...]:
    """(tag, name of the language in itself) of each language that forms offer, ordered by name."""
    known = {canonical(code): about["name_local"] for code, about in LANG_INFO.items() if "name_local" in about}
    named = {tag: name[0].upper() + name[1:] for tag, name in known.items()} | _NAMES
    return tuple(sorted(named.items(), key=lambda pair: pair[1].casefold()))


def locale(tag: str) -> str:
    """The tag as Open Graph writes it: "pt_BR", or "de_DE" where no region is named; "" for a private one."""
    first, *others = (canonical(tag) or "en").split("-")
    if first == "x":
        return ""
    region = next((part for part in others if len(part) == 2 and part.isupper()), "")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), "")
    return f"{first}_{region or _REGIONS.get(f'{first}-{script}') or _REGIONS.get(first, first.upper())}"
