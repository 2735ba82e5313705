"""A certificate authority for one test, and servers' certificates that it signed."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SIGNS_CERTIFICATES = x509.KeyUsage(
    key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


class Authority:
    def __init__(self, folder):
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority for tests")])
        self.file = folder / "authority.pem"
        mine = self.builder(self.name, self.key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        mine = mine.add_extension(SIGNS_CERTIFICATES, True)
        mine = mine.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
        self.file.write_bytes(mine.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server_for(self, host) -> ssl.SSLContext:
        """What a TLS server at that name needs."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name = x509.IPAddress(ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        theirs = self.builder(subject, key).add_extension(x509.SubjectAlternativeName([name]), False)
        both = self.folder / f"{host}.pem"
        both.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + theirs.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context

    def builder(self, subject, key):
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        )
