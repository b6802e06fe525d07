"""What a password must not be, beside what Django refuses."""

from django.core.exceptions import ValidationError


class MaximumLengthValidator:
    """Refuses a password of more letters than `max_length`: hashing one must cost no more than a moment."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: object = None) -> None:
        """Nothing; ValidationError where it is too long."""
        if len(password) > self.max_length:
            raise ValidationError(f"A password has at most {self.max_length} letters.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"At most {self.max_length} letters."
