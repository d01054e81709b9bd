"""Checks the vectors with the standard library alone: a second reading of PROTOCOL.md, by other code.

    python3 check.py            exits 1 at the first difference; also uses cbor2 if it is installed
"""
import hashlib, hmac, io, json, math, pathlib, re, struct

HERE = pathlib.Path(__file__).parent


class Refused(Exception):
    pass


def encode(value):
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        for lead, form in ((b"\xf9", ">e"), (b"\xfa", ">f"), (b"\xfb", ">d")):
            try:
                packed = struct.pack(form, value)
            except OverflowError:
                continue
            if struct.pack(">d", struct.unpack(form, packed)[0]) == struct.pack(">d", value):
                return lead + packed
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    return head(5, len(value)) + b"".join(k + encode(v) for k, v in sorted(value.items()))  # keys are encoded already


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    size = next(n for n in (1, 2, 4, 8) if number < 1 << 8 * n)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + number.to_bytes(size, "big")


def decode(data, at=0, depth=8):
    """Decodes leniently; whoever calls compares with the encoding."""
    def take(count):
        if at + count > len(data):
            raise Refused("truncated")
        return data[at:at + count]

    first = take(1)[0]
    major, info = first >> 5, first & 31
    at += 1
    if first in (0xF4, 0xF5, 0xF6):
        return {0xF4: False, 0xF5: True, 0xF6: None}[first], at
    if first in (0xF9, 0xFA, 0xFB):
        size, form = {0xF9: (2, ">e"), 0xFA: (4, ">f"), 0xFB: (8, ">d")}[first]
        value = struct.unpack(form, take(size))[0]
        if not math.isfinite(value):
            raise Refused("not finite")
        return value, at + size
    if major in (6, 7) or info > 27:
        raise Refused("unsupported")
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    number = int.from_bytes(take(size), "big") if size else info
    at += size
    if major < 2:
        return (number if major == 0 else -1 - number), at
    if major < 4:
        content = take(number)
        return (bytes(content) if major == 2 else content.decode()), at + number
    if depth == 0 or number > len(data):
        raise Refused("too deep, or truncated")
    if major == 4:
        items = []
        for _ in range(number):
            item, at = decode(data, at, depth - 1)
            items.append(item)
        return items, at
    members = {}
    for _ in range(number):
        start = at
        _, at = decode(data, at, depth - 1)
        key = bytes(data[start:at])
        members[key], at = decode(data, at, depth - 1)
    return members, at


def strict(data, depth=8):
    value, at = decode(data, 0, depth)
    if at != len(data) or encode(value) != data:
        raise Refused("not canonical")
    return value


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def content_id(replica, sequence, body):
    erased = re.fullmatch(rb"\x84\x50.{16}(?:[\x01-\x17]|\x18.|\x19..|\x1a.{4}|\x1b.{8})\x00\x58\x20(.{32})", body, re.S)
    if erased:
        return erased[1]
    return sha(replica, sequence.to_bytes(8, "big"), body)


def load(name):
    return json.loads((HERE / (name + ".json")).read_text())


def unhex(text):
    return bytes.fromhex(text)


def check(holds, *what):
    if not holds:
        raise SystemExit(f"differs: {what}")


def check_cbor():
    for vector in load("cbor"):
        strict(unhex(vector["hex"]))
    for vector in load("cbor-malformed"):
        try:
            strict(unhex(vector["hex"]))
        except (Refused, UnicodeDecodeError):
            continue
        check(False, vector)


def check_cbor2():
    try:
        import cbor2
    except ImportError:
        return "cbor2 is not installed"
    for vector in load("cbor"):
        data = unhex(vector["hex"])
        value = cbor2.loads(data)
        check(cbor2.dumps(value, canonical="{" not in vector["diagnostic"]) == data, vector)
    for name in ("change", "request", "response"):
        for vector in load(name):
            data = unhex(vector.get("body") or vector["hex"])
            stream, again = io.BytesIO(data), b""
            while stream.tell() < len(data):
                again += cbor2.dumps(cbor2.load(stream), canonical=True)
            check(again == data, name, vector["name"])
    return "cbor2 agrees"


def check_chains():
    ids = {}
    for vector in load("change"):
        body = unhex(vector["body"])
        ids[vector["name"]] = content_id(unhex(vector["replica"]), vector["sequence"], body)
        check(ids[vector["name"]].hex() == vector["contentID"], vector["name"])
        case, edition, schema = strict(body, 12)[:3]
        check((case.hex(), edition, schema) == (vector["caseID"].replace("-", ""), vector["edition"], vector["schema"]))
    for name in ("chain-replica", "chain-feed"):
        for vector in load(name):
            value = bytes(32)
            for index, (subject, link, after) in enumerate(zip(vector["subjects"], vector["links"], vector["values"])):
                kind = [1, 3, 4, None][index] if name == "chain-feed" else 0
                made = {0: unhex(subject), None: sha(unhex(subject))}.get(kind) or sha(encode([kind, unhex(subject)]))
                value = sha(value, made)
                check((made.hex(), value.hex()) == (link, after), name, index)


def check_sums():
    for vector in load("fingerprint"):
        total = sum(int(i, 16) for i in vector["added"]) - sum(int(i, 16) for i in vector["subtracted"])
        check(f"{total % (1 << 256):064x}" == vector["sum"], vector["name"])
    for vector in load("receipt"):
        check(vector["input"] == vector["contentID"] + vector["hospital"])
        mac = hmac.new(unhex(vector["key"]), unhex(vector["input"]), "sha256").digest()[:16]
        check(mac.hex() == vector["receipt"], "receipt")
    for vector in load("version-vector"):
        seen = {}
        for dot in vector["dots"]:
            replica, edition = dot.split(".")
            seen.setdefault(replica, set()).add(int(edition))
        form = []
        for replica in sorted(seen):
            top = 0
            while top + 1 in seen[replica]:
                top += 1
            form.append([unhex(replica), top, sorted(e for e in seen[replica] if e > top)])
        check(encode(form).hex() == vector["hex"], vector["name"])
    for vector in load("fold"):
        ids = {content_id(unhex(c["replica"]), c["sequence"], unhex(c["body"])) for c in vector["changes"]}
        total = sum(int.from_bytes(i, "big") for i in ids) % (1 << 256)
        check(f"{total:064x}" == vector["view"]["fingerprint"], vector["name"])


def check_messages():
    for name in ("request", "response"):
        for vector in load(name):
            data, at, again = unhex(vector["hex"]), 0, b""
            while at < len(data):
                item, at = decode(data, at, 12)
                again += encode(item)
            check(again == data, name, vector["name"])


def check_late():
    """The feed's chain over a case that leaves and changes that come late."""
    request, response = (next(v for v in load(name) if v["name"] == "case-leaves") for name in ("request", "response"))
    (asked, _), data, at = decode(unhex(request["hex"]), 0, 12), unhex(response["hex"]), 0
    items = []
    while at < len(data):
        item, at = decode(data, at, 12)
        items.append(item)
    asked, told = ({decode(k)[0]: v for k, v in head.items()} for head in (asked, items[0]))
    position, chain = asked[5]
    for entry in items[1:]:
        if entry[0] == 6:
            entry = [6, content_id(entry[1], entry[2], entry[3])]
        chain = sha(chain, sha(encode(entry)))
    check([position + len(items) - 1, chain] == told[2], "late")


def check_verify():
    """Marks, parts and lists, computed anew from both sides' cases."""
    for vector in load("verify"):
        sides = [[((t.to_bytes(8, "big") + unhex(c)), unhex(c), int(s, 16)) for t, c, s in
                  ((i["lastTime"], i["case"], i["sum"]) for i in vector[side])] for side in ("here", "there")]

        def mark(side, lower, upper, without):
            picked = (s for place, case, s in side
                      if lower.ljust(24, b"\0") <= place < upper.ljust(24, b"\0") and case not in without)
            return (sum(picked) % (1 << 64)).to_bytes(8, "big")

        for turn in vector["turns"]:
            request, response = (strict(unhex(turn[name]["hex"]), 12) for name in ("request", "response"))
            request, response = ({decode(k)[0]: v for k, v in m.items()} for m in (request, response))
            without = request.get(5, [])
            ranges = [(b"", b"\x80")]
            if 3 in request:
                total = sum(s for _, _, s in sides[0]) % (1 << 256)
                check(request[3] == total.to_bytes(32, "big"), "scope")
            else:
                ranges = []
                for stretch in request[4]:
                    for at in range(1, len(stretch), 2):
                        ranges.append((stretch[at - 1], stretch[at + 1]))
                        check(stretch[at] == mark(sides[0], stretch[at - 1], stretch[at + 1], without), "asked")
            answers = dict(response.get(3, []))
            for index, (lower, upper) in enumerate(ranges):
                if index not in answers:
                    check(mark(sides[0], lower, upper, without) == mark(sides[1], lower, upper, without), "equal")
                elif isinstance(answers[index], bytes):
                    listed = sorted((p, c, s) for p, c, s in sides[1]
                                    if lower.ljust(24, b"\0") <= p < upper.ljust(24, b"\0") and c not in without)
                    told = b"".join(c + (s % (1 << 64)).to_bytes(8, "big") for _, c, s in listed)
                    check(told == answers[index], "list")
                else:
                    bounds = [lower, *answers[index][1::2], upper]
                    for at, told in enumerate(answers[index][::2]):
                        check(told == mark(sides[1], bounds[at], bounds[at + 1], without), "part")
            if without:
                held = {c: (s % (1 << 64)).to_bytes(8, "big") for _, c, s in sides[1]}
                check(response[4] == [held.get(c) for c in without], "excepted")


def check_bundles():
    """Clear start, items and what is signed; the signature itself needs Ed25519, which is not at hand here."""
    for vector in load("bundle"):
        start = unhex(vector["start"])
        size = int.from_bytes(start[8:10], "big")
        check(start[:8] == b"BWbundle" and len(start) == 10 + size, vector["name"])
        header = {decode(k)[0]: v for k, v in strict(start[10:], 12).items()}
        check(header[0] == 1 and header[1] == vector["way"], "way")
        check(header[4] == sha(unhex(vector["receiver"])) == unhex(vector["addressee"]), "addressee")
        for item in map(unhex, vector["items"]):
            check(int.from_bytes(item[1:5], "big") == len(item) - 5, "item")
            if item[0] == 1:
                strict(item[5:], 12)
            if item[0] == 4:
                decode(item, 5, 12)
        signed = b"birthwindow bundle 1\n" + sha(start, unhex(vector["frames"]))
        check(signed.hex() == vector["signed"], "signed")


if __name__ == "__main__":
    check_cbor()
    check_chains()
    check_sums()
    check_messages()
    check_late()
    check_verify()
    check_bundles()
    print("the vectors hold;", check_cbor2())
