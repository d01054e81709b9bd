"""Makes the samples that the exchange's preset dictionary was trained on, and trains it.

    python3 SyncProtocol/Dictionary/train.py          # writes /tmp samples, prints the zstd command's result

Dictionary 1 is frozen: both ends must hold the same bytes for ever. Running this again is only of use for a dictionary 2.
The samples are invented births (names, numbers and addresses are drawn at random) in the encoding of PROTOCOL.md.
"""
import json, os, random, struct, subprocess, sys, tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GROUPS = json.load(open(os.path.join(ROOT, "Sources/Casework/Fields.json")))["groups"]
PLACE = {member["key"]: (group["id"], index) for group in GROUPS for index, member in enumerate(group["members"])}
SIZE = {group["id"]: len(group["members"]) for group in GROUPS}
TYPE = {member["key"]: member["type"] for group in GROUPS for member in group["members"]}
RECORDS = {
    "region": ["provinceCode", "province", "city", "county", "town", "village", "text"],
    "station": ["city", "county", "town", "name"], "signature": ["kind", "ref", "signedAt"],
    "materials": ["code", "parts", "formats", "attachments"]}


def head(major, value):
    for limit, code, form in ((24, None, None), (1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I")):
        if value < limit:
            return bytes([major << 5 | value]) if code is None else bytes([major << 5 | code]) + struct.pack(form, value)
    return bytes([major << 5 | 27]) + struct.pack(">Q", value)


def cbor(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, float):
        return b"\xf9" + struct.pack(">e", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    pairs = sorted((cbor(key), cbor(item)) for key, item in value.items())
    return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def coded(kind, value):
    """A JSON answer as the dictionary of fields codes it."""
    if kind in RECORDS and isinstance(value, list):
        return [coded(kind, item) for item in value]
    if kind in RECORDS and isinstance(value, dict):
        return [value.get(part) for part in RECORDS[kind]]
    if kind == "decimal" and value is not None:
        return float(value)
    return value


class Hospital:
    def __init__(self, rng):
        self.rng, self.replica, self.sequence = rng, rng.randbytes(8), 0
        self.code = rng.choice(["YF01", "FY01", "LZ03", "AH12", "GL07"])
        self.time = (1_760_000_000_000 + rng.randrange(10**11)) << 16
        self.user = rng.choice(["clerk", "wangli", "zhangmin", "window1"])

    def body(self, case, edition, writes, replaces=()):
        self.sequence += 1
        self.time += self.rng.randrange(1, 600_000) << 16
        dots = [[self.replica, dot] for dot in replaces]
        content = {0: {group: [value, dots] for group, value in writes.items()}, 1: self.time, 2: [0, self.code, self.user]}
        return cbor([case, edition, 1, content])


def scrambled(rng, answers):
    """The same answers with other people in them."""
    surnames, given = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林韦莫覃蒙", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英子涵一诺"
    name = lambda: rng.choice(surnames) + "".join(rng.sample(given, rng.choice([1, 2])))
    result = {}
    for key, value in answers.items():
        if key.endswith("Name") and isinstance(value, str) and "测试" in value and "Institution" not in key:
            value = name()
        elif isinstance(value, str):
            if key.endswith("IdNo"):
                value = value[:6] + f"{rng.randrange(1975, 2006)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{rng.randrange(10000):04}"
            elif "Phone" in key:
                value = f"1{rng.choice('3578')}{rng.randrange(10**9):09}"
            elif key.endswith("Date"):
                value = f"2025-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        result[key] = value
    return result


def groups_of(answers):
    groups = {}
    for key, value in answers.items():
        if value is None or key not in PLACE:
            continue
        group, index = PLACE[key]
        groups.setdefault(group, [None] * SIZE[group])[index] = coded(TYPE[key], value)
    return groups


def samples(count, seed):
    rng = random.Random(seed)
    folder = os.path.join(ROOT, "Tests/CaseworkTests/Fixtures/births")
    births = [json.load(open(os.path.join(folder, name))) for name in sorted(os.listdir(folder))]
    for _ in range(count):
        hospital, bodies = Hospital(rng), []
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
            answers, case = scrambled(rng, rng.choice(births)), rng.randbytes(16)
            policy = rng.choice(["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"])
            answers |= {"policyID": policy, "policyVersion": 1, "caseNumber": f"{hospital.code}-202510{rng.randrange(1, 29):02}-{rng.randrange(99):04}-K3M7"}
            groups = groups_of(answers)
            bodies.append(hospital.body(case, 1, groups))
            for edition in range(2, 2 + rng.choice([0, 1, 2, 4])):
                group = rng.choice([55, 65, 57, 67, 5, 146, 20, 81, 140, 202, 203, 205, 39])
                value = groups.get(group) or ["done", "2025-10-09", f"R-{rng.randrange(10**6)}", "450326202509260021", None, None][: SIZE[group]]
                bodies.append(hospital.body(case, edition, {group: value}, [1]))
        first = hospital.sequence - len(bodies) + 1
        request = {0: 1, 1: rng.randbytes(16), 2: rng.randbytes(8), 3: [[hospital.replica, hospital.sequence, rng.randbytes(32)]],
                   4: rng.randrange(9999), 5: [rng.randrange(9999), rng.randbytes(32)], 6: rng.randbytes(32), 7: 1 << 20,
                   8: hospital.time >> 16, 10: [len(bodies), rng.randrange(99999), "0.1.0"]}
        run = cbor([1, hospital.replica, first, rng.randbytes(32), bodies]) if bodies else b""
        yield cbor(request) + run
        response = {0: 1, 1: rng.randbytes(8), 2: [rng.randrange(9999), rng.randbytes(32)], 3: [[hospital.replica, hospital.sequence]],
                    5: rng.randrange(9999), 7: hospital.time >> 16, 8: rng.randbytes(32)}
        entries = b"".join(cbor([1, hospital.replica, first + index, body, rng.randbytes(16)]) for index, body in enumerate(bodies))
        yield cbor(response) + (entries or cbor([2, hospital.replica, 1, 3]))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for index, sample in enumerate(samples(3000, 1)):
            names.append(os.path.join(folder, f"{index}"))
            open(names[-1], "wb").write(sample)
        output = sys.argv[1] if len(sys.argv) > 1 else os.path.join(folder, "dictionary")
        subprocess.run(["zstd", "-q", "--train", "-r", folder, "--maxdict=24576", "--dictID=1", "-o", output, "-f"], check=True)
        plain = dictionary = bare = 0
        for sample in samples(300, 2):
            plain += len(sample)
            for flags, name in ((["-D", output], "with"), ([], "without")):
                size = len(subprocess.run(["zstd", "-q", "-3", "-c", *flags], input=sample, stdout=subprocess.PIPE, check=True).stdout)
                dictionary, bare = (dictionary + size, bare) if name == "with" else (dictionary, bare + size)
        print(f"300 requests and 300 answers: {plain} bytes; zstd -3 {bare}; with the dictionary {dictionary}")
