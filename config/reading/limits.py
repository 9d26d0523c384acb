"""How long the texts of a mail may be, so that a phone shows all of it: `check` warns of more."""

SUBJECT_CHARACTERS = 45
HEADLINE_WORDS = 8
WHY_WORDS = 40
ACTION_WORDS = 35
QUESTION_WORDS = 20
COVERS_WORDS = 40
