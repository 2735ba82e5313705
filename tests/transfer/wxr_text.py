"""Small export files for tests of the import: `export(item(…), …)` writes one as WordPress does."""

from xml.sax.saxutils import escape

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>Get Your Move On</title>
<link>{url}</link>
<description>Running in the morning</description>
<language>en</language>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://wordpress.com/</wp:base_site_url>
<wp:base_blog_url>{url}</wp:base_blog_url>
"""
URL = "https://getyourmoveon.example"


def cdata(text):
    return "<![CDATA[" + str(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def author(login, email="", name="", number=1):
    return (
        f"<wp:author><wp:author_id>{number}</wp:author_id><wp:author_login>{cdata(login)}</wp:author_login>"
        f"<wp:author_email>{cdata(email)}</wp:author_email>"
        f"<wp:author_display_name>{cdata(name or login)}</wp:author_display_name></wp:author>\n"
    )


def category(slug, name, parent="", description=""):
    return (
        f"<wp:category><wp:term_id>1</wp:term_id><wp:category_nicename>{cdata(slug)}</wp:category_nicename>"
        f"<wp:category_parent>{cdata(parent)}</wp:category_parent><wp:cat_name>{cdata(name)}</wp:cat_name>"
        f"<wp:category_description>{cdata(description)}</wp:category_description></wp:category>\n"
    )


def tag(slug, name):
    return f"<wp:tag><wp:tag_slug>{cdata(slug)}</wp:tag_slug><wp:tag_name>{cdata(name)}</wp:tag_name></wp:tag>\n"


def comment(number, text="Well said.", **facts):
    given = {
        "id": number,
        "author": "Bo",
        "author_email": "bo@example.com",
        "author_url": "",
        "author_IP": "192.0.2.7",
        "date": "2010-09-10 08:00:00",
        "date_gmt": "2010-09-10 12:00:00",
        "content": text,
        "approved": "1",
        "type": "",
        "parent": 0,
        "user_id": 0,
    } | facts
    inner = "".join(f"<wp:comment_{name}>{cdata(value)}</wp:comment_{name}>" for name, value in given.items())
    return f"<wp:comment>{inner}</wp:comment>\n"


def item(number, title="A long run", content="Ten miles.", *inside, **facts):
    slug = facts.get("post_name", title.lower().replace(" ", "-"))
    given = {
        "post_id": number,
        "post_date": "2010-09-09 20:23:00",
        "post_date_gmt": "2010-09-10 00:23:00",
        "comment_status": "open",
        "ping_status": "open",
        "post_name": slug,
        "status": "publish",
        "post_parent": 0,
        "menu_order": 0,
        "post_type": "post",
        "post_password": "",
        "is_sticky": 0,
    } | {name: value for name, value in facts.items() if name not in ("link", "excerpt", "creator", "guid")}
    link = facts.get("link", f"{URL}/2010/09/09/{slug}/" if given["post_type"] == "post" else f"{URL}/{slug}/")
    inner = "".join(f"<wp:{name}>{cdata(value)}</wp:{name}>" for name, value in given.items())
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        "<pubDate>Fri, 10 Sep 2010 00:23:00 +0000</pubDate>"
        f"<dc:creator>{cdata(facts.get('creator', 'ada'))}</dc:creator>"
        f'<guid isPermaLink="false">{escape(facts.get("guid", f"{URL}/?p={number}"))}</guid><description></description>'
        f"<content:encoded>{cdata(content)}</content:encoded>"
        f"<excerpt:encoded>{cdata(facts.get('excerpt', ''))}</excerpt:encoded>{inner}{''.join(inside)}</item>\n"
    )


def term_of(taxonomy, slug, name):
    return f'<category domain="{taxonomy}" nicename="{slug}">{cdata(name)}</category>'


def meta(key, value):
    inner = f"<wp:meta_key>{cdata(key)}</wp:meta_key><wp:meta_value>{cdata(value)}</wp:meta_value>"
    return f"<wp:postmeta>{inner}</wp:postmeta>"


def export(*parts, url=URL):
    return HEAD.format(url=url) + "".join(parts) + "</channel>\n</rss>\n"
