"""How people count the rings and cuts of a rosette: from 1, where `ring_index` and other fields count from 0."""


def ring_name(index: int) -> str:
    """Return what sentences and pictures call a ring: "ring 1" is the innermost."""
    return f"ring {index + 1}"


def cut_name(index: int) -> str:
    """Return what sentences and pictures call a cut that has no name: "cut 1" is done first."""
    return f"cut {index + 1}"
