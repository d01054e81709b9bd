#!/usr/bin/env python3
"""Deliberately broken builds: the simulation must catch each of them, or its checkers prove nothing.

    Tests/Mutants/mutants.py [--seeds N] [NAME…]     builds each in a copy under .build and simulates until it is caught
    Tests/Mutants/mutants.py --check                 only sees to it that each can still be made

A mutant replaces text that stands exactly once in the file that it names. It prints the seed that caught each and how many ran
until then, notes that in caught.json, and ends with 1 if one was not caught within so many seeds.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CAUGHT = Path(__file__).with_name("caught.json")
WINDOW, CENTRAL, FOLD = "Sources/WindowAgent/", "Sources/CentralServer/", "SyncProtocol/Fold/"

# Name: [(file, what stands there, what is put in its place)]. The first ones are those that SYNC.md names.
MUTANTS = {
    "a store that is opened again writes on under the old replica (noincarnation)": [(
        WINDOW + "Store/WindowStore+Log.swift",
        "        let opened = try addReplica(ReplicaID(rawValue: environment.random()))\n",
        """        let last = try database.first("SELECT id FROM replica ORDER BY number DESC LIMIT 1") {
            row throws(DatabaseError) in try row.replicaID(0)
        }
        let known = try last.flatMap { try ownReplica($0) }
        let opened = try known.map {
            OpenReplica(id: $0.id, number: $0.number, sequence: $0.sequence, chain: $0.chain)
        } ?? addReplica(ReplicaID(rawValue: environment.random()))
""")],
    "central does not compare chains (nochain)": [
        (CENTRAL + "Exchange/Reception.swift",
         "if try chain(of: record, at: head.sequence) == head.chain {",
         "if try chain(of: record, at: head.sequence) == head.chain || head.sequence > 0 {"),
        (CENTRAL + "Exchange/RunPlan.swift",
         """        guard before == chain, overlap.sent == overlap.linked else {
            self = .fork
            return
        }
""", "")],
    "central does not look at the witness (noregress)": [(
        CENTRAL + "Exchange/Reception.swift",
        """        guard request.cursor <= head.position, request.witness.position <= head.position else { return false }
        let place = try transaction.feedHead(of: request.hospital, at: request.witness.position)
        return place?.chain == request.witness.chain
""", "        return true\n")],
    "a central that went back gets nothing but a new cursor (nostatepush)": [(
        WINDOW + "Sync/SyncState.swift",
        "            repair = Repair(cause: .centralWentBack)\n            return .repair\n",
        "            (place, witness) = (FeedPlace(), .start)\n            return .repair\n")],
    "a repair sends own changes only": [(
        WINDOW + "Store/WindowStore+Repair.swift",
        "        if try isRefused(change.replica, change.sequence, because: Self.badReceipt) { return false }\n",
        "        if change.sequence > 0 { return false }\n")],
    "central takes others' changes without a receipt (noreceipt)": [(
        CENTRAL + "Exchange/Reception+Pushes.swift",
        "guard ledger.books.receipts.isGenuine(receipt, for: id, in: request.hospital),",
        "guard ledger.books.receipts.isGenuine(receipt, for: id, in: request.hospital) || sequence > 0,")],
    "the last writer wins (lww)": [(
        FOLD + "Register.swift",
        "        standing.insert(value, at: index)\n",
        "        standing.insert(value, at: index)\n        standing = Array(standing.suffix(1))\n")],
    "a window takes all that it sent for confirmed": [(
        WINDOW + "Store/WindowStore+Take.swift",
        "let confirmed = min(watermark.sequence, own.sequence)", "let confirmed = own.sequence")],
    "the cursor is saved apart from its data": [(
        WINDOW + "Store/WindowStore+Take.swift",
        """        return try write {
            memory.generation &+= 1
            var taken = Taken()
            let now = environment.milliseconds()
            try noteContact(at: now)
            var state = try loadSyncState()
""",
        """        if !response.hasMore, !outgoing.request.isRepair, response.head.position > outgoing.place.point.position {
            try write {
                var early = try loadSyncState()
                (early.place.point, early.witness) = (response.head, response.head)
                try save(early)
            }
        }
        return try write {
            memory.generation &+= 1
            var taken = Taken()
            let now = environment.milliseconds()
            try noteContact(at: now)
            var state = try loadSyncState()
            if state.place.point == response.head { state.place = outgoing.place }
""")],
    "what a restarted window was repairing is forgotten": [(
        WINDOW + "Store/WindowStore.swift",
        "        memory = Memory(\n",
        "        try database.execute(\"UPDATE sync_state SET repair_cause = NULL\")\n        memory = Memory(\n")],
    "a receipt is not kept with its change": [(
        WINDOW + "Store/WindowStore+Log.swift",
        "            SQLiteValue(receipt?.bytes), .integer(Int64(savedAt))\n",
        "            SQLiteValue(receipt.map { _ in [UInt8](repeating: 0, count: 16) }), .integer(Int64(savedAt))\n")],
    "central writes under the same replica after every start": [(
        CENTRAL + "Store/SQLite/SQLiteTransaction+Log.swift",
        "    func ownReplica() throws(CentralError) -> ReplicaID { session.replica }\n",
        "    func ownReplica() throws(CentralError) -> ReplicaID { ReplicaID(rawValue: 42) }\n")],
    "runs behind a fork are taken": [(
        CENTRAL + "Exchange/Reception+Pushes.swift",
        "guard !hasStopped else { return }", "guard !forked.contains(replica) else { return }")],
    "what a change that is set aside had replaced stays replaced": [(
        FOLD + "CaseState+All.swift", "            by: inEffect,\n", "            by: all,\n")],
    "nothing is passed through a change that is set aside": [(
        FOLD + "CaseState+All.swift",
        "passing: contents.compactMapValues { $0.count == 1 && isAside($0[0].id) ? $0[0] : nil })",
        "passing: contents.compactMapValues { $0.count < 0 && isAside($0[0].id) ? $0[0] : nil })")],
    "of a dot with two contents only the first is kept": [(
        FOLD + "CaseState+All.swift",
        "            contents[change.dot, default: []].append(change)\n",
        "            if contents[change.dot] == nil { contents[change.dot] = [change] }\n")],
    "a settlement names not all that it replaces": [(
        CENTRAL + "Desk/MergeDesk.swift",
        "let write = ChangeContent.Write(value: value, replaces: register.dots)",
        "let write = ChangeContent.Write(value: value, replaces: Array(register.dots.dropLast()))")],
    "what a moved case's author still brings is not told to the others": [(
        CENTRAL + "Log/Ledger.swift",
        "        try tellLate(change, number, from: hospital)\n", "")],
    "a change of a stranger's case is not judged": [(
        CENTRAL + "Exchange/Reception+Pushes.swift",
        "            try ledger.setAside(change.id, on: change.caseID, reason: reason, for: hospital)\n",
        "            _ = (reason, hospital)\n")],
}


def check():
    faults = []
    for name, edits in MUTANTS.items():
        for file, old, _ in edits:
            count = (ROOT / file).read_text().count(old)
            if count != 1:
                faults.append(f"{Path(__file__).name}: {name}: {file} has it {count} times")
    return faults


def run(name, edits, tree, seeds):
    before = {file: (tree / file).read_text() for file, _, _ in edits}
    try:
        for file, old, new in edits:
            path = tree / file
            path.write_text(path.read_text().replace(old, new))
        built = subprocess.run(
            ["swift", "build", "--product", "soak"], cwd=tree, capture_output=True, text=True)
        if built.returncode != 0:
            errors = [line for line in built.stdout.splitlines() if "error:" in line]
            return None, "does not build: " + " ".join(errors[:2])
        soak = subprocess.run(
            [tree / ".build/debug/soak", "--seeds", str(seeds), "--from", "1"], capture_output=True, text=True)
        lines = soak.stdout.splitlines()
        found = [index for index, line in enumerate(lines) if line.startswith("SEED=")]
        if not found:
            # A trap is a catch, too: the process ended by a signal.
            return (0, "ended by a signal") if soak.returncode < 0 else (None, f"not caught in {seeds} seeds")
        seed = int(lines[found[0]].split()[0].removeprefix("SEED="))
        return (seed, lines[found[0] + 1].strip()[:160]), None
    finally:
        for file, text in before.items():
            (tree / file).write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    faults = check()
    if faults:
        sys.exit("\n".join(faults))
    if options.check:
        return
    tree = ROOT / ".build/mutants"
    tree.mkdir(parents=True, exist_ok=True)
    for part in ["Package.swift", "Sources", "SyncProtocol", "Tests", "Benchmarks"]:
        shutil.rmtree(tree / part, ignore_errors=True)
        # With the times of the files, so that only what differs is built again.
        subprocess.run(["cp", "-a", ROOT / part, tree / part], check=True)
    caught = json.loads(CAUGHT.read_text()) if CAUGHT.exists() else {}
    failed = 0
    for name, edits in MUTANTS.items():
        if options.names and not any(word in name for word in options.names):
            continue
        found, fault = run(name, edits, tree, options.seeds)
        if fault:
            failed += 1
            caught.pop(name, None)
            print(f"NOT CAUGHT  {name}: {fault}", flush=True)
        else:
            caught[name] = {"seed": found[0], "violation": found[1]}
            print(f"caught by seed {found[0]:4}  {name}: {found[1]}", flush=True)
        CAUGHT.write_text(json.dumps(caught, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
