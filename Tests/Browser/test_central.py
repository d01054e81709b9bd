"""Central's pages in a real Chromium, as its staff work with them: settling, undoing, merging, answering by hand, watching."""

import contextlib
import json
import os
import sqlite3
import sys
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from chromium import Browser  # noqa: E402
from stage import ROOT, Stage  # noqa: E402

SCREENS = ROOT / "docs" / "screens"
TAKES_SCREENS = os.environ.get("BIRTHWINDOW_SCREENS") == "1"
PASSWORD = "birth-window-7"
#: The people of central, each with what `birthcentral user add` is told of the role.
PEOPLE = {
    "chen.merger": ["--display-name", "陈静", "--role", "merger"],
    "huang.health": ["--display-name", "黄科员", "--role", "officer", "--department", "health"],
    "lin.admin": ["--display-name", "林管理", "--role", "administrator", "--role", "auditor", "--role", "technician"],
}
DEPARTMENTS = {
    "health": "县卫生健康局", "cdc": "县疾控中心", "police": "县公安局", "hrss": "县人社局", "medins": "县医保局", "tax": "县税务局",
}

stage = None


class Town(Stage):
    """Central with departments and people, and one hospital with births that differ, look alike, and go on."""

    def __init__(self):
        super().__init__()
        for code, name in DEPARTMENTS.items():
            self.tool("birthcentral", "department", "add", code, "--name", name)
        self.passwords = {}
        for name, told in PEOPLE.items():
            self.passwords[name] = self.tool("birthcentral", "user", "add", name, *told, "--generate")["oneTimePassword"]
        self.tool("birthcentral", "hospital", "add", "LJ", "--name", "永福县罗锦镇卫生院", "--policy", "gx-yongfu")
        self.tool("birthcentral", "stock", "assign", "YF", "T450000001", "T450000040")

    def contradict(self, case, key, group, text):
        """Another computer's value beside the one that stands."""
        told = json.loads((self.directory / "window" / "daemon.json").read_text())
        urllib.request.urlopen(urllib.request.Request(
            f"{self.address('window')}/api/v1/cases/{case}", method="PATCH",
            data=json.dumps({"set": {key: text}, "seen": {str(group): []}}).encode(),
            headers={"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json", "Operator": "li.qiang"}))

    def arrive(self, case, seconds=60):
        """Until central has all of a case."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.tool("birthwindow", "sync", mayFail=True)
            there = self.tool("birthcentral", "case", "show", case, mayFail=True)
            if there and there["fingerprint"] == self.show(case)["fingerprint"]:
                return case
            time.sleep(0.5)
        raise RuntimeError("the case did not arrive")

    def lag(self, hospital, outbox):
        """Two days of what a hospital reported, an hour each: the picture of the fleet."""
        with contextlib.closing(sqlite3.connect(self.directory / "central" / "central.sqlite", timeout=30)) as store, store:
            (record,) = store.execute("SELECT id FROM hospital WHERE code = ?", (hospital,)).fetchone()
            now = int(time.time() // 3600)
            for back, count in enumerate(reversed(outbox), 1):
                store.execute(
                    "INSERT OR REPLACE INTO lag_sample (hospital, hour, lag, outbox, oldest, silent) VALUES (?, ?, 0, ?, ?, 0)",
                    (record, now - back, count, 60 * count))

    def accepted(self, number="01", **changes):
        case = self.register("gx-yongfu", self.example(number, **changes))
        for step in ("submit", "accept"):
            self.tool("birthwindow", "case", step, case, "--user", "王芳")
        return self.arrive(case)


def setUpModule():
    global stage
    stage = Town()


def tearDownModule():
    stage.end()


class Case(unittest.TestCase):
    scripts, size = True, (1366, 768)

    def setUp(self):
        self.browser = Browser(scripts=self.scripts, size=self.size)
        self.addCleanup(self.browser.close)

    def sign_in(self, name):
        """As a person does; whose password is new changes it."""
        page = self.page = self.browser.open(stage.address("central") + "/").settle()
        password = stage.passwords[name]
        page.fill("#user", name).fill("#password", password)
        page.follow("main form button")
        if "修改密码" in page.text("h1"):
            page.fill("#old", password).fill("#new", PASSWORD).fill("#again", PASSWORD)
            page.follow("main form button")
            stage.passwords[name] = PASSWORD
        self.assertIn(PEOPLE[name][1], page.text(".head"))
        return page

    def at(self, path):
        self.page.go(stage.address("central") + path).settle()
        return self.page

    def screen(self, name):
        if TAKES_SCREENS:
            self.page.picture(SCREENS / f"central-{name}.png")

    def assertNoComplaints(self):
        self.assertEqual([told for told in self.page.complaints() if "422" not in told], [])


class Merger(Case):
    def test_a_conflict_is_settled_and_taken_back_by_keys(self):
        case = stage.register("gx-yongfu", stage.family("01", "韦子墨", "韦春兰", 1))
        stage.contradict(case, "childName", 20, "韦子默")
        stage.arrive(case)
        page = self.sign_in("chen.merger")
        self.screen("home")
        self.at("/desk")
        self.screen("desk")
        self.assertIn("韦子默", page.text("#queue"))
        page.follow(f"a[href='/desk/cases/{case}']")
        self.screen("conflict")
        # People are called by their names, and not by their accounts.
        self.assertIn("李强", page.text("main"))
        self.assertNotIn("li.qiang", page.text("main"))
        self.assertIn("原来的内容" if "原来" in page.text() else "采用这个内容", page.text())
        page.press("2")
        page.until("location.pathname === '/desk' && document.body.innerText.includes('已核定')")
        self.assertIn(stage.tool("birthcentral", "case", "show", case)["fields"]["childName"], ("韦子墨", "韦子默"))
        page.press("u")
        page.until(f"location.pathname === '/desk/cases/{case}' && document.body.innerText.includes('采用这个内容')")
        self.assertNoComplaints()

    def test_several_are_settled_at_once_after_a_preview(self):
        cases = []
        for place in (11, 12, 13):
            case = stage.register("gx-yongfu", stage.family("01", f"莫小{place}", "莫丽娟", place))
            stage.contradict(case, "childName", 20, f"莫晓{place}")
            cases.append(stage.arrive(case))
        page = self.sign_in("chen.merger")
        self.at("/desk?kind=conflict")
        for case in cases:
            page.click(f"#queue input[name=case][value^='{case}']")
        page.follow("#queue button[value=preview]")
        self.assertIn("核定 3 项", page.text("main"))
        self.screen("batch")
        page.follow("main form button.main")
        self.assertIn("已核定 3 项", page.text("main"))
        self.assertNoComplaints()

    def test_a_duplicate_is_merged(self):
        first = stage.arrive(stage.register("gx-yongfu", stage.family("01", "覃一诺", "覃海燕", 21)))
        second = stage.arrive(stage.register(
            "gx-yongfu", stage.family("01", "覃一诺", "覃海燕", 21, birthWeightGrams=3300)))
        page = self.sign_in("chen.merger")
        self.at("/desk/duplicates")
        self.assertIn("覃一诺", page.text("main"))
        self.screen("duplicates")
        page.follow(f"main a.name[href*='{first}'][href*='{second}']")
        self.screen("duplicate")
        page.click(f"input[name=into][value='{first}']")
        page.follow("form[action$='/merge'] button.main")
        self.assertIn("已合并", page.text("main"))
        self.assertNoComplaints()


class Office(Case):
    def test_an_officer_answers_by_hand_and_the_window_shows_it(self):
        case = stage.accepted("01")
        page = self.sign_in("huang.health")
        items = stage.show(case)["life"]["items"]
        ready = [line["item"] for line in items if line.get("department") == "health" and line.get("state") == "ready"]
        self.at("/departments/health")
        self.screen("tasks")
        if not ready:
            self.skipTest("nothing is ready for the department")
        page.follow(f"a[href='/departments/health/tasks/{case}/{ready[0]}']")
        self.screen("task")
        page.press("3")
        page.fill("input[name=note]", "户口簿照片不清晰，请重新拍照。")
        page.follow("form[action$='/result'] button.main")
        self.assertIn("已退回", page.text("main"))
        end = time.monotonic() + 60
        while time.monotonic() < end:
            stage.tool("birthwindow", "sync", mayFail=True)
            shown = json.dumps(stage.show(case), ensure_ascii=False)
            if "户口簿照片不清晰" in shown:
                break
            time.sleep(0.5)
        else:
            self.fail("the result did not come to the window")
        self.assertNoComplaints()


class Watching(Case):
    def test_every_page_is_there_at_both_sizes(self):
        case = stage.arrive(stage.register("gx-yongfu", stage.family("01", "潘安然", "潘秀英", 31)))
        # A quiet night, an outage in the morning, and what it left behind.
        stage.lag("YF", [0] * 12 + [2, 0, 1, 0] + [4 + 5 * hour for hour in range(9)] + [12, 3, 0, 1] + [0] * 14 + [2, 1, 3])
        self.sign_in("lin.admin")
        pages = {
            "fleet": "/fleet", "hospital": "/fleet/YF", "statistics": "/statistics", "overdue": "/overdue?within=5",
            "case": f"/cases/{case}", "rules": "/rules", "audit": "/audit", "acts": "/acts", "departments": "/departments",
            "accounts": "/accounts",
        }
        for name, path in pages.items():
            self.at(path)
            self.assertNotIn("没有办成", self.page.text())
            self.assertFalse(self.page.run("document.documentElement.scrollWidth > innerWidth"), name)
            self.assertIn(self.page.serious_findings(), ([], None), name)
            self.assertLess(self.page.run("document.documentElement.outerHTML.length"), 100_000, name)
            self.screen(name)
        self.assertNoComplaints()

    def test_a_file_of_rules_is_checked_and_published(self):
        page = self.sign_in("lin.admin")
        shipped = json.loads((ROOT / "Sources" / "Casework" / "Policies" / "gx-yongfu.json").read_text())
        # The small screen comes first.
        shipped["version"] += 1 + (self.size[0] == 1366)
        shipped["items"][2]["name"] = name = f"出生入户登记（{shipped['version']}）"
        file = stage.directory / "rules.json"
        file.write_text(json.dumps(shipped, ensure_ascii=False))
        self.at("/rules")
        page.files("input[type=file]", [file])
        page.follow("form[action='/rules/check'] button")
        self.assertIn(name, page.text("main"))
        self.assertIn("将取代现行的第", page.text("main"))
        self.assertIn(page.serious_findings(), ([], None))
        self.screen("publication")
        page.follow("form[action='/rules/publication'] button.main")
        self.assertIn(f"第 {shipped['version']} 版", page.text("main"))
        self.assertNoComplaints()

    def test_a_resync_is_tried_before_it_is_done(self):
        page = self.sign_in("lin.admin")
        self.at("/fleet/YF")
        page.follow("#orders form button.main")
        self.assertIn("（试算）", page.text("#orders"))
        page.follow("#orders button.quiet")
        self.assertIn("已撤回", page.text("#orders"))


class SmallScreen(Watching):
    size = (1024, 768)

    def screen(self, name):
        pass


class NoScript(Merger):
    """The same by mouse where scripts are off."""

    scripts = False

    def test_a_conflict_is_settled_and_taken_back_by_keys(self):
        self.skipTest("keys are a convenience of the script")

    def screen(self, name):
        pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
