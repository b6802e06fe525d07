"""What happens to accounts, for rooms above that tell somebody of it.

Each is sent inside the transaction of what it tells of: a listener that writes rows does so in the same transaction.
Telling administrators of `registered` and the person of `approved` is the listeners' part, in the portal and by e-mail. Who
is declined never sees the portal: `accounts` writes to them itself.

All carry: `sender` (the class User), `user` (the person it is about), `request` (an HttpRequest or None).
"""

from django.dispatch import Signal

# A stranger has registered and confirmed their e-mail: an administrator is to approve or decline `user`.
registered = Signal()

# An administrator let `user` in. Also: `by` (that administrator).
approved = Signal()

# An administrator turned `user` away. Also: `by` (that administrator), `reason` (text, as told to the person).
declined = Signal()

# `user` has joined a sponsors' organisation. Also: `organisation`.
joined = Signal()

# Nobody is told any more who `user` was: what listeners wrote of the person goes.
erased = Signal()
