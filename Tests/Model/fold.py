"""The fold of one case: a pure function of a SET of changes (DESIGN.md sections 4 and 5).

The order in which changes arrive, and how often, has no influence. Two implementations stand side by side:
`fold` follows the definitions word by word, from nothing; `CaseFold` takes changes one by one and must say the same.

The fold, exactly
-----------------
Changes are told apart by content ID; a second one with the same content ID is a repeat and does nothing.

1. Set aside.  Every `asides` entry of a change whose author's role is `central` is an entry of the register of its
   target.  (Whether the change that carries the entry is itself set aside makes no difference, so there is no
   recursion.)  An entry is live unless ANOTHER change's entry for the same target names its dot in `replaces`.
   The target is set aside iff a live entry has a reason; entries with reason null ("taken up again") do not outvote it.
   The register exists, and waits, also while the target itself has not come.
2. In effect is every change that is not set aside.  Set-aside changes count in version vector and fingerprint only.
3. Fork.  A dot that two or more content IDs bear is forked, for as long as both are known (also if set aside).
   It is immune, also when all but one of its changes are set aside: who replaced it may have seen only the other one.
4. What a change in effect replaces in group g: its `replaces` in g; and, for each dot in there which exactly ONE known
   content ID bears, and that one is set aside, also the `replaces` in g of that set-aside change; and so on.  (A forked
   dot is not followed: nobody can tell which of its contents was seen.)  A change never replaces its own dot.
5. Live in g: each entry of g of a change in effect whose dot is immune, or which no change in effect replaces in g.

JSON (`python3 fold.py --json`): one history of ONE case a line on stdin, one view a line on stdout
----------------------------------------------------------------------------------------------------
History  {"seed": any, "rules": {group: rule}, "changes": [change, ...]}
rule     {"kind":"owner","owner":role[,"unit":unit]} | {"kind":"latest"} | {"kind":"union"}
         | {"kind":"furthest","chain":[value,...]} | {"kind":"staff"}.   A group without a rule is staff.
change   {"content_id": 64 hex digits, "replica": 16 hex digits, "sequence": int, "case": text, "edition": int >= 1,
          "writes": {group: {"value": scalar or list of scalars, "replaces": [dot, ...]}},
          "author": {"role":"window|central|department","unit":text,"user":text}, "time": int, "doubt": bool,
          "asides": {content_id: {"reason": text or null, "replaces": [dot, ...]}}}          ("asides" may be absent)
dot      [replica, edition]
View     {"seed": as given,
          "live":  {group: [[replica, edition, content_id, value], ...]},  sorted by replica, edition, content ID;
                   a group with nothing live is absent
          "seen":  {replica: [highest edition without a gap, [editions above the gap, ascending]]},
          "fingerprint": 64 hex digits, "aside": [content IDs that are here and set aside, sorted],
          "forked": [dots, sorted], "readings": {group: reading}}          the same groups as in "live"
reading  {"shown": null or value, "conflict": bool, "all": [value of each live entry, by (time, replica, edition,
          content ID); equal values are repeated]}

Readings ("distinct" compares values as canonical JSON; hex digits are lower case, so text order is number order)
  staff     one distinct value: shown.  More: shown null, conflict.
  owner     entries whose author has the role (and the unit, if the rule names one): one distinct value among them: shown,
            no conflict.  None of them, or more than one distinct value: as staff over all live entries.
  latest    one distinct value: shown.  Else the sound entry with the greatest (time, replica, edition, content ID) is shown,
            no conflict; all doubtful: as staff.
  union     shown = the list of distinct values in the order of "all"; no conflict.
  furthest  one distinct value: shown.  Else all on the chain: the furthest, no conflict; any not on it: as staff.
"""
from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Dot = tuple[str, int]           # (replica, edition): the name of a change within its case
Value = Any                     # a JSON scalar or a list of scalars
Rule = dict[str, Any]
NO_DOTS: frozenset[Dot] = frozenset()
FINGERPRINT_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Write:
    """One group of a change: its new value, and the dots that the author saw there and puts aside."""
    value: Value
    replaces: frozenset[Dot] = NO_DOTS


@dataclass(frozen=True, slots=True)
class Aside:
    """Central's word on one target: set aside for `reason`, or taken up again (None)."""
    reason: str | None
    replaces: frozenset[Dot] = NO_DOTS


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    content_id: str
    replica: str
    sequence: int
    case: str
    edition: int
    writes: dict[str, Write]
    role: str = "window"
    unit: str = ""
    user: str = ""
    time: int = 0
    doubt: bool = False
    asides: dict[str, Aside] = field(default_factory=dict)
    dot: Dot = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dot", (self.replica, self.edition))


@dataclass(slots=True)
class View:
    """What a case is, after the fold."""
    live: dict[str, dict[str, Change]]          # group → content ID → change; no empty groups
    seen: dict[str, tuple[int, tuple[int, ...]]]
    fingerprint: int
    aside: set[str]
    forked: set[Dot]

    def key(self) -> tuple:
        """Everything, comparable."""
        return ({group: frozenset(entries) for group, entries in self.live.items()}, self.seen, self.fingerprint,
                self.aside, self.forked)


def is_set_aside(target: str, setters: Iterable[Change]) -> bool:
    """The state of one target, given all changes of role central with an entry for it."""
    setters = list(setters)
    for setter in setters:
        if setter.asides[target].reason is None:
            continue
        if not any(setter.dot in other.asides[target].replaces
                   for other in setters if other.content_id != setter.content_id):
            return True
    return False


def fold(changes: Iterable[Change]) -> View:
    """The fold from nothing, as defined above."""
    by_id = {change.content_id: change for change in changes}
    by_dot: dict[Dot, list[Change]] = {}
    setters: dict[str, list[Change]] = {}
    for change in by_id.values():
        by_dot.setdefault(change.dot, []).append(change)
        if change.role == "central":
            for target in change.asides:
                setters.setdefault(target, []).append(change)

    aside = {target for target in setters if target in by_id and is_set_aside(target, setters[target])}
    in_effect = [change for change in by_id.values() if change.content_id not in aside]
    forked = {dot for dot, bearers in by_dot.items() if len(bearers) > 1}
    immune = forked

    def replaced_by(change: Change, group: str) -> set[Dot]:
        result: set[Dot] = set()
        to_follow = list(change.writes[group].replaces)
        while to_follow:
            dot = to_follow.pop()
            if dot in result:
                continue
            result.add(dot)
            bearers = by_dot.get(dot, [])
            if len(bearers) == 1 and bearers[0].content_id in aside and group in bearers[0].writes:
                to_follow.extend(bearers[0].writes[group].replaces)
        result.discard(change.dot)
        return result

    replaced: dict[str, set[Dot]] = {}
    for change in in_effect:
        for group in change.writes:
            replaced.setdefault(group, set()).update(replaced_by(change, group))
    live: dict[str, dict[str, Change]] = {}
    for change in in_effect:
        for group in change.writes:
            if change.dot in immune or change.dot not in replaced[group]:
                live.setdefault(group, {})[change.content_id] = change

    return View(live, version_vector(by_dot), sum(int(i, 16) for i in by_id) % FINGERPRINT_MODULUS, aside, forked)


def version_vector(dots: Iterable[Dot]) -> dict[str, tuple[int, tuple[int, ...]]]:
    editions: dict[str, set[int]] = {}
    for replica, edition in dots:
        editions.setdefault(replica, set()).add(edition)
    result = {}
    for replica, present in editions.items():
        highest = 0
        while highest + 1 in present:
            highest += 1
        result[replica] = (highest, tuple(sorted(e for e in present if e > highest)))
    return result


class CaseFold:
    """The same fold, one change at a time.

    Usually a change only touches the groups that it writes. What changes the standing of changes that are already here (a
    set-aside or a take-up of one of them, a change that comes already set aside, a fork) folds the case anew.
    """
    __slots__ = ("changes", "by_dot", "setters", "aside", "forked", "immune", "replaced", "live", "total", "_gapless", "_above")

    def __init__(self) -> None:
        self.changes: dict[str, Change] = {}
        self.by_dot: dict[Dot, tuple[str, ...]] = {}
        self.setters: dict[str, list[Change]] = {}          # target content ID → central's changes that speak of it
        self.aside: set[str] = set()
        self.forked: set[Dot] = set()
        self.immune: set[Dot] = set()
        self.replaced: dict[str, set[Dot]] = {}
        self.live: dict[str, dict[str, Change]] = {}
        self.total = 0
        self._gapless: dict[str, int] = {}
        self._above: dict[str, set[int]] = {}

    def copy(self) -> CaseFold:
        other = CaseFold.__new__(CaseFold)
        other.changes = self.changes.copy()
        other.by_dot = self.by_dot.copy()
        other.setters = {target: setters.copy() for target, setters in self.setters.items()}
        other.aside = self.aside.copy()
        other.forked = self.forked.copy()
        other.immune = self.immune.copy()
        other.replaced = {group: dots.copy() for group, dots in self.replaced.items()}
        other.live = {group: entries.copy() for group, entries in self.live.items()}
        other.total = self.total
        other._gapless = self._gapless.copy()
        other._above = {replica: editions.copy() for replica, editions in self._above.items()}
        return other

    def add(self, change: Change) -> bool:
        """Takes a change, in any order; False if it is a repeat."""
        content_id, dot = change.content_id, change.dot
        if content_id in self.changes:
            return False
        self.changes[content_id] = change
        self.total = (self.total + int(content_id, 16)) % FINGERPRINT_MODULUS
        self._see(dot)
        anew = False
        bearers = self.by_dot.get(dot, ())
        self.by_dot[dot] = (*bearers, content_id)
        if bearers:
            self.forked.add(dot)
            anew = True
        if change.asides and change.role == "central":
            for target in change.asides:
                setters = self.setters.setdefault(target, [])
                setters.append(change)
                if target in self.changes and is_set_aside(target, setters) != (target in self.aside):
                    anew = True
        if content_id in self.setters and is_set_aside(content_id, self.setters[content_id]):
            anew = True
        if anew:
            self._fold_anew()
        else:
            self._apply(change)
        return True

    def set_aside(self, content_id: str) -> bool:
        """The state of the register, also for a target that is not here."""
        return content_id in self.setters and is_set_aside(content_id, self.setters[content_id])

    def live_aside_dots(self, target: str) -> frozenset[Dot]:
        """What a new word on the target replaces: every entry that is live."""
        setters = self.setters.get(target, [])
        return frozenset(s.dot for s in setters
                         if not any(s.dot in o.asides[target].replaces for o in setters if o is not s))

    def live_dots(self, group: str) -> frozenset[Dot]:
        return frozenset(change.dot for change in self.live.get(group, {}).values())

    def has_seen(self, dot: Dot) -> bool:
        return dot in self.by_dot

    def seen(self) -> dict[str, tuple[int, tuple[int, ...]]]:
        replicas = self._gapless.keys() | self._above.keys()
        return {r: (self._gapless.get(r, 0), tuple(sorted(self._above.get(r, ())))) for r in replicas}

    def view(self) -> View:
        return View({group: entries for group, entries in self.live.items() if entries}, self.seen(), self.total,
                    self.aside, self.forked)

    def _see(self, dot: Dot) -> None:
        replica, edition = dot
        highest = self._gapless.get(replica, 0)
        if edition <= highest:
            return
        if edition > highest + 1:
            self._above.setdefault(replica, set()).add(edition)
            return
        highest = edition
        above = self._above.get(replica)
        if above:
            while highest + 1 in above:
                highest += 1
                above.discard(highest)
        self._gapless[replica] = highest

    def _replaced_by(self, change: Change, group: str) -> set[Dot]:
        result = set(change.writes[group].replaces)
        if self.aside:
            to_follow = list(result)
            while to_follow:
                bearers = self.by_dot.get(to_follow.pop(), ())
                if len(bearers) != 1 or bearers[0] not in self.aside:
                    continue
                write = self.changes[bearers[0]].writes.get(group)
                if write:
                    to_follow.extend(write.replaces - result)
                    result |= write.replaces
        result.discard(change.dot)
        return result

    def _apply(self, change: Change) -> None:
        for group in change.writes:
            gone = self._replaced_by(change, group)
            replaced = self.replaced.setdefault(group, set())
            entries = self.live.setdefault(group, {})
            if gone:
                replaced |= gone
                for other in [i for i, c in entries.items() if c.dot in gone and c.dot not in self.immune]:
                    del entries[other]
            if change.dot not in replaced or change.dot in self.immune:
                entries[change.content_id] = change

    def _fold_anew(self) -> None:
        self.aside = {t for t, setters in self.setters.items() if t in self.changes and is_set_aside(t, setters)}
        self.immune = set(self.forked)
        self.replaced = {}
        self.live = {}
        for content_id, change in self.changes.items():
            if content_id not in self.aside:
                self._apply(change)


# Readings

def canonical(value: Value) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def reading(rule: Rule, entries: Iterable[Change], group: str) -> dict[str, Any]:
    """How the live entries of a group show: the same pure function at every replica."""
    ordered = sorted(entries, key=lambda c: (c.time, c.replica, c.edition, c.content_id))
    values = [change.writes[group].value for change in ordered]
    distinct = {canonical(value): value for value in values}
    kind = rule["kind"]

    def shows(value: Value) -> dict[str, Any]:
        return {"shown": value, "conflict": False, "all": values}

    if kind == "union":
        return shows(list(distinct.values()) or None)
    if kind == "owner":
        owners = [c for c in ordered if c.role == rule["owner"] and ("unit" not in rule or c.unit == rule["unit"])]
        owned = {canonical(c.writes[group].value): c.writes[group].value for c in owners}
        if len(owned) == 1:
            return shows(next(iter(owned.values())))
    if len(distinct) <= 1:
        return shows(values[0] if values else None)
    if kind == "latest":
        sound = [change for change in ordered if not change.doubt]
        if sound:
            return shows(sound[-1].writes[group].value)
    if kind == "furthest":
        chain = [canonical(value) for value in rule["chain"]]
        if all(value in chain for value in distinct):
            return shows(distinct[max(distinct, key=chain.index)])
    return {"shown": None, "conflict": True, "all": values}


STAFF: Rule = {"kind": "staff"}


def readings(rules: dict[str, Rule], view: View) -> dict[str, dict[str, Any]]:
    return {g: reading(rules.get(g, STAFF), entries.values(), g) for g, entries in sorted(view.live.items())}


# JSON

def dots_from(pairs: list[list[Any]]) -> frozenset[Dot]:
    return frozenset((replica, edition) for replica, edition in pairs)


def dots_to(dots: Iterable[Dot]) -> list[list[Any]]:
    return [list(dot) for dot in sorted(dots)]


def change_from(data: dict[str, Any]) -> Change:
    author = data.get("author", {})
    return Change(
        content_id=data["content_id"], replica=data["replica"], sequence=data["sequence"], case=data["case"],
        edition=data["edition"],
        writes={g: Write(w["value"], dots_from(w["replaces"])) for g, w in data["writes"].items()},
        role=author.get("role", "window"), unit=author.get("unit", ""), user=author.get("user", ""),
        time=data.get("time", 0), doubt=data.get("doubt", False),
        asides={t: Aside(a["reason"], dots_from(a["replaces"])) for t, a in data.get("asides", {}).items()})


def change_to(change: Change) -> dict[str, Any]:
    data: dict[str, Any] = {
        "content_id": change.content_id, "replica": change.replica, "sequence": change.sequence, "case": change.case,
        "edition": change.edition,
        "writes": {g: {"value": w.value, "replaces": dots_to(w.replaces)} for g, w in change.writes.items()},
        "author": {"role": change.role, "unit": change.unit, "user": change.user},
        "time": change.time, "doubt": change.doubt}
    if change.asides:
        data["asides"] = {t: {"reason": a.reason, "replaces": dots_to(a.replaces)} for t, a in change.asides.items()}
    return data


def view_to(seed: Any, rules: dict[str, Rule], view: View) -> dict[str, Any]:
    return {
        "seed": seed,
        "live": {group: [[c.replica, c.edition, c.content_id, c.writes[group].value]
                         for c in sorted(entries.values(), key=lambda c: (c.replica, c.edition, c.content_id))]
                 for group, entries in sorted(view.live.items())},
        "seen": {replica: [highest, list(above)] for replica, (highest, above) in sorted(view.seen.items())},
        "fingerprint": f"{view.fingerprint:064x}",
        "aside": sorted(view.aside),
        "forked": dots_to(view.forked),
        "readings": readings(rules, view)}


def main() -> int:
    if sys.argv[1:] != ["--json"]:
        print("usage: fold.py --json    (one history a line on stdin; see the docstring)", file=sys.stderr)
        return 64
    for line in sys.stdin:
        if not line.strip():
            continue
        history = json.loads(line)
        changes = [change_from(data) for data in history["changes"]]
        if len({change.case for change in changes}) > 1:
            print(f"seed {history.get('seed')}: changes of more than one case", file=sys.stderr)
            return 65
        rules = history.get("rules", {})
        print(json.dumps(view_to(history.get("seed"), rules, fold(changes)), ensure_ascii=False, separators=(",", ":")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
