"""What can be done to projects and series, one verb a file; each checks access, writes the audit trail, in one transaction."""

from projects.services.add_asset_class import add_asset_class
from projects.services.apply_workbook import apply_workbook
from projects.services.approve_submission import approve_submission
from projects.services.archive_project import archive_project
from projects.services.attach_file import attach_file
from projects.services.bring_back import bring_back
from projects.services.comments import comment_on_submission, settle_comment
from projects.services.complete_project import complete_project
from projects.services.create_project import create_project
from projects.services.create_series import create_series
from projects.services.delete_attachment import delete_attachment
from projects.services.delete_project import delete_project
from projects.services.delete_series import delete_series
from projects.services.duplicate_project import duplicate_project
from projects.services.edit_project import edit_project
from projects.services.import_workbook import create_from_workbook, keep_workbook
from projects.services.join_organisation import join_organisation
from projects.services.move_project import move_project
from projects.services.move_series import move_series
from projects.services.reject_submission import reject_submission
from projects.services.rename_series import rename_series
from projects.services.reopen_project import reopen_project
from projects.services.restore_project import restore_project
from projects.services.set_asset_class import set_asset_class
from projects.services.submit_project import submit_project
from projects.services.take_snapshot import take_snapshot
from projects.services.withdraw_submission import withdraw_submission

__all__ = [
    "add_asset_class",
    "apply_workbook",
    "approve_submission",
    "archive_project",
    "attach_file",
    "bring_back",
    "comment_on_submission",
    "complete_project",
    "create_from_workbook",
    "create_project",
    "create_series",
    "delete_attachment",
    "delete_project",
    "delete_series",
    "duplicate_project",
    "edit_project",
    "join_organisation",
    "keep_workbook",
    "move_project",
    "move_series",
    "reject_submission",
    "rename_series",
    "reopen_project",
    "restore_project",
    "set_asset_class",
    "settle_comment",
    "submit_project",
    "take_snapshot",
    "withdraw_submission",
]
