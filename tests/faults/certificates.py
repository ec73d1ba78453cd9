"""TLS in front of a sandbox, with a certificate that may end."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_YEAR = timedelta(days=365)


class Certificates:
    """`context` serves a certificate for 127.0.0.1; clients started with `trust` believe it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._valid = self._write("valid", ends=datetime.now(UTC) + _YEAR)
        self._ended = self._write("ended", ends=datetime.now(UTC) - timedelta(days=1))
        bundle = folder / "trusted.pem"
        bundle.write_bytes(self._valid.read_bytes() + self._ended.read_bytes())
        self.trust = {"SSL_CERT_FILE": str(bundle), "REQUESTS_CA_BUNDLE": str(bundle)}
        self.renew()

    def renew(self) -> None:
        self.context.load_cert_chain(self._valid)

    def expire(self) -> None:
        """From the next connection on."""
        self.context.load_cert_chain(self._ended)

    def _write(self, name: str, *, ends: datetime) -> Path:
        """The key and a certificate that it signed itself."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"sandbox {name}")])
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - _YEAR)
            .not_valid_after(ends)
            .add_extension(address, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        path = self._folder / f"{name}.pem"
        path.write_bytes(
            self._key.private_bytes(pem, form, serialization.NoEncryption()) + certificate.public_bytes(pem)
        )
        return path
