"""Draws the app's icon, a blank sheet with three lines: python3 draw.py writes the PNGs beside this file."""
import pathlib
import struct
import zlib

GROUND, SHEET, LINE = (58, 74, 92), (244, 242, 236), (150, 158, 168)


def inside(x, y, left, top, right, bottom, radius):
    """whether a point lies in a rectangle with round corners"""
    dx = max(left + radius - x, 0, x - (right - radius))
    dy = max(top + radius - y, 0, y - (bottom - radius))
    return left <= x <= right and top <= y <= bottom and dx * dx + dy * dy <= radius * radius


def colour(x, y):
    """the colour at a point of the unit square, or nothing"""
    if not inside(x, y, 0.04, 0.04, 0.96, 0.96, 0.2):
        return None
    for top in (0.36, 0.48, 0.60):
        if inside(x, y, 0.36, top, 0.52 if top == 0.60 else 0.64, top + 0.05, 0.025):
            return LINE
    return SHEET if inside(x, y, 0.27, 0.22, 0.73, 0.78, 0.05) else GROUND


def pixel(column, row, size, grid=4):
    """one pixel as the mean of a grid of points in it"""
    points = [colour((column + (i + 0.5) / grid) / size, (row + (j + 0.5) / grid) / size) for i in range(grid) for j in range(grid)]
    seen = [point for point in points if point]
    if not seen:
        return bytes(4)
    return bytes(round(sum(point[k] for point in seen) / len(seen)) for k in range(3)) + bytes([round(255 * len(seen) / len(points))])


def png(size):
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + b"".join(pixel(column, row, size) for column in range(size)) for row in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


here = pathlib.Path(__file__).parent
for name, size in {"32x32.png": 32, "128x128.png": 128, "128x128@2x.png": 256, "icon.png": 512}.items():
    (here / name).write_bytes(png(size))
