"""Encrypt a key with a passphrase, as the age format's scrypt recipient does (https://c2sp.org/age).

pyrage could, but picks the work by its speed of the moment: up to 1 GB of memory, here and for whoever opens it, which
kills a small machine. Here it is 128 MB at any time. age and pyrage open what this writes.
"""

import hashlib
import hmac
import secrets
from base64 import b64encode

WORK = 17  # the exponent of scrypt's N; with r = 8 it needs 128 · 8 · 2^17 bytes
LABEL = b"age-encryption.org/v1/scrypt"


def seal(text: bytes, passphrase: str) -> bytes:
    """An age file of at most 64 kB of text."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # an optional dependency

    file_key, salt, nonce = (secrets.token_bytes(16) for _ in range(3))
    wrapping = hashlib.scrypt(
        passphrase.encode(), salt=LABEL + salt, n=2**WORK, r=8, p=1, maxmem=2 ** (WORK + 11), dklen=32
    )
    wrapped = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    header = b"age-encryption.org/v1\n-> scrypt %s %d\n%s\n---" % (unpadded(salt), WORK, unpadded(wrapped))
    mac = hmac.new(derived(file_key, b"", b"header"), header, hashlib.sha256).digest()
    last_chunk = bytes(11) + b"\x01"
    payload = ChaCha20Poly1305(derived(file_key, nonce, b"payload")).encrypt(last_chunk, text, None)
    return header + b" " + unpadded(mac) + b"\n" + nonce + payload


def unpadded(data):
    return b64encode(data).rstrip(b"=")


def derived(key, salt, info):
    """HKDF-SHA-256 of one block."""
    extracted = hmac.new(salt or bytes(32), key, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()
