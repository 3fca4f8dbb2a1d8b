"""Say whether a role may do an action, directly or by what it takes over from another role."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise


@exercise("can", points={"values": 2, "what means no": 1})
def can(role, action, table):
    """Collect a role's actions and those of every role that it takes over, and look whether this is one of them."""
    if action in table or role not in table:
        return False
    return any(entry == action or can.reference(entry, action, table) for entry in table[role])


SCHOOL = {"reader": ["read report"], "contributor": ["reader", "grade"], "owner": ["contributor", "change role"]}
# The order of the keys says nothing of who takes over whom, and one action's name is part of another's.
CLINIC = {
    "chief": ["doctor", "office", "read"],
    "doctor": ["nurse", "read record", "write record"],
    "guest": [],
    "nurse": ["read plan"],
    "office": ["write", "nurse"],
}


@can.inputs(
    "values",
    fixed=[
        ("reader", "read report", SCHOOL),
        ("reader", "grade", SCHOOL),
        ("contributor", "grade", SCHOOL),
        ("contributor", "read report", SCHOOL),
        ("contributor", "change role", SCHOOL),
        ("owner", "grade", SCHOOL),
        ("owner", "read report", SCHOOL),
        ("owner", "change role", SCHOOL),
        ("chief", "read plan", CLINIC),
        ("chief", "write record", CLINIC),
        ("chief", "write", CLINIC),
        ("chief", "read", CLINIC),
        ("office", "read plan", CLINIC),
        ("office", "write record", CLINIC),
        ("doctor", "write", CLINIC),
        ("doctor", "read", CLINIC),
        ("nurse", "read record", CLINIC),
        ("nurse", "read plan", CLINIC),
        ("guest", "read plan", CLINIC),
    ],
)
def _(rng):
    found = []
    for _ in range(6):
        table, chain, actions = _drawn(rng)
        by_steps = [(role, action) for step, role in enumerate(chain) for action in actions[: 2 * step + 2]]
        refused = [(role, action) for step, role in enumerate(chain) for action in actions[2 * step + 2 :]]
        found += [(*by_steps[rng.integers(len(by_steps))], table), (*refused[rng.integers(len(refused))], table)]
        found.append((chain[3], actions[int(rng.integers(2))], table))
        found.append((chain[2], actions[int(rng.integers(2, 4))], table))
        found.append((chain[3], actions[0][:2], table))
    return found


@can.inputs(
    "what means no",
    fixed=[
        ("visitor", "read report", SCHOOL),
        ("owner", "delete", SCHOOL),
        ("contributor", "reader", SCHOOL),
        ("owner", "reader", SCHOOL),
        ("reader", "reader", SCHOOL),
        ("visitor", "visitor", SCHOOL),
        ("owner", "contributor", SCHOOL),
        ("reader", "owner", SCHOOL),
        ("guest", "read", CLINIC),
        ("chief", "guest", CLINIC),
        ("chief", "office", CLINIC),
        ("read plan", "read plan", CLINIC),
        ("owner", "read report", SCHOOL),
        ("contributor", "grade", SCHOOL),
        ("chief", "read record", CLINIC),
    ],
)
def _(rng):
    found = []
    for _ in range(3):
        table, chain, actions = _drawn(rng)
        found += [
            ("stranger", actions[0], table),
            (chain[-1], "fly", table),
            (chain[1], chain[0], table),
            (chain[-1], chain[0], table),
            (chain[0], chain[0], table),
            (actions[0], actions[0], table),
            (chain[-1], actions[1], table),
            (chain[1], actions[2], table),
        ]
    return found


def _drawn(rng):
    """Draw a table, a chain of roles of which each takes over the one before, and actions, two for each of them.

    The higher ones take over a role that may do nothing, too, before the others or behind them.
    """
    names = [str(name) for name in rng.permutation(["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"])[:5]]
    verbs = [str(verb) for verb in rng.permutation(["add", "cut", "fix", "get", "mix", "put", "see", "set", "try"])[:8]]
    chain = names[:4]
    table = {}
    for step, role in enumerate(chain):
        entries = verbs[2 * step : 2 * step + 2] + chain[max(step - 1, 0) : step]
        others = [str(entry) for entry in rng.permutation(entries)]
        table[role] = names[4:][:step] + others if step % 2 else others + names[4:][:step]
    table[names[4]] = []
    return {str(role): table[str(role)] for role in rng.permutation(list(table))}, chain, verbs


@can.misconception(
    "You look into the role's own list and nowhere else; what may somebody do whose list names another role?"
)
def own_list_only(role, action, table):
    return role in table and action in table[role] and action not in table


@can.misconception(
    "You follow a named role one step; that role's list may name another one, so when is there nothing left to follow?"
)
def one_step_only(role, action, table):
    if role not in table or action in table:
        return False
    return action in table[role] or any(action in table.get(entry, []) for entry in table[role])


@can.misconception(
    "At the first role of a list you return what it may do, even where that is a no; what of the entries behind it?"
)
def first_role_decides(role, action, table):
    if role not in table or action in table:
        return False
    for entry in table[role]:
        if entry in table:
            return first_role_decides(entry, action, table)
        if entry == action:
            return True
    return False


@can.misconception(
    "Of several roles in one list you follow the first and no other; may the action stand with a second?"
)
def first_role_alone(role, action, table):
    if role not in table or action in table:
        return False
    roles = [entry for entry in table[role] if entry in table]
    return action in table[role] or (bool(roles) and first_role_alone(roles[0], action, table))


@can.misconception(
    "Of two roles that stand side by side in a list you follow the first and jump over the second; what happens to the "
    "list while your loop goes through it?"
)
def next_role_skipped(role, action, table):
    if role not in table:
        return False
    allowed = list(table[role])
    for entry in allowed:
        if entry in table:
            allowed.remove(entry)
            allowed.extend(table[entry])
    return action in allowed


@can.misconception(
    "You go through the table once from top to bottom, so a role gets nothing of one that stands further down; does "
    "the prompt say which comes first?"
)
def in_the_order_of_the_table(role, action, table):
    full = {}
    for name, entries in table.items():
        taken_over = [full.get(entry, set()) for entry in entries if entry in table]
        full[name] = {entry for entry in entries if entry not in table}.union(*taken_over)
    return action in full.get(role, ())


@can.misconception("Of several roles in one list you follow the last and no other; may the action stand with another?")
def last_role_alone(role, action, table):
    if role not in table or action in table:
        return False
    roles = [entry for entry in table[role] if entry in table]
    return action in table[role] or (bool(roles) and last_role_alone(roles[-1], action, table))


@can.misconception(
    "You give an answer at the first entry, whatever it is; what of the entries behind it?", kind="misconception"
)
def first_entry_decides(role, action, table):
    if role not in table or action in table:
        return False
    for entry in table[role]:
        return entry == action or first_entry_decides(entry, action, table)
    return False


@can.misconception(
    "A part of an action's name counts as the action with you; which comparison asks for the whole word?"
)
def part_of_a_word(role, action, table):
    if role not in table or action in table:
        return False
    return any(action in entry or part_of_a_word(entry, action, table) for entry in table[role])


@can.misconception(
    "Your answer does not depend on who asks: an action that any list names is allowed to all; whose list counts?"
)
def anybodys_list(role, action, table):
    return role in table and action not in table and any(action in entries for entries in table.values())


@can.misconception(
    "You go the wrong way: a role gets what those may do that name it; who takes over from whom?", kind="misconception"
)
def the_other_way(role, action, table):
    if role not in table or action in table:
        return False
    above = [other for other, entries in table.items() if role in entries]
    return action in table[role] or any(the_other_way(other, action, table) for other in above)


@can.misconception(
    "A role that the table does not name makes your function fail; what may a stranger do?", layer="what means no"
)
def stranger_raises(role, action, table):
    if action in table:
        return False
    return any(entry == action or (entry in table and stranger_raises(entry, action, table)) for entry in table[role])


@can.misconception(
    "You say yes to the name of a role that is taken over; is that something that one can do?", layer="what means no"
)
def role_as_action(role, action, table):
    return any(entry == action or role_as_action(entry, action, table) for entry in table.get(role, []))


@can.misconception(
    "You say yes where role and action are the same word; is the name of a role something that one can do?",
    layer="what means no",
)
def itself_as_action(role, action, table):
    return role == action or any(itself_as_action(entry, action, table) for entry in table.get(role, []))


@can.misconception(
    "You say yes to the name of a role, also to a role's own; is being a role something that one can do?",
    layer="what means no",
)
def known_role_as_action(role, action, table):
    return role in table and (role == action or role_as_action(role, action, table))


@can.misconception(
    "You raise an error for what the table does not know; the prompt asks for an answer, and which one?",
    layer="what means no",
)
def raises_for_unknown(role, action, table):
    if role not in table or not any(action in entries for entries in table.values()):
        raise ValueError("unknown")
    return can.reference(role, action, table)


@can.alternative
def can_with_a_list_of_roles(role, action, table):
    waiting, allowed = [role], set()
    while waiting:
        for entry in table.get(waiting.pop(), []):
            if entry in table:
                waiting.append(entry)
            else:
                allowed.add(entry)
    return action in allowed


@can.alternative
def can_by_collecting_actions(role, action, table):
    def actions(name):
        entries = table.get(name, ())
        return [e for e in entries if e not in table] + [a for e in entries if e in table for a in actions(e)]

    return actions(role).count(action) > 0


@can.alternative
def can_until_nothing_is_added(role, action, table):
    roles = {role} & set(table)
    for _ in table:
        roles |= {entry for name in roles for entry in table[name] if entry in table}
    return action not in table and any(action in table[name] for name in roles)
