"""An authenticator in software: it makes a passkey and proves it as WebAuthn says, or as a test has it do wrong."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url as text

HOST, ORIGIN = "localhost", "http://localhost:8000"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey for `host`, asked by a page of `origin`; `verified` is whether it makes sure of its owner."""

    host: str = HOST
    origin: str = ORIGIN
    verified: bool = True
    count: int = 0
    handle: str = ""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """What a browser brings for the options of a new passkey."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        length = len(self.credential_id).to_bytes(2, "big")
        held = bytes(16) + length + self.credential_id + cbor2.dumps(public)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._about(WITH_KEY) + held}
        client = self._client("webauthn.create", options["challenge"])
        return self._credential({"clientDataJSON": text(client), "attestationObject": text(cbor2.dumps(attestation))})

    def prove(self, options: dict[str, Any]) -> str:
        """What a browser brings to sign in."""
        self.count += 1
        about, client = self._about(0), self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        found = {"clientDataJSON": client, "authenticatorData": about, "signature": signature}
        return self._credential({**{name: text(value) for name, value in found.items()}, "userHandle": self.handle})

    def _about(self, more: int) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        assert len(base64url_to_bytes(challenge)) == 32
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, response: dict[str, str]) -> str:
        name = text(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
