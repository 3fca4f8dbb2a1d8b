"""Keep a learner's written answer from running, asking for or covering anything in the browser of whoever reads it."""

from __future__ import annotations

import re

#: What formulas are written with. Other commands of TeX make links, load pictures, define commands, or draw elsewhere.
COMMANDS = frozenset(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho
    sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell
    hbar imath jmath Re Im aleph infty nabla partial forall exists nexists emptyset varnothing angle top bot prime pm
    mp times div cdot ast star circ bullet oplus ominus otimes odot wedge vee cap cup setminus neg lnot land lor le
    leq ge geq ne neq ll gg lt gt equiv approx sim simeq cong propto doteq in ni notin subset subseteq supset supseteq
    mid nmid parallel perp to gets mapsto leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow
    longrightarrow longleftarrow Longrightarrow Longleftarrow Longleftrightarrow implies impliedby iff uparrow
    downarrow sum prod int iint lim limsup liminf sup inf max min argmax argmin arg deg det dim exp gcd hom ker
    lg ln log Pr cos sin tan cot sec csc arccos arcsin arctan cosh sinh tanh coth bmod pmod mod operatorname frac
    tfrac dfrac cfrac binom tbinom dbinom sqrt over choose left right middle big Big bigg Bigg bigl bigr Bigl Bigr
    biggl biggr langle rangle lvert rvert lVert rVert vert Vert lfloor rfloor lceil rceil lbrace rbrace lbrack rbrack
    text textbf textit textrm textsf texttt mathrm mathbf mathit mathsf mathtt mathbb mathcal mathfrak mathscr
    boldsymbol bm hat widehat bar overline underline vec tilde widetilde dot ddot check breve acute grave overbrace
    underbrace overset underset stackrel overrightarrow overleftarrow limits nolimits displaystyle textstyle dots
    ldots cdots vdots ddots quad qquad hline not substack
    """.split()
)
ENVIRONMENTS = frozenset(
    "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix cases array aligned align align* gather gather* "
    "equation equation* split".split()
)
_BREAK = "\u200b"  # a space of no width
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_PICTURE_OR_LINK = re.compile(r"!(?=\[)|\](?=\s*[(:\[])")
_ADDRESS = re.compile(r"(?i)(https?|ftp|file|mailto)(?=:)")  # behind a letter, too: Markdown sees links there
_ENTITY = re.compile(r"&(?=#|[A-Za-z0-9]+;)")
_COMMAND = re.compile(r"\\(?=([A-Za-z]+)(?:\s*\{([A-Za-z*]*)\})?|!)")
# A line of a formula may be moved by a length in brackets behind its end, `\\` or `\\*`. Markdown takes backslashes
# away, so more may stand there. The whole run is one match, whatever follows: no text takes steps of its square.
_BEFORE_BRACKET = re.compile(r"\\[\s\\*]*\[?")


def without_html(text: str) -> str:
    r"""Return Markdown in which no HTML tag, picture or link is left, and of TeX what formulas need.

    nbgrader's pages show HTML in a Markdown cell as it is, load pictures from wherever they are, and typeset TeX, which
    makes links and loads pictures, too: who wrote the answer would hear of it when it is read, and a link that leads to
    the reader's own Jupyter server does there whatever it says. A space of no width behind each ``<`` that begins a
    tag, within each picture, link or address, and behind the backslash of each other command lets the reader see the
    text and keeps the browser from taking it for more.

    Examples
    --------
    >>> def shown(text):
    ...     return without_html(text).replace("\u200b", "_")
    >>> shown("a <b>bold</b> [link](javascript:alert(1)), https://x.org, 1 < 2")
    'a <_b>bold<_/b> [link]_(javascript:alert(1)), https_://x.org, 1 < 2'
    >>> shown("![seen](me.png) &#92;href")
    '!_[seen]_(me.png) &_#92;href'
    >>> print(shown(r"$\frac{\langle q, x \rangle}{2}$, $\href{http:../../}{seen}$"))
    $\frac{\langle q, x \rangle}{2}$, $\_href{http_:../../}{seen}$
    """
    text = _COMMAND.sub(_command, _BEFORE_BRACKET.sub(_unmoved, text))
    text = _ENTITY.sub(f"&{_BREAK}", _ADDRESS.sub(rf"\1{_BREAK}", text))
    return _PICTURE_OR_LINK.sub(lambda found: found[0] + _BREAK, _TAG.sub(f"<{_BREAK}", text))


def _unmoved(found: re.Match[str]) -> str:
    """Return what stands before a bracket with a break behind each end of a line, and anything else as it is."""
    return found[0].replace("\\\\", f"\\\\{_BREAK}") if found[0].endswith("[") else found[0]


def _command(found: re.Match[str]) -> str:
    """Return the backslash of a command, and a break behind it where the command is not on the list."""
    name, inside = found[1], found[2]
    known = inside in ENVIRONMENTS if name in ("begin", "end") else name in COMMANDS
    return "\\" if known else f"\\{_BREAK}"
