"""A folder and S3-compatible storage do the same with media; the S3 server is moto's (tests/s3_server.py)."""

import pytest

from core.media_storage import StorageAway, media_storage, staged_folder

SIZE = 700_000  # more than one chunk


@pytest.fixture(params=["folder", "S3", "S3 below a prefix"])
def storage(request, settings, tmp_path):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    if request.param != "folder":
        url = request.getfixturevalue("bucket")
        if "prefix" in request.param:
            from config.environment import media_storage as parsed

            url = url.replace("?", "/a/blog?")
            settings.STORAGES = settings.STORAGES | {"default": parsed(tmp_path, url)[1]}
    return media_storage()


def fill(storage, name, **files):
    with staged_folder() as folder:
        for file, content in files.items():
            (folder / file).write_bytes(content)
        storage.put_folder(name, folder)


def content(storage, name, *part):
    return b"".join(storage.read(name, *part))


def names(storage, below=""):
    return [name for name, _facts in storage.files(below)]


def test_what_was_stored_is_read_whole_and_in_parts(storage):
    data = bytes(range(250)) * (SIZE // 250)
    fill(storage, "ab/abc", full=data, small=b"x")
    assert content(storage, "ab/abc/full") == data
    assert content(storage, "ab/abc/full", 10, 299_999) == data[10:300_000]
    assert content(storage, "ab/abc/full", SIZE - 5) == data[-5:]
    assert storage.facts("ab/abc/full").size == SIZE
    assert names(storage) == ["ab/abc/full", "ab/abc/small"] and names(storage, "faces") == []


def test_a_file_that_is_not_there(storage):
    for question in (storage.facts, storage.read):
        with pytest.raises(FileNotFoundError):
            question("ab/abc/full")
    assert not storage.exists("ab/abc/full")
    storage.delete_folder("ab/abc")
    storage.delete("ab/abc/full")


def test_the_version_changes_with_the_content(storage):
    storage.put("faces/a", b"one")
    before = storage.facts("faces/a")
    assert dict(storage.files())["faces/a"].signs == storage.facts("faces/a").signs
    storage.put("faces/a", b"two!")
    after = storage.facts("faces/a")
    assert before.version != after.version and before.signs != after.signs and content(storage, "faces/a") == b"two!"


def test_a_folder_is_deleted_and_its_neighbour_stays(storage):
    fill(storage, "ab/abc", full=b"1", small=b"2")
    fill(storage, "ab/abcd", full=b"3")
    storage.delete_folder("ab/abc")
    assert names(storage) == ["ab/abcd/full"]


def test_new_files_take_the_place_of_old_ones(storage):
    fill(storage, "ab/old", full=b"old", narrow=b"old")
    fill(storage, "cd/new", full=b"new", wide=b"new")
    clean = storage.replace_folder("ab/old", "cd/new")
    assert content(storage, "ab/old/full") == content(storage, "ab/old/wide") == b"new"
    clean()
    assert names(storage) == ["ab/old/full", "ab/old/wide"]


def test_what_is_still_written_is_no_file_yet(storage):
    with staged_folder() as folder:
        (folder / "full").write_bytes(b"half")
        assert names(storage) == []


@pytest.mark.parametrize("storage", ["S3"], indirect=True)
def test_a_server_that_is_away_or_refuses_says_so_in_a_word(storage, s3_server, bucket, settings):
    from config.environment import media_storage as parsed

    for url in (bucket.replace(f":{s3_server.port}/", ":1/"), bucket.replace("/bucket-", "/nobodys-bucket-")):
        settings.STORAGES = settings.STORAGES | {"default": parsed(settings.LONGRUN_DATA, url)[1]}
        for deed in (lambda: media_storage().put("faces/a", b"x"), lambda: list(media_storage().files())):
            with pytest.raises((StorageAway, FileNotFoundError)) as refusal:
                deed()
            assert "se/cret" not in str(refusal.value)


def test_the_folder_that_a_console_made_in_a_bucket_is_no_file(bucket, s3_server, settings, tmp_path):
    """Consoles of storage store an empty object for a folder: its key ends with a slash."""
    from config.environment import media_storage as parsed

    settings.LONGRUN_DATA = tmp_path
    settings.STORAGES = settings.STORAGES | {"default": parsed(tmp_path, bucket.replace("?", "/blog?"))[1]}
    name = bucket.split("?")[0].rpartition("/")[2]
    for key in ("blog/", "blog/ab/"):
        s3_server.client.put_object(Bucket=name, Key=key, Body=b"")
    storage = media_storage()
    storage.put("ab/abc/full", b"x")
    assert names(storage) == ["ab/abc/full"]
