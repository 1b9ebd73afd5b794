"""A second verifier of bundles, written from docs/evidence.md alone: it shares nothing with the product.

Usage: second_verifier.py --log-key VKEY [--witness VKEY]... [--kept FILE]... [--evidence-key FILE]... BUNDLE...

Prints a line of JSON for each bundle: its faults, each [code, index, plane, epoch, seq]. Takes Python's standard library;
opening payloads moreover takes the package `cryptography`.
"""

import argparse
import base64
import datetime
import functools
import hashlib
import hmac
import json
import re
import struct
import sys
import zlib

# --- Ed25519 by RFC 8032, section 5.1 -----------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def decode_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y, 1)


def add(one, other):
    # Projective coordinates of x and y; the formulas of a complete twisted Edwards curve with a = -1.
    (x1, y1, z1), (x2, y2, z2) = one, other
    a = z1 * z2 % P
    b = a * a % P
    c, d = x1 * x2 % P, y1 * y2 % P
    e = D * c * d % P
    f, g = (b - e) % P, (b + e) % P
    x3 = a * f * ((x1 + y1) * (x2 + y2) - c - d) % P
    return (x3, a * g * (d + c) % P, f * g % P)


def multiply(scalar, point):
    result = (0, 1, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=4096)
def signature_holds(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    public, nonce = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or nonce is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = multiply(s, BASE), add(nonce, multiply(h, public))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# --- Conventions ---------------------------------------------------------------------------------------------------------


class Malformed(Exception):
    pass


def sha256(data):
    return hashlib.sha256(data).digest()


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise Malformed("base64") from error
    if base64.b64encode(data).decode() != text:
        raise Malformed("base64")
    return data


def object_of(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Malformed("key twice")
    return result


def parse_line(data):
    """A line of JSON in its one spelling."""
    if not data.endswith(b"\n"):
        raise Malformed("no end")
    try:
        line = json.loads(data.decode(), object_pairs_hook=object_of)
        spelling = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        whole = spelling.encode() + b"\n" == data
    except (ValueError, RecursionError) as error:
        raise Malformed("JSON") from error
    if not whole or not isinstance(line, dict) or exceeds(line):
        raise Malformed("spelling")
    return line


def exceeds(value):
    """Whether a number is beyond what is exact everywhere."""
    if isinstance(value, (list, dict)):
        return any(exceeds(one) for one in (value.values() if isinstance(value, dict) else value))
    return type(value) is int and abs(value) >= 2**53


def decimal(value):
    if not isinstance(value, str) or not re.fullmatch("0|[1-9][0-9]{0,19}", value):
        raise Malformed("decimal")
    return int(value)


def count(value):
    if type(value) is not int or not 0 <= value < 2**53:
        raise Malformed("count")
    return value


def check_time(value):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", string(value), re.ASCII):
        raise Malformed("time")
    datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")


def string(value):
    if not isinstance(value, str):
        raise Malformed("text")
    return value


def hashes(value):
    if not isinstance(value, list):
        raise Malformed("proof")
    return [unbase64(text) for text in value]


def read_manifest(data):
    """The first line; without it nothing else can be checked."""
    manifest = parse_line(data)
    if manifest["type"] != "manifest" or manifest["version"] != "sworn.bundle/v1":
        raise Malformed("manifest")
    for name in ("origin", "logKey", "checkpoint"):
        string(manifest[name])
    check_time(manifest["createTime"])
    unbase64(manifest["receiptKey"])
    if not all(isinstance(manifest[name], bool) for name in ("complete", "payloads")):
        raise Malformed("complete")
    for value in manifest["filter"].values():
        string(value)
    return manifest


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63 or (shift == 63 and data[at] > 1):
            raise Malformed("varint")
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value & (2**64 - 1), at


class Fixed(bytes):
    """A number of 32 or 64 bits: no listed field is one."""


def fields_of(data):
    """The fields of a protobuf message in their order, each its number and its value."""
    at = 0
    while at < len(data):
        begin = at
        tag, at = varint(data, at)
        number, wire = tag >> 3, tag & 7
        if number == 0 or tag >= 2**32 or at - begin > 5:
            raise Malformed("field")
        if wire == 0:
            value, at = varint(data, at)
        elif wire in (1, 5, 2):
            length, at = (8, at) if wire == 1 else (4, at) if wire == 5 else varint(data, at)
            value, at = data[at : at + length], at + length
            if at > len(data):
                raise Malformed("length")
            if wire != 2:
                value = Fixed(value)
        else:
            raise Malformed("wire type")
        yield number, value


def message(data):
    """The fields of a protobuf message: number to the list of its values."""
    fields = {}
    for number, value in fields_of(data):
        fields.setdefault(number, []).append(value)
    return fields


def last(fields, number, default):
    value = fields.get(number, [default])[-1]
    if type(value) is not type(default):
        raise Malformed("type")
    return value


def text(fields, number):
    try:
        return last(fields, number, b"").decode()
    except UnicodeDecodeError as error:
        raise Malformed("UTF-8") from error


def head(data):
    fields = message(data)
    return text(fields, 1), last(fields, 2, 0), last(fields, 3, 0), last(fields, 4, b"")


ACTION, BEGIN, END = 5, 6, 7
KINDS = {1: "prompt", 3: "prompt", 2: "delivery", 4: "question"}


# All fields of a record by their wire types: the others are length-delimited as texts are.
NUMBERS = {2, 3, 6, 8, 13, 14, 25, 63, 73, 85}
TEXTS = {1, 7, 9, 11, 12, 16, 19, 20, 23, 24, 71, 105}
OTHERS = {4, 5, 10, 15, 17, 18, 21, 22, 26, 27, 28, 29, 30, 31, 32, 40, 50, 60, 64, 65, 70, 72, 74, 80, 81, 82, 90, 95, 96, 97, 98}
FIELDS = NUMBERS | TEXTS | OTHERS


HEAD = {1: str, 2: int, 3: int, 4: bytes}
# The messages within a record that the page lists: text, number or bytes, or fields again.
INNER = {
    5: {1: int, 2: int},
    10: {**dict.fromkeys((1, 2, 3, 4, 5, 8), str), 9: int},
    15: {1: int, **dict.fromkeys((2, 3, 4, 6, 8), str), 7: {1: str, 2: str}},
    17: {1: str, 2: int},
    21: {1: int, 2: int, 3: str, 4: int},
    28: HEAD,
    29: HEAD,
    30: {1: str, 2: str, 3: str},
}


# The messages within content that the page lists, in the same way.
UNREAD = {1: str, 2: str, 3: str, 4: int, 5: bytes}
DELIVERY = {1: str, 2: {1: int, 2: bytes}, 40: UNREAD}
PROMPT = {1: bytes, 2: str, 3: str, 40: UNREAD, 60: DELIVERY, 73: str, 80: bytes, 81: {1: str, 2: str, 3: str}}
CONTENTS = {"prompt": 1, "delivery": 2, "question": 3}


def check_message(data, kinds):
    for number, values in message(data).items():
        kind = kinds.get(number)
        for value in values:
            if kind is not None and type(value) is not (int if kind is int else bytes):
                raise Malformed("wire type")
            if kind is str:
                text({0: [value]}, 0)
            if isinstance(kind, dict):
                check_message(value, kind)


class Record:
    def __init__(self, data):
        fields = message(data)
        if len(data) > 65535:
            raise Malformed("length")
        for number in FIELDS & fields.keys():
            for value in fields[number]:
                if type(value) is not (int if number in NUMBERS else bytes):
                    raise Malformed("wire type")
                if number in INNER:
                    check_message(value, INNER[number])
                if number in TEXTS:
                    text({0: [value]}, 0)
        self.digest = sha256(data)
        self.plane, self.epoch, self.seq = text(fields, 1), last(fields, 2, 0), last(fields, 3, 0)
        self.prev_hash, self.kind = last(fields, 4, b""), last(fields, 6, 0) & 0xFFFFFFFF
        self.exchange = text(fields, 9)
        self.ciphertext, self.keys = last(fields, 22, b""), last(fields, 60, b"")
        self.action, self.resource = text(fields, 23), text(fields, 24)
        self.prompt, self.response, self.sent = last(fields, 26, b""), last(fields, 27, b""), last(fields, 82, b"")
        self.previous = head(b"".join(fields[28])) if 28 in fields else None
        # What comes twice is joined.
        self.erasure = message(b"".join(fields[30])) if 30 in fields else None
        self.plane_key = last(fields, 32, b"")
        if not (self.plane and self.epoch and self.seq and self.kind and 5 in fields) or len(self.prev_hash) != 32:
            raise Malformed("record")


def measured(pieces):
    return b"".join(struct.pack(">I", len(piece)) + piece for piece in pieces)


def is_plane(writer):
    return writer.startswith("planes/")


# --- Notes ---------------------------------------------------------------------------------------------------------------


def verifier_key(vkey):
    name, key_id, encoded = vkey.split("+", 2)
    data = unbase64(encoded)
    if sha256(name.encode() + b"\n" + data)[:4].hex() != key_id:
        raise Malformed("verifier key")
    return name, bytes.fromhex(key_id), data[0], data[1:]


def open_note(note, keys):
    """Text of a note and the keys that signed it; a signature by a known key has to hold."""
    body, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise Malformed("note")
    body += "\n"
    signers = []
    for line in lines[:-1].split("\n"):
        dash, name, encoded = (line.split(" ") + ["", ""])[:3]
        data = unbase64(encoded)
        if dash != "\u2014" or len(data) <= 4:
            raise Malformed("signature line")
        for key in keys:
            if (name, data[:4]) != key[:2]:
                continue
            signed, signature = body.encode(), data[4:]
            if key[2] == 4:
                (seconds,) = struct.unpack(">Q", signature[:8])
                signed, signature = f"cosignature/v1\ntime {seconds}\n".encode() + signed, signature[8:]
            if not signature_holds(key[3], signed, signature):
                raise Malformed("signature")
            signers.append(key)
    return body, signers


def open_checkpoint(note, log_key, witnesses):
    body, signers = open_note(note, [log_key, *witnesses])
    lines = body.split("\n")
    if lines[0] != log_key[0] or log_key not in signers:
        raise Malformed("checkpoint")
    root = unbase64(lines[2])
    if str(int(lines[1])) != lines[1] or len(root) != 32:
        raise Malformed("checkpoint")
    return int(lines[1]), root, [witness for witness in witnesses if witness not in signers]


# --- Tree ----------------------------------------------------------------------------------------------------------------


def node(left, right):
    return sha256(b"\x01" + left + right)


class Tree:
    """Roots of the complete subtrees so far, each with its size, the largest first."""

    def __init__(self):
        self.peaks = []

    def append(self, leaf):
        size = 1
        while self.peaks and self.peaks[-1][0] == size:
            leaf, size = node(self.peaks.pop()[1], leaf), 2 * size
        self.peaks.append((size, leaf))

    def root(self):
        if not self.peaks:
            return sha256(b"")
        root = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            root = node(left, root)
        return root


def is_included(leaf, index, size, proof, root):
    f, s, h = index, size - 1, leaf
    for p in proof:
        if s == 0:
            return False
        if f & 1 or f == s:
            h = node(p, h)
            while not f & 1 and f > 0:
                f, s = f >> 1, s >> 1
        else:
            h = node(h, p)
        f, s = f >> 1, s >> 1
    return s == 0 and h == root


# --- Payloads ------------------------------------------------------------------------------------------------------------


def unwrap_jwe(jwe, private_key, public_key):
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

    parts = jwe.split(".")
    header, wrapped, nonce, ciphertext, tag = (base64.urlsafe_b64decode(part + "==") for part in parts)
    fields = json.loads(header)
    if (fields["alg"], fields["enc"]) != ("ECDH-ES+A256KW", "A256GCM") or set(fields) != {"alg", "enc", "kid", "epk"}:
        raise Malformed("JWE")
    peer = X25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(fields["epk"]["x"] + "=="))
    shared = X25519PrivateKey.from_private_bytes(private_key).exchange(peer)
    # Concat KDF by RFC 7518, section 4.6.2, of one round.
    info = b"".join(struct.pack(">I", len(part)) + part for part in (fields["alg"].encode(), b"", b""))
    key = sha256(struct.pack(">I", 1) + shared + info + struct.pack(">I", 256))
    return AESGCM(aes_key_unwrap(key, wrapped)).decrypt(nonce, ciphertext + tag, parts[0].encode())


def open_payload(record, sealed, evidence_keys):
    """The fields of the content and the key of its commitments, or None when it is sealed to another evidence key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    jwe = text(sealed, 1)
    kid = json.loads(base64.urlsafe_b64decode(jwe.split(".")[0] + "=="))["kid"]
    if kid not in evidence_keys:
        return None
    kind = KINDS[record.kind]
    place = f"{record.plane}\n{record.exchange}"

    def decrypt(key, data, context):
        return AESGCM(key).decrypt(data[:12], data[12:], context.encode())

    interval = unwrap_jwe(jwe, *evidence_keys[kid])
    exchange = decrypt(interval, last(sealed, 2, b""), f"sworn.exchange-key/v1\n{place}")
    plain = b""
    for i, part in enumerate(sealed.get(3, [])):
        inflater = zlib.decompressobj(-15)
        plain += inflater.decompress(decrypt(exchange, part, f"sworn.payload/v1\n{place}\n{kind}\n{i}"))
        if inflater.unused_data or not inflater.eof:
            raise Malformed("deflate")
    check_message(plain, {1: PROMPT, 2: DELIVERY, 3: bytes, 4: bytes})
    # Of the members of the oneof the last counts; the same one again is joined to it.
    case, content, key = 0, b"", b""
    for number, value in fields_of(plain):
        if number in CONTENTS.values():
            case, content = number, content + value if number == case else value
        if number == 4:
            key = value
    if case != CONTENTS[kind]:
        raise Malformed("content")
    return message(content), key


def commitments_hold(record, content, key):
    kind = KINDS[record.kind]
    if kind == "prompt":
        sent = last(content, 80, b"")
        if (sent or record.sent) and commitment(key, "sent", sent) != record.sent:
            return False
        stated, data = record.prompt, last(content, 1, b"")
    elif kind == "delivery":
        frames = [message(frame) for frame in content.get(2, [])]
        stated, data = record.response, b"".join(last(frame, 2, b"") for frame in frames)
        if not stated:
            return True
    else:
        return True
    return commitment(key, kind, data) == stated


def commitment(key, kind, data):
    if len(key) != 32:
        return None
    return hmac.new(key, f"sworn.commitment/v1\n{kind}\n".encode() + data, hashlib.sha256).digest()


# --- Bundle --------------------------------------------------------------------------------------------------------------


class Verifier:
    def __init__(self, manifest, log_key, witnesses, kept, evidence_keys):
        self.faults = []
        self.complete, self.has_payloads = manifest["complete"], manifest["payloads"]
        self.receipt_key = unbase64(manifest["receiptKey"])
        self.evidence_keys = evidence_keys
        self.size = None
        try:
            self.size, self.root, missing = open_checkpoint(manifest["checkpoint"], log_key, witnesses)
            for _ in missing:
                self.fault("witness_missing")
        except (Malformed, ValueError, IndexError):
            self.fault("checkpoint_refused")
        self.kept = []
        for note in kept:
            try:
                self.kept.append(open_checkpoint(note, log_key, [])[:2])
            except (Malformed, ValueError, IndexError):
                self.fault("checkpoint_refused")
        self.planes, self.joined, self.keyless = {}, {}, set()
        self.statements, self.epochs, self.firsts = {}, {}, {}
        self.missing, self.erased, self.doubts, self.tile = {}, set(), [], None
        self.there = {}
        self.log_key, self.witnesses, self.digests = log_key, witnesses, {}
        self.by_records, self.by_tiles = Tree(), Tree()
        self.next, self.records, self.last_tile = 0, 0, -1
        self.kept.sort()

    def fault(self, code, index=None, plane=None, epoch=None, seq=None):
        self.faults.append([code, index, plane, epoch, seq])

    def take(self, line):
        kind = line["type"]
        if kind == "planeKey":
            plane, key = string(line["plane"]), unbase64(line["publicKey"])
            if self.planes.get(plane, key) != key:
                self.fault("plane_key_contradicted", None, plane)
            self.planes[plane] = key
        elif kind in ("head", "receipt"):
            self.statement(kind, line)
        elif kind == "tile":
            self.take_tile(count(line["index"]), unbase64(line["hashes"]))
        elif kind == "later":
            proof = hashes(line["proof"])
            self.later(count(line["index"]), unbase64(line["record"]), proof, string(line["checkpoint"]))
        elif kind == "record":
            proof = hashes(line.get("proof", []))
            payload = unbase64(line["payload"]) if "payload" in line else b""
            stated = unbase64(line["payloadSha256"]) if "payloadSha256" in line else None
            self.record(count(line["index"]), unbase64(line["record"]), proof, payload, stated)
        else:
            raise Malformed("type")

    # Step 3.
    def statement(self, kind, line):
        plane, epoch, seq = string(line["plane"]), decimal(line["epoch"]), decimal(line["seq"])
        check_time(line["time"])
        if kind == "head" and line["source"] not in ("batch", "heartbeat"):
            raise Malformed("source")
        digest, signature = unbase64(line["digest"]), unbase64(line["signature"])
        key = self.receipt_key if kind == "receipt" else self.planes.get(plane)
        if key is None:
            if plane not in self.keyless:
                self.fault("plane_key_missing", None, plane, epoch, seq)
            self.keyless.add(plane)
            return
        holds = len(digest) == 32 and plane and not re.search("[\x00-\x1f\x7f-\x9f]", plane)
        signed = f"sworn.{kind}/v1\n{plane}\n{epoch}\n{seq}\n{line['digest']}\n{line['time']}\n"
        holds = holds and len(signed.encode()) <= 1024
        if not holds or not signature_holds(key, signed.encode(), signature):
            self.fault(f"{kind}_signature_invalid", None, plane, epoch, seq)
            return
        source = line.get("source", "receipt")
        said = {"kind": kind, "source": source, "seq": seq, "digest": digest, "late": self.records > 0, "met": False}
        self.statements.setdefault((plane, epoch), []).append(said)
        known = self.digests.get((plane, epoch, seq))
        if known is not None:
            self.compare(said, known, None, plane, epoch)

    def compare(self, said, digest, index, plane, epoch):
        if said["met"]:
            return
        said["met"] = True
        if said["digest"] != digest:
            self.fault(f"{said['kind']}_contradicted", index, plane, epoch, said["seq"])

    # Step 4: tiles and leaves.
    def take_tile(self, index, hashes):
        if self.size is None or not self.complete:
            return
        width = max(0, min(256, self.size - 256 * index))
        if width == 0 or len(hashes) != 32 * width:
            self.fault("tile_altered", 256 * index)
            return
        if index <= self.last_tile or 256 * index < self.next:
            self.fault("tile_altered", 256 * index)
            return
        self.fill(min(256 * index, self.size))
        self.tile, self.last_tile = (index, hashes), index

    def expected(self):
        if self.tile and self.tile[0] == self.next // 256:
            at = self.next % 256 * 32
            return self.tile[1][at : at + 32] or None
        return None

    def lose_tiles(self):
        if not self.tile or self.tile[0] != self.next // 256:
            self.fault("tile_missing", 256 * (self.next // 256))
            self.tile = (self.next // 256, b"")
        self.by_tiles = None

    def push(self, leaf, expected):
        if self.by_records:
            self.by_records.append(leaf)
        if self.by_tiles:
            self.by_tiles.append(expected)
        self.next += 1

    def fill(self, index):
        """Leaves up to here that did not come."""
        if not self.complete or index <= self.next:
            return
        self.fault("leaf_missing", self.next)
        while self.next < index:
            expected = self.expected()
            if expected is None:
                self.lose_tiles()
                self.by_records, self.next = None, index
                return
            self.push(expected, expected)

    def check_kept(self, upto):
        while self.size is not None and self.kept and self.kept[0][0] <= upto:
            size, root = self.kept.pop(0)
            if size > self.size:
                self.fault("checkpoint_beyond")
            elif self.complete:
                self.fill(size)
                roots = [tree.root() for tree in (self.by_records, self.by_tiles) if tree]
                if roots and root not in roots:
                    self.fault("checkpoint_inconsistent")
            elif size == self.size and root != self.root:
                self.fault("checkpoint_inconsistent")

    def leaf(self, index, data, proof, place):
        if index >= self.size:
            self.fault("leaf_beyond", *place)
        elif index < self.next:
            self.fault("leaf_repeated", *place)
        elif not self.complete:
            self.next = index + 1
            if not is_included(sha256(b"\x00" + data), index, self.size, proof, self.root):
                self.fault("proof_refused", *place)
        else:
            self.fill(index)
            leaf, expected = sha256(b"\x00" + data), self.expected()
            if expected is None:
                self.lose_tiles()
            elif expected != leaf:
                self.doubts.append((index, place))
            self.push(leaf, expected)

    # Step 4: records.
    def record(self, index, data, proof, payload, stated):
        self.records += 1
        try:
            record = Record(data)
            place = (index, record.plane, record.epoch, record.seq)
        except Malformed:
            record, place = None, (index, None, None, None)
        self.check_kept(index)
        if self.size is not None:
            self.leaf(index, data, proof, place)
        if record is None:
            self.fault("record_malformed", *place)
            return
        self.chain(record, place)
        for said in self.statements.get((record.plane, record.epoch), []):
            if said["seq"] == record.seq:
                self.compare(said, record.digest, index, record.plane, record.epoch)
        joins = record.kind == ACTION and record.action == "plane.enroll"
        if joins and record.plane_key and not is_plane(record.plane):
            if self.joined.get(record.resource, record.plane_key) != record.plane_key:
                self.fault("plane_key_contradicted", *place)
            self.joined[record.resource] = record.plane_key
        self.payload(record, payload, stated, place)

    def chain(self, record, place):
        key = (record.plane, record.epoch)
        before = self.epochs.get(key)
        seq, digest, ended = (before["seq"], before["digest"], before["ended"]) if before else (0, bytes(32), False)
        if record.seq <= seq:
            self.fault("seq_repeated", *place)
            return
        if record.seq == seq + 1:
            if record.prev_hash != digest:
                self.fault("chain_broken", *place)
            if ended:
                self.fault("epoch_end_passed", *place)
        elif self.complete:
            self.fault("seq_missing", *place)
        if is_plane(record.plane) and (record.kind == BEGIN) != (record.seq == 1):
            self.fault("epoch_begin_wrong", *place)
        if before is None:
            self.firsts[key] = (place[0], record.previous, record.seq == 1)
        ended = ended or record.kind == END
        self.digests[(*key, record.seq)] = record.digest
        self.epochs[key] = {"seq": record.seq, "digest": record.digest, "index": place[0], "ended": ended}

    def erasure(self, record, place):
        erasure = record.erasure or {}
        name = record.exchange or record.resource
        whole = text(erasure, 1) and text(erasure, 2) and name
        if is_plane(record.plane) or not whole or record.kind != ACTION:
            self.fault("erasure_malformed", *place)
            return None
        self.erased.add(name)
        self.missing.pop(name, None)
        return name

    # Step 6.
    def later(self, index, data, proof, note):
        try:
            size, root, absent = open_checkpoint(note, self.log_key, self.witnesses)
        except (Malformed, ValueError, IndexError):
            self.fault("checkpoint_refused")
            return
        for _ in absent:
            self.fault("witness_missing")
        if index < (self.size or 0):
            self.fault("proof_refused", index)
            return
        try:
            record = Record(data)
        except Malformed:
            record = None
        if record is None or record.action != "exchange.erase":
            self.fault("erasure_malformed", index)
            return
        place = (index, record.plane, record.epoch, record.seq)
        if index >= size or not is_included(sha256(b"\x00" + data), index, size, proof, root):
            self.fault("proof_refused", *place)
            return
        self.erasure(record, place)

    def payload(self, record, payload, stated, place):
        if record.action == "exchange.erase":
            name = self.erasure(record, place)
            if name in self.there:
                self.fault("payload_unerased", *self.there[name])
        if not payload:
            if record.ciphertext and self.has_payloads and record.exchange not in self.erased:
                self.missing.setdefault(record.exchange, []).append(place)
            return
        self.there.setdefault(record.exchange, place)
        if not record.ciphertext:
            self.fault("payload_unexpected", *place)
            return
        try:
            sealed = message(payload)
            parts = sealed.get(3, [])
            if not all(type(part) is bytes for part in parts):
                raise Malformed("wire type")
            keys = [text(sealed, 1).encode(), last(sealed, 2, b"")]
        except Malformed:
            self.fault("payload_malformed", *place)
            return
        if sha256(measured(parts)) != record.ciphertext or stated not in (None, sha256(payload)):
            self.fault("payload_altered", *place)
            return
        if record.keys not in (b"", sha256(measured(keys))):
            self.fault("payload_altered", *place)
            return
        if not self.evidence_keys:
            return
        try:
            content = open_payload(record, sealed, self.evidence_keys)
        except Exception:  # Whatever a library says of bytes that do not open.
            self.fault("payload_unopenable", *place)
            return
        if content is not None and not commitments_hold(record, *content):
            self.fault("commitment_refused", *place)

    # Steps 5 to 8.
    def finish(self):
        self.check_kept(float("inf"))
        if self.complete and self.size is not None:
            self.fill(self.size)
            by_tiles = self.by_tiles is not None and self.by_tiles.root() == self.root
            by_records = self.by_records is not None and self.by_records.root() == self.root
            if by_records and not by_tiles:
                for tile in {index // 256 for index, _ in self.doubts}:
                    self.fault("tile_altered", 256 * tile)
            else:
                for _, place in self.doubts:
                    self.fault("leaf_altered", *place)
                if not by_tiles and not by_records and (self.by_tiles or self.by_records):
                    self.fault("root_mismatch")
        for places in self.missing.values():
            for place in places:
                self.fault("payload_missing", *place)
        with_records = {plane for plane, _ in self.epochs if is_plane(plane)}
        for plane in sorted(with_records - set(self.planes) - self.keyless):
            self.fault("plane_key_missing", None, plane)
        for plane, key in self.planes.items():
            if plane in self.joined:
                if self.joined[plane] != key:
                    self.fault("plane_key_contradicted", None, plane)
            elif self.complete and plane in with_records:
                self.fault("plane_key_unrecorded", None, plane)
        if self.complete:
            self.ends()

    def ends(self):
        for plane, epoch in self.epochs:
            if is_plane(plane):
                self.check_previous(plane, epoch)
        for (plane, epoch), all_said in self.statements.items():
            now = self.epochs.get((plane, epoch), {"seq": 0, "ended": False})
            over = now["ended"] or any(other > epoch for name, other in self.epochs if name == plane)
            for said in all_said:
                if said["met"] or said["seq"] <= now["seq"]:
                    continue
                if over or (said["source"] != "heartbeat" and not said["late"]):
                    self.fault("record_missing", None, plane, epoch, said["seq"])
                    break
        for (plane, epoch), now in self.epochs.items():
            place = (now["index"], plane, epoch, now["seq"])
            for source, name in (("batch", "head"), ("receipt", "receipt")):
                if source == "batch" and plane not in self.planes:
                    continue
                seqs = [s["seq"] for s in self.statements.get((plane, epoch), []) if s["source"] == source]
                if not seqs:
                    self.fault(f"{name}_missing", *place)
                elif max(seqs) < now["seq"]:
                    self.fault(f"{name}_behind", *place)

    def check_previous(self, plane, epoch):
        first, previous, begun = self.firsts[(plane, epoch)]
        if previous is None:
            earlier = [other for name, other in self.epochs if name == plane and other < epoch]
            if earlier and begun:
                before = self.epochs[(plane, max(earlier))]
                if before["ended"]:
                    self.fault("previous_contradicted", first, plane, epoch, 1)
                else:
                    self.fault("epoch_unclosed", before["index"], plane, max(earlier), before["seq"])
            return
        earlier = [other for name, other in self.epochs if name == plane and other < epoch]
        passed = False
        if earlier and previous[1] < max(earlier):
            before = self.epochs[(plane, max(earlier))]
            passed = before["ended"]
            if not passed:
                self.fault("epoch_unclosed", before["index"], plane, max(earlier), before["seq"])
        named = self.epochs.get(previous[:2])
        if previous[0] != plane or previous[1] >= epoch:
            self.fault("previous_contradicted", first, plane, epoch, 1)
        elif named is None or named["seq"] < previous[2]:
            self.fault("record_missing", None, plane, previous[1], previous[2])
        elif passed or (named["seq"], named["digest"]) != previous[2:]:
            self.fault("previous_contradicted", first, plane, epoch, 1)


NAMES = {"planeKey": "planeKeys", "head": "heads", "receipt": "receipts", "tile": "tiles", "record": "records", "later": "later"}


UNREADABLE = (Malformed, ValueError, KeyError, TypeError, AttributeError)


def verify(path, log_key_text, witnesses, kept, evidence_keys):
    log_key = verifier_key(log_key_text)
    digest = hashlib.sha256()
    counts = dict.fromkeys([*NAMES.values(), "payloads"], 0)
    ended = False
    with open(path, "rb") as lines:
        first = next(lines, b"")
        digest.update(first)
        try:
            manifest = read_manifest(first)
        except UNREADABLE:
            return [["bundle_malformed", None, None, None, None]]
        verifier = Verifier(manifest, log_key, witnesses, kept, evidence_keys)
        if manifest["origin"] != log_key[0] or manifest["logKey"] != log_key_text:
            verifier.fault("checkpoint_refused")
        for data in lines:
            if ended:
                verifier.fault("bundle_malformed")
                continue
            try:
                line = parse_line(data)
                if line.get("type") == "end":
                    stated, sha = {name: count(line[name]) for name in counts}, unbase64(line["sha256"])
                    ended = True
                    if digest.digest() != sha:
                        verifier.fault("bundle_altered")
                    for name, number in counts.items():
                        if stated[name] != number:
                            verifier.fault("bundle_miscounted")
                    continue
                verifier.take(line)
                counts[NAMES[line["type"]]] += 1
                counts["payloads"] += 1 if line.get("payload") else 0
            except UNREADABLE:
                verifier.fault("bundle_malformed")
            digest.update(data)
    if not ended:
        verifier.fault("bundle_truncated")
    verifier.finish()
    return verifier.faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log-key", required=True)
    for name in ("--witness", "--kept", "--evidence-key"):
        parser.add_argument(name, action="append", default=[])
    parser.add_argument("bundle", nargs="+")
    args = parser.parse_args()
    evidence_keys = {}
    for path in args.evidence_key:
        with open(path, encoding="utf-8") as file:
            key = json.load(file)
        private, public = (base64.urlsafe_b64decode(key[name] + "=") for name in ("privateKey", "publicKey"))
        evidence_keys[key["id"]] = (private, public)
    kept = []
    for path in args.kept:
        with open(path, encoding="utf-8") as file:
            kept.append(file.read())
    witnesses = [verifier_key(vkey) for vkey in args.witness]
    failed = False
    for path in args.bundle:
        faults = verify(path, args.log_key, witnesses, kept, evidence_keys)
        failed = failed or bool(faults)
        print(json.dumps(faults))
    sys.exit(6 if failed else 0)


if __name__ == "__main__":
    main()
