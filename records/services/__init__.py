"""What can be done to versions, one verb a file."""

from records.services.approve_version import approve_version
from records.services.copy_version import copy_version
from records.services.delete_draft import delete_draft
from records.services.edit_version import edit_version
from records.services.import_version import import_version
from records.services.install_version import install_missing, install_version
from records.services.reject_version import reject_version
from records.services.submit_version import submit_version

__all__ = [
    "approve_version",
    "copy_version",
    "delete_draft",
    "edit_version",
    "import_version",
    "install_missing",
    "install_version",
    "reject_version",
    "submit_version",
]
