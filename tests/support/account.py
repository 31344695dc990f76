"""The emulator as an AWS account: TLS only, signatures checked, every policy enforced."""

import contextlib
import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.emulator import MINISTACK, REGION, emulating
from tests.support.procs import LOOPBACK

STRICT_EMULATOR = (MINISTACK.with_name("python"), Path(__file__).with_name("strict_emulator.py"))


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, of a user or (with a session token) of an assumed role."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def variables(self) -> dict[str, str]:
        """Return them as environment variables."""
        variables = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return variables | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


ROOT_USER = Credentials("test", "test")
"""Never refused anything, its signature is not even checked: for setting up, not for proofs."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account behind one URL."""

    url: str
    ca_bundle: Path

    def client(self, service: str, credentials: Credentials = ROOT_USER) -> Any:
        return botocore.session.get_session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            verify=str(self.ca_bundle),
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            config=Config(retries={"mode": "standard", "max_attempts": 2}, s3={"addressing_style": "path"}),
        )

    def tls(self) -> ssl.SSLContext:
        """Return what a client needs to trust this account's certificate."""
        return ssl.create_default_context(cafile=self.ca_bundle)

    def variables(self) -> dict[str, str]:
        """Return the environment variables that point an AWS client here; credentials come beside them."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CA_BUNDLE": str(self.ca_bundle),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def assume(self, role_arn: str) -> Credentials:
        """Return credentials of a function's role, as Lambda gives them to it."""
        made = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="function")["Credentials"]
        return Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])

    def create_user(self, name: str, policy: str) -> Credentials:
        """Make an IAM user with one inline policy (JSON) and return its access key."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return Credentials(made["AccessKeyId"], made["SecretAccessKey"])


@contextlib.contextmanager
def account(folder: Path) -> Iterator[Account]:
    """Run an account of its own until the block ends."""
    certificate, key = _self_signed(folder)
    options = {"AUTH": "true", "USE_SSL": "1", "MINISTACK_SSL_CERT": str(certificate), "MINISTACK_SSL_KEY": str(key)}
    with emulating(folder, options, STRICT_EMULATOR) as emulator:
        yield Account(emulator.url, certificate)


def _self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for loopback, and its key, that are good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK)), x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "account.crt", folder / "account.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
