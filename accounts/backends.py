from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class ApprovedUserBackend(ModelBackend):
    """Password sign-in; a session ends as soon as its owner is no longer approved or active."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.filter(pk=user_id).first()
        return user if user and user.may_sign_in else None
