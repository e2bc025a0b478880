"""Checks what mcp-sso's audit log gives away, sharing no code with it: Python's standard library and the standards alone.

    verify_audit.py export FOLDER KEY [EARLIER_CHECKPOINT]
    verify_audit.py receipt FILE KEY
    verify_audit.py consistency FILE KEY EARLIER_CHECKPOINT

Prints one line and exits with 0 where all holds, else says what does not and exits with 8.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

# Ed25519 verification, RFC 8032 section 5.1 (after the code of its section 6).
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return x * y % P, z * t % P, y * z % P, x * t % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - square) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = point_of(BASE_Y.to_bytes(32, "little"))


def is_signed(public, message, signature):
    key, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= Q or len(signature) != 64:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    h = int.from_bytes(digest, "little") % Q
    return equal(multiply(s, BASE), add(r, multiply(h, key)))


class Finding(Exception):
    pass


def require(holds, finding):
    if not holds:
        raise Finding(finding)


def checkpoint(note, key):
    """Size and root of a signed note (c2sp.org/signed-note, c2sp.org/tlog-checkpoint)."""
    name, key_id, material = key.split("+", 2)
    material = base64.b64decode(material)
    own_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    require(material[0] == 1 and own_id.hex() == key_id, "the key is not one of Ed25519")
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, signer, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if dash == "\u2014" and signer == name and blob[:4] == own_id:
            require(is_signed(material[1:], text.encode(), blob[4:]), "the signature of the checkpoint is not good")
            _, size, root = text.split("\n")[:3]
            return int(size), base64.b64decode(root)
    raise Finding("the checkpoint is not signed by the key")


# RFC 6962 section 2.1.
def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The roots of perfect subtrees, largest first, each with its number of leaves."""

    def __init__(self, size=0, edge=()):
        sizes = [1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1]
        require(len(sizes) == len(edge), "the edge does not fit the size")
        self.size, self.stack = size, list(zip(sizes, edge))

    def append(self, leaf):
        self.size += 1
        self.stack.append((1, leaf))
        while len(self.stack) > 1 and self.stack[-1][0] == self.stack[-2][0]:
            (count, right), (_, left) = self.stack.pop(), self.stack.pop()
            self.stack.append((2 * count, node_hash(left, right)))

    def root(self):
        if not self.stack:
            return hashlib.sha256().digest()
        root = self.stack[-1][1]
        for _, left in reversed(self.stack[:-1]):
            root = node_hash(left, root)
        return root


# The algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
def inclusion_root(leaf, index, size, proof):
    fn, sn, r = index, size - 1, leaf
    require(0 <= index < size, "the index is outside of the tree")
    for p in proof:
        require(sn != 0, "the proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "the proof is too short")
    return r


def is_consistent(first, first_root, second, second_root, proof):
    if first == 0 or first == second:
        return not proof and (first == 0 or first_root == second_root)
    if not proof:
        return False
    path = ([first_root] if first & (first - 1) == 0 else []) + proof
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


def check_personal(header, shown, where):
    if shown["state"] == "shown":
        salt = base64.b64decode(shown["salt"])
        own = hmac.new(salt, shown["personal"].encode(), hashlib.sha256).hexdigest()
        require(own == json.loads(header)["payload"], f"{where}: the personal data is not what it commits to")
    require(shown["state"] != "damaged", f"{where}: the personal data was changed")


def verify_export(folder, key, earlier=None):
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    headers = (folder / "headers.ndjson").read_bytes().split(b"\n")[:-1]
    size, root = checkpoint((folder / "checkpoint.txt").read_text("utf-8"), key)
    before = checkpoint(pathlib.Path(earlier).read_text("utf-8"), key) if earlier else None
    require(before is None or before[0] >= manifest["from"], "the earlier checkpoint is over less than the export begins with")
    require(before is None or before[0] <= size, f"the log was cut: {before and before[0]} records were signed earlier")
    tree = Tree(manifest["from"], [base64.b64decode(hash) for hash in manifest["edge"]])
    payloads = (folder / "payloads.ndjson").read_bytes().split(b"\n") if manifest["payloads"] else None
    for offset, header in enumerate(headers):
        require(before is None or tree.size != before[0] or tree.root() == before[1], "not what was signed earlier")
        if payloads:
            check_personal(header, json.loads(payloads[offset]), f"record {tree.size}")
        tree.append(leaf_hash(header))
    require(tree.size == size, f"{tree.size} records are there and {size} were signed")
    require(tree.root() == root, "the records are not those that were signed")
    require(before is None or tree.size != before[0] or root == before[1], "not what was signed earlier")
    return f"export of {len(headers)} records: {size} {root.hex()}"


def verify_receipt(file, key):
    receipt = json.loads(pathlib.Path(file).read_text("utf-8"))
    for record in receipt["records"]:
        proof, _, note = record["proof"].partition("\n\n")
        form, index, *hashes = proof.split("\n")
        require(form == "c2sp.org/tlog-proof@v1" and index.startswith("index "), "not a proof")
        size, root = checkpoint(note, key)
        header = record["header"].encode()
        own = inclusion_root(leaf_hash(header), int(index[6:]), size, [base64.b64decode(hash) for hash in hashes])
        require(own == root, f"record {index[6:]} is not in the log")
        check_personal(header, record["personal"], f"record {index[6:]}")
    return f"receipt of {len(receipt['records'])} records"


def verify_consistency(file, key, earlier):
    answer = json.loads(pathlib.Path(file).read_text("utf-8"))
    first, first_root = checkpoint(pathlib.Path(earlier).read_text("utf-8"), key)
    second, second_root = checkpoint(answer["checkpoint"], key)
    require((first, second) == (answer["from"], answer["to"]), "the proof is between other sizes")
    proof = [base64.b64decode(hash) for hash in answer["proof"]]
    require(is_consistent(first, first_root, second, second_root, proof), "the log was rewritten")
    return f"consistent from {first} to {second}"


if __name__ == "__main__":
    check = {"export": verify_export, "receipt": verify_receipt, "consistency": verify_consistency}[sys.argv[1]]
    try:
        print(check(*sys.argv[2:]))
    except (Finding, ValueError, KeyError, IndexError) as finding:
        print(finding)
        sys.exit(8)
