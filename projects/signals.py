"""What projects tell the rooms above: sent within the transaction of the change they tell of."""

from django.dispatch import Signal

# submission: Submission, by: User. A snapshot waits for review.
submission_made = Signal()

# submission: Submission, by: User. Its snapshot is what runs take from now on.
submission_approved = Signal()

# project: Project, by: User. It is about to be deleted; a receiver that must keep it raises Invalid with the reason.
project_leaves = Signal()
