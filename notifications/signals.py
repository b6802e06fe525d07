"""What rooms above hear of what people are told."""

from django.dispatch import Signal

# People were told something, in the transaction of what it tells of. Carries `told`, the notifications.
people_told = Signal()
