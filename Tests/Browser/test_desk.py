"""The desk's pages in a real Chromium: materials by file and camera, conflicts, an outage, large type, what each page looks like."""

import json
import os
import struct
import sys
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from chromium import Browser  # noqa: E402
from stage import ROOT, Stage  # noqa: E402

SCREENS = ROOT / "docs" / "screens"
TAKES_SCREENS = os.environ.get("BIRTHWINDOW_SCREENS") == "1"
SLOT = "#m-YF-M02a"

stage = None


def setUpModule():
    global stage
    stage = Stage()


def tearDownModule():
    stage.end()


def picture(path, width=3000, height=2000):
    """A PNG as large as a camera's, with lines as fine as print."""
    row = b"\0" + b"".join(b"\x20\x20\x20" if x % 7 == 0 else b"\xf8\xf4\xee" for x in range(width))
    plain = b"\0" + b"\xf8\xf4\xee" * width
    data = zlib.compress(b"".join(row if y % 40 < 20 else plain for y in range(height)), 1)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    return path


class Case(unittest.TestCase):
    scripts, size = True, (1366, 768)

    def setUp(self):
        self.browser = Browser(scripts=self.scripts, size=self.size).sign_in(stage.address("window"), stage.session)
        self.addCleanup(self.browser.close)
        self.page = self.browser.open(stage.address("window") + "/outbox")

    def case(self, **changes):
        return stage.register("gx-yongfu", stage.example("01", **changes))

    def at(self, path):
        self.page.go(stage.address("window") + path)
        return self.page

    def contradict(self, case, key, group, text):
        """Another computer's value beside the one that stands."""
        # The command line has no word for it: the same request that another page would send.
        import urllib.request
        told = json.loads((stage.directory / "window" / "daemon.json").read_text())
        urllib.request.urlopen(urllib.request.Request(
            f"{stage.address('window')}/api/v1/cases/{case}", method="PATCH",
            data=json.dumps({"set": {key: text}, "seen": {str(group): []}}).encode(),
            headers={"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json", "Operator": "li.qiang"}))

    def assertNoComplaints(self):
        self.assertEqual([told for told in self.page.complaints() if "422" not in told], [])


class Materials(Case):
    def setUp(self):
        super().setUp()
        self.id = self.case(materials=None)
        self.at(f"/cases/{self.id}/materials")

    def saved(self):
        self.page.until(f"!!document.querySelector('{SLOT} .say[data-state=good]')")
        return self.page.run(
            f"""(async () => {{ const image = document.querySelector('{SLOT} .thumb img');
            const file = await (await fetch(image.src)).blob(); const bitmap = await createImageBitmap(file);
            return [file.type, file.size, bitmap.width, bitmap.height] }})()""")

    def test_a_chosen_picture_is_shrunk_and_stays_legible(self):
        file = picture(stage.directory / "page.png")
        self.page.files(f"{SLOT} input[type=file]", [file])
        kind, size, width, height = self.saved()
        self.assertEqual((kind, max(width, height)), ("image/jpeg", 2000))
        self.assertLess(size, 1_500_000)
        self.assertIn("缺：反面", self.page.text("#lacks"))
        self.assertNoComplaints()

    def test_the_camera_by_keyboard_alone(self):
        # A camera that shows a sheet of paper; the browser's own is asked for in the same way.
        self.page.run(
            """(() => { const sheet = Object.assign(document.createElement('canvas'), {width: 1600, height: 1200});
            const pen = sheet.getContext('2d'); setInterval(() => { pen.fillStyle = '#eee'; pen.fillRect(0, 0, 1600, 1200);
            pen.fillStyle = '#111'; pen.font = '60px serif'; pen.fillText('居民身份证', 200, 300); }, 50);
            navigator.mediaDevices.getUserMedia = async () => sheet.captureStream(20); })()""")
        self.page.focus(f"{SLOT} .shoot").press("Enter")
        self.page.until("document.getElementById('finder').videoWidth > 0")
        self.page.focus("#snap").press(" ")
        self.page.until("!document.getElementById('use').hidden")
        if TAKES_SCREENS:
            self.page.picture(SCREENS / "window-camera.png")
        self.page.press("r").press("Enter")
        kind, _, width, height = self.saved()
        self.assertEqual((kind, width, height), ("image/jpeg", 1200, 1600))
        self.assertNoComplaints()

    def test_what_is_no_picture_is_refused_in_words(self):
        file = stage.directory / "notes.txt"
        file.write_text("no picture at all")
        self.page.files(f"{SLOT} input[type=file]", [file])
        self.page.until(f"!!document.querySelector('{SLOT} .say[data-state=bad]')")
        self.assertIn("文件格式不符", self.page.text(f"{SLOT} .say"))

    def test_a_page_is_looked_at_and_taken_out(self):
        self.page.files(f"{SLOT} input[type=file]", [picture(stage.directory / "page.png", 900, 600)])
        self.saved()
        self.page.follow(f"{SLOT} .thumb")
        self.page.until("document.querySelector('.sheet img')?.naturalWidth > 0")
        if TAKES_SCREENS:
            self.page.picture(SCREENS / "window-page.png")
        self.page.follow("button.grave")
        self.assertIn("请补正：母亲有效居民身份证。", self.page.text("#lacks"))


class WithoutScript(Case):
    scripts = False

    def test_a_file_and_an_original(self):
        id = self.case(materials=None)
        self.at(f"/cases/{id}/materials")
        self.page.files(f"{SLOT} input[type=file]", [picture(stage.directory / "page.png", 900, 600)])
        self.page.click(f"{SLOT} button.send")
        self.page.until(f"!!document.querySelector('{SLOT} .thumb')")
        self.page.click(f"{SLOT} form[action$='/seen'] button")
        self.page.until("!document.querySelector('#lacks').innerText.includes('母亲有效居民身份证')")


class Desk(Case):
    def test_a_conflict_is_settled_by_one_key(self):
        id = self.case()
        self.contradict(id, "motherMarriageCertNo", 71, "J450326-2023-001087")
        self.at(f"/differences?case={id}")
        self.assertIn("有 2 个不同内容", self.page.text())
        if TAKES_SCREENS:
            self.page.picture(SCREENS / "window-differences.png")
        self.page.run("window.isOld = true")
        self.page.press("2")
        self.page.until("!window.isOld && document.readyState === 'complete'")
        self.assertEqual(stage.show(id)["conflicts"], [])
        self.assertNoComplaints()

    def test_an_outage_is_told_and_ended_by_a_button(self):
        stage.stop("central")
        try:
            self.case(childName="韦离线")
            self.page.until("document.getElementById('strip').innerText.includes('连不上中心')", 60)
            self.assertIn("项待发送", self.page.text("#strip"))
            self.at("/outbox")
            if TAKES_SCREENS:
                self.page.picture(SCREENS / "window-offline.png")
        finally:
            stage.serve("central")
        self.page.press("s")
        self.page.until("document.getElementById('strip').innerText.includes('全部已发送')", 60)

    def test_large_type_stays(self):
        self.page.follow("#strip form[action='/type-size'] button")
        self.assertEqual(self.page.address, "/outbox")
        self.at("/stock")
        self.assertEqual(self.page.run("getComputedStyle(document.documentElement).fontSize"), "19px")
        self.page.follow("#strip form[action='/type-size'] button")
        self.assertEqual(self.page.run("getComputedStyle(document.documentElement).fontSize"), "15px")

    def test_every_page_fits_and_has_no_serious_finding(self):
        id = self.case()
        pages = {
            "materials": f"/cases/{id}/materials", "stock": "/stock", "handovers": "/handovers", "link": "/link",
            "system": "/system", "returned": "/returned", "duplicates": f"/cases/{id}/duplicates", "outbox": "/outbox",
            "differences": "/differences",
        }
        for name, path in pages.items():
            with self.subTest(name):
                self.at(path)
                if TAKES_SCREENS and name not in ("returned", "outbox", "differences"):
                    self.page.picture(SCREENS / f"window-{name}.png")
                for width in (1024, 1366):
                    self.page.call(
                        "Emulation.setDeviceMetricsOverride", width=width, height=768, deviceScaleFactor=1, mobile=False)
                    self.assertLessEqual(self.page.run("document.documentElement.scrollWidth"), width)
                self.assertIn(self.page.serious_findings(), ([], None))
        self.assertNoComplaints()
