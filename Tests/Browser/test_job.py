"""The whole job, for each region: a clerk registers, photographs, accepts and prints while central cannot be reached; then it is
there again, the departments answer at their desk, and the window shows every answer with its number."""

import base64
import json
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from chromium import Browser  # noqa: E402
from clerk import Clerk  # noqa: E402
from stage import Stage, checked  # noqa: E402

#: A birth of the demo for each region that its rules accept.
BIRTHS = {"gx-yongfu": "01", "hl-fuyuan": "06", "gx": "11", "ah": "16", "gx-liuzhou": "21"}
DEPARTMENTS = {
    "health": "县卫生健康局", "cdc": "县疾控中心", "police": "县公安局", "hrss": "县人社局", "medins": "县医保局", "tax": "县税务局",
}
#: What only the program, a department or the page of materials writes.
ELSEWHERE = {"materials", "attachments", "jurisdiction", "siblings", "events", "pickup", "sharedVerified"}

stage = None


class Town(Stage):
    """With a stock of certificates, and departments with an officer each."""

    def __init__(self):
        super().__init__()
        for code, name in DEPARTMENTS.items():
            self.tool("birthcentral", "department", "add", code, "--name", name)
        self.tool("birthcentral", "stock", "assign", "YF", "T450000001", "T450000100")
        #: The cookie of each department's officer.
        self.officers = {}
        for code in DEPARTMENTS:
            given = self.tool(
                "birthcentral", "user", "add", f"officer.{code}", "--display-name", "赵科员", "--role", "officer",
                "--department", code, "--generate")["oneTimePassword"]
            self.officers[code] = self.begin_session(f"officer.{code}", given, "逐项核对，当天办结。", "central")
        self.tool("birthwindow", "sync")


def setUpModule():
    global stage
    stage = Town()


def tearDownModule():
    stage.end()


class WholeJob(unittest.TestCase):
    def setUp(self):
        self.browser = Browser().sign_in(stage.address("window"), stage.session)
        self.addCleanup(self.browser.close)
        self.page = self.browser.open(stage.address("window") + "/")
        self.clerk = Clerk(self.page, stage.address("window"))

    # What is done at the window.

    def photograph(self, case):
        """A JPEG for each page that the region wants, through the inputs of the page; what shared data has verified is noted as such."""
        self.clerk.at(f"/cases/{case}/materials")
        for material in self.verified:
            if self.page.run(f"!!document.querySelector('#m-{material}')"):
                self.page.follow(f"#m-{material} form[action$='/verification'] button")
        lacking = "[...document.querySelectorAll('.slot')].filter((s) => s.querySelector('header .state')?.innerText === '缺页').map((s) => s.id)"
        for slot in self.page.run(lacking):
            for place in range(self.page.run(f"document.querySelectorAll('#{slot} .part').length")):
                part = f"#{slot} .part:nth-child({place + 1})"
                if self.page.run(f"!!document.querySelector('{part} .thumb')"):
                    continue
                if not self.page.run(f"!!document.querySelector('{part} input[type=file]')"):
                    continue
                self.page.files(f"{part} input[type=file]", [self.photo(f"{slot} {place + 1}")])
                self.page.until(f"!!document.querySelector('{part} .thumb img')")
        self.assertEqual(self.page.run(lacking), [])
        self.assertIn("申请材料已齐", self.page.text("#lacks"))
        kept = self.page.run(
            """(async () => { const image = document.querySelector('.thumb img'); const blob = await (await fetch(image.src)).blob();
            const map = await createImageBitmap(blob); return [blob.type, Math.max(map.width, map.height)] })()""")
        self.assertEqual(kept, ["image/jpeg", 2000])

    def photo(self, words):
        """A picture as a camera makes it: a sheet with print on it, on a table."""
        told = self.page.run(
            f"""(async () => {{ const sheet = new OffscreenCanvas(2400, 1700), pen = sheet.getContext('2d');
            pen.fillStyle = '#865'; pen.fillRect(0, 0, 2400, 1700); pen.fillStyle = '#fbfaf4'; pen.fillRect(120, 90, 2160, 1520);
            pen.fillStyle = '#222'; pen.font = '90px serif'; pen.fillText({json.dumps(words)}, 300, 320); pen.font = '32px serif';
            for (let y = 450; y < 1500; y += 48) pen.fillText('姓名　性别　民族　出生　住址　公民身份号码　签发机关　有效期限', 300, y);
            const bytes = new Uint8Array(await (await sheet.convertToBlob({{type: 'image/jpeg', quality: .9}})).arrayBuffer());
            let text = ''; for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
            return btoa(text) }})()""")
        file = stage.directory / "photo.jpg"
        file.write_bytes(base64.b64decode(told))
        return file

    def print_papers(self, case, child):
        """Every paper that the case has comes out of the printer whole; the text of each by its kind."""
        self.clerk.at(f"/cases/{case}/papers")
        kinds = self.page.run("[...document.querySelectorAll('a[target=_blank]')].map((a) => a.getAttribute('href'))")
        self.assertTrue(kinds)
        texts = {}
        for path in kinds:
            kind = path.rsplit("/", 1)[1]
            file = stage.directory / "paper.pdf"
            file.write_bytes(self.browser.open(stage.address("window") + path).pdf())
            told = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
            pages = int(re.search(r"Pages:\s+(\d+)", told)[1])
            self.assertRegex(told, r"Page size:\s+59[45]\.\d+ x 84[12]\.\d+ pts", kind)
            self.assertLessEqual(pages, 4 if kind == "application" else 1, f"{kind} has {pages} pages")
            texts[kind] = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
            self.assertIn(child, texts[kind].replace(" ", ""), kind)
        return texts

    # What is done at central.

    def answer(self, browser, case, numbers):
        """Answers each task of the case that is ready in any department; how many there were."""
        count = 0
        desk = browser.open("about:blank")
        for code in DEPARTMENTS:
            browser.sign_in(stage.address("central"), stage.officers[code])
            desk.go(stage.address("central") + f"/departments/{code}").settle()
            for path in desk.run(f"[...document.querySelectorAll(\"a.name[href*='{case}']\")].map((a) => a.getAttribute('href'))"):
                desk.go(stage.address("central") + path).settle()
                item = path.rsplit("/", 1)[1]
                desk.click("input[name=outcome][value=done]")
                numbers[item] = f"{item.upper()}-2026-{len(numbers) + 1:04}"
                desk.fill("input[name=number]", numbers[item])
                self.fill_expected(desk, item)
                desk.follow("form[action$='/result'] button.main")
                self.assertIn("已办结", desk.text("main"), f"{item}: {desk.text('main')}")
                count += 1
        return count

    def fill_expected(self, desk, item):
        """What the department has to tell with its answer."""
        for name in desk.run("[...document.querySelectorAll('.stacked :is(input, select)')].map((e) => e.name)"):
            if name == "childIdNo":
                sex = 992 if self.answers["childSex"] == "2" else 993
                desk.fill("[name=childIdNo]", checked("450326" + self.answers["birthDate"].replace("-", "") + str(sex)))
            elif name == "firstVaccinationDate":
                desk.fill("[name=firstVaccinationDate]", self.answers["birthDate"])

    def arrives(self, what, told, seconds=90):
        """Until something is so; the window asks central meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            stage.tool("birthwindow", "sync", mayFail=True)
            if told():
                return
            time.sleep(0.3)
        self.fail(f"{what} did not arrive")

    # The job.

    def job(self, policy):
        number = BIRTHS[policy]
        self.answers = answers = {k: v for k, v in stage.example(number).items() if k not in ELSEWHERE}
        self.verified = stage.example(number).get("sharedVerified") or []
        if "birthCertNo" in answers:
            answers["birthCertNo"] = f"T4500000{number}"
        stage.stop("central")
        try:
            case = self.clerk.register(policy, answers)
            self.fill_rest(case, answers)
            self.photograph(case)
            self.clerk.at(f"/cases/{case}")
            self.assertIn("提交申请", self.page.text(".next"))
            self.clerk.step(case, "submit").step(case, "accept")
            texts = self.print_papers(case, answers["childName"])
            self.issue(case)
            self.clerk.at("/outbox")
            self.assertIn("待发送", self.page.text("#strip"))
        finally:
            stage.serve("central")
        self.arrives("the case", lambda: (stage.tool("birthcentral", "case", "show", case, mayFail=True) or {}).get(
            "fingerprint") == stage.show(case)["fingerprint"])
        self.departments(case)
        self.assertNoComplaints()
        return texts

    def fill_rest(self, case, answers):
        """What the example answers and no section of the region asks for: other systems tell it."""
        fields = stage.show(case)["fields"]
        for key, value in answers.items():
            if key not in fields:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                stage.tool("birthwindow", "case", "set", case, f"{key}={text}", "--user", "王芳", mayFail=True)

    def issue(self, case):
        """签发: the number on the paper in hand, where the region issues at the window."""
        self.clerk.at(f"/cases/{case}/steps")
        if not self.page.run("!!document.querySelector('[data-step=issue] form')"):
            return
        number = self.page.text("[data-step=issue] b.number")
        self.assertRegex(number, r"^T4500000\d\d$")
        self.clerk.step(case, "issue", number=number, again=number)
        self.assertEqual(stage.show(case)["fields"]["birthCertNo"], number)

    def departments(self, case):
        """Each answers what is ready, until nothing is left; the window's page shows all of it."""
        browser, numbers = Browser(), {}
        self.addCleanup(browser.close)
        while self.answer(browser, case, numbers):
            pass
        self.assertTrue(numbers)
        self.arrives("the results", lambda: all(told in "".join(self.rows(case)) for told in numbers.values()))
        for item, told in numbers.items():
            row = next(row for row in self.rows(case) if told in row)
            self.assertIn("已办结", row, item)

    def rows(self, case):
        """The items as the window's page shows them."""
        self.clerk.at(f"/cases/{case}")
        return self.page.run("[...document.querySelectorAll('#items tbody tr')].map((r) => r.innerText)")

    def assertNoComplaints(self):
        found = [told for told in self.page.complaints() if "404" not in told and "422" not in told]
        self.assertEqual(found, [])

    def test_yongfu(self):
        texts = self.job("gx-yongfu")
        self.assertIn("受理通知书", texts["acceptance"].replace(" ", ""))

    def test_fuyuan(self):
        self.job("hl-fuyuan")

    def test_guangxi(self):
        self.job("gx")

    def test_anhui(self):
        self.job("ah")

    def test_liuzhou(self):
        self.job("gx-liuzhou")


if __name__ == "__main__":
    unittest.main(verbosity=2)
