from allauth.account.stages import LoginStage
from django.http import HttpResponse
from django.shortcuts import redirect


class ApprovalStage(LoginStage):
    """The step of a sign-in, after password and confirmed e-mail, at which strangers wait for an administrator."""

    key = "approval"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user.is_approved:
            return None, True
        return redirect("account-declined" if user.is_declined else "account-waiting"), False
