"""Zip files that no honest program makes: each function writes one and says nothing of itself."""

import struct
import zipfile
import zlib

BLOCK = bytes(1 << 20)


def info(name, packed=zipfile.ZIP_DEFLATED, mode=0):
    """An entry whose name stands in the file as it is, backslashes and all."""
    made = zipfile.ZipInfo("placeholder")
    made.filename = made.orig_filename = name
    made.compress_type, made.external_attr = packed, mode << 16
    return made


def pack(path, files):
    """Write files; a name may be an `info`."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name if isinstance(name, zipfile.ZipInfo) else info(name), data)
    return path


def named(path, name):
    """One entry more, its name of any bytes; without the mark that it is UTF-8, unless it is."""
    placeholder = b"p" * len(name)
    pack(path, {"fine.py": b"", placeholder.decode(): b""})
    path.write_bytes(path.read_bytes().replace(placeholder, name))


def utf8_marked(path, name):
    """The same, with the mark."""
    named(path, name)
    patch(path, {6: b"\0\x08"}, {8: b"\0\x08"})


def patch(path, local, central):
    """Write over fields of every local header and of every entry of the directory."""
    data = bytearray(path.read_bytes())
    for mark, fields in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        start = data.find(mark)
        while start >= 0:
            for offset, value in fields.items():
                data[start + offset : start + offset + len(value)] = value
            start = data.find(mark, start + 4)
    path.write_bytes(data)


def bomb(path, packed=zipfile.ZIP_DEFLATED, mebibytes=64, says=None, entries=1):
    """Zeros, far more than there may be; the directory can lie about how many."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(entries):
            entry = info(f"{number}.py", packed)
            with archive.open(entry, "w", force_zip64=mebibytes > 1000) as file:
                for _ in range(mebibytes):
                    file.write(BLOCK)
            entry.file_size = entry.file_size if says is None else says


def deflated(mebibytes):
    """So many zeros as deflate packs them, and their digest."""
    packer, crc = zlib.compressobj(9, wbits=-15), 0
    blocks = []
    for _ in range(mebibytes):
        blocks.append(packer.compress(BLOCK))
        crc = zlib.crc32(BLOCK, crc)
    return b"".join(blocks) + packer.flush(), crc


def local(name, crc, packed, size):
    """The header before an entry's bytes."""
    return struct.pack(
        "<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, packed, size, len(name), 0
    ) + name  # fmt: skip


def assemble(path, body, entries):
    """A zip file by hand: `entries` are (name, crc, packed, size, where in the body)."""
    directory = b"".join(
        struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, packed, size, len(name), 0, 0, 0, 0,
            0, where,
        ) + name
        for name, crc, packed, size, where in entries
    )  # fmt: skip
    count = len(entries) & 0xFFFF
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(body + directory + end)


def damaged(path, entries, mebibytes=15):
    """Entries whose digest is wrong, which shows only when all of one is unpacked."""
    data, crc = deflated(mebibytes)
    body, listed = b"", []
    for number in range(entries):
        name = b"%d.py" % number
        known = (crc ^ 1, len(data), mebibytes << 20)
        listed.append((name, *known, len(body)))
        body += local(name, *known) + data
    assemble(path, body, listed)


def overlapping(path, entries, mebibytes=15):
    """Entries that share their bytes: each holds, unpacked, the headers of all that follow it."""
    body, _ = deflated(mebibytes)
    content, listed = BLOCK * mebibytes, []
    for number in reversed(range(entries)):
        name = b"%d.py" % number
        known = (zlib.crc32(content), len(body), len(content))
        header = local(name, *known)
        listed.append((name, *known, len(header) + len(body)))
        quoted = b"\0" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF)
        whole, body, content = header + body, quoted + header + body, header + content
    places = [(*known, len(whole) - from_end) for *known, from_end in listed]
    assemble(path, whole, places)


def nested(path, depth=6, width=10):
    """Zip files in zip files, ten of each in the next: a petabyte, were they unpacked."""
    bomb(path, mebibytes=15)
    for _ in range(depth):
        data = path.read_bytes()
        pack(path, {f"{number}.zip": data for number in range(width)})


def long_directory(path, mebibytes=64):
    """A directory of many bytes and few entries."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(mebibytes * 8):
            entry = info(f"{number}.py", zipfile.ZIP_STORED)
            archive.writestr(entry, b"")
            entry.comment = bytes(65_000)
            entry.extra = struct.pack("<HH", 0x9999, 65_000) + bytes(65_000)


def many(path, entries):
    """Empty files, more than anybody has."""
    empty, crc = deflated(0)
    known = (crc, len(empty), 0)
    assemble(path, local(b"a", *known) + empty, [(b"%07d" % n, *known, 0) for n in range(entries)])
