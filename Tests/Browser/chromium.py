"""A headless Chromium, driven over the pipe of its DevTools protocol: nothing but the standard library and Debian's browser."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path


class Failure(Exception):
    """Why a browser could not do what was asked."""


class Browser:
    """One browser with a profile of its own; `kill` ends it as a power cut would."""

    def __init__(self, profile=None, scripts=True, size=(1366, 768)):
        self.profile = profile or tempfile.mkdtemp(prefix="birthwindow-browser-")
        self.owns_profile = profile is None
        here_reads, browser_writes = os.pipe()
        browser_reads, here_writes = os.pipe()
        command = [
            "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb", "--lang=zh-CN",
            f"--window-size={size[0]},{size[1]}", f"--user-data-dir={self.profile}",
        ]
        self.size, self.scripts = size, scripts
        # The browser reads from its file 3 and writes to its file 4.
        launcher = f"exec 3<&{browser_reads} 4>&{browser_writes}; exec \"$@\""
        self.process = subprocess.Popen(
            ["bash", "-c", launcher, "bash", *command, "about:blank"], pass_fds=(browser_reads, browser_writes),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(browser_reads)
        os.close(browser_writes)
        self.reader, self.writer = os.fdopen(here_reads, "rb"), os.fdopen(here_writes, "wb")
        self.number, self.answers, self.events = 0, {}, []
        self.arrived = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest = b""
        try:
            while True:
                piece = self.reader.read1(1 << 20)
                if not piece:
                    break
                *messages, rest = (rest + piece).split(b"\0")
                with self.arrived:
                    for message in map(json.loads, messages):
                        if "id" in message:
                            self.answers[message["id"]] = message
                        else:
                            self.events.append(message)
                    self.arrived.notify_all()
        except (OSError, ValueError):
            pass
        with self.arrived:
            self.answers[None] = {}
            self.arrived.notify_all()

    def call(self, method, session=None, seconds=60, **parameters):
        """One command and its answer."""
        with self.arrived:
            self.number += 1
            number = self.number
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.writer.write(json.dumps(message).encode() + b"\0")
        self.writer.flush()
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers or None in self.answers, seconds):
                raise Failure(f"{method} was not answered within {seconds} s")
            answer = self.answers.pop(number, {"error": {"message": "the browser has gone"}})
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def sign_in(self, address, session):
        """From now on it sends the cookie of a session there."""
        self.call("Storage.setCookies", cookies=[{"name": "session", "value": session, "url": address}])
        return self

    def open(self, address):
        """A new page at an address."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session).go(address)

    def kill(self):
        """Ends it at once; the profile stays."""
        self.process.kill()
        self.process.wait()

    def close(self):
        try:
            self.call("Browser.close", seconds=10)
        except (Failure, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        self.reader.close()
        try:
            self.writer.close()
        except BrokenPipeError:
            pass  # it was killed
        if self.owns_profile:
            shutil.rmtree(self.profile, ignore_errors=True)


class Page:
    """One page, as somebody at the keyboard has it."""

    KEYS = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Backspace": 8, " ": 32}

    def __init__(self, browser, session):
        self.browser, self.session = browser, session
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")
        width, height = browser.size
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        if not browser.scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    # Where it is.

    def go(self, address):
        told = self.call("Page.navigate", url=address)
        if told.get("errorText"):
            raise Failure(f"{told['errorText']}")
        return self.settle() if self.browser.scripts else self

    def settle(self, seconds=30):
        """Waits until the page is there whole."""
        self.until("document.readyState === 'complete'", seconds)
        return self

    def until(self, condition, seconds=30):
        """Waits until an expression holds, over loads of other pages, too."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.run(condition):
                    return self
            except Failure:
                pass  # a page that goes answers nothing
            time.sleep(0.05)
        raise Failure(f"it did not come to: {condition}\n{self.text()[:800]}")

    def run(self, script):
        """The value of an expression in the page."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise Failure(told["exceptionDetails"].get("exception", {}).get("description", "the script failed"))
        return told["result"].get("value")

    def text(self, selector="body"):
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    @property
    def address(self):
        return self.run("location.pathname + location.search")

    # What hands do.

    def press(self, key, ctrl=False):
        code = self.KEYS.get(key, ord(key.upper()) if len(key) == 1 else 0)
        shape = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 2 if ctrl else 0}
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 and not ctrl else None)
        self.call("Input.dispatchKeyEvent", type="keyDown", **shape, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **shape)
        return self

    def type(self, text):
        self.call("Input.insertText", text=text)
        return self

    def focus(self, selector):
        if not self.run(f"(e => {{ e?.focus(); return document.activeElement === e }})(document.querySelector({json.dumps(selector)}))"):
            raise Failure(f"{selector} cannot be focused")
        return self

    def fill(self, selector, text):
        """Types into a field in the place of what stands there."""
        self.focus(selector)
        self.run("document.activeElement.select?.()")
        return self.type(text)

    def click(self, selector):
        """Presses with the mouse what is there to be pressed, wherever it is on the page."""
        place = self.run(
            f"""(e => {{ if (!e) return null; e.scrollIntoView({{block: 'center'}});
            const r = e.getClientRects()[0]; return r && [r.x + r.width / 2, r.y + r.height / 2] }})(document.querySelector({json.dumps(selector)}))""")
        if not place:
            raise Failure(f"{selector} is not there\n{self.text()[:500]}")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        return self

    def follow(self, selector):
        """Clicks what leads to another page, and waits for that."""
        self.run("window.isOld = true")
        self.click(selector)
        self.until("!window.isOld && document.readyState === 'complete'")
        return self

    def files(self, selector, paths):
        """Chooses files for an input."""
        # By the input itself, and not by its place in a document that may be just about to go.
        self.until(f"!!document.querySelector({json.dumps(selector)})")
        told = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.call("DOM.setFileInputFiles", objectId=told["result"]["objectId"], files=[str(path) for path in paths])
        return self

    # What eyes see.

    def picture(self, path, whole=False):
        """A screenshot as PNG."""
        self.call("Page.bringToFront")
        shape = {"captureBeyondViewport": True} if whole else {}
        data = self.call("Page.captureScreenshot", format="png", **shape)["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def pdf(self):
        """The page as it comes out of the printer."""
        told = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(told["data"])

    def serious_findings(self):
        """What axe-core finds serious or critical about this page for whoever sees or hears it badly; None where it could not be had."""
        file = Path(os.environ.get("AXE", ""))
        if not file.is_file():
            return None
        self.run(file.read_text() + "; 0")
        return self.run(
            """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']}).then((told) => told.violations
            .filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html)]))""")

    def complaints(self):
        """Errors of scripts and refusals of the content policy, on any page so far."""
        found = []
        for event in self.browser.events:
            if event["method"] == "Runtime.exceptionThrown":
                found.append(event["params"]["exceptionDetails"].get("text", ""))
            elif event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                found.append(event["params"]["entry"]["text"] + " " + event["params"]["entry"].get("url", ""))
        return found
