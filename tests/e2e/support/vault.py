"""The gateway's vault seen from outside: opens what it has sealed, with the key-encryption key and code of its own."""
import base64
import ctypes
import ctypes.util
import struct

from support.database import rows

_GET_TAG_LENGTH, _SET_TAG = 16, 0x11  # AES-GCM: the tag's bytes, and OpenSSL's EVP_CTRL_GCM_SET_TAG
_NONCE_LENGTH = 12


def _library():
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
    for name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_gcm"):
        getattr(crypto, name).restype = ctypes.c_void_p
    return crypto


def open_gcm(key, nonce, aad, sealed):
    """AES-256-GCM with the tag at the end; an error when it doesn't fit."""
    crypto, pointer = _library(), ctypes.c_void_p
    text, tag = sealed[:-_GET_TAG_LENGTH], sealed[-_GET_TAG_LENGTH:]
    context = pointer(crypto.EVP_CIPHER_CTX_new())
    out, length = ctypes.create_string_buffer(len(text) + 16), ctypes.c_int()
    try:
        assert crypto.EVP_DecryptInit_ex(context, pointer(crypto.EVP_aes_256_gcm()), None, key, nonce) == 1
        assert crypto.EVP_DecryptUpdate(context, None, ctypes.byref(length), aad, len(aad)) == 1
        assert crypto.EVP_DecryptUpdate(context, out, ctypes.byref(length), text, len(text)) == 1
        assert crypto.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, len(tag), tag) == 1
        assert crypto.EVP_DecryptFinal_ex(context, None, ctypes.byref(length)) == 1, "the seal does not fit"
    finally:
        crypto.EVP_CIPHER_CTX_free(context)
    return out.raw[:len(text)]


def _aad(version, place, key_id):
    parts = [str(version), *place, key_id]
    return b"".join(struct.pack(">I", len(part)) + part.encode() for part in parts)


def root_of(gateway):
    """What the gateway's derived keys stand on, out of its database."""
    kek = base64.b64decode((gateway.directory / "kek").read_text().strip())
    (version, key_id, *sealed), = rows(
        gateway, "SELECT version, key_id, wrapped_key, nonce, ciphertext FROM vault_entries WHERE name = 'root'")
    wrapped, nonce, text = (base64.b64decode(each) for each in sealed)
    place = ("", "vault_entries", "root", "secret")
    data_key = open_gcm(kek, wrapped[:_NONCE_LENGTH], _aad(version, place, key_id), wrapped[_NONCE_LENGTH:])
    return open_gcm(data_key, nonce, _aad(version, place, ""), text)
