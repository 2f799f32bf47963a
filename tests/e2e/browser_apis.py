"""Browser APIs that our scripts use, found by static analysis, and a script that removes each of them.

A name counts if this browser has it: a global that a script does not declare, or a member after a dot or in
`const { member } = …`. Names after `dataset.` and `elements.` are the page's own. A script's own name that the
browser has as well is in FLOOR or in OWN.
"""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.harness.running_cafe import ROOT

Known = tuple[set[str], set[str]]  # globals, members

SCRIPTS = {
    file.stem: file.read_text("utf-8")
    for folder in ("static/js", "templates/offline")
    for file in sorted((ROOT / folder).glob("*.js"))
}

# Names that Chrome 86, Firefox 79 and Safari 14 have (docs/accessibility.md, "Which browsers"); a script uses each.
FLOOR = set((Path(__file__).parent / "browser_floor.txt").read_text("utf-8").split())

# {name: its owner} of each API that a browser above the floor may lack or refuse.
MISSING = {
    "AbortController": "globalThis",
    "AbortSignal": "globalThis",
    "AudioContext": "globalThis",
    "IntersectionObserver": "globalThis",
    "Notification": "globalThis",
    "RelativeTimeFormat": "Intl",
    "activation": "globalThis.Navigation?.prototype",
    "addRoutes": "globalThis.InstallEvent?.prototype",
    "animate": "Element.prototype",
    "caches": "globalThis",
    "clipboard": "globalThis.Navigator?.prototype",
    "cookieEnabled": "globalThis.Navigator?.prototype",
    "cookieStore": "globalThis",
    "execCommand": "Document.prototype",
    "isHistoryNavigation": "Request.prototype",
    "localStorage": "refused",
    "locks": "globalThis.Navigator?.prototype",
    "matchMedia": "globalThis",
    "navigation": "globalThis",
    "navigationPreload": "globalThis.ServiceWorkerRegistration?.prototype",
    "preloadResponse": "globalThis.FetchEvent?.prototype",
    "print": "globalThis",
    "requestPermission": "globalThis.Notification",
    "requestSubmit": "HTMLFormElement.prototype",
    "serviceWorker": "globalThis.Navigator?.prototype",
    "sessionStorage": "refused",
    "share": "globalThis.Navigator?.prototype",
    "showNotification": "globalThis.ServiceWorkerRegistration?.prototype",
    "submitter": "globalThis.SubmitEvent?.prototype",
    "timeout": "globalThis.AbortSignal",
    "transferSize": "PerformanceResourceTiming.prototype",
    "vibrate": "globalThis.Navigator?.prototype",
    "viewTransition": "globalThis.PageRevealEvent?.prototype",
    "writeText": "globalThis.Clipboard?.prototype",
}
# Not used so far. A script that uses one of them is tested like the others.
MISSING |= {
    "BroadcastChannel": "globalThis",
    "Temporal": "globalThis",
    "checkVisibility": "Element.prototype",
    "groupBy": "Object",
    "hasOwn": "Object",
    "indexedDB": "globalThis",
    "randomUUID": "globalThis.Crypto?.prototype",
    "requestIdleCallback": "globalThis",
    "sendBeacon": "globalThis.Navigator?.prototype",
    "showModal": "globalThis.HTMLDialogElement?.prototype",
    "showPopover": "HTMLElement.prototype",
    "startViewTransition": "Document.prototype",
    "structuredClone": "globalThis",
    "toSorted": "Array.prototype",
    "wakeLock": "globalThis.Navigator?.prototype",
}
# {script: its own names that are names of the browser as well}
OWN = {
    "bar": {"at"},
    "bar-connection": {"region"},
    "bar-actions": {"address", "at", "label", "lost", "read", "response", "write"},
    "cart-lines": {"line"},
    "item-drawing": {"layers", "part"},
    "kept-orders": {"number"},
    "ready-notice": {"notify"},
    "worker": {"at"},
}
# {name that no script may rely on any more: (script that did, JavaScript that removes it)}
NO_LONGER_USED = {
    "adoptedStyleSheets": (
        "print-slip",
        "delete globalThis.CSSStyleSheet; delete Document.prototype.adoptedStyleSheets;",
    ),
    "userActivation": ("ready-notice", "delete Navigator.prototype.userActivation;"),
    "ariaPressed": (
        "ready-notice",
        "for (const name of ['Pressed', 'Disabled', 'Current']) delete Element.prototype[`aria${name}`];",
    ),
    "replaceAll": ("cart-bar", "delete String.prototype.replaceAll;"),
    "timeOrigin": ("menu-age", "delete Performance.prototype.timeOrigin;"),
    ":focus-visible": (
        "auto-reload",
        """{ const { querySelector } = Document.prototype;
          Document.prototype.querySelector = function (words) {
            if (words.includes(":focus-visible")) throw new DOMException("unknown", "SyntaxError");
            return querySelector.call(this, words);
          }; }""",
    ),
}

_WORDS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|\{\#.*?\#\}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|/(?![*/ ])[^/\n]+/[a-z]*""", re.S
)
_TEMPLATE = re.compile(r"`(?:\\.|[^`\\])*`", re.S)
_MEMBER = re.compile(r"(?<!dataset)(?<!dataset\?)(?<!elements)(?<!elements\?)\.([A-Za-z_]\w*)")
_TAKEN_OUT = re.compile(r"(?:const|let)\s*\{([^}]*)\}\s*=(?!.*\bdataset\b)")
_GLOBAL = re.compile(r"(?<![\w.$])([A-Za-z_]\w*)(?!\s*:)")
_DECLARED = re.compile(r"(?:const|let|function\*?|class)\s+([A-Za-z_]\w*)")
_LISTED = re.compile(r"(?:const|let)\s*\[([^\]]*)\]\s*=")

# Every name of this realm: of the global object, of its values, and of their prototypes.
_KNOWN = """() => {
  const [globals, members] = [new Set(), new Set()];
  const add = (names, one) => { for (const name of Object.getOwnPropertyNames(one)) names.add(name); };
  for (let one = globalThis; one; one = Object.getPrototypeOf(one)) add(globals, one);
  for (const name of globals) {
    members.add(name);
    let value;
    try { value = globalThis[name]; } catch { continue; }
    if (typeof value === "function") for (const one of [value, value.prototype]) if (one) add(members, one);
    if (value && typeof value === "object" && value !== globalThis) add(members, value);
  }
  return [[...globals], [...members]];
}"""


def known_names(page: Page, context: BrowserContext) -> Known:
    """Return the globals and the members that exist in a page of this browser or in its service worker."""
    worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
    of_page, of_worker = page.evaluate(_KNOWN), worker.evaluate(_KNOWN)
    return set(of_page[0]) | set(of_worker[0]), set(of_page[1]) | set(of_worker[1])


def used_names(script: str, known: Known) -> set[str]:
    """Return the browser's names that a script uses."""
    code = _TEMPLATE.sub(lambda words: " ".join(re.findall(r"\$\{([^}]*)\}", words[0])), _WORDS.sub(" ", script))
    taken_out = {name.split(":")[0].strip() for names in _TAKEN_OUT.findall(code) for name in names.split(",")}
    members = set(_MEMBER.findall(code)) | taken_out
    listed = {name.strip() for names in _LISTED.findall(code) for name in names.split(",")}
    declared = set(_DECLARED.findall(code)) | listed
    return (members & known[1]) | ((set(_GLOBAL.findall(code)) & known[0]) - declared)


def unexplained_names(known: Known) -> dict[str, set[str]]:
    """Return, for each script, the used names that are in none of FLOOR, MISSING and OWN."""
    found = {
        script: used_names(text, known) - FLOOR - set(MISSING) - OWN.get(script, set())
        for script, text in SCRIPTS.items()
    }
    return {script: names for script, names in found.items() if names}


def missing_in_scripts() -> list[tuple[str, str]]:
    """Return (name, script) for each name of MISSING and each script that uses it."""
    names = set(MISSING)
    return [(name, script) for script, text in SCRIPTS.items() for name in sorted(used_names(text, (names, names)))]


def without(name: str) -> str:
    """Return JavaScript that removes this API from a page or worker."""
    if name in NO_LONGER_USED:
        return NO_LONGER_USED[name][1]
    owner = MISSING[name]
    if owner == "refused":
        refuse = "get() { throw new DOMException('refused', 'SecurityError'); }"
        return f"Object.defineProperty(window, '{name}', {{ {refuse} }});"
    inherited = "one = Object.getPrototypeOf(one)"  # a worker's globals are on its prototype
    return f"for (let one = {owner}; one; {inherited}) delete one.{name};"
