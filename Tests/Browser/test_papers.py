"""Every paper of every region as it comes out of the printer: A4, complete, and on as many sheets as its original.

BIRTHWINDOW_PAPERS=DIRECTORY keeps the PDFs for eyes.
"""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from chromium import Browser  # noqa: E402
from stage import Stage  # noqa: E402

#: For each region the births of the demo that lead to its papers, with what is changed and the steps that are taken.
WAYS = {
    "gx-yongfu": [("01", {}, ["submit", "accept"]), ("03", {}, ["submit", "correct"]), ("04", {}, ["submit", "refuse"])],
    "hl-fuyuan": [("06", {}, ["submit", "accept"]), ("10", {}, ["submit", "correct"]), ("08", {}, ["submit", "refuse"])],
    "gx": [("11", {}, ["submit", "accept"]), ("15", {}, ["submit", "correct"]), ("13", {}, ["submit", "refuse"])],
    "ah": [("16", {}, ["submit", "accept"]), ("16", {"materials": None, "sharedVerified": []}, ["submit", "correct"]),
           ("18", {}, ["submit", "refuse"]), ("19", {}, ["submit", "refuse"])],
    "gx-liuzhou": [("21", {}, ["submit", "accept"]), ("23", {}, ["submit", "refuse"]),
                   ("21", {"motherEthnicity": "12"}, ["submit", "accept"]), ("21", {"birthCertNo": None}, ["submit", "refuse"])],
}
#: Sheets of the originals where there is more than one.
SHEETS = {("gx-yongfu", "application"): 2}
SHEETS_KEPT = os.environ.get("BIRTHWINDOW_PAPERS")

stage = None


def setUpModule():
    global stage
    stage = Stage()


def tearDownModule():
    stage.end()


class Papers(unittest.TestCase):
    numbers = []

    def setUp(self):
        self.browser = Browser().sign_in(stage.address("window"), stage.session)
        self.addCleanup(self.browser.close)

    def links(self, path):
        page = self.browser.open(stage.address("window") + path)
        return page.run("[...document.querySelectorAll('a[target=_blank]')].map((a) => a.getAttribute('href'))")

    def sheets(self, path, name):
        """Prints a paper; its sheets and its text."""
        paper = self.browser.open(stage.address("window") + path)
        title = paper.text("h1")
        file = Path(SHEETS_KEPT or stage.directory) / f"{name}.pdf"
        file.write_bytes(paper.pdf())
        told = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
        self.assertRegex(told, r"Page size:\s+59[45](\.\d+)? x 84[12](\.\d+)? pts", name)
        text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
        squeezed = re.sub(r"\s", "", text)
        self.assertIn(re.sub(r"\s", "", title), squeezed, name)
        self.assertIn("共", squeezed)
        return int(re.search(r"Pages:\s+(\d+)", told)[1]), squeezed

    def region(self, policy):
        printed = set()
        for number, changes, steps in WAYS[policy]:
            answers = stage.example(number, **changes)
            if "birthCertNo" in answers:
                answers["birthCertNo"] = f"T45{len(self.numbers):07}"  # one paper certificate has one case
                self.numbers.append(answers["birthCertNo"])
            case = stage.register(policy, answers)
            for step in steps:
                stage.tool("birthwindow", "case", step, case, "--user", "王芳", mayFail=True)
            for path in self.links(f"/cases/{case}/papers"):
                kind = path.rsplit("/", 1)[1]
                # A form that stays blank below is printed once; each decision has words of its own.
                if kind not in ("refusal", "correction") and kind in printed:
                    continue
                printed.add(kind)
                with self.subTest(f"{policy} {kind} of {number}"):
                    pages, text = self.sheets(path, f"{policy}-{kind}-{len(printed)}-{number}-{steps[-1]}")
                    self.assertEqual(pages, SHEETS.get((policy, kind), 1))
                    self.assertIn(f"第{pages}页共{pages}页", text)
        return printed

    def test_yongfu(self):
        self.assertEqual(self.region("gx-yongfu"), {"acceptance", "correction", "refusal", "application"})

    def test_fuyuan(self):
        self.assertEqual(self.region("hl-fuyuan"), {"receipt", "correction", "refusal", "application", "delegation"})

    def test_guangxi(self):
        self.assertEqual(self.region("gx"), {"correction", "refusal", "application"})

    def test_anhui(self):
        self.assertEqual(self.region("ah"), {"correction", "refusal", "application"})

    def test_liuzhou(self):
        self.assertEqual(self.region("gx-liuzhou"), {"refusal", "posting"})

    def test_of_the_desk(self):
        for page in ("/handovers", "/stock"):
            for path in self.links(page):
                with self.subTest(path):
                    pages, _ = self.sheets(path, re.sub(r"\W", "-", path))
                    self.assertEqual(pages, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
