"""The laws of the merge (DESIGN.md section 5), on random histories.   usage: laws.py [histories] [first seed] | --dump [n]

A history is what up to five replicas write of one case, each seeing only some of what the others wrote, with central setting
changes aside and taking them up again. One in six histories is forked (one dot, two contents); one in six is wild (`replaces`
names dots at random, also own, future and nonexistent ones): there only the laws that need no honest author hold.

`--dump n` prints n histories in the JSON of fold.py, to compare another implementation with it.
"""
from __future__ import annotations

import hashlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable

from fold import Aside, CaseFold, Change, Dot, Write, change_to, fold, readings

RULES = {
    "birth": {"kind": "owner", "owner": "window"}, "result": {"kind": "owner", "owner": "department", "unit": "police"},
    "phone": {"kind": "latest"}, "notes": {"kind": "union"},
    "state": {"kind": "furthest", "chain": ["draft", "checked", "accepted", "done"]}, "name": {"kind": "staff"}}
STATES = ["draft", "checked", "accepted", "done", "refused"]
VALUES = ["甲", "乙", "丙", 7, True, None, ["a", "b"]]


class History:
    """Random changes of one case, with what each author had seen (content IDs) when it wrote."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        rng = self.rng
        self.kind = rng.choice(["honest", "honest", "honest", "honest", "forked", "wild"])
        self.changes: list[Change] = []
        self.saw: dict[str, frozenset[str]] = {}
        replicas = [f"{rng.getrandbits(64):016x}" for _ in range(rng.randrange(2, 5))]
        known: list[dict[str, Change]] = [{} for _ in replicas]
        editions = [0] * len(replicas)
        wants_asides = rng.random() < .75
        for _ in range(rng.randrange(1, 16)):
            who = rng.randrange(len(replicas))
            for other in rng.sample(self.changes, rng.randrange(len(self.changes) + 1)) if rng.random() < .5 else []:
                known[who][other.content_id] = other
            role = "window" if who else rng.choice(["central", "central", "department"])
            # a fork: the edition before is given away a second time, by somebody who does not know the first
            if self.kind == "forked" and editions[who] and rng.random() < .3:
                known[who] = {i: c for i, c in known[who].items() if c.dot != (replicas[who], editions[who])}
            else:
                editions[who] += 1
            view = CaseFold()
            for change in known[who].values():
                view.add(change)
            asides = {}
            if role == "central" and wants_asides and known[who] and rng.random() < .6:
                for target in rng.sample(sorted(known[who]), rng.choice([1, 1, min(2, len(known[who]))])):
                    reason = None if view.set_aside(target) and rng.random() < .7 else rng.choice(["not-owner", "too-large"])
                    asides[target] = Aside(reason, view.live_aside_dots(target))
            writes = {}
            if not asides or rng.random() < .2:
                for group in rng.sample(sorted(RULES), rng.choice([1, 1, 2, 3])):
                    replaces = view.live_dots(group)
                    if self.kind == "wild" and rng.random() < .5:
                        replaces |= {(rng.choice(replicas), rng.randrange(1, 7)) for _ in range(rng.randrange(1, 4))}
                    writes[group] = Write(rng.choice(STATES if group == "state" else VALUES), replaces)
            self.add(known[who], replicas[who], editions[who], role, writes, asides)

    def add(self, known: dict[str, Change], replica: str, edition: int, role: str, writes: dict[str, Write],
            asides: dict[str, Aside]) -> Change:
        content_id = hashlib.sha256(f"{self.seed}/{len(self.changes)}".encode()).hexdigest()
        unit = self.rng.choice(["police", "tax"]) if role == "department" else ""
        change = Change(content_id, replica, edition, "case", edition, writes, role, unit, "u", self.rng.randrange(6),
                        self.rng.random() < .3, asides)
        self.saw[content_id] = frozenset(known)
        known[content_id] = change
        self.changes.append(change)
        return change


def live_by_search(changes: Iterable[Change]) -> dict[str, set[str]]:
    """The live entries computed another way: not from the replacer down, but from each entry up to whoever put it aside."""
    unique = {c.content_id: c for c in changes}
    aside: set[str] = set()
    for target in unique:
        words = [c for c in unique.values() if c.role == "central" and target in c.asides]
        overruled = {dot for c in words for dot in c.asides[target].replaces}
        for word in words:
            by_others = {d for c in words if c is not word for d in c.asides[target].replaces}
            assert by_others <= overruled
            if word.asides[target].reason and word.dot not in by_others:
                aside.add(target)
    contents: dict[Dot, int] = Counter(c.dot for c in unique.values())
    result: dict[str, set[str]] = {}
    for content_id, entry in unique.items():
        for group in entry.writes:
            if content_id in aside:
                continue
            put_aside, visited, upward = False, set(), [entry.dot]
            while upward and contents[entry.dot] == 1:
                dot = upward.pop()
                if dot in visited:
                    continue
                visited.add(dot)
                for other in unique.values():
                    if group in other.writes and dot in other.writes[group].replaces and other.dot != entry.dot:
                        if other.content_id not in aside:
                            put_aside = True
                        elif contents[other.dot] == 1:
                            upward.append(other.dot)
            if not put_aside:
                result.setdefault(group, set()).add(content_id)
    return result


def had_seen(history: History, view_aside: set[str], author: str) -> set[str]:
    """What the author of a change had seen, and what the authors of the set-aside changes among these had seen, and so on."""
    result: set[str] = set()
    to_follow = list(history.saw[author])
    while to_follow:
        content_id = to_follow.pop()
        if content_id in result:
            continue
        result.add(content_id)
        if content_id in view_aside:
            to_follow.extend(history.saw[content_id])
    return result


def check(seed: int) -> tuple[list[str], str]:
    history = History(seed)
    rng, changes = history.rng, history.changes
    broken: list[str] = []

    def law(name: str, holds: bool) -> None:
        if not holds:
            broken.append(name)

    truth = fold(changes)
    shown = readings(RULES, truth)

    def together(*parts: Iterable[Change]) -> CaseFold:
        result = CaseFold()
        for part in parts:
            for change in part:
                result.add(change)
        return result

    # any order, repeats, any split
    shuffled = rng.sample(changes, len(changes))
    again = rng.sample(changes, rng.randrange(len(changes) + 1))
    law("order", fold(shuffled + again).key() == truth.key())
    law("one by one, repeats", together(shuffled, again).view().key() == truth.key())
    cut = rng.randrange(len(changes) + 1)
    law("split", together(shuffled[cut:], again, shuffled[:cut]).view().key() == truth.key())
    law("readings", readings(RULES, together(shuffled[::-1]).view()) == shown)
    # one by one = from nothing, at every step
    step = CaseFold()
    replaced_before: set[tuple[str, str]] = set()
    for count, change in enumerate(shuffled, 1):
        step.add(change)
        law("each step", step.view().key() == fold(shuffled[:count]).key())
        if not any(c.asides for c in changes) and not truth.forked:
            live = {(g, i) for g, e in step.live.items() for i in e}
            law("none comes back", not live & replaced_before)
            replaced_before |= {(g, i) for i, c in step.changes.items() for g in c.writes} - live
        if count == len(shuffled) // 2:
            law("copy", step.copy().view().key() == step.view().key())
    # a truth computed another way
    law("truth", live_by_search(changes) == {g: set(e) for g, e in truth.live.items()})
    # nothing lost, nothing back
    if history.kind != "wild":
        in_effect = [c for c in changes if c.content_id not in truth.aside]
        seen_by = {c.content_id: had_seen(history, truth.aside, c.content_id) for c in in_effect}
        for entry in in_effect:
            for group in entry.writes:
                if entry.content_id in truth.live.get(group, {}):
                    law("replaced but live", truth.forked or not any(
                        group in c.writes and entry.dot in c.writes[group].replaces for c in in_effect))
                elif not any(group in c.writes and entry.content_id in seen_by[c.content_id] for c in in_effect):
                    broken.append("lost")
        # settling is stable under late delivery of what it had seen
        if truth.live and not truth.forked:
            group = rng.choice(sorted(truth.live))
            everything = {c.content_id: c for c in changes}
            settle = history.add(everything, "f" * 16, 1, "central", {group: Write("settled", frozenset(
                c.dot for c in truth.live[group].values()))}, {})
            early = shuffled[:cut]
            law("settling", set(together([settle], shuffled).live[group]) == {settle.content_id})
            law("settling, late", set(together(early, [settle], shuffled[cut:]).live[group]) == {settle.content_id})
            changes.pop()
    # set aside and taken up again, in any order, is as if nothing had been
    if changes:
        target = rng.choice(changes).content_id
        view = together(changes)
        if not view.set_aside(target):
            on = Change("e" * 63 + "1", "e" * 16, 1, "case", 1, {}, "central", asides={
                target: Aside("too-large", view.live_aside_dots(target))})
            off = Change("e" * 63 + "2", "e" * 16, 2, "case", 2, {}, "central", asides={
                target: Aside(None, frozenset({on.dot}))})
            mixed = rng.sample([*changes, on, off], len(changes) + 2)
            law("set aside", target in together(changes, [on]).aside and target in fold([on, *changes]).aside)
            law("taken up", fold(mixed).live == truth.live and together(mixed).live.items() >= truth.live.items())
            rival = Change("e" * 63 + "3", "d" * 16, 1, "case", 1, {}, "central", asides={target: Aside("not-owner")})
            law("contradictory", target in fold([*mixed, rival]).aside and target in together([rival], mixed).aside)
    return broken, history.kind


def main() -> int:
    if sys.argv[1:2] == ["--dump"]:
        for seed in range(int(sys.argv[2]) if len(sys.argv) > 2 else 100):
            print(json.dumps({"seed": seed, "rules": RULES, "changes": [change_to(c) for c in History(seed).changes]},
                             ensure_ascii=False, separators=(",", ":")))
        return 0
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    began, kinds, laws, example = time.monotonic(), Counter(), Counter(), {}
    for seed in range(first, first + number):
        broken, kind = check(seed)
        kinds[kind] += 1
        for name in set(broken):
            laws[name] += 1
            example.setdefault(name, seed)
    print(f"{number} histories {dict(kinds)}: laws broken in {sum(laws.values())}"
          f" {[(n, c, f'seed {example[n]}') for n, c in laws.items()] or ''}  ({time.monotonic() - began:.0f} s)")
    return 1 if laws else 0


if __name__ == "__main__":
    sys.exit(main())
