"""The whole protocol (DESIGN.md sections 4 to 6), executable: agents, central, random schedules, faults, invariants.

usage: exchange.py [schedules] [mutation+mutation] [--from SEED] [--live] [--rollbacks]
       exchange.py --mutations [schedules] [--rollbacks]     each mutation alone, until it is caught: the table of the README

`--live` adds clones of RUNNING machines (memory snapshots). `--rollbacks` makes small falls of central and sticks frequent.
Exit status 1 if an invariant was violated.

Mutations (each takes one part of the protocol away):
  noincarnation   a reopened store goes on under its old replica       nochain       central does not check run chains
  nowitness       the witness is not compared                         nofeedchain   neither witness nor cursor has a chain value
  nocursorcheck   the cursor's chain value is not compared             noheads       confirmed heads are not compared
  ownlogonly      a repair pushes own changes only                     noreceipt     receipts are not checked
  receiptlost     receipts are not stored with the change              witnessreset  a change of scope resets the witness
  repairreset     the repair state does not survive an opening         nomarker      a finished repair leaves no entry in the feed
  noownentry      own changes of a case out of scope are not in the feed
  bundleack       an acknowledgement from a stick is trusted like one from an exchange
  stickwitness    a stick raises the witness without linking to the old one
  asideforgets    what a set-aside change had replaced stays replaced  asidelate     a set-aside follows its target in the feed
  enterorder      when a case enters, set-asides follow their targets  repairorder   a repair pushes set-asides after their targets
  lww             the greatest (time, dot) wins at every replica
  resyncresets    a forced resync resets cursor and witness, without a repair
  cursorapart     the cursor is saved apart from the data              ackbeforecommit  central acknowledges before it commits
"""
from __future__ import annotations

import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from fold import Aside, CaseFold, Change, Write
from laws import live_by_search

MUTATIONS = ("noincarnation+nochain noincarnation nowitness nofeedchain nocursorcheck noheads ownlogonly noreceipt receiptlost "
             "lww witnessreset repairreset nomarker noownentry bundleack stickwitness asideforgets asidelate enterorder "
             "repairorder resyncresets cursorapart ackbeforecommit noheads+nowitness noheads+nocursorcheck").split()
MUTATED: frozenset[str] = frozenset()

ZERO = b"0"                     # the chain value before the first
Position = tuple[int, bytes]    # place in a feed and the chain value there
START: Position = (0, ZERO)
MAC_KEY = b"outside central's database and its backups"
UNLIMITED = 1 << 30
# group → the only role that may write it (None: anybody)
OWNERS = {"birth": "window", "result": "department", "phone": None, "name": None}
WINDOW_GROUPS, CENTRAL_GROUPS = ["birth", "phone", "name"], ["phone", "name"]


class Violation(Exception):
    pass


def link(previous: bytes, content: str) -> bytes:
    return hashlib.sha256(previous + content.encode()).digest()


def receipt_for(content_id: str, hospital: str) -> bytes:
    return hashlib.blake2b(f"{content_id} {hospital}".encode(), key=MAC_KEY, digest_size=16).digest()


def make_change(replica: str, sequence: int, case: str, edition: int, writes: dict[str, Write], role: str, now: int,
                asides: dict[str, Aside]) -> Change:
    body = (case, edition, sorted((g, w.value, sorted(w.replaces)) for g, w in writes.items()), role, now,
            sorted((t, str(a.reason), sorted(a.replaces)) for t, a in asides.items()))
    content_id = hashlib.sha256(f"{replica} {sequence} {body}".encode()).hexdigest()
    return Change(content_id, replica, sequence, case, edition, writes, role, time=now, asides=asides)


class LastWriterWins(CaseFold):
    """Mutation lww."""
    __slots__ = ()

    def _apply(self, change: Change) -> None:
        for group in change.writes:
            entries = {**self.live.get(group, {}), change.content_id: change}
            winner = max(entries.values(), key=lambda c: (c.time, c.dot))
            self.live[group] = {winner.content_id: winner}


class ForgetfulFold(CaseFold):
    """Mutation asideforgets: a set-aside change leaves the fold, but what it replaced does not come back."""
    __slots__ = ()

    def _fold_anew(self) -> None:
        CaseFold._fold_anew(self)
        for change in self.changes.values():
            for group, write in change.writes.items():
                if change.content_id in self.aside:
                    self.replaced.setdefault(group, set()).update(write.replaces)
                    self.live[group] = {i: c for i, c in self.live.get(group, {}).items() if c.dot not in write.replaces}


def new_fold() -> CaseFold:
    if "lww" in MUTATED:
        return LastWriterWins()
    if "asideforgets" in MUTATED:
        return ForgetfulFold()
    return CaseFold()


def copy_fold(case: CaseFold) -> CaseFold:
    other = case.copy()
    if type(case) is not CaseFold:
        typed = type(case)()
        for name in CaseFold.__slots__:
            setattr(typed, name, getattr(other, name))
        return typed
    return other


class Run:
    """The changes of one replica, by the one who wrote them: sequence, chain, editions, and how far central has confirmed."""
    __slots__ = ("replica", "changes", "chain", "editions", "confirmed", "confirmed_at")

    def __init__(self, replica: str) -> None:
        self.replica = replica
        self.changes: list[Change] = []
        self.chain: list[bytes] = [ZERO]
        self.editions: dict[str, int] = {}
        self.confirmed = 0                      # sequence up to which central has said: durable
        self.confirmed_at = 0                   # feed position at which it said so

    def copy(self) -> Run:
        other = Run.__new__(Run)
        other.replica, other.confirmed, other.confirmed_at = self.replica, self.confirmed, self.confirmed_at
        other.changes, other.chain, other.editions = self.changes[:], self.chain[:], self.editions.copy()
        return other

    def part(self, first: int, last: int) -> RunPart:
        """The changes with the sequences first + 1 to last."""
        return RunPart(self.replica, self.chain[first], first + 1, self.changes[first:last], self.chain[first + 1:last + 1])


class Store:
    """What agent and central have in common: changes, folds, own runs, and a replica per opening."""

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.cases: dict[str, CaseFold] = {}
        self.held: dict[str, Change] = {}
        self.runs: dict[str, Run] = {}
        self.writer: str | None = None          # memory only: gone with every opening

    def copy_store_into(self, other: Store) -> None:
        other.name, other.world, other.writer = self.name, self.world, self.writer
        other.cases = {case: copy_fold(fold) for case, fold in self.cases.items()}
        other.held = self.held.copy()
        other.runs = {replica: run.copy() for replica, run in self.runs.items()}

    def open(self) -> None:
        if "noincarnation" not in MUTATED:
            self.writer = None
        if "repairreset" in MUTATED and isinstance(self, Agent):
            self.repair = False

    def case(self, name: str) -> CaseFold:
        fold = self.cases.get(name)
        if fold is None:
            fold = self.cases[name] = new_fold()
        return fold

    def keep(self, change: Change) -> bool:
        if change.content_id in self.held:
            return False
        self.held[change.content_id] = change
        self.case(change.case).add(change)
        return True

    def compose(self, case: str, role: str, values: dict[str, str], asides: dict[str, Aside] | None = None) -> Change:
        """One saved act: mints the replica if this opening has none yet, and takes sequence, edition and chain in one go."""
        if self.writer is None:
            self.writer = f"{self.world.rng.getrandbits(64):016x}"
            self.runs[self.writer] = Run(self.writer)
        run, fold = self.runs[self.writer], self.case(case)
        edition = run.editions[case] = run.editions.get(case, 0) + 1
        writes = {group: Write(value, fold.live_dots(group)) for group, value in values.items()}
        change = make_change(run.replica, len(run.chain), case, edition, writes, role, self.world.clock(), asides or {})
        run.changes.append(change)
        run.chain.append(link(run.chain[-1], change.content_id))
        return change


# The wire

@dataclass(slots=True)
class RunPart:
    """Changes of one replica in chain order, and the chain value before the first of them."""
    replica: str
    before: bytes
    first: int
    changes: list[Change]
    chain: list[bytes]          # computed by the receiver in the real program


@dataclass(slots=True)
class Request:
    device: str
    hospital: str
    cursor: Position
    witness: Position
    fingerprint: int
    heads: list[tuple[str, int, bytes]]         # (replica, confirmed sequence, chain value there)
    parts: list[RunPart]
    repair: bool = False
    inventory: Agent | None = None              # stands for range verify, then version vectors of the differing cases
    others: list[tuple[Change, bytes | None]] = field(default_factory=list)
    whole: bool = False                         # send own runs with contents too: they are not here
    pull: int = UNLIMITED


@dataclass(slots=True)
class Entry:
    """A feed entry as sent. A change of the device's own replica goes as (replica, sequence) only."""
    kind: str                                   # change | enter | leave | repaired
    case: str
    chain: bytes
    change: Change | None = None
    receipt: bytes | None = None
    own: tuple[str, int] | None = None


@dataclass(slots=True)
class Reply:
    head: Position
    gone_back: bool = False
    confirmed: dict[str, int] = field(default_factory=dict)
    forked: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    unequal: bool = False                       # the fingerprints at the cursor differ
    lacking: list[str] | None = None            # repair: content IDs that central lacks, set-asides first
    linked: dict[str, int] = field(default_factory=dict)
    repaired: bool = False


@dataclass(slots=True)
class Stick:
    """A bundle. To central: parts of runs. To a hospital: a slice of the feed with the head and what is durable."""
    device: str
    hospital: str
    parts: list[RunPart] = field(default_factory=list)
    start: Position = START
    entries: list[Entry] = field(default_factory=list)
    head: Position = START
    confirmed: dict[str, int] = field(default_factory=dict)


class Feed:
    """One hospital's list: entries, chain values and the running sum of the scope; row 0 is the state before the first."""
    __slots__ = ("entries", "chain", "sums", "scope", "left")

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, str]] = [("", "", "")]      # kind, case, content ID
        self.chain: list[bytes] = [ZERO]
        self.sums: list[int] = [0]
        self.scope: dict[str, int] = {}                                # case → sum of its content IDs in this feed
        self.left: set[str] = set()

    def copy(self) -> Feed:
        other = Feed.__new__(Feed)
        other.entries, other.chain, other.sums = self.entries[:], self.chain[:], self.sums[:]
        other.scope, other.left = self.scope.copy(), self.left.copy()
        return other

    @property
    def head(self) -> Position:
        return len(self.chain) - 1, self.chain[-1]

    def fits(self, position: Position) -> bool:
        return position[0] < len(self.chain) and self.chain[position[0]] == position[1]

    def append(self, kind: str, case: str, content: str = "") -> None:
        total = self.sums[-1]
        if kind == "enter":
            self.scope[case] = 0
        elif kind == "leave":
            total -= self.scope.pop(case)
            self.left.add(case)
        elif kind == "change" and case in self.scope:
            number = int(content, 16)
            self.scope[case] += number
            total += number
        self.entries.append((kind, case, content))
        self.chain.append(link(self.chain[-1], f"{kind} {case} {content}"))
        self.sums.append(total)


class Central(Store):
    def __init__(self, world: World) -> None:
        super().__init__("central", world)
        self.feeds: dict[str, Feed] = {}
        # replica → chain values taken in chain order → sequence; a tree, if the replica forked
        self.linked: dict[str, dict[bytes, int]] = {}
        self.reached: dict[str, int] = {}               # replica → greatest sequence in chain order
        self.bound: dict[str, str] = {}                 # replica → the device that first pushed it as its own
        self.forked: set[str] = set()
        self.waiting: dict[str, Change] = {}            # for a person: no valid receipt
        self.staged: list[tuple[str, str, RunPart]] = []

    def copy(self) -> Central:
        other = Central.__new__(Central)
        self.copy_store_into(other)
        other.feeds = {hospital: feed.copy() for hospital, feed in self.feeds.items()}
        other.linked = {replica: values.copy() for replica, values in self.linked.items()}
        other.reached, other.bound, other.forked = self.reached.copy(), self.bound.copy(), self.forked.copy()
        other.waiting, other.staged = self.waiting.copy(), self.staged[:]
        return other

    # central's own acts

    def write(self, case: str, role: str, values: dict[str, str], asides: dict[str, Aside] | None = None) -> Change:
        change = self.compose(case, role, values, asides)
        self.record(change)
        return change

    def set_aside(self, target: Change, reason: str | None) -> None:
        dots = self.case(target.case).live_aside_dots(target.content_id)
        self.write(target.case, "central", {}, {target.content_id: Aside(reason, dots)})

    def enter(self, hospital: str, case: str) -> None:
        feed = self.feeds[hospital]
        feed.append("enter", case)
        for change in asides_first(self.case(case).changes.values(), "enterorder"):
            feed.append("change", case, change.content_id)

    # what others bring

    def record(self, change: Change) -> None:
        """Log, fold and feeds, in one transaction."""
        self.keep(change)
        for feed in self.feeds.values():
            if change.case in feed.scope:
                feed.append("change", change.case, change.content_id)

    def accept(self, change: Change, hospital: str, own: bool) -> None:
        feed = self.feeds[hospital]
        if change.content_id in self.held:
            # Also a repeat is acknowledged, so also a repeat must be in the feed of the one who is told
            if own and change.case not in feed.scope and ("change", change.case, change.content_id) not in feed.entries:
                self.enter_own(feed, change)
            return
        if change.case not in feed.scope and change.case not in feed.left:
            self.enter(hospital, change.case)
        self.waiting.pop(change.content_id, None)
        reason = why_set_aside(change)
        judged = bool(self.case(change.case).setters.get(change.content_id))     # before it came: not once more
        late = "asidelate" in MUTATED
        if reason and not judged and not late:
            self.set_aside(change, reason)
        self.record(change)
        if reason and not judged and late:
            self.set_aside(change, reason)
        if own and change.case not in feed.scope:
            self.enter_own(feed, change)

    def enter_own(self, feed: Feed, change: Change) -> None:
        """An own change of a case out of scope (it left): what speaks of it first, then it. So the witness covers every ack."""
        if "noownentry" not in MUTATED:
            for word in self.case(change.case).setters.get(change.content_id, []):
                feed.append("change", change.case, word.content_id)
            feed.append("change", change.case, change.content_id)

    def take_part(self, device: str, hospital: str, part: RunPart) -> bool:
        """Own changes of a device, in chain order. False if the part does not link to what is here."""
        if self.bound.get(part.replica, device) != device or part.replica in self.runs:
            self.waiting.update((c.content_id, c) for c in part.changes if c.content_id not in self.held)
            return True
        if "nochain" in MUTATED:
            reached = self.reached.get(part.replica, 0)
            if part.first > reached + 1:
                return False
        elif part.before != ZERO and part.before not in self.linked.get(part.replica, {}):
            return False
        self.bound[part.replica] = device
        values = self.linked.setdefault(part.replica, {})
        for change, value in zip(part.changes, part.chain):
            if "nochain" in MUTATED and change.sequence <= self.reached.get(part.replica, 0):
                continue
            if value not in values:
                if change.sequence <= self.reached.get(part.replica, 0) and "nochain" not in MUTATED:
                    self.forked.add(part.replica)           # keep both, marked; the alarm
                values[value] = change.sequence
                self.reached[part.replica] = max(self.reached.get(part.replica, 0), change.sequence)
            if change.role == "window" or "noreceipt" in MUTATED:
                self.accept(change, hospital, True)
            elif change.content_id not in self.held:
                self.waiting[change.content_id] = change    # no such role for a device; those behind it go on
        return True

    def take_other(self, hospital: str, change: Change, receipt: bytes | None) -> None:
        if change.content_id in self.held:
            return
        if receipt == receipt_for(change.content_id, hospital) or "noreceipt" in MUTATED:
            self.accept(change, hospital, False)
        else:
            self.waiting[change.content_id] = change

    def import_stick(self, stick: Stick) -> None:
        self.staged.extend((stick.device, stick.hospital, part) for part in stick.parts)
        progress = True
        while progress:
            progress = False
            for item in list(self.staged):
                if self.take_part(*item):
                    self.staged.remove(item)
                    progress = True

    def export_stick(self, device: str, hospital: str, start: int, length: int) -> Stick:
        feed = self.feeds[hospital]
        start = min(start, len(feed.chain) - 1)
        end = min(start + length, len(feed.chain) - 1)
        return Stick(device, hospital, start=(start, feed.chain[start]), head=feed.head,
                     entries=[self.entry(feed, hospital, p, None) for p in range(start + 1, end + 1)],
                     confirmed={r: n for r, n in self.reached.items() if self.bound[r] == device and r not in self.forked})

    def entry(self, feed: Feed, hospital: str, position: int, device: str | None) -> Entry:
        kind, case, content = feed.entries[position]
        entry = Entry(kind, case, feed.chain[position])
        if kind == "change":
            change = self.held[content]
            if device is not None and self.bound.get(change.replica) == device:
                entry.own = (change.replica, change.sequence)
            else:
                entry.change, entry.receipt = change, receipt_for(content, hospital)
        return entry

    def linked_to(self, run: Run) -> int:
        if "nochain" in MUTATED:
            return min(self.reached.get(run.replica, 0), len(run.changes))
        values = self.linked.get(run.replica, {})
        sequence = len(run.changes)
        while sequence and run.chain[sequence] not in values:
            sequence -= 1
        return sequence

    def knows_head(self, replica: str, sequence: int, value: bytes) -> bool:
        if sequence == 0:
            return True
        if "nochain" in MUTATED:
            return self.reached.get(replica, 0) >= sequence
        return value in self.linked.get(replica, {})

    def exchange(self, request: Request) -> Reply:
        """One round trip; all that it changes is one transaction, committed before the reply leaves."""
        feed = self.feeds[request.hospital]
        if request.repair:
            reply = Reply(feed.head)
            if request.inventory is not None:
                agent = request.inventory
                reply.linked = {replica: self.linked_to(run) for replica, run in agent.runs.items()}
                reply.lacking = self.lacking(agent)
                unlinked = any(reply.linked[r] < len(run.changes) for r, run in agent.runs.items())
                if not reply.lacking and not unlinked:
                    if "nomarker" not in MUTATED:
                        feed.append("repaired", "", f"{self.world.rng.getrandbits(64):016x}")
                    reply.repaired = True
            for part in request.parts:
                self.take_part(request.device, request.hospital, part)
            for change, receipt in request.others:
                self.take_other(request.hospital, change, receipt)
            reply.head = feed.head
            return reply
        if (not feed.fits(request.cursor) and not {"nocursorcheck", "nofeedchain"} & MUTATED
                or not feed.fits(request.witness) and not {"nowitness", "nofeedchain"} & MUTATED
                or "noheads" not in MUTATED and not all(self.knows_head(*head) for head in request.heads)):
            return Reply(feed.head, gone_back=True)
        reply = Reply(feed.head)
        cursor = min(request.cursor[0], len(feed.chain) - 1)
        reply.unequal = request.fingerprint != feed.sums[cursor]
        for part in request.parts:
            if not self.take_part(request.device, request.hospital, part):
                return Reply(feed.head, gone_back=True)
            reply.confirmed[part.replica] = part.first + len(part.changes) - 1
            if part.replica in self.forked:
                reply.forked.add(part.replica)
        end = min(len(feed.chain) - 1, cursor + request.pull)
        device = None if request.whole else request.device
        reply.entries = [self.entry(feed, request.hospital, p, device) for p in range(cursor + 1, end + 1)]
        reply.head = feed.head
        return reply

    def lacking(self, agent: Agent) -> list[str]:
        """What the agent holds and central lacks: by version vector; where that says nothing but the sums differ, by content."""
        result: list[Change] = []
        for case, theirs in agent.cases.items():
            ours = self.cases.get(case)
            missing = [c for c in theirs.changes.values() if ours is None or not ours.has_seen(c.dot)]
            if not missing and ours is not None and ours.total != theirs.total:
                missing = [c for i, c in theirs.changes.items() if i not in ours.changes]
            result.extend(c for c in missing if c.content_id not in self.waiting)
        return [c.content_id for c in asides_first(result, "repairorder")]


def asides_first(changes: Iterable[Change], mutation: str) -> list[Change]:
    return sorted(changes, key=lambda change: bool(change.asides) == (mutation in MUTATED))


def why_set_aside(change: Change) -> str | None:
    for group, write in change.writes.items():
        owner = OWNERS[group]
        if owner is not None and change.role != owner:
            return "not-owner"
        if write.value == "large":
            return "too-large"
    return None


class Agent(Store):
    def __init__(self, name: str, device: str, hospital: str, world: World) -> None:
        super().__init__(name, world)
        self.device, self.hospital = device, hospital
        self.cursor: Position = START
        self.witness: Position = START
        self.fed: dict[str, set[str]] = {}              # scope at the cursor: case → content IDs that the feed brought
        self.visible: set[str] = set()                  # cases that the clerk sees: the scope, and own new ones
        self.receipts: dict[str, bytes] = {}
        self.repair = False
        self.whole = False

    def copy(self) -> Agent:
        other = Agent.__new__(Agent)
        self.copy_store_into(other)
        other.device, other.hospital = self.device, self.hospital
        other.cursor, other.witness, other.repair, other.whole = self.cursor, self.witness, self.repair, self.whole
        other.fed = {case: contents.copy() for case, contents in self.fed.items()}
        other.visible, other.receipts = self.visible.copy(), self.receipts.copy()
        return other

    def write(self, case: str, values: dict[str, str]) -> Change:
        change = self.compose(case, "window", values)
        self.visible.add(case)
        self.keep(change)
        return change

    def fingerprint(self) -> int:
        """Of what is really in the store, for the scope at the cursor."""
        return sum(int(i, 16) for contents in self.fed.values() for i in contents if i in self.held)

    def unsent(self, budget: int) -> list[RunPart]:
        parts = []
        for run in self.runs.values():
            first, last = run.confirmed, min(len(run.changes), run.confirmed + budget)
            if first < last:
                parts.append(run.part(first, last))
                budget -= last - first
        return parts

    def request(self, push: int, pull: int) -> Request:
        heads = [(r.replica, r.confirmed, r.chain[r.confirmed]) for r in self.runs.values()
                 if r.replica == self.writer or r.confirmed < len(r.changes) or r.confirmed_at > self.cursor[0]]
        return Request(self.device, self.hospital, self.cursor, self.witness, self.fingerprint(), heads, self.unsent(push),
                       whole=self.whole, pull=pull)

    def exchange_once(self, push: int, pull: int, fate: str) -> bool:
        """One exchange, or two steps of a repair. False if nothing more is to be done, or the link is cut."""
        if self.repair:
            return self.repair_once(push, fate)
        reply = self.world.send(self.request(push, pull), fate)
        if reply is None:
            return False
        if reply.gone_back:
            self.repair = True                          # durable, before anything else
            self.world.counts["repairs"] += 1
            return fate == "whole"
        if reply.unequal:
            raise Violation(f"FINGERPRINT {self.name}: unequal while witness, cursor and heads fit")
        if reply.head[0] > self.witness[0] or {"witnessreset", "nowitness", "nofeedchain"} & MUTATED:
            self.witness = reply.head                   # durable, before use
        if fate == "crash before commit":
            if "cursorapart" in MUTATED and reply.entries:
                self.cursor = (self.cursor[0] + len(reply.entries), reply.entries[-1].chain)
            self.open()
            return False
        for replica, sequence in reply.confirmed.items():
            run = self.runs[replica]
            run.confirmed = max(run.confirmed, sequence)
            run.confirmed_at = reply.head[0]
            self.world.acknowledged.update(c.content_id for c in run.changes[:run.confirmed])
        for run in self.runs.values():
            if run.confirmed_at == UNLIMITED:           # told by a stick; the heads of this exchange fitted
                run.confirmed_at = reply.head[0]
        if self.writer in reply.forked:
            self.writer = None                          # somebody else writes as this replica: the next write is a new one
        self.take(reply.entries)
        if self.cursor == reply.head:
            self.visible = set(self.fed) | {c.case for r in self.runs.values() for c in r.changes[r.confirmed:]}
        if fate == "crash after commit":
            self.open()
            return False
        return self.cursor != reply.head or any(r.confirmed < len(r.changes) for r in self.runs.values())

    def take(self, entries: list[Entry]) -> None:
        """Feed entries after the cursor, with the cursor, in one transaction."""
        for entry in entries:
            position, value = self.cursor
            change = entry.change
            if entry.own is not None:
                replica, sequence = entry.own
                run = self.runs.get(replica)
                change = run.changes[sequence - 1] if run is not None and sequence <= len(run.changes) else None
                if change is None or link(value, f"change {entry.case} {change.content_id}") != entry.chain:
                    self.whole = True                   # an own change that is not here (restored, or a clone's): ask for it
                    return
            if entry.kind == "enter":
                self.fed[entry.case] = set()
                self.visible.add(entry.case)
                self.change_of_scope()
            elif entry.kind == "leave":
                self.fed.pop(entry.case)
                self.visible.discard(entry.case)        # hidden, not wiped
                self.change_of_scope()
            elif entry.kind == "change":
                assert change is not None
                fresh = self.keep(change)
                if entry.receipt is not None and "receiptlost" not in MUTATED:
                    self.receipts[change.content_id] = entry.receipt
                if entry.case in self.fed:
                    self.fed[entry.case].add(change.content_id)
                if fresh and change.content_id in self.world.forged and not self.case(change.case).set_aside(change.content_id):
                    raise Violation(f"FORGED in effect at {self.name}")
            self.cursor = (position + 1, entry.chain)
        self.whole = False

    def change_of_scope(self) -> None:
        if "witnessreset" in MUTATED:
            self.witness = START

    def repair_once(self, push: int, fate: str) -> bool:
        asked = self.world.send(Request(self.device, self.hospital, self.cursor, self.witness, 0, [], [], True, self), fate)
        if asked is None:
            return False
        own = {c.content_id for run in self.runs.values() for c in run.changes}
        lacking = [i for i in asked.lacking or [] if i not in own]
        if "ownlogonly" in MUTATED:
            lacking, asked.repaired = [], all(asked.linked[r] == len(run.changes) for r, run in self.runs.items())
        if asked.repaired:                              # one transaction: the feed is read again, what is here is not taken twice
            for run in self.runs.values():
                run.confirmed, run.confirmed_at = len(run.changes), asked.head[0]
                self.world.acknowledged.update(c.content_id for c in run.changes)
            self.repair = False
            self.cursor, self.fed, self.witness = START, {}, asked.head
            return True
        parts = []
        others = [(self.held[i], self.receipts.get(i)) for i in lacking]
        if "repairorder" not in MUTATED and others and others[0][0].asides:
            others = [other for other in others if other[0].asides]     # before their targets, also before those in own runs
        else:
            for replica, run in self.runs.items():
                first, last = asked.linked[replica], min(len(run.changes), asked.linked[replica] + push)
                if first < last:
                    push -= last - first
                    parts.append(run.part(first, last))
        reply = self.world.send(Request(self.device, self.hospital, self.cursor, self.witness, 0, [], parts, True, None,
                                        others[:push]), fate)
        return reply is not None and fate == "whole"

    def synchronise(self, faulty: bool) -> None:
        rng = self.world.rng
        if not faulty:
            for _ in range(60):
                if not self.exchange_once(UNLIMITED, UNLIMITED, "whole"):
                    return
            raise Violation(f"ENDLESS {self.name}")
        for _ in range(rng.choice((1, 1, 2, 3, 5))):
            fate = rng.choice(FATES)
            if fate != "whole":
                self.world.counts["cuts"] += 1
            if not self.exchange_once(rng.choice((1, 2, 5, UNLIMITED)), rng.choice((1, 2, 4, UNLIMITED)), fate):
                return

    def export_stick(self) -> Stick | None:
        runs = [run for run in self.runs.values() if run.changes]
        if not runs:
            return None
        run = self.world.rng.choice(runs)
        first = self.world.rng.randrange(len(run.changes))
        last = min(len(run.changes), first + self.world.rng.randrange(1, 6))
        return Stick(self.device, self.hospital, [run.part(first, last)])

    def import_stick(self, stick: Stick) -> None:
        if self.repair or stick.device != self.device:
            return                                      # waits
        for replica, sequence in stick.confirmed.items():
            run = self.runs.get(replica)
            if run is not None and run.confirmed < sequence <= len(run.changes):
                run.confirmed = sequence
                # its head is sent until an exchange agrees: the stick may tell of a central that has gone back since
                run.confirmed_at = stick.head[0] if "bundleack" in MUTATED else UNLIMITED
        if "stickwitness" in MUTATED and stick.head[0] > self.witness[0]:
            self.witness = stick.head
        values = [stick.start[1], *(entry.chain for entry in stick.entries)]
        skip, seen = self.cursor[0] - stick.start[0], self.witness[0] - stick.start[0]
        if not 0 <= skip < len(values) or values[skip] != self.cursor[1]:
            return                                      # does not link to the cursor: waits
        if "stickwitness" not in MUTATED and seen < len(values):
            if seen >= 0 and values[seen] != self.witness[1]:
                self.repair = True                      # another life of the feed: the evidence of the old one must not be lost
                return
            self.witness = (stick.start[0] + len(stick.entries), values[-1])    # raised only through the old one
        self.take(stick.entries[skip:])


FATES = ["whole"] * 8 + ["request lost", "request late", "repeated", "reply lost", "reply lost", "crash before commit",
                         "crash before commit", "crash after commit", "central crash"]


class World:
    """One schedule: central, agents, sticks, backups, and what must hold at the end."""

    def __init__(self, seed: int, live: bool) -> None:
        rng = self.rng = random.Random(seed)
        self.live = live
        self.counts: Counter[str] = Counter()
        self.ticks = 0
        self.forged: set[str] = set()                   # must never be in effect anywhere but in the forger's own store
        self.acknowledged: set[str] = set()
        self.central = Central(self)
        hospitals = ["h0", "h1"] if rng.random() < .3 else ["h0", "h1", "h2"]
        for hospital in hospitals:
            self.central.feeds[hospital] = Feed()
        self.agents = [Agent(f"a{i}", f"d{i}", hospitals[min(i, len(hospitals) - 1)], self) for i in range(3)]
        for i in range(3):
            for j, hospital in enumerate(hospitals):
                if i % len(hospitals) == j or rng.random() < .4:
                    self.central.enter(hospital, f"c{i}")
        for agent in self.agents:
            agent.synchronise(False)
        self.central_backups = [self.central.copy()]
        self.agent_backups: dict[str, list[Agent]] = {}
        self.sticks: list[Stick] = []
        self.cases = [f"c{i}" for i in range(3)]
        self.delayed: Request | None = None
        self.rollback_due = 0                           # steps until central falls back to its last backup
        # a swarm: every schedule has faults of its own that are frequent, and others that it does not have
        self.weights: list[float] = []
        total = 0.0
        for event, weight in WEIGHTS.items():
            if event is World.clone_running and not live:
                weight = 0
            elif event not in (World.clerk_saves, World.exchange):
                weight *= rng.choice((0, 1, 1, 1, 3))
            total += weight
            self.weights.append(total)

    def clock(self) -> int:
        self.ticks += 1
        return self.ticks + self.rng.randrange(-3, 4)

    def send(self, request: Request, fate: str) -> Reply | None:
        if fate in ("request lost", "request late"):
            if fate == "request late" and request.inventory is None:
                self.delayed = request
            return None
        if fate == "repeated" and request.inventory is None:
            self.central.exchange(request)
        before = self.central.copy() if fate == "central crash" else None
        reply = self.central.exchange(request)
        if before is not None:                          # central loses power: before its commit, so nothing was said
            self.central = before
            self.central.open()
            return reply if "ackbeforecommit" in MUTATED else None
        return None if fate == "reply lost" else reply

    # events

    def step(self) -> None:
        event = self.rng.choices(EVENTS, cum_weights=self.weights)[0]
        event(self, self.rng.randrange(len(self.agents)))
        if self.rollback_due:
            self.rollback_due -= 1
            if not self.rollback_due:
                self.restore_central(0)

    def central_edits(self, _: int) -> None:
        rng = self.rng
        role = rng.choice(("department", "central"))
        groups = ["result"] if role == "department" else rng.sample(CENTRAL_GROUPS, rng.choice((1, 2)))
        self.central.write(rng.choice(self.cases), role, {group: f"{role} {rng.randrange(3)}" for group in groups})
        self.counts["central writes"] += 1

    def exchange(self, index: int) -> None:
        self.agents[index].synchronise(True)

    def export_up(self, index: int) -> None:
        stick = self.agents[index].export_stick()
        if stick is not None:
            self.sticks.append(stick)

    def export_down(self, index: int) -> None:
        agent = self.agents[index]
        self.sticks.append(self.central.export_stick(agent.device, agent.hospital, self.rng.randrange(agent.cursor[0] + 1),
                                                     self.rng.choice((1, 4, UNLIMITED))))

    def import_any(self, index: int) -> None:
        if not self.sticks:
            return
        stick = self.rng.choice(self.sticks)            # any, in any order, also twice
        if stick.parts:
            self.central.import_stick(stick)
        else:
            for agent in self.agents:
                if agent.device == stick.device and self.rng.random() < .8:
                    agent.import_stick(stick)
        self.counts["sticks"] += 1

    def late_request(self, _: int) -> None:
        """A request that a proxy kept comes now; nobody waits for the reply."""
        if self.delayed is not None:
            self.central.exchange(self.delayed)
            self.delayed = None
            self.counts["late requests"] += 1

    def back_up_agent(self, index: int) -> None:
        agent = self.agents[index]
        self.agent_backups.setdefault(agent.name, []).append(agent.copy())

    def restore_agent(self, index: int) -> None:
        backups = self.agent_backups.get(self.agents[index].name)
        if backups:
            self.agents[index] = self.rng.choice(backups).copy()
            self.agents[index].open()
            self.counts["agent restores"] += 1

    def clone_agent(self, index: int) -> None:
        if len(self.agents) < 5:
            clone = self.agents[index].copy()
            clone.name += "'"
            clone.open()
            self.agents.append(clone)
            self.counts["clones"] += 1

    def clone_running(self, index: int) -> None:
        if len(self.agents) < 5:
            clone = self.agents[index].copy()
            clone.name += "*"
            self.agents.append(clone)
            self.counts["live clones"] += 1

    def resync(self, index: int) -> None:
        """Ordered by the technician: a repair, which reads the feed again."""
        agent = self.agents[index]
        if "resyncresets" in MUTATED:
            agent.cursor, agent.fed = START, {}
            agent.witness = START
        else:
            agent.repair = True
        self.counts["forced resyncs"] += 1

    def reopen_agent(self, index: int) -> None:
        self.agents[index].open()

    def reopen_central(self, _: int) -> None:
        self.central.open()

    def back_up_central(self, _: int) -> None:
        self.central_backups.append(self.central.copy())

    def restore_central(self, _: int) -> None:
        backups = self.central_backups
        self.central = self.rng.choice((backups[-1], backups[-1], self.rng.choice(backups))).copy()
        self.central.open()
        self.acknowledged &= self.central.held.keys()
        self.counts["central restores"] += 1
        for _ in range(self.rng.choice((0, 0, 1, 2))):  # writes before the first contact
            self.central.write(self.rng.choice(self.cases), "central", {"name": f"late {self.rng.randrange(3)}"})

    def lose_last_commits(self, _: int) -> None:
        """Central will soon be as it is now: a failed-over replica, or a restore from a fresh backup."""
        self.central_backups.append(self.central.copy())
        self.rollback_due = self.rng.randrange(1, 9)

    def change_scope(self, _: int) -> None:
        hospital = self.rng.choice(sorted(self.central.feeds))
        case = self.rng.choice(sorted(self.central.cases))
        feed = self.central.feeds[hospital]
        if case in feed.scope:
            feed.append("leave", case)
        else:
            self.central.enter(hospital, case)
        self.counts["scope changes"] += 1

    def clerk_saves(self, index: int) -> None:
        rng, agent = self.rng, self.agents[index]
        if rng.random() < .06:
            case = f"n{rng.getrandbits(40):x}"
        elif agent.visible:
            case = rng.choice(sorted(agent.visible))
        else:
            return
        values = {group: f"{rng.randrange(4)}" for group in rng.sample(WINDOW_GROUPS, rng.choice((1, 1, 2)))}
        y = rng.random()
        if y < .05:
            values["result"] = "not mine"               # a fault of the program: refused at the door, so set aside at central
        elif y < .08:
            values["phone"] = "large"
        change = agent.write(case, values)
        if why_set_aside(change):
            self.forged.add(change.content_id)
        self.counts["writes"] += 1

    def judge(self, _: int) -> None:
        """A person at central sets a change aside, or takes one up again (never one that `why_set_aside` forbids)."""
        rng = self.rng
        held = [c for c in self.central.held.values() if c.content_id not in self.forged]
        aside = [c for c in held if c.content_id in self.central.cases[c.case].aside]
        if aside and rng.random() < .5:
            self.central.set_aside(rng.choice(aside), None)
        elif held:
            self.central.set_aside(rng.choice(held), "by hand")
        self.counts["judgements"] += 1

    def forge(self, index: int) -> None:
        """An enrolled PC pushes, with its own key, what it must not: now, also while it or others are in repair."""
        rng, central, agent = self.rng, self.central, self.agents[index]
        case = rng.choice(sorted(agent.cases) or self.cases)
        fold = agent.case(case)
        foreign = [c for c in agent.held.values() if c.role != "window"]
        replica = rng.choice([f"{rng.getrandbits(64):016x}", rng.choice(foreign).replica if foreign else "f" * 16])
        role = rng.choice(("department", "central"))
        asides = {}
        if role == "central" and fold.changes:
            asides = {rng.choice(sorted(fold.changes)): Aside("forged", frozenset())}
        forged = make_change(replica, 1, case, rng.randrange(1, 4), {"result": Write("forged", fold.live_dots("result"))}, role,
                             self.clock(), asides)
        self.forged.add(forged.content_id)
        self.counts["forgeries"] += 1
        if rng.random() < .4:
            central.take_part(agent.device, agent.hospital,
                              RunPart(replica, ZERO, 1, [forged], [link(ZERO, forged.content_id)]))
        else:
            others = list(agent.receipts.values())
            receipt = rng.choice([None, bytes(16), rng.choice(others) if others else None])
            central.exchange(Request(agent.device, agent.hospital, START, START, 0, [], [], True, None, [(forged, receipt)]))

    # the end

    def settle(self) -> None:
        for _ in range(14):
            before = [(a.cursor, a.repair) for a in self.agents], [len(f.chain) for f in self.central.feeds.values()]
            for agent in self.agents:
                agent.synchronise(False)
            if before == ([(a.cursor, a.repair) for a in self.agents], [len(f.chain) for f in self.central.feeds.values()]):
                return
        raise Violation("RESTLESS after 14 rounds")

    def run(self) -> None:
        for _ in range(self.rng.randrange(10, 75)):
            self.step()
        alive = {i for store in (*self.agents, self.central) for i in store.held}
        self.settle()
        self.check(alive)

    def check(self, alive: set[str]) -> None:
        central = self.central
        if alive - central.held.keys():
            raise Violation(f"LOST {len(alive - central.held.keys())} changes that a survivor held")
        if self.acknowledged - central.held.keys():
            raise Violation(f"UNACKNOWLEDGED {len(self.acknowledged - central.held.keys())} acknowledged changes not at central")
        if central.waiting.keys() - self.forged:
            raise Violation("WAITING: a genuine change waits for a person")
        for agent in self.agents:
            scope = central.feeds[agent.hospital].scope
            if agent.fed.keys() != scope.keys():
                raise Violation(f"SCOPE {agent.name}")
            if agent.fingerprint() != central.feeds[agent.hospital].sums[-1]:
                raise Violation(f"FINGERPRINT {agent.name} at the end")
            for case in scope:
                ours, theirs = central.case(case).view().key(), agent.case(case).view().key()
                if ours != theirs:
                    raise Violation(f"DIVERGED {agent.name} {case}")
        for case, fold in central.cases.items():
            if fold.forked and not self.live:
                raise Violation(f"FORKED {case}: one dot, two contents")
            live = {group: set(entries) for group, entries in fold.live.items() if entries}
            truth = live_by_search(fold.changes.values())
            if live != truth:
                kinds = [("RETURNED", live, truth), ("VANISHED", truth, live)]
                raise Violation(next(f"{name} {case}" for name, a, b in kinds
                                     if any(a[g] - b.get(g, set()) for g in a)))
            in_live = {i for entries in live.values() for i in entries}
            if in_live & fold.aside:
                raise Violation("BOTH live and set aside")
            for content_id in fold.changes.keys() & self.forged:
                if content_id not in fold.aside or fold.changes[content_id].role != "window":
                    raise Violation("FORGED in effect at central")
            self.counts["set aside"] += len(fold.aside)
            self.counts["conflicts"] += sum(len({c.writes[g].value for c in e.values()}) > 1 for g, e in fold.live.items())
            self.counts["forks"] += len(fold.forked)


WEIGHTS = {
    World.clerk_saves: 34, World.central_edits: 8, World.judge: 3.5, World.exchange: 25, World.export_up: 3, World.export_down: 2,
    World.import_any: 4, World.late_request: 2, World.forge: 2, World.back_up_agent: 2.5, World.restore_agent: 3,
    World.clone_agent: 1.5, World.clone_running: 1.5, World.resync: 1.5, World.reopen_agent: 1.5, World.reopen_central: 1.5,
    World.back_up_central: 3, World.restore_central: 2, World.lose_last_commits: 3, World.change_scope: 3.5}
EVENTS = list(WEIGHTS)
ROLLBACKS = {           # with --rollbacks: small falls of central, sticks and deaths of agents, close together
    World.clerk_saves: 20, World.judge: 1, World.import_any: 14, World.export_down: 8, World.export_up: 6, World.late_request: 0,
    World.forge: 0, World.lose_last_commits: 5, World.restore_agent: 4, World.resync: 3}


def run_schedules(first: int, number: int, live: bool, until_caught: bool = False):
    counts, kinds, example, schedules = Counter(), Counter(), None, 0
    for seed in range(first, first + number):
        world = None
        schedules += 1
        try:
            world = World(seed, live)
            world.run()
        except Violation as violation:
            kinds[str(violation).split()[0].rstrip(":")] += 1
            example = example or (seed, str(violation))
        except (RecursionError, AssertionError, KeyError, IndexError) as failure:
            kinds["PROGRAM " + type(failure).__name__] += 1         # of the model itself: mend it
            example = example or (seed, "PROGRAM " + repr(failure))
        if world is not None:
            counts += world.counts
        if until_caught and kinds:
            break
    return schedules, counts, kinds, example


def main() -> int:
    global MUTATED
    arguments = sys.argv[1:]
    live = "--live" in arguments
    if live:
        arguments.remove("--live")
    if "--rollbacks" in arguments:
        arguments.remove("--rollbacks")
        WEIGHTS.update(ROLLBACKS)
    if arguments[:1] == ["--mutations"]:
        limit = int(arguments[1]) if len(arguments) > 1 else 2000
        for mutation in MUTATIONS:
            MUTATED = frozenset(mutation.split("+"))
            schedules, _, kinds, example = run_schedules(0, limit, live, until_caught=True)
            print(f"{mutation:24} " + (f"caught after {schedules:5} schedules: {example[1]}" if kinds else
                                       f"HARMLESS in {schedules} schedules"), flush=True)
        return 0
    first = 0
    if "--from" in arguments:
        at = arguments.index("--from")
        first = int(arguments[at + 1])
        del arguments[at:at + 2]
    number = int(arguments[0]) if arguments else 2000
    MUTATED = frozenset(arguments[1].split("+") if len(arguments) > 1 else ()) - {"none"}
    began = time.monotonic()
    _, counts, kinds, example = run_schedules(first, number, live)
    print(f"schedules {first}..{first + number - 1} mutations={sorted(MUTATED) or 'none'} live={live} "
          f"violations={sum(kinds.values())} {dict(kinds)} first={example} ({time.monotonic() - began:.0f} s)\n  "
          + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
