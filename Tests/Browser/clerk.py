"""What a clerk does at the window, with the keyboard and the mouse and nothing else."""

import json
import re


class Clerk:
    def __init__(self, page, address):
        self.page, self.address = page, address

    def at(self, path):
        self.page.go(self.address + path)
        return self

    def begin(self, policy, newborns=1):
        """新登记: chooses the region and how many newborns."""
        self.at("/register")
        page = self.page
        page.run("document.querySelectorAll('details').forEach((d) => d.open = true)")
        page.click(f"input[name=policy][value='{policy}']")
        page.click(f"input[name=newborns][value='{newborns}']")
        page.follow("form[action='/register'] button.main")
        return self

    def write(self, answers):
        """Fills in what this page asks of these answers, field by field."""
        names = self.page.run(
            """[...document.querySelectorAll('form[data-draft] :is(input:not([type=hidden]), select, textarea)')]
            .filter((e) => !e.disabled && !e.readOnly).map((e) => [e.name, e.type])""")
        known = {}
        for name, kind in names:
            known.setdefault(name, kind)
        for name, kind in known.items():
            key, _, part = name.partition(".")
            value = answers.get(key)
            if part and isinstance(value, dict):
                value = value.get(part)
            elif part:
                continue
            if value is None:
                continue
            self.answer(name, kind, value)
        return self

    def answer(self, name, kind, value):
        page, quoted = self.page, json.dumps(name)
        if isinstance(value, bool):
            value = "true" if value else "false"
        if kind == "radio":
            page.click(f"input[name={quoted}][value={json.dumps(str(value))}]")
        elif kind == "checkbox":
            for entry in value:
                box = f"input[name={quoted}][value={json.dumps(str(entry))}]"
                if page.run(f"document.querySelector({json.dumps(box)})?.checked === false"):
                    page.click(box)
        elif kind == "select-one":
            # As the arrow keys would.
            page.focus(f"select[name={quoted}]")
            page.run(f"(e => {{ e.value = {json.dumps(str(value))}; e.dispatchEvent(new Event('change', {{bubbles: true}})) }})(document.activeElement)")
        else:
            text = "\n".join(value) if isinstance(value, list) else self.typed(value)
            page.fill(f"[name={quoted}]", text)

    @staticmethod
    def typed(value):
        """As people type it: a moment without its zone."""
        text = str(value)
        return text.replace("T", " ")[:16] if re.match(r"\d{4}-\d\d-\d\dT", text) else text

    def save(self, then="stay"):
        """保存本节; the page says if it was not taken."""
        self.page.follow(f"form[data-draft] button[value={then}]")
        told = self.page.text(".note[role=alert]")
        if told:
            raise AssertionError(told)
        return self

    @property
    def case(self):
        return re.match(r"/cases/([0-9a-f-]{36})", self.page.address).group(1)

    def register(self, policy, answers, newborns=1):
        """The whole form of a region, section by section; the case's ID."""
        self.begin(policy, newborns).write(answers).save()
        case = self.case
        count = self.page.run("document.querySelectorAll('#parts a[href*=\"/sections/\"]').length")
        for number in range(2, count + 1):
            self.at(f"/cases/{case}/sections/{number}")
            if self.page.run("!!document.querySelector('form[data-draft]')"):
                self.write(answers).save()
        return case

    def step(self, case, step, **given):
        """A step on 审核与办理."""
        self.at(f"/cases/{case}/steps")
        form = f"[data-step={step}] form"
        self.page.run("document.querySelectorAll('details').forEach((d) => d.open = true)")
        for name, value in given.items():
            self.page.fill(f"{form} [name={name}]", value)
        self.page.follow(f"{form} p.act button")
        told = self.page.text(".note[role=alert]")
        if told:
            raise AssertionError(told)
        return self
