"""Notes, Files, Camera and Gallery, worked by taps; what they did is read from the phone's files."""

from __future__ import annotations

import io

import pytest

from tests.tools.simphone.driving import Driven

STORAGE = "/storage/emulated/0"
MARKOR = f"{STORAGE}/Documents/Markor"
CAMERA = f"{STORAGE}/DCIM/Camera"
NOTES, FILES = "net.gsantner.markor", "com.google.android.documentsui"
CAMERA_APP, GALLERY = "com.android.camera2", "com.simplemobiletools.gallery.pro"
GALLERY_DB = f"/data/data/{GALLERY}/databases/gallery.db"
AWKWARD = ['it\'s "quoted" $(reboot) `id` ; %20 & <b>', "🎉 שלום עולם"]


def new_note(phone: Driven, name: str, ending: str, text: str) -> None:
    phone.tap("Create a new file or folder")
    phone.write(name, "Name")
    phone.tap(ending, "Create file")
    phone.find("Note text")
    phone.type(text)


def test_a_note_is_written_and_saved_while_it_is_typed(phone: Driven) -> None:
    phone.start(NOTES)
    new_note(phone, "trip", ".txt", "Take the ferry")
    assert phone.read(f"{MARKOR}/trip.txt") == b"Take the ferry"
    assert phone.front == "net.gsantner.markor/net.gsantner.markor.activity.DocumentActivity"
    phone.tap("Navigate up")
    assert phone.sees("trip.txt")


def test_a_note_is_renamed_moved_and_deleted(phone: Driven) -> None:
    phone.start(NOTES)
    phone.hold("ideas.txt")
    phone.tap("More options", "Rename")
    phone.type("plans")
    phone.tap("Rename")
    phone.until(lambda: phone.exists(f"{MARKOR}/plans.txt") and not phone.exists(f"{MARKOR}/ideas.txt"))
    phone.hold("plans.txt")
    phone.tap("More options", "Move", "Recipes", "Move here")
    phone.until(lambda: phone.exists(f"{MARKOR}/Recipes/plans.txt"))
    phone.tap("Recipes")
    phone.hold("plans.txt")
    phone.tap("Delete", "Delete")
    phone.until(lambda: not phone.exists(f"{MARKOR}/Recipes/plans.txt"))


@pytest.mark.parametrize("name", AWKWARD)
def test_notes_take_any_name_that_a_file_may_have(phone: Driven, name: str) -> None:
    phone.start(NOTES)
    new_note(phone, name, "no ending", name)
    assert phone.read(f"{MARKOR}/{name}") == name.encode()
    phone.tap("Navigate up")
    assert phone.sees(name)


def test_a_name_that_cannot_be_is_refused_in_words(phone: Driven) -> None:
    phone.start(NOTES)
    phone.tap("Create a new file or folder")
    for name, complaint in [("a/b", "A name cannot contain /"), ("x" * 260, "The name is too long"), ("ideas", "This name is taken")]:
        phone.write(name, "Name")
        phone.tap(".txt", "Create file")
        assert phone.find(complaint)
        phone.tap("Cancel", "Create a new file or folder")
    assert sorted(phone.names(MARKOR)) == ["Recipes", "books_to_read.md", "ideas.txt", "meeting_notes.md", "shopping_list.md"]


def test_markdown_is_shown_and_its_boxes_can_be_ticked(phone: Driven) -> None:
    phone.start(NOTES)
    phone.tap("shopping_list.md", "Preview", "Oat milk")
    phone.until(lambda: b"- [x] Oat milk" in phone.read(f"{MARKOR}/shopping_list.md"))
    phone.back()
    assert phone.find("shopping_list.md")


def test_notes_are_searched_by_their_text(phone: Driven) -> None:
    phone.start(NOTES)
    phone.tap("Search")
    phone.type("lentils")
    phone.until(lambda: phone.sees("lentil_soup.md") and not phone.sees("ideas.txt"))
    phone.back()
    assert phone.find("ideas.txt")


def test_a_note_that_changes_outside_is_shown_anew(phone: Driven) -> None:
    phone.start(NOTES)
    phone.tap("ideas.txt")
    phone.put(f"{MARKOR}/ideas.txt", b"From adb")
    phone.until(lambda: phone.sees("From adb"))


def test_files_are_chosen_moved_copied_and_deleted(phone: Driven) -> None:
    phone.start(FILES)
    phone.tap("Download")
    phone.hold("ticket_info.txt")
    phone.tap("More options", "Move to", "Documents", "Move here")
    phone.until(lambda: phone.exists(f"{STORAGE}/Documents/ticket_info.txt") and not phone.exists(f"{STORAGE}/Download/ticket_info.txt"))
    phone.hold("visitors_guide.html")
    phone.tap("More options", "Copy to", "Music", "Copy here")
    phone.until(lambda: phone.exists(f"{STORAGE}/Music/visitors_guide.html"))
    assert phone.exists(f"{STORAGE}/Download/visitors_guide.html")
    phone.hold("visitors_guide.html")
    phone.tap("Delete", "Delete")
    phone.until(lambda: not phone.exists(f"{STORAGE}/Download/visitors_guide.html"))
    phone.back()
    assert phone.find("Alarms")


def test_a_file_with_a_name_of_200_letters_is_renamed(phone: Driven) -> None:
    long = "n" * 196 + ".txt"
    phone.put(f"{STORAGE}/Download/{long}", b"long")
    phone.start(FILES)
    phone.tap("Download")
    phone.hold(long)
    phone.tap("More options", "Rename")
    phone.type("short")
    phone.tap("Rename")
    phone.until(lambda: phone.exists(f"{STORAGE}/Download/short.txt") and not phone.exists(f"{STORAGE}/Download/{long}"))


def test_files_opens_text_in_notes_and_back_leads_home_to_files(phone: Driven) -> None:
    phone.start(FILES)
    phone.tap("Download", "ticket_info.txt")
    phone.until(lambda: phone.front.startswith(NOTES))
    assert phone.find("Note text").text.startswith("Booking 7KQ2M4")


def test_a_photo_is_a_jpeg_named_by_the_phones_clock(phone: Driven) -> None:
    from PIL import Image

    before = set(phone.names(CAMERA))
    phone.start(CAMERA_APP)
    phone.tap("Take photo")
    (name,) = phone.until(lambda: set(phone.names(CAMERA)) - before)
    assert name.startswith("IMG_20231015_1534")
    picture = Image.open(io.BytesIO(phone.read(f"{CAMERA}/{name}")))
    assert (picture.format, picture.size) == ("JPEG", (1200, 1600))
    phone.tap("Open the last picture")
    phone.until(lambda: phone.front.startswith(GALLERY) and phone.sees(name))
    phone.back()
    phone.until(lambda: phone.front.startswith(CAMERA_APP))


def test_a_video_is_a_whole_mp4(phone: Driven) -> None:
    before = set(phone.names(CAMERA))
    phone.start(CAMERA_APP)
    phone.tap("Video", "Start recording", "Stop recording")
    (name,) = phone.until(lambda: set(phone.names(CAMERA)) - before)
    data = phone.read(f"{CAMERA}/{name}")
    boxes, place = [], 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        boxes.append(data[place + 4 : place + 8])
        assert size >= 8
        place += size
    assert place == len(data)
    assert boxes[0] == b"ftyp"
    assert b"moov" in boxes
    assert b"mdat" in boxes


def test_pictures_are_turned_loved_renamed_and_deleted(phone: Driven) -> None:
    from PIL import Image

    phone.start(GALLERY)
    phone.tap("Pictures, 4 items", "skyline.jpg", "Rotate")
    phone.until(lambda: Image.open(io.BytesIO(phone.read(f"{STORAGE}/Pictures/skyline.jpg"))).size == (1000, 1600))
    phone.tap("Add to favourites", "More options", "Rename")
    phone.type("night")
    phone.tap("Rename")
    phone.until(lambda: phone.exists(f"{STORAGE}/Pictures/night.jpg"))
    phone.until(
        lambda: f"{STORAGE}/Pictures/night.jpg" in [row["full_path"] for row in phone.rows(GALLERY_DB, "SELECT full_path FROM favorites")]
    )
    phone.tap("Delete", "Delete")
    phone.until(lambda: not phone.exists(f"{STORAGE}/Pictures/night.jpg"))


def test_a_swipe_shows_the_next_picture(phone: Driven) -> None:
    phone.start(GALLERY)
    phone.tap("Camera, 7 items", "IMG_20231014_154455.jpg")
    phone.find("1 of 7")
    phone.swipe((900, 1200), (200, 1200))
    assert phone.find("2 of 7")
    phone.swipe((200, 1200), (900, 1200))
    assert phone.find("1 of 7")


def test_an_empty_album_says_so(phone: Driven) -> None:
    for name in phone.names(CAMERA):
        phone.remove(f"{CAMERA}/{name}")
    for name in phone.names(f"{STORAGE}/Pictures"):
        phone.remove(f"{STORAGE}/Pictures/{name}")
    phone.start(GALLERY)
    assert phone.find("No pictures yet")
