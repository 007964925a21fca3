"""The certificates of an administrator's own authority: pasted, or in a file."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import Field, TextAreaField
from wtforms.validators import ValidationError

from console import certificates
from console.certificates import Certificate, CertificateError, PrivateKeyError


class AuthorityForm(FlaskForm):
    """Both ways end in `ca_pem`, which is PEM and nothing else once the form is valid. A file counts, not the text."""

    ca_pem = TextAreaField(
        "Certificate authority",
        filters=[lambda text: (text or "").replace("\x00", "").strip()],
        description="The certificate of your own authority (PEM), when the server's is not from a public one.",
    )
    ca_file = FileField(
        "Or choose its file",
        description=f"PEM or DER, at most {certificates.LIMIT // 1024} KB. "
        "A file that is chosen counts, and takes the place of the text above.",
    )

    def validate_ca_pem(self, field: Field) -> None:
        if not field.data:
            return
        try:
            field.data = certificates.read(field.data.encode())
        except CertificateError as error:
            if isinstance(error, PrivateKeyError):
                field.data = ""
            if not self.ca_file.data:
                raise ValidationError(error.sentence) from None

    def validate_ca_file(self, field: Field) -> None:
        """Checked after the text, whose place it takes: so a valid file is not lost when another field is refused."""
        file: FileStorage | None = field.data
        if file is None:
            return
        try:
            self.ca_pem.data = certificates.read(file.stream.read(certificates.LIMIT + 1))
        except CertificateError as error:
            raise ValidationError(error.sentence) from None

    @property
    def has_authority(self) -> bool:
        return bool(self.ca_pem.data or self.ca_file.data)

    @property
    def authorities(self) -> tuple[Certificate, ...]:
        """The certificates that the field holds, to be told beside it."""
        return certificates.told(self.ca_pem.data or "")
