from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.tokens import second_steps


class ApprovedUserBackend(AuthenticationBackend):
    """Password sign-in; a session ends as soon as its owner is no longer approved or active."""

    def get_user(self, user_id: int) -> User | None:
        # Asked with the person: whether an administrator is enrolled is looked at on every page.
        user = User.objects.annotate(has_second_step=Exists(second_steps(OuterRef("pk")))).filter(pk=user_id).first()
        return user if user and user.may_sign_in else None
