"""What takes each of the 24 rules out of the sources: a piece of text, and what stands there without the rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """``file`` is relative to the package; ``old`` is there exactly once.

    ``held_by`` is the test that fails; for one of the 24 rules all tests of ``tests/rules`` that name it are tried.
    """

    rule: int | str
    file: str
    old: str
    new: str
    held_by: str = ""


STAMPS, DIFF, MEMBERS = "core/model/stamps.py", "core/sync/diff.py", "core/sync/members.py"
MERGE, INCOMING, OUTGOING = "core/sync/merge.py", "core/sync/incoming.py", "core/sync/outgoing.py"
ATTEMPTS, CLOSING = "core/sync/attempts.py", "app/engine/attempts.py"
IN_TWO_PAIRS = "tests/unit/app/test_issue_in_two_pairs.py"
BROKEN, LATE = "tests/unit/app/test_broken_attachments.py", "tests/unit/app/test_late_answers.py"
WRITTEN_OVER = "tests/unit/app/test_written_over.py"
COPYING = "app/engine/copying.py"
HISTORY, SETTLE, PAIRING, RETRY = (
    "core/sync/history.py",
    "core/sync/settle.py",
    "core/sync/pairing.py",
    "core/sync/retry.py",
)
COMMENTS, FILES = "core/mapping/discussion.py", "core/mapping/files.py"
APPLY, TELL, LOOK, CREATE, DOUBTS = (f"app/engine/{name}.py" for name in ("apply", "tell", "look", "create", "doubts"))
WORK, MOVE, MIRROR, GONE = (f"app/engine/{name}.py" for name in ("work", "move", "mirror", "gone"))
CONTEXT, HANDING, GUARD, CENSUS = (f"app/engine/{name}.py" for name in ("context", "handing", "guard", "census"))

MUTANTS = (
    # who is newer
    Mutant(1, STAMPS, "number=max([edited, *numbers])", "number=edited"),
    Mutant(
        1,
        STAMPS,
        "return (self.number, self.role is Role.FIRST, self.origin)",
        "return (self.number, False, self.origin)",
    ),
    Mutant(
        1,
        STAMPS,
        "return (self.number, self.role is Role.FIRST, self.origin)",
        "return (0, self.role is Role.FIRST, self.origin)",
    ),
    Mutant(1, INCOMING, "if stamp.number <= self.look.now + FARTHEST_AHEAD or self", "if stamp.number or self"),
    Mutant(1, OUTGOING, "(look.gap > LONG_AGO and bool(told.changes))", "False"),
    Mutant(
        2,
        MERGE,
        "known=FieldStamp(value=fingerprint(value), stamp=change.stamp)",
        "known=FieldStamp(value=fingerprint(value), stamp=view.known.stamp if view.known else change.stamp)",
    ),
    Mutant(2, DIFF, "if known is None or known.value != local or view.after is not None:", "if True:"),
    Mutant(
        3,
        MEMBERS,
        "if newest is not None and change.stamp <= newest:\n        return _older",
        "if False:\n        return _older",
    ),
    Mutant(
        3,
        MEMBERS,
        "            elements[alias] = ElementStamp(present=present, stamp=stamp)\n",
        "            elements.pop(alias, None)\n",
    ),
    Mutant(
        3,
        MEMBERS,
        "stamps.append(view.base.elements[alias].stamp)",
        "stamps += [one.stamp for one in view.base.elements.values()]",
    ),
    Mutant(4, INCOMING, "    look = replace(look, pair=told.pair, stamps=told.stamps)\n", ""),
    Mutant(
        4,
        INCOMING,
        "_Merging(look=look, before=before, answers=told.changes, notes",
        "_Merging(look=look, before=before, answers=Changes(), notes",
    ),
    Mutant(5, INCOMING, "                if lost:\n", "                if False:\n"),
    Mutant(
        5,
        INCOMING,
        "if write.before is not None and (asserted or base.local not in (None, fingerprint(write.before))):",
        "if False:",
    ),
    Mutant(5, CONTEXT, "if note.what is What.VALUE_LOST and note.mapping is not None", "if False"),
    # what we remember
    Mutant(6, DIFF, "if asserts and view.mapping.sends", "if view.mapping.sends"),
    Mutant(
        6,
        DIFF,
        "asserts = view.mapping.start is not StartPolicy.HOLD and view.mapping.start.value == signer.role.value",
        "asserts = view.mapping.start is not StartPolicy.HOLD",
    ),
    Mutant(6, MEMBERS, "view.base.state is not BaselineState.UNKNOWN or not (asserts and view.mapping.sends)", "False"),
    Mutant(6, PAIRING, "return {one.id: _UNSEEN for one", "return {one.id: _EMPTY_BEFORE for one"),
    Mutant(7, SETTLE, "or now is None or not untouched_since(after, own):", "or now is None:"),
    Mutant(7, SETTLE, "    return fingerprint(now)\n", "    return fingerprint(write.value)\n"),
    Mutant(
        8,
        MERGE,
        "if share(view.mapping, view.value) == change.value or adopted == view.value or _",
        "if adopted == view.value or _",
    ),
    Mutant(8, DIFF, "if view.after is None and fingerprint_of_shared(shared) == view.base.shared:", "if False:"),
    Mutant(
        8, DIFF, "if isinstance(shared, Unshareable) or not view.mapping.sends:", "if isinstance(shared, Unshareable):"
    ),
    Mutant(
        8,
        DIFF,
        "if isinstance(shared, Unshareable) or not view.mapping.sends:\n        return _unchanged(view)",
        "if isinstance(shared, Unshareable):\n        shared = ()\n    if not view.mapping.sends:\n        return _unchanged(view)",
    ),
    Mutant(9, DIFF, "    if view.silent:\n", "    if False:\n"),
    Mutant(
        9,
        MERGE,
        "if newest is not None and change.stamp <= newest:",
        "if newest is not None and change.stamp < newest:",
    ),
    Mutant(
        10,
        HANDING,
        "revision=half.revision,\n        sent=now,\n        content=content,",
        "revision=type(half.revision)(1),\n        sent=now,\n        content=content,",
    ),
    Mutant(10, DOUBTS, "half(half.connector, attempt.revision)", "half(half.connector)"),
    Mutant(
        10,
        OUTGOING,
        "base = look.pair.agreed_of(mapping.id)\n    attempts",
        "base = list(look.pair.baselines.values())[look.half.fields.index(mapping)]\n    attempts",
    ),
    # what we did
    Mutant(11, ATTEMPTS, "tuple[Attempted, ...]] = dict(own.fields)", "tuple[Attempted, ...]] = {}"),
    Mutant(11, ATTEMPTS, "if uid != pair}", "if not pair}", held_by=IN_TWO_PAIRS),
    Mutant(1, DIFF, "view.base.floor, view.after)", "view.after)", held_by="tests/unit/app/test_creating.py"),
    Mutant(11, ATTEMPTS, "if newest is not None and newest == agreed:", "if False:", held_by=WRITTEN_OVER),
    Mutant(11, ATTEMPTS, "or newest is None or one.stamp <= newest}", "or True}", held_by=WRITTEN_OVER),
    Mutant(11, CLOSING, "if not _held_up(left, pairs):", "if pair:", held_by=IN_TWO_PAIRS),
    Mutant(
        11, CLOSING, "if not _held_up(stamps, await pairs_of(uow, half, issue)):", "if False:", held_by=IN_TWO_PAIRS
    ),
    Mutant(11, APPLY, "if pair.uid in task.stamps.attempts:", "if False:", held_by=IN_TWO_PAIRS),
    Mutant(
        11,
        APPLY,
        "stamps = record_attempt(plan.stamps, plan.pair.uid, writes, plan.elements, plan.entry)",
        "stamps = plan.stamps",
    ),
    Mutant(11, OUTGOING, "if _reversed(look, view, ident, attempted, attempt.since or 0):", "if False:"),
    Mutant(11, APPLY, "        await uow.dirty.mark_attempt(look.half.connection, look.snapshot.ref.id)\n", ""),
    Mutant(12, FILES, "_unnoted(files, change, links) if begun else None", "None", held_by=BROKEN),
    Mutant(12, APPLY, "look = await without_foreign_copies(engine, look, changes)", "pass", held_by=IN_TWO_PAIRS),
    Mutant(12, COPYING, " | _older(look, alike, changes, ahead=engine.tracker(look.half).skew)", "", held_by=BROKEN),
    Mutant(12, INCOMING, "not isinstance(done, RemoveFile) and done.mirror is None", "False", held_by=LATE),
    Mutant(
        12, DOUBTS, "    for uid in attempt.pairs:\n        await _adopt", "    for uid in ():\n        await _adopt"
    ),
    Mutant(12, DOUBTS, "if now - doubted < LATE_ANSWER:", "if False:"),
    Mutant(12, DOUBTS, "ours, fence, told=attempt.told.get(uid))", "ours, fence, told=2**62)"),
    Mutant(
        12,
        DOUBTS,
        "give_birth(half, pair, content, marker, _left_out(birth, issue))",
        "give_birth(half, pair, content, marker, frozenset())",
    ),
    Mutant(12, COMMENTS, "if marker is not None and comment.own and _same(", "if False and _same("),
    Mutant(12, INCOMING, "merging.wait_for(adding_comment(change.original))", "pass"),
    Mutant(12, INCOMING, "merging.wait_for(adding_file(change.original))", "pass"),
    Mutant(12, FILES, "(one.id for one in alike if one.id not in taken)", "iter(())"),
    Mutant(13, PAIRING, "    if snapshot.own:\n", "    if False:\n"),
    Mutant(13, TELL, "        if creating and snapshot.own:\n", "        if False:\n"),
    Mutant(13, TELL, "ours = marked_by_us(engine, half, snapshot.marker)", "ours = False"),
    Mutant(
        13,
        COMMENTS,
        "originals = [one for one in comments if not one.own and",
        "originals = [one for one in comments if",
    ),
    Mutant(14, WORK, "    await work.fence.check()\n", ""),
    Mutant(14, MOVE, "    await work.fence.check()\n", ""),
    Mutant(
        14,
        MIRROR,
        "action: CommentAction) -> Work:\n    await work.fence.check()\n",
        "action: CommentAction) -> Work:\n",
    ),
    Mutant(
        14,
        MIRROR,
        "action: AddFile | RemoveFile) -> Work:\n    await work.fence.check()\n",
        "action: AddFile | RemoveFile) -> Work:\n",
    ),
    Mutant(14, CREATE, "    await fence.check()\n", ""),
    Mutant(
        14,
        APPLY,
        "            await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid), after=1.0)\n        await uow.commit(work.fence, lasting=False)",
        "            await uow.turns.wake(ApplyTurn(connector=half.connector, pair=pair.uid), after=1.0)\n        await uow.commit(lasting=False)",
    ),
    Mutant(15, SETTLE, "return outcome if lost is None else", "return outcome if True else"),
    Mutant(15, INCOMING, "    recovered = _written_over(look)\n", "    recovered: tuple[FieldChange, ...] = ()\n"),
    Mutant(
        16,
        INCOMING,
        "if oscillates(self.look.pair.recent.get(mapping.id, ()), fingerprint(write.value), self.look.now):",
        "if False:",
    ),
    Mutant(16, INCOMING, "if oscillates(recent, element_sign(", "if False and oscillates(recent, element_sign("),
    Mutant(16, "core/sync/oscillation.py", "ALTERNATIONS = 6", "ALTERNATIONS = 1"),
    # what we see
    Mutant(17, LOOK, "if page.asked_at - one.updated >= SETTLED", "if page"),
    Mutant(
        17,
        LOOK,
        "                await uow.dirty.add(half.connector, issues, fresh.asked_at)\n",
        "                pass\n",
    ),
    Mutant(18, OUTGOING, "(pair.written is not None and snapshot.updated <= pair.written)", "False"),
    Mutant(18, OUTGOING, "seen is not None and snapshot.updated < seen", "False"),
    Mutant(19, TELL, "    if not jql or not issues:\n", "    if True:\n"),
    Mutant(19, TELL, "        if error.code is not Code.JQL_REFUSED:\n", "        if True:\n"),
    Mutant(
        19,
        TELL,
        "members = await _members(engine, half, [snapshot.ref.id], half.start_with.jql)",
        "members = await engine.tracker(half).members([snapshot.ref.id], half.start_with.jql)",
    ),
    Mutant(19, CENSUS, "        if missing:\n", "        if False:\n"),
    Mutant(20, OUTGOING, "return replace(told.pair, local=issue, info=", "return replace(told.pair, info="),
    Mutant(20, APPLY, "    if snapshot.project != half.project:\n", "    if False:\n"),
    Mutant(
        20,
        TELL,
        "frozenset({PairState.LINKED, PairState.MOVED, PairState.INVISIBLE, PairState.DELETED})",
        "frozenset({PairState.LINKED, PairState.INVISIBLE, PairState.DELETED})",
    ),
    # what we never do
    Mutant(21, COMMENTS, "PROOFS = 2", "PROOFS = 1"),
    Mutant(21, FILES, "if link.missing + 1 < PROOFS:", "if False:"),
    Mutant(
        21,
        COMMENTS,
        "if not link.ours or link.state is not MirrorState.LIVE or ident in present:",
        "if link.state is not MirrorState.LIVE or ident in present:",
    ),
    Mutant(
        21,
        OUTGOING,
        "value = look.snapshot.values.get(mapping.field)\n        if value is not None:",
        "value = look.snapshot.values.get(mapping.field, Empty())\n        if True:",
    ),
    Mutant(21, OUTGOING, "(told.removals > 0 or _stale(", "(_stale("),
    Mutant(21, TELL, "if not await removals_allowed(uow, half, told.removals, now):", "if False:"),
    Mutant(
        21,
        APPLY,
        "if not await removals_allowed(uow, work.look.half, removals_in(answers), work.look.now):",
        "if False:",
    ),
    Mutant(21, GONE, "    if pair.state is not PairState.INVISIBLE:\n        return PairState.INVISIBLE\n", ""),
    Mutant(21, GONE, "return PairState.DELETED if allowed else PairState.INVISIBLE", "return PairState.DELETED"),
    Mutant(22, WORK, "refused = named or batch.fields()", "refused = batch.fields()"),
    Mutant(22, WORK, "    " * 3 + "return await _one_by_one(engine, work, batch)", "    " * 3 + "pass"),
    Mutant(22, WORK, "        pair=parked(work.plan.pair, mapping.id, held),\n", ""),
    Mutant(
        22, OUTGOING, "            pair = without_parked(pair, mapping.id, None, base.stamp)\n", "            pass\n"
    ),
    Mutant(22, RETRY, "comments=tuple(pair.held_comments.values()) if everything else ()", "comments=()"),
    Mutant(
        23,
        OUTGOING,
        "for mapping in look.half.mappings_for(look.snapshot.type):\n        value",
        "for mapping in tuple(replace(one, sends=True) for one in look.half.fields):\n        value",
    ),
    Mutant(
        23,
        DIFF,
        "if isinstance(shared, Unshareable) or not view.mapping.sends:",
        "if isinstance(shared, Unshareable):",
    ),
    Mutant(23, INCOMING, "if one.alias == alias and one.receives), None)", "if one.receives), None)"),
    Mutant(23, COMMENTS, "    if comment.restricted:\n", "    if False:\n"),
    Mutant(
        23,
        COMMENTS,
        "return None if link is None or link.state is MirrorState.REMOVED else _removal(link)",
        "return None",
    ),
    Mutant(24, CONTEXT, "incarnation=self.store.incarnation", 'incarnation=""'),
    Mutant(
        24,
        COMMENTS,
        "return (marker.installation, marker.synchronization, marker.partner) == (\n        ours.installation,",
        "return (marker.installation + marker.incarnation, marker.synchronization, marker.partner) == (\n        ours.installation + ours.incarnation,",
    ),
    Mutant(
        24,
        COMMENTS,
        "return (marker.installation, marker.synchronization, marker.partner) == (\n        ours.installation,",
        "return (ours.installation, marker.synchronization, marker.partner) == (\n        ours.installation,",
    ),
)
