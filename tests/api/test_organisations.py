"""An organisation by the API alone: founded, joined by invitation, roles changed, left."""

import pytest

from accounts.models import AuditEntry, User
from tests.api.cast import Program, codes

pytestmark = pytest.mark.django_db


def test_from_founding_to_leaving(sponsor: User, other_sponsor: User, admin: User):
    sofia, otto, ada = Program(sponsor), Program(other_sponsor), Program(admin)
    founded = sofia.post("organisations", {"name": "  North   Parks "})
    assert founded.status_code == 201
    told = founded.json()
    assert (told["name"], [(each["person"]["email"], each["role"]) for each in told["members"]]) == (
        "North Parks",
        [(sponsor.email, "owner")],
    )
    path = f"organisations/{told['code']}"
    assert otto.get(path).status_code == 404
    assert codes(sofia.post("organisations", {"name": "Another"})) == {"member"}

    body = {"email": other_sponsor.email.upper(), "role": "editor"}
    invited = sofia.post(f"{path}/invitations", body).json()
    assert (invited["email"], invited["organisation"]["name"]) == (other_sponsor.email, "North Parks")
    assert codes(sofia.post(f"{path}/invitations", body)) == {"invited"}
    assert [each["code"] for each in otto.get("invitations").json()["items"]] == [invited["code"]]
    member = otto.post(f"invitations/{invited['code']}/accept").json()
    assert (member["role"], otto.get(path).json()["name"]) == ("editor", "North Parks")
    assert otto.get(f"{path}/invitations").status_code == 403
    assert ada.get("organisations").json()["items"] == [{"code": told["code"], "name": "North Parks"}]

    theirs = f"organisations/members/{member['code']}"
    assert otto("patch", theirs, {"role": "owner"}).status_code == 403
    assert sofia("patch", theirs, {"role": "owner"}).json()["role"] == "owner"
    own = f"organisations/members/{told['members'][0]['code']}"
    assert sofia("delete", own).status_code == 204
    assert sofia.get(path).status_code == 404
    assert otto("delete", theirs).status_code == 204  # the last one leaves an empty organisation behind
    actions = AuditEntry.objects.filter(action__startswith="organisation.").order_by("sequence")
    assert [entry.action.removeprefix("organisation.") for entry in actions] == [
        "founded", "joined", "invited", "joined", "member_changed", "left", "left",
    ]  # fmt: skip


def test_an_invitation_is_declined_and_a_role_that_is_none_is_refused(sponsor: User, other_sponsor: User):
    sofia, otto = Program(sponsor), Program(other_sponsor)
    path = f"organisations/{sofia.post('organisations', {'name': 'Parks'}).json()['code']}"
    assert sofia.post(f"{path}/invitations", {"email": other_sponsor.email, "role": "king"}).status_code == 422
    invited = sofia.post(f"{path}/invitations", {"email": other_sponsor.email}).json()
    assert invited["role"] == "reader"
    assert otto("delete", f"invitations/{invited['code']}").status_code == 204
    assert sofia.get(f"{path}/invitations").json()["items"] == []
    renamed = sofia("patch", path, {"name": "Quays"})
    assert renamed.json()["name"] == "Quays"
