"""Serves the files of posts, with range requests, to visitors who may see the post. Public files are cached for a
year."""

import re
from functools import partial
from pathlib import PurePosixPath

from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_safe

from blog.models import Media, Post
from blog.post_password import is_unlocked
from core.cookies import SECRET_LINK
from core.media_storage import media_storage

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@require_safe
def media(request, name, file):
    """A file by its URL. Responds with the same 404 if it does not exist and if the visitor may not see it."""
    found = Media.objects.filter(name=name).first()
    stored = found.stored(file) if found else None
    if stored is None:
        raise Http404
    where, kind = stored
    is_track = found.format == "gpx"
    is_original = is_track and "original" in request.GET
    if is_original:
        if not request.user.has_perm("blog.change_file", found):
            raise Http404
        where = f"{found.folder}/{found.full}"
    public = Media.objects.public().filter(pk=found.pk).exists()
    if not public and not may_see(request, found):
        raise Http404
    storage = media_storage()
    try:
        facts = storage.facts(where)  # its version is in the ETag, since a file can be replaced under its URL
        etag = f'"{name}-{PurePosixPath(where).name}-{facts.version}"'
        response = answer(request, partial(storage.read, where), facts.size, kind, etag=etag)
    except FileNotFoundError:
        raise Http404
    response["Cache-Control"] = cache_control(public and not is_original, is_track)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    if not kind.startswith("image/"):
        response["Content-Disposition"] = content_disposition_header(True, found.file_name)
    return response


def cache_control(public, is_track):
    """A track changes under its URL when the home zone does."""
    if not public:
        return "private, no-store"
    return "no-cache" if is_track else "public, max-age=31536000, immutable"


def may_see(request, found):
    if Media.objects.visible_to(request.user).filter(pk=found.pk).exists():
        return True
    if (token := request.COOKIES.get(SECRET_LINK.name)) and found.posts().filter(secret_link__token=token).exists():
        return True
    shows_it = Q(media_uses__media=found) | Q(featured=found)
    behind = Post.objects.published().filter(shows_it, visibility=Post.Visibility.PASSWORD).distinct()
    return any(is_unlocked(request, post) for post in behind)


def answer(request, read, size, kind, etag):
    """The response with status 200, 206, 304 or 416, depending on If-None-Match, Range and If-Range.

    `read(start, end)` gives the bytes.
    """
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return with_headers(HttpResponseNotModified(), etag)
    part = part_wanted(request, size, etag)
    if part == "none":
        return with_headers(HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}), etag)
    start, end = part or (0, size - 1)
    if request.method == "HEAD":
        response = HttpResponse(content_type=kind)
    else:
        response = StreamingHttpResponse(read(*(part or ())), content_type=kind)
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(end - start + 1)
    return with_headers(response, etag)


def with_headers(response, etag):
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    return response


def part_wanted(request, size, etag):
    """The requested range: (first, last) byte, None for the whole file, "none" for a range beyond its end.

    A request for several ranges gets the whole file, as RFC 9110 allows.
    """
    wanted = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not wanted or wanted[1] == wanted[2] == "" or request.headers.get("If-Range", etag) != etag:
        return None
    if wanted[1] == "":
        length = min(int(wanted[2]), size)
        return (size - length, size - 1) if length else "none"
    start = int(wanted[1])
    end = min(int(wanted[2]), size - 1) if wanted[2] else size - 1
    if start >= size:
        return "none"
    return (start, end) if start <= end else None
