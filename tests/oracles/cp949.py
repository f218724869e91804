#!/usr/bin/env python3
"""Writes cp949.txt: what CPython's codecs make of every two-byte sequence.

    python3 tests/oracles/cp949.py > tests/oracles/cp949.txt

Each line is a run of pairs with one lead byte and consecutive trail bytes: the first pair in hexadecimal, `k` where the
codec euc_kr (KS X 1001) has them or `x` where cp949 alone does, and their characters. What stands in no line is no
character. What the lines do not say is checked here:

* both codecs take ASCII bytes one by one, and no other byte alone;
* cp949 encodes the characters of the table, each as its pair, and ASCII, and nothing else;
* euc_kr encodes those of the `k` lines as their pairs, U+3164 as A4D4 (which it does not decode: it begins a syllable of
  eight bytes), and each Hangul syllable of the `x` lines as eight bytes; and nothing else.
"""

import sys


def decoded(pair, codec):
    try:
        return pair.decode(codec)
    except UnicodeDecodeError:
        return None


def encoded(c, codec):
    try:
        return c.encode(codec)
    except UnicodeEncodeError:
        return None


def table():
    """Pair to (mark, character)."""
    found = {}
    for lead in range(0x100):
        for trail in range(0x100):
            pair = bytes([lead, trail])
            cp949, euc_kr = decoded(pair, "cp949"), decoded(pair, "euc_kr")
            if lead < 0x80:
                ascii_only = chr(lead) + chr(trail) if trail < 0x80 else None
                assert cp949 == euc_kr == ascii_only, pair
                continue
            assert euc_kr in (None, cp949), pair
            if cp949 is not None:
                assert len(cp949) == 1, pair
                found[pair] = ("x" if euc_kr is None else "k", cp949)
    return found


def check_encoders(found):
    pairs = {c: (mark, pair) for pair, (mark, c) in found.items()}
    for number in (*range(0xD800), *range(0xE000, 0x110000)):
        c = chr(number)
        mark, pair = pairs.get(c, (None, None))
        cp949, euc_kr = encoded(c, "cp949"), encoded(c, "euc_kr")
        if number < 0x80:
            assert cp949 == euc_kr == bytes([number])
            continue
        assert cp949 == pair, c
        if mark == "k" or c == "\u3164":
            assert euc_kr == pair, c
        elif mark == "x":
            assert "\uac00" <= c <= "\ud7a3" and len(euc_kr) == 8, c
        else:
            assert euc_kr is None, c


def main():
    found = table()
    check_encoders(found)
    lines, last = [], None
    for pair, (mark, c) in sorted(found.items()):
        if (mark, pair) == last:
            lines[-1] += c
        else:
            lines.append(f"{pair.hex().upper()} {mark} {c}")
        last = (mark, bytes([pair[0], pair[1] + 1])) if pair[1] < 0xFF else None
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    print("\n".join(lines))


main()
