"""Central and one hospital's agent, the real programs on free ports, in a directory that goes with them."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = Path(os.environ.get("PROGRAMS", ROOT / ".build" / "debug"))
POLICIES = ["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"]


class Stage:
    """What it starts, it ends, and nothing else."""

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="birthwindow-pages-"))
        self.started = {}
        self.ports = {}
        self.serve("central")
        told = self.tool("birthcentral", "hospital", "add", "YF", "--name", "永福县百寿镇中心卫生院", "--policy", ",".join(POLICIES))
        self.serve("window")
        self.tool("birthwindow", "enroll", "--central", self.address("central"), "--token", told["token"])
        self.add_user("li.qiang", "李强", "clerk")
        given = self.add_user("wang.fang", "王芳", "clerk", "issuer", "supervisor", "technician")
        #: The cookie of somebody who has signed in at the window and changed the password that was given.
        self.session = self.begin_session("wang.fang", given, "先看证件，再登记。")

    def address(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    def serve(self, name):
        """Starts central or the window, on the port that it had before."""
        if name not in self.ports:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.ports[name] = free.getsockname()[1]
        folder = self.directory / name
        folder.mkdir(exist_ok=True)
        (folder / "daemon.json").unlink(missing_ok=True)  # of one that was struck
        log = open(self.directory / f"{name}.log", "ab")
        command = [PROGRAMS / f"birth{name}", "serve", "--data", folder, "--listen", f"127.0.0.1:{self.ports[name]}"]
        if name == "window":
            command += ["--idle-seconds", "2"]
        self.started[name] = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(self.address(name) + "/healthz", timeout=2).read()
                if (folder / "daemon.json").exists():  # from then on commands find it
                    return
            except OSError:
                if self.started[name].poll() is not None:
                    raise RuntimeError((self.directory / f"{name}.log").read_text()) from None
                time.sleep(0.1)
        raise RuntimeError(f"{name} does not serve")

    def add_user(self, name, shown, *roles):
        """An account at the hospital; the password for its first sign-in."""
        words = [word for role in roles for word in ("--role", role)]
        told = self.tool("birthcentral", "user", "add", name, "--display-name", shown, *words, "--hospital", "YF", "--generate")
        self.tool("birthwindow", "sync")
        return told["oneTimePassword"]

    def begin_session(self, user, given, chosen, name="window"):
        """Signs in at the window, or at central, without a browser, with a password that somebody gave, and changes it."""
        cookie = self._send(name, "/sign-in", None, user=user, password=given)[1]
        page = urllib.request.Request(self.address(name) + "/password", headers={"Cookie": cookie})
        with urllib.request.urlopen(page) as answer:
            token = re.search('name="formToken" value="([^"]+)"', answer.read().decode()).group(1)
        cookie = self._send(name, "/password", cookie, formToken=token, old=given, new=chosen, again=chosen)[1] or cookie
        return cookie.partition("=")[2]

    def _send(self, name, path, cookie, **fields):
        """Posts a form; where it leads, and the cookie that came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address(name)}
        if cookie:
            headers["Cookie"] = cookie
        connection.request("POST", path, urllib.parse.urlencode(fields), headers)
        answer = connection.getresponse()
        told = answer.read().decode()
        connection.close()
        if answer.status != 303:
            raise RuntimeError(f"{path}: {answer.status} {told}")
        return answer.headers["Location"], (answer.headers["Set-Cookie"] or "").partition(";")[0]

    def strike(self, name):
        """As a power cut."""
        self.started[name].kill()
        self.started.pop(name).wait()

    def stop(self, name):
        process = self.started.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def tool(self, program, *arguments, mayFail=False):
        """A command of the command line; its answer as JSON."""
        folder = self.directory / program.removeprefix("birth")
        told = subprocess.run(
            [PROGRAMS / program, *map(str, arguments), "--data", folder, "--json"], capture_output=True, text=True, timeout=120)
        if told.returncode != 0:
            if mayFail:
                return None
            raise RuntimeError(f"{program} {' '.join(map(str, arguments))}: {told.stderr}{told.stdout}")
        return json.loads(told.stdout)

    def example(self, number, **changes):
        """A complete birth of the demo, by its number, with some answers changed."""
        answers = json.loads((ROOT / "Tests" / "Demo" / "Births" / f"{number}.json").read_text())
        answers.update(changes)
        return {key: value for key, value in answers.items() if value is not None}

    def family(self, number, child, mother, place, **changes):
        """The same birth in another family: other names, numbers and phones."""
        identity = {"motherIdNo": citizen(1990 + place % 9, 100 + 2 * place), "fatherIdNo": citizen(1988 + place % 9, 101 + 2 * place)}
        identity["headIdNo"] = identity["motherIdNo"]
        return self.example(
            number, childName=child, motherName=mother, headName=mother, fatherName=mother[0] + "建国", inpatientNo=f"ZY{7000 + place}",
            motherPhone=f"139077{32000 + 7 * place}", fatherPhone=f"137770{26000 + 3 * place}",
            birthTime=f"{place % 24:02}:{place * 7 % 60:02}", childSex=str(1 + place % 2),
            deliverySexes=[str(1 + place % 2)], relationToHead="20" if place % 2 == 0 else "30", **identity, **changes)

    def register(self, policy, answers):
        """A case by the command line; its ID."""
        file = self.directory / "birth.json"
        file.write_text(json.dumps(answers, ensure_ascii=False))
        return self.tool("birthwindow", "case", "new", "--policy", policy, "--file", file, "--user", "王芳")["cases"][0]["id"]

    def show(self, case):
        return self.tool("birthwindow", "case", "show", case)

    def end(self):
        for name in list(self.started):
            self.stop(name)
        shutil.rmtree(self.directory, ignore_errors=True)


def citizen(year, serial):
    """A made-up citizen's number with its check digit (GB 11643); an even serial is a woman's."""
    return checked(f"450326{year}0312{serial:03}")


def checked(digits):
    """Seventeen digits of a citizen's number with the one that checks them."""
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]
