"""Kinds of news about submissions."""

SUBMISSION_WAITING = "submission_waiting"
SUBMISSION_APPROVED = "submission_approved"
SUBMISSION_REJECTED = "submission_rejected"
SUBMISSION_COMMENTED = "submission_commented"

LABELS = {
    SUBMISSION_WAITING: "Submission to review",
    SUBMISSION_APPROVED: "Submission approved",
    SUBMISSION_REJECTED: "Submission rejected",
    SUBMISSION_COMMENTED: "Comment on a submission",
}
FOR_ADMINISTRATORS = (SUBMISSION_WAITING,)
