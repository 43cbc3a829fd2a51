"""Whether two values of paired issues count as equal under their mappings (rule 8)."""

from __future__ import annotations

from backbone.core.mapping.values import Unknown, Unshareable, adopt, share, share_members
from backbone.core.model.configuration import FieldMapping
from backbone.core.model.values import Value
from backbone.core.sync.members import as_members


def agree(first: FieldMapping, here: Value, second: FieldMapping, there: Value) -> bool:
    """Whether two values count as the same for every direction in which they travel (rule 8).

    A value that cannot be shared competes with nothing, so it differs from nothing.
    """
    if first.kind.multi:
        return _members_agree(first, here, second, there)
    if first.sends and second.receives and not _arrived(first, here, second, there):
        return False
    return not (second.sends and first.receives and not _arrived(second, there, first, here))


def _arrived(sender: FieldMapping, sent: Value, receiver: FieldMapping, held: Value) -> bool:
    shared = share(sender, sent)
    if isinstance(shared, Unshareable) or share(receiver, held) == shared:
        return True
    adopted = adopt(receiver, shared)
    return not isinstance(adopted, Unknown) and adopted == held


def _members_agree(first: FieldMapping, here: Value, second: FieldMapping, there: Value) -> bool:
    ours, theirs = share_members(first, as_members(here)), share_members(second, as_members(there))
    if first.sends and second.sends:
        return ours == theirs
    return ours <= theirs if first.sends else theirs <= ours
