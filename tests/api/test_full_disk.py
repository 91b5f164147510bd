"""A full disk is 503, whatever is asked; those who look after the house are told; and nothing of it stays behind."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from models.records.base import new_id
from models.records.reference import Mailbox
from storage.files import FileDamaged, FolderStore, StoreUnavailable
from tests.api.conftest import World
from tests.support.disks import full_disk


async def mailbox(world: World) -> None:
    async with world.house.database.write() as session:
        session.add(Mailbox(id=new_id(), slug="m", address="m@house.example", display_name="M", settings={}))


async def test_an_upload_is_503_and_leaves_nothing(world: World) -> None:
    async with world.http("carl") as http:
        for size in (10, 5_000_000):
            file = {"file": ("a.bin", b"x" * size)}
            with full_disk():
                answer = await http.post("/api/v1/attachments", files=file)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/storage-unavailable"), answer.text
            assert answer.headers["retry-after"] == "30"
            assert (await http.post("/api/v1/attachments", files=file)).status_code == 201
    assert not list((world.house.settings.data / "files").rglob(".*"))


async def test_whoever_looks_after_the_house_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By writing: everything can still be read."""
    monkeypatch.setattr("desk.pulse.FRESH", 0.0)
    await mailbox(world)
    async with world.http("mona") as http:
        for full in (True, False):
            if full:
                with full_disk():
                    health, status = await http.get("/healthz"), await http.get("/api/v1/mailboxes/m/status")
                    figures = await http.get("/metrics")
            else:
                health, status = await http.get("/healthz"), await http.get("/api/v1/mailboxes/m/status")
                figures = await http.get("/metrics")
            told = health.json()
            assert (health.status_code, told["ok"], told["files"]) == (503 if full else 200, not full, not full)
            if world.house.database.sqlite:  # PostgreSQL writes for itself, on a disk of its own
                assert told["database"] is not full
            assert (status.json()["state"] == "cannot-store") is full
            assert ('state="cannot-store"} 1.0' in figures.text) is full


async def test_what_the_database_cannot_keep_is_503(world: World) -> None:
    case = await world.case()
    async with world.http("carl") as http:
        with full_disk():
            read = await http.get(f"/api/v1/cases/{case.number}")
            kept = await http.put(f"/api/v1/cases/{case.number}/draft", json={"text": "x" * 100_000})
        assert read.status_code == 200
        if world.house.database.sqlite:
            assert (kept.status_code, kept.json()["type"]) == (503, "/problems/database-unavailable")
        again = await http.put(f"/api/v1/cases/{case.number}/draft", json={"text": "x" * 100_000})
        assert again.status_code == 200


async def test_health_is_looked_at_once_a_second_however_many_ask(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    look = FolderStore.check

    async def counted(store: FolderStore) -> None:
        nonlocal looks
        looks += 1
        await look(store)

    monkeypatch.setattr(FolderStore, "check", counted)
    monkeypatch.setattr("desk.pulse.FRESH", 3600.0)
    async with world.http(None) as http:
        for _ in range(50):
            assert (await http.get("/healthz")).status_code == 200
    assert looks == 1


# ---- the store itself ------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


async def test_a_file_that_was_altered_is_not_given_out_and_mended_by_whoever_brings_it(store: FolderStore) -> None:
    kept = await store.put(b"what was kept")
    for altered in (b"", b"what was kept.", b"What was kept", b"\x00" * 13):
        store.path(kept).write_bytes(altered)
        with pytest.raises(FileDamaged):
            await store.get(kept)
        assert await store.put(b"what was kept") == kept
        assert await store.get(kept) == b"what was kept"


async def test_a_store_without_room_says_so(store: FolderStore) -> None:
    await store.put(b"kept before")
    with full_disk():
        for keep in (store.put(b"new"), store.put(b"x" * 10_000_000), store.check()):
            with pytest.raises(StoreUnavailable) as refusal:
                await keep
            assert refusal.value.errno == errno.EFBIG
        assert await store.put(b"kept before") == hashlib.sha256(b"kept before").hexdigest()
    await store.check()
    assert len([each for each in store.folder.rglob("*") if each.is_file()]) == 1, "nothing half-written"


async def test_a_store_whose_folder_is_a_file_or_gone_says_so(store: FolderStore, tmp_path: Path) -> None:
    store.folder.write_text("no folder")
    for keep in (store.put(b"new"), store.check()):
        with pytest.raises(StoreUnavailable):
            await keep
    with pytest.raises(NotADirectoryError):
        await store.get("0" * 64)
    with pytest.raises(FileNotFoundError):
        await FolderStore(tmp_path / "nowhere").get("0" * 64)
    with pytest.raises(FileNotFoundError):
        await store.get("../../etc/passwd")


@pytest.mark.parametrize("altered", [False, True])
async def test_a_lost_file_is_never_an_empty_one(world: World, altered: bool) -> None:
    async with world.http("carl") as http:
        made = (await http.post("/api/v1/attachments", files={"file": ("a.txt", b"kept")})).json()
        path = world.house.files.path(hashlib.sha256(b"kept").hexdigest())
        if altered:
            path.write_bytes(b"")
        else:
            path.unlink()
        answer = await http.get(f"/api/v1/attachments/{made['id']}")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/file-lost")
    assert ("altered" if altered else "missing") in answer.json()["detail"]
    assert "bring" in answer.json()["detail"]
