"""A whole post as its author writes it: by keyboard alone, and once more without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.furnished import drawn
from tests.walks.test_writing_tools import log_in
from tests.walks.writing import choose_files, fill, text, value_of, written


@pytest.fixture
def at_the_desk(running_blog, new_context):
    """A page of Ada's at the desk: `at_the_desk(java_script_enabled=False)`."""
    complaints = []

    def opened(**facts):
        facts = {"viewport": {"width": 1280, "height": 800}} | facts
        context = new_context(base_url=running_blog.url, **facts)
        if facts.get("java_script_enabled", True):
            context.grant_permissions(["clipboard-read", "clipboard-write"], origin=running_blog.url)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 500 else None)
        log_in(page, running_blog)
        return page

    yield opened
    assert not complaints


def tab_to(page, selector, key="Tab"):
    """Presses Tab until the thing has the focus."""
    for _step in range(150):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} is not reached by {key}")


PICTURE = """async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 900, height: 600 });
    canvas.getContext("2d").fillRect(200, 200, 300, 200);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
}"""


def copy_a_picture(page):
    page.evaluate(f"async () => navigator.clipboard.write([new ClipboardItem({{'image/png': await ({PICTURE})()}})])")


def drop_two_pictures(page):
    text(page).evaluate(
        f"""async (field) => {{
            const data = new DataTransfer();
            for (const name of ["fog.png", "not-a-picture.png", "bread.png"]) {{
                const content = name.startsWith("not") ? new Blob(["<html>"]) : await ({PICTURE})();
                data.items.add(new File([content], name, {{ type: "image/png" }}));
            }}
            const facts = {{ dataTransfer: data, bubbles: true, cancelable: true, composed: true }};
            for (const name of ["dragenter", "dragover", "drop"]) {{
                field.dispatchEvent(new DragEvent(name, facts));
            }}
        }}"""
    )


def test_a_post_with_everything_is_written_by_keyboard_alone(at_the_desk):
    page = at_the_desk()
    page.goto("/desk/write/")
    page.locator("#id_title").focus()
    page.keyboard.type("The bridge at six")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.tool") == "bold"
    tab_to(page, ".write__rich")
    page.keyboard.type("Fog.")

    # A picture from the clipboard; the writer is asked what it shows.
    copy_a_picture(page)
    page.keyboard.press("Control+v")
    expect(page.get_by_label("Alternative text")).to_be_focused()
    page.keyboard.type("A bridge in fog")
    page.keyboard.press("Enter")
    page.keyboard.type("At six")
    page.keyboard.press("Enter")
    expect(text(page)).to_be_focused()
    assert re.search(r'Fog\.\n\n!\[A bridge in fog\]\(/media/\S+ "At six"\)', value_of(page))

    # Two that are dropped, and one file that is no picture.
    drop_two_pictures(page)
    expect(page.locator(".uploads__thumb img")).to_have_count(2)
    expect(page.get_by_role("alert").filter(has_text="not-a-picture.png")).to_contain_text("web pages can contain")
    expect(page.locator(".uploads__item.is-folded")).to_have_count(1)
    page.keyboard.type("Fog again")
    page.keyboard.press("Enter")
    tab_to(page, "#uploads [data-name=featured]")
    page.keyboard.press("Space")
    tab_to(page, "#uploads [data-action=done]")
    page.keyboard.press("Enter")
    expect(page.locator(".uploads__item.is-folded")).to_have_count(0)
    for _each in range(2):
        tab_to(page, ".uploads__actions button")
        page.keyboard.press("Enter")
    expect(page.locator("#uploads")).to_be_hidden()
    source = value_of(page)
    assert len(re.findall(r"!\[[^\]]*\]\(/media/[0-9a-f]{32}/", source)) == 3
    assert "![Fog again](" in source
    assert all(address.startswith("/media/") for address in re.findall(r"!\[[^\]]*\]\(([^)]*)", source)), source

    tab_to(page, ".post-settings > summary")
    page.keyboard.press("Enter")
    tab_to(page, "#id_new_category")
    page.keyboard.type("Fog and rain")
    tab_to(page, "#id_tag_names")
    page.keyboard.type("bridge, morning\nfog,")
    expect(page.locator(".chip")).to_have_text(["bridge×", "morning×", "fog×"])
    page.keyboard.press("Backspace")
    page.keyboard.type("rain")
    expect(page.locator("#id_publish_at, #id_password")).to_have_count(2)
    expect(page.locator("#id_publish_at:visible, #id_password:visible")).to_have_count(0)
    tab_to(page, "[name=when]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#id_publish_at")
    page.keyboard.type("01022990")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("1030AM")
    tab_to(page, "[name=visibility]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#id_password")
    page.keyboard.type("finish line")
    assert page.locator("[name=featured]:checked").get_attribute("value") != ""
    tab_to(page, "[name=action][value=publish]", "Shift+Tab")
    expect(page.locator("[name=action][value=publish]")).to_have_text("Schedule")
    expect(page.locator("#address span")).to_have_text(re.compile("/2990/01/02/the-bridge-at-six/$"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("Saved. Scheduled for:")).to_be_visible()
    expect(written(page)).to_have_value(source)
    expect(page.locator("#id_title")).to_have_value("The bridge at six")
    expect(page.locator("#id_publish_at")).to_have_value("2990-01-02T10:30")
    expect(page.locator(".chip")).to_have_text(["bridge×", "morning×", "rain×"])
    expect(page.get_by_label("Fog and rain")).to_be_checked()
    expect(page.get_by_label("Password protected")).to_be_checked()
    says_what_the_date_makes_of_the_buttons(page)


def says_what_the_date_makes_of_the_buttons(page):
    """Of a scheduled post, without a save."""
    buttons = page.locator(".write__line button:visible")
    for date, said in [
        ("2990-01-03T10:30", ["Save Draft", "Preview", "Publish now", "Update"]),
        ("2010-01-03T10:30", ["Save Draft", "Preview", "Publish now", "Publish"]),
        ("", ["Save Draft", "Preview", "Publish now"]),
        ("2990-01-02T10:30", ["Save Draft", "Preview", "Publish now", "Update"]),
    ]:
        page.locator("#id_publish_at").fill(date)
        expect(buttons).to_have_text(said)


def end_a_tag(page):
    page.get_by_label("Tags", exact=True).press_sequentially("fog\n")


def leave_a_tag_open(page):
    page.get_by_label("Tags", exact=True).press_sequentially("rain")


def remove_a_tag(page):
    page.locator(".chip button").first.click()


def date_it(page, moment):
    if (choice := page.get_by_label("On a date")).count():
        choice.check()
    page.locator("#id_publish_at").fill(moment)


def pick_a_format(page):
    page.locator("#id_format").select_option("link")
    page.locator("#id_link_url").fill("https://example.org/fog")


FIELDS = {
    "a tag": end_a_tag,
    "a tag that is not ended": leave_a_tag_open,
    "a tag removed": remove_a_tag,
    "a new category": lambda page: page.locator("#id_new_category").fill("Fog and rain"),
    "a date": lambda page: date_it(page, "2020-01-02T10:30"),
}
OTHER_FIELDS = {
    "the title": lambda page: page.locator("#id_title").fill("  The   bridge\nat six "),
    "the text": lambda page: fill(page, "Fog.\n\n    code\n\n"),
    "the excerpt": lambda page: page.locator("#id_excerpt").fill(" About fog.\n"),
    "the slug": lambda page: page.locator("#id_slug").fill("The Bridge"),
    "the language": lambda page: page.locator("#id_language").select_option("de"),
    "a format": pick_a_format,
    "a category taken off": lambda page: page.locator("[name=categories]:checked").first.uncheck(),
    "a sticky post": lambda page: page.locator("#id_sticky").check(),
    "no comments": lambda page: page.locator("#id_comments_open").uncheck(),
    "a minor edit": lambda page: page.locator("#id_minor").check(),
    "a visibility": lambda page: page.get_by_label("Private", exact=True).check(),
    "a password": lambda page: [
        page.get_by_label("Password protected").check(), page.locator("#id_password").fill("finish line")
    ],
    "a moment to come": lambda page: date_it(page, "2990-01-02T10:30"),
    "a status": lambda page: page.locator("#id_status").select_option("draft"),
}  # fmt: skip


def expect_no_offer(page):
    expect(page.locator("#unsaved")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".unsaved__item")).to_have_count(0)


@pytest.mark.parametrize("fields", [FIELDS, pytest.param(FIELDS | OTHER_FIELDS, marks=pytest.mark.long)], ids=len)
def test_what_is_saved_is_offered_nowhere_whatever_field_was_typed_in(at_the_desk, fields):
    page = at_the_desk()
    page.goto("/desk/write/")
    page.locator("#id_title").fill("The bridge at six")
    fill(page, "Fog.")
    for field, change in fields.items():
        print(field)
        page.locator("details.post-settings").evaluate("drawer => { drawer.open = true }")
        change(page)
        page.locator("[name=action]:is([value=publish], [value=update])").click()
        expect(page.get_by_text(re.compile(r"^\s*(Saved|Draft saved)\."))).to_be_visible()
        address = page.url
        page.goto("/desk/write/")
        expect_no_offer(page)
        page.goto(address)
        expect_no_offer(page)

    # What is not saved is offered, be it a tag alone.
    page.locator("details.post-settings").evaluate("drawer => { drawer.open = true }")
    page.get_by_label("Tags", exact=True).press_sequentially("not saved\n")
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    page.goto("/desk/write/")
    expect(page.locator(".unsaved__item:visible")).to_have_count(1)
    page.locator(".unsaved__item:visible").get_by_role("link", name="Use it").click()
    expect(page.locator(".chip").last).to_have_text("not saved×")
    page.locator("[name=action]:is([value=publish], [value=update])").click()
    expect(page.get_by_text(re.compile(r"^\s*(Saved|Draft saved)\."))).to_be_visible()
    expect_no_offer(page)


def test_a_tag_is_completed_and_a_near_one_is_said(at_the_desk):
    page = at_the_desk()
    page.goto("/desk/write/")
    page.locator("#id_title").fill("Shoes")
    page.locator(".post-settings > summary").click()
    page.get_by_label("Tags", exact=True).fill("Running shoes,")
    page.get_by_role("button", name="Save Draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    page.goto("/desk/write/")
    page.locator("details.post-settings").evaluate("drawer => { drawer.open = true }")
    tags = page.get_by_label("Tags", exact=True)
    tags.press_sequentially("shoe")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_text(["Running shoes×"])
    page.keyboard.press("Backspace")
    tags.press_sequentially("running SHOES\n")
    expect(page.locator(".chip")).to_have_text(["Running shoes×"])
    expect(page.get_by_text("“\u2068Running shoes\u2069” exists already")).to_be_visible()
    page.keyboard.press("Backspace")
    tags.press_sequentially("running shoe\n")
    page.get_by_role("button", name="Use “\u2068Running shoes\u2069”").click()
    expect(page.locator(".chip")).to_have_text(["Running shoes×"])


def test_at_360_pixels_with_thumbs_one_writes_adds_a_photo_and_publishes(at_the_desk):
    page = at_the_desk(viewport={"width": 360, "height": 720}, has_touch=True, is_mobile=True)
    page.goto("/desk/write/")
    page.locator("#id_title").tap()
    page.keyboard.type("From the train")
    text(page).tap()
    page.keyboard.type("Fog.")
    choose_files(page, [{"name": "fog.png", "mimeType": "image/png", "buffer": drawn()}])
    page.get_by_label("Alternative text").fill("Fog at a window")
    page.get_by_role("button", name="Done").tap()
    page.get_by_role("button", name="Publish").tap()
    expect(page.get_by_text("Saved. It is published.")).to_be_visible()
    page.goto(page.locator(".permalink a").get_attribute("href"))
    expect(page.get_by_alt_text("Fog at a window")).to_be_visible()


def test_without_scripts_everything_is_there(at_the_desk):
    page = at_the_desk(java_script_enabled=False)
    page.goto("/desk/media/")
    files = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": drawn()} for name in ("door", "window")]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("link", name="door.png").first.click()
    page.get_by_label("Alternative text").fill("A red door")
    page.get_by_role("button", name="Save").first.click()
    picture = re.search(r"!\[A red door\]\(/media/\S+\)", page.content())[0]

    page.goto("/desk/write/")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    page.locator("#id_title").fill("A door")
    fill(page, f"Red.\n\n{picture}")
    page.locator(".post-settings > summary").click()
    page.get_by_label("Tags").fill("doors, red")
    page.get_by_label("Add a new category").fill("Doors")
    page.locator("label.featured__one", has=page.get_by_alt_text("window.png")).first.click()
    page.get_by_label("Password protected").check()
    page.locator("#id_password").fill("knock")
    date_it(page, "2990-01-02T10:30")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Scheduled for:").first).to_be_visible()
    page.locator(".post-settings > summary").click()
    expect(page.get_by_label("Tags")).to_have_value("doors, red")
    expect(page.locator("[name=featured]:checked")).not_to_have_value("")
    page.get_by_label("Tags").fill("door, red")
    page.locator("[name=action][value=update], [name=action][value=save]").first.click()
    expect(page.get_by_text("The tag “\u2068door\u2069” is new. There is “\u2068doors\u2069” already.")).to_be_visible()


def test_a_draft_is_shared_looked_over_and_copied_without_scripts(at_the_desk):
    page = at_the_desk(java_script_enabled=False)
    page.goto("/desk/write/")
    page.locator("#id_title").fill("The road to Gera")
    fill(page, "By *train*.")
    page.get_by_role("button", name="Save Draft").click()
    page.locator(".post-settings > summary").click()
    page.get_by_role("button", name="Save and create a secret link").click()
    address = page.locator("#secret-link").get_attribute("value")
    page.locator(".post-settings > summary").click()
    page.get_by_role("button", name="Save and check before publishing").click()
    expect(page.get_by_text("There is no excerpt.")).to_be_visible()
    expect(page.frame_locator("iframe").first.get_by_role("heading", name="The road to Gera")).to_be_visible()
    page.context.clear_cookies()
    page.goto(address)
    expect(page.get_by_text("This is a draft, shared with you for feedback.")).to_be_visible()
