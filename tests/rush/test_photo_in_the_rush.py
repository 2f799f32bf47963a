"""A manager uploads a photo, however large: a pod of 512 MiB still answers every order."""

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

from tests.faults.shopper import post_order
from tests.harness.running_cafe import ROOT, RunningCafe
from tests.race.back_office import PASSWORD, Manager
from tests.rehearsal import cgroups
from tests.rush.shop import Shop

POD = cgroups.Limits(memory_bytes=512 * 2**20, cpu_quota=None)
GROUP = "photos"
CUSTOMERS = 3
ADD = "/admin/menu/picture/add/"
PHONE = (8000, 6000)
TOO_SLOW = "took too long to prepare"
HIRE = f"""
from django.contrib.auth.models import Group, User
boss = User.objects.create_user("photographer", password={PASSWORD!r}, is_staff=True)
boss.groups.add(Group.objects.get(name="manager"))
"""


class Pod(RunningCafe):
    """A café with a pod's memory limit, where control groups are allowed."""

    def command(self) -> list[str]:
        enter = "".join(f"echo $$ > {folder}/cgroup.procs; " for folder in cgroups.make(GROUP, POD))
        return ["sh", "-c", f'{enter}exec "$@"', "sh", *super().command()]


@pytest.fixture(scope="module")
def pod(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    env = shop.database.env() | shop.redis.env() | {"WEB_WORKERS": "2", "WEB_THREADS": "8"}
    pod = Pod(tmp_path_factory.mktemp("pod"), env)
    pod.manage("shell", "-c", HIRE)
    pod.start()
    yield pod
    pod.stop()


@pytest.fixture(scope="module")
def grain() -> Image.Image:
    """A picture of 48 megapixels whose JPEG has several megabytes, like a phone's."""
    tone = Image.effect_noise((PHONE[0] // 4, PHONE[1] // 4), 18)
    return Image.merge("RGB", (tone, tone.transpose(Image.Transpose.ROTATE_180), tone)).resize(PHONE)


def saved(image: Image.Image, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=75, **options)
    return out.getvalue()


class Customer(threading.Thread):
    """A thread that places orders until `is_over`; `answers` holds each status, or the error of a cut connection."""

    def __init__(self, port: int, name: str, is_over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.key, self.is_over = port, name, is_over
        self.answers: list[int | str] = []

    def run(self) -> None:
        order = {"customer_name": "王芳", "lines": [{"item": "espresso"}]}
        while not self.is_over.is_set():
            try:
                status, _headers, _body = post_order(self.port, f"{self.key}-{len(self.answers)}", order)
                self.answers.append(status)
            except (OSError, http.client.HTTPException, json.JSONDecodeError) as cut:
                self.answers.append(repr(cut))


def upload(boss: Manager, title: str, content: bytes) -> str:
    """Submit the form, with a retry while the machine is too slow; return the form's error, empty on success."""
    token = {
        name: values[0] for name, values in boss.form(ADD, "picture_form").items() if name == "csrfmiddlewaretoken"
    }
    file = SimpleUploadedFile("photo.jpg", content)
    body = encode_multipart(BOUNDARY, token | {"title": title, "file": file})
    for _try in range(10):
        page = sent(boss, body)
        if TOO_SLOW not in page:
            break
    return page


def sent(boss: Manager, body: bytes) -> str:
    connection = http.client.HTTPConnection(boss.url.removeprefix("http://"), timeout=60)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in boss.cookies)
    headers = {
        "Content-Type": MULTIPART_CONTENT,
        "Cookie": cookies,
        "Sec-Fetch-Site": "same-origin",
        "Accept-Language": "en",
    }
    connection.request("POST", ADD, body, headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    assert answer.status in (200, 302)
    return "" if answer.status == 302 else page.partition('<ul class="errorlist"')[2].partition("</ul>")[0]


@pytest.mark.only_full
def test_orders_go_on_while_photos_are_prepared_and_refused(
    pod: Pod, shop: Shop, grain: Image.Image, record_property: Any
) -> None:
    boss = Manager(pod.url, "photographer")
    large, progressive = saved(grain), saved(grain, progressive=True)
    assert 2_500_000 < len(large) < 10_000_000
    is_over = threading.Event()
    customers = [Customer(pod.port, f"photo-{number}", is_over) for number in range(CUSTOMERS)]
    for customer in customers:
        customer.start()
    accepted, refused = upload(boss, "large", large), upload(boss, "progressive", progressive)
    is_over.set()
    for customer in customers:
        customer.join()

    assert accepted == "", pod.log.read_text()[-3000:]
    assert "This photo has 48 megapixels (8000 × 6000); the limit for progressive JPEG is 16 megapixels." in refused
    assert shop.database.execute("SELECT title, width, height FROM cloudcafe.menu_picture") == [("large", 1200, 900)]
    answers = [answer for customer in customers for answer in customer.answers]
    assert set(answers) == {201}
    assert cgroups.killed_for_memory(GROUP) == 0
    assert "The books agree." in pod.manage("check_books")
    record_property(
        "figures", f"a photo of {len(large) / 1e6:.1f} MB taken, one refused, meanwhile {len(answers)} orders"
    )


IN_THE_SERVER = """
import sys
from PIL import Image, ImageOps
opened = Image.open(sys.stdin.buffer)
image = ImageOps.exif_transpose(opened).convert("RGB")
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.only_full
def test_the_same_photo_decoded_whole_takes_more_than_the_pod_has(grain: Image.Image, tmp_path: Path) -> None:
    """The control: the peak memory of a server that decodes the photo at full size."""
    (tmp_path / "photo.jpg").write_bytes(saved(grain))
    with (tmp_path / "photo.jpg").open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", IN_THE_SERVER], stdin=file, cwd=ROOT, capture_output=True, check=True
        )
    assert int(done.stdout) * 1024 > POD.memory_bytes
